"""One study of simulated people, from the command line to the last picture."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest

from firmware_service.cli import main
from firmware_service.measure.catalogue import CATALOGUE_COLUMNS
from firmware_service.report.tables import FUNCTIONAL_COLUMNS, SYMMETRY_COLUMNS
from tests.firmware_service.study.faces import picture

PICTURES = ("facial_asymmetry_functional_shap", "distributions", "confusion_matrix", "roc")
PEOPLE = 6


class Study(NamedTuple):
    folder: Path
    out: Path
    printed: str
    errors: str

    @property
    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.out / "classifier.json").read_text("utf-8"))
        return found

    def rows(self, name: str) -> list[dict[str, str]]:
        return list(csv.DictReader((self.out / name).read_text("utf-8").splitlines()))


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Six healthy people, six with a palsy of either side in darker pictures, and three misfits."""
    folder, out = tmp_path_factory.mktemp("labelled"), tmp_path_factory.mktemp("out")
    for seed in range(PEOPLE):
        picture(folder / "healthy" / f"h{seed}_smile.png", "healthy", seed)
        side = ("right-droop", "left-droop")[seed % 2]
        picture(folder / "palsy" / f"p{seed}" / "smile.png", side, seed, gain=0.8)
    shutil.copy(folder / "healthy" / "h1_smile.png", folder / "palsy" / "copy_of_h1.png")
    (folder / "palsy" / "torn_1.jpg").write_bytes(b"\xff\xd8 torn")
    cv2.imwrite(str(folder / "healthy" / "wall_1.png"), np.full((200, 300, 3), 128, np.uint8))
    with pytest.MonkeyPatch.context() as patched:
        printed, errors = _run(folder, out, patched)
    return Study(folder, out, printed, errors)


def _run(folder: Path, out: Path, patched: pytest.MonkeyPatch) -> tuple[str, str]:
    shown, said = StringIO(), StringIO()
    patched.setattr(sys, "stdout", shown)
    patched.setattr(sys, "stderr", said)
    assert main(["study", str(folder), "--out", str(out)]) == 0, said.getvalue()
    return shown.getvalue(), said.getvalue()


def test_every_file_has_its_row_of_the_whole_catalogue(done: Study) -> None:
    rows = {row["path"]: row for row in done.rows("features.csv")}
    assert set(CATALOGUE_COLUMNS) <= set(rows["healthy/h0_smile.png"])
    assert len(rows) == 2 * PEOPLE + 1
    wall = rows["healthy/wall_1.png"]
    assert wall["usable"] == "no"
    assert wall["why_not"] == "no face"
    assert {wall[column] for column in CATALOGUE_COLUMNS} == {""}
    left, right = rows["palsy/p1/smile.png"], rows["palsy/p2/smile.png"]
    assert float(left["mouth_height_difference_mm"]) > 2.0
    assert float(right["mouth_height_difference_mm"]) < -2.0


def test_the_two_tables_have_the_columns_of_a_screen(done: Study) -> None:
    symmetry = done.rows("facial_asymmetry_symmetry.csv")
    functional = done.rows("facial_asymmetry_functional.csv")
    assert tuple(symmetry[0]) == SYMMETRY_COLUMNS
    assert tuple(functional[0]) == FUNCTIONAL_COLUMNS
    assert {row["source"] for row in symmetry} >= {"healthy/h0_smile.png", "palsy/p0/smile.png"}


def test_the_classifier_tells_palsies_of_either_side_from_the_healthy(done: Study) -> None:
    figures = done.result["classifier"]
    assert figures["roc_auc"]["value"] > 0.9
    for name in ("accuracy", "precision", "recall", "f1", "false_positive_rate", "roc_auc"):
        assert 0 <= figures[name]["lo"] <= figures[name]["value"] <= figures[name]["hi"] <= 1
    assert sum(figures["confusion_files"].values()) == 2 * PEOPLE
    assert done.result["labels"]["palsy"]["people_classified"] == PEOPLE
    assert len(done.rows("predictions.csv")) == 2 * PEOPLE


def test_darker_pictures_under_one_label_are_told_as_a_leak(done: Study) -> None:
    luma = done.result["leak_check"]["conditions"]["luma"]
    assert luma["leak"]
    assert luma["affected_median"] < luma["healthy_median"]
    assert any("differ in how the pictures were taken" in line for line in done.result["bias"])
    assert "LEAK" in done.printed


def test_what_was_refused_is_named_and_the_study_goes_on(done: Study) -> None:
    refused = done.result["refused"]
    assert refused["palsy/copy_of_h1.png"] == "the same file as healthy/h1_smile.png"
    assert "not a picture" in refused["palsy/torn_1.jpg"]
    assert refused["healthy/wall_1.png"] == "no face"
    assert set(refused) <= {line.split(":")[0] for line in done.errors.splitlines()}
    assert (done.out / "summary.txt").read_text("utf-8") == done.printed


def test_the_limits_of_the_data_are_said(done: Study) -> None:
    said = "\n".join(done.result["bias"])
    for word in ("12 people", "not patients", "Sex is not known", "Ethnicity is not known"):
        assert word in said
    assert done.result["person_rule"] in done.printed


def test_the_pictures_are_pictures(done: Study) -> None:
    for name in PICTURES:
        drawn = cv2.imread(str(done.out / f"{name}.png"))
        assert min(drawn.shape[:2]) > 300
        assert drawn.std() > 5


def test_the_same_folder_gives_the_same_bytes(
    done: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(done.folder, tmp_path / "again", monkeypatch)
    for file in done.out.iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name


def test_too_few_people_leave_nothing_half_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for label in ("healthy", "palsy"):
        picture(tmp_path / "in" / label / "one_1.png", "healthy", 0)
    assert main(["study", str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == 1
    assert "at least 5 of each" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_too_few_that_can_be_measured_still_leave_their_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for i in range(2 * PEOPLE):
        label = tmp_path / "in" / ("healthy", "palsy")[i % 2]
        label.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(label / f"p{i}_wall.png"), np.full((64, 64, 3), 90 + i, np.uint8))
    assert main(["study", str(tmp_path / "in"), "--out", str(tmp_path / "out")]) == 1
    assert "0 healthy and 0 affected people can be measured" in capsys.readouterr().err
    assert len((tmp_path / "out" / "features.csv").read_text().splitlines()) == 2 * PEOPLE + 1
    assert not (tmp_path / "out" / "classifier.json").exists()


def test_an_output_inside_the_labels_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "would become a label" in capsys.readouterr().err


def test_a_device_without_the_extra_says_how_to_get_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "shap", None)
    assert main(["study", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "needs shap" in line
    assert "requirements-study.txt" in line
