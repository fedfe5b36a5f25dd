"""The analysis command's contract, on real pixels with known truth."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import soundfile

from firmware_service.analyse.command import Analysis, analyse
from firmware_service.cli import main
from firmware_service.measure.catalogue import CATALOGUE_COLUMNS
from firmware_service.settings import Settings
from firmware_service.simulate.patient import SimulatedPatient
from firmware_service.simulate.voice import Cabin, Phrase, Talker, Voice, spoken
from firmware_service.types import Task

REGIONS = {"mouth", "eye", "brow", "nose"}


def _picture(path: Path, name: str, at: float = 0.5) -> Path:
    patient = SimulatedPatient.load(name)
    patient.asked(Task.SMILE, 1.0)
    image, _ = patient.render(at, 0)
    assert cv2.imwrite(str(path), image)
    return path


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[..., list[dict[str, Any]]]:
    def run(*words: object, code: int = 0) -> list[dict[str, Any]]:
        assert main(["analyse", *(str(word) for word in words)]) == code
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_a_droop_is_scored_and_its_side_named(
    tmp_path: Path, lines: Callable[..., list[dict[str, Any]]]
) -> None:
    healthy = _picture(tmp_path / "a.png", "healthy", 3.0)
    drooping = _picture(tmp_path / "b.png", "left-droop", 3.0)
    well, weak = lines(healthy, drooping, "--json", "--landmarks")
    assert [well["path"], weak["path"]] == [str(healthy), str(drooping)]
    assert well["kind"] == "image"
    assert well["usable"]
    assert weak["usable"]
    assert well["droop"]["score"] < 0.5 < weak["droop"]["score"]
    assert weak["weaker_side"] == "left"
    lo, hi = weak["droop"]["interval"]
    assert 0 <= lo <= weak["droop"]["score"] <= hi <= 1
    assert sum(weak["pattern"].values()) == pytest.approx(1.0, abs=1e-3)
    assert set(weak["regions"]) == REGIONS
    assert weak["regions"]["mouth"]["difference_mm"] > 2.0
    assert np.shape(weak["landmarks"]) == (478, 2)
    assert tuple(weak["features"]) == CATALOGUE_COLUMNS
    height = weak["features"]["mouth_height_difference_mm"]
    assert height["corrected"] == pytest.approx(weak["regions"]["mouth"]["difference_mm"], abs=0.01)
    assert height["raw"] > 1.0


def test_own_rest_sharpens_the_score(
    tmp_path: Path, lines: Callable[..., list[dict[str, Any]]]
) -> None:
    rest = _picture(tmp_path / "rest.png", "mild-left-droop", 0.5)
    smile = _picture(tmp_path / "smile.png", "mild-left-droop", 3.0)
    (alone,) = lines(smile)
    (compared,) = lines(smile, "--baseline", rest)
    assert compared["droop"]["score"] != alone["droop"]["score"]
    assert compared["weaker_side"] == "left"


def test_a_picture_turned_by_exif_gives_points_of_the_file_as_stored(
    tmp_path: Path, lines: Callable[..., list[dict[str, Any]]]
) -> None:
    from PIL import Image

    upright = Image.open(_picture(tmp_path / "up.png", "healthy"))
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    stored.save(tmp_path / "turned.png", exif=exif)
    plain, turned = lines(tmp_path / "up.png", tmp_path / "turned.png", "--landmarks")
    tip, tip_stored = np.array(plain["landmarks"])[1], np.array(turned["landmarks"])[1]
    assert tip_stored == pytest.approx([tip[1], upright.width - 1 - tip[0]], abs=0.1)


def test_what_cannot_be_measured_is_null_and_what_cannot_be_read_is_an_error(
    tmp_path: Path, lines: Callable[..., list[dict[str, Any]]]
) -> None:
    cv2.imwrite(str(tmp_path / "a_wall.png"), np.full((200, 300, 3), 128, np.uint8))
    (tmp_path / "b_torn.jpg").write_bytes(b"\xff\xd8 torn")
    (tmp_path / "notes.txt").write_text("walked over")
    wall, torn = lines(tmp_path, code=1)
    assert wall["usable"] is False
    assert wall["why_not"] == ["no face"]
    assert wall["droop"] == {"score": None, "interval": [None, None]}
    assert set(wall["pose"].values()) == {None}
    assert all(region["left_mm"] is None for region in wall["regions"].values())
    assert torn["path"].endswith("b_torn.jpg")
    assert "not a picture" in torn["error"]
    (missing,) = lines(tmp_path / "absent.png", code=1)
    assert "no such file" in missing["error"]


def test_a_clip_tells_its_smile_and_leaves_the_tables(
    tmp_path: Path, lines: Callable[..., list[dict[str, Any]]]
) -> None:
    patient = SimulatedPatient.load("left-droop")
    patient.asked(Task.SMILE, 1.5)
    video = cv2.VideoWriter(
        str(tmp_path / "clip.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 12.5, (640, 480)
    )
    for seq in range(50):
        video.write(patient.render(seq / 12.5, seq)[0])
    video.release()
    (clip,) = lines(tmp_path / "clip.avi", "--out", tmp_path / "tables")
    assert clip["kind"] == "video"
    assert clip["frames"] == 50
    assert clip["usable_frames"] + clip["skipped"] == 50
    assert clip["weaker_side"] == "left"
    (smile,) = [event for event in clip["events"] if event["kind"] == "smile"]
    assert 1.5 <= smile["start_s"] <= 3.0
    assert smile["left_mm"] < smile["right_mm"]
    assert set(clip["trend"]) == REGIONS
    assert smile["function"]["repetitions"] == 1
    assert smile["function"]["onset_lag_s"] is None  # 12.5 pictures a second are too few
    assert smile["features"]["mouth_tilt_deg"]["corrected"] > 0
    assert clip["estimates"]["weaker_side"] == "left"
    assert clip["estimates"]["lower_loss"] > 0.3
    assert all(trend["p"] is None for trend in clip["trend"].values())  # too short a clip
    for kind in ("symmetry", "functional", "features", "estimates"):
        name = f"facial_asymmetry_{kind}.csv"
        assert "clip.avi" in (tmp_path / "tables" / name).read_text()


def test_sound_tells_speech_from_silence(
    tmp_path: Path, lines: Callable[..., list[dict[str, Any]]]
) -> None:
    patient = dataclasses.replace(SimulatedPatient.load("healthy").script)
    speaker = SimulatedPatient(patient)
    speaker.asked(Task.PHRASE, 0.2)
    soundfile.write(tmp_path / "phrase.wav", speaker.heard(0, 16_000 * 5), 16_000)
    quiet = np.random.default_rng(1).normal(0, 1e-3, 16_000 * 5)
    soundfile.write(tmp_path / "quiet.wav", quiet, 16_000)
    said, unsaid = lines(tmp_path / "phrase.wav", tmp_path / "quiet.wav", "--phrase", "the sky")
    assert said["measures"]["speech_present"] is True
    assert 1.0 < said["measures"]["speaking_s"] < 4.5
    assert unsaid["measures"]["speech_present"] is False
    assert unsaid["why_not"] == ["no speech"]
    assert [word["word"] for word in said["words"]] == ["the", "sky"]
    assert unsaid["clarity"] is None
    assert unsaid["interval"] == [None, None]
    assert [word["heard"] for word in unsaid["words"]] == [None, None]


def test_slurring_lowers_clarity_and_is_named_only_when_it_is_there(
    tmp_path: Path, lines: Callable[..., list[dict[str, Any]]]
) -> None:
    for voice in (Voice.NORMAL, Voice.SLURRED_100):
        said = np.pad(spoken(Talker.ADA, Phrase.SKY, voice), 16_000)
        said = said + Cabin(20.0, siren=False, seed=1).heard(0, len(said))
        soundfile.write(tmp_path / f"{voice}.wav", said, 16_000)
    clear, slurred = lines(tmp_path, "--phrase", Phrase.SKY)
    unprompted = lines(tmp_path / "slurred-100.wav")[0]
    assert clear["usable"]
    assert clear["clarity"] > 80 > slurred["clarity"]
    assert slurred["measures"]["slurred"] is True
    assert clear["measures"]["slurred"] is False
    assert all(word["heard"] for word in clear["words"])
    for line in (clear, slurred, unprompted):
        low, high = line["interval"]
        assert 0 <= low <= line["impairment"] <= high <= 1
    assert "words" not in unprompted
    assert unprompted["measures"]["phrase_known"] is False


def test_a_line_is_flushed_before_the_next_file_is_read(tmp_path: Path) -> None:
    class Watched(io.StringIO):
        flushed_with = 0

        def flush(self) -> None:
            self.flushed_with = self.getvalue().count("\n")

    out = Watched()
    settings = Settings()
    analysis = Analysis(settings.models_dir, "onnx", phrase=None, landmarks=False)
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((64, 64, 3), 90, np.uint8))
    assert analyse([tmp_path, tmp_path], out, analysis, None, None) == 0
    assert out.flushed_with == 2


def test_wrong_usage_exits_2() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["analyse"])
    assert ended.value.code == 2
