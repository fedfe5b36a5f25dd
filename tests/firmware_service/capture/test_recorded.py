"""Recordings keep their own time, their sides and their sound."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware_service.capture.recorded import RecordedCamera, RecordedMicrophone
from firmware_service.ports import CaptureError, EndOfRecording
from firmware_service.types import Frame
from tests.firmware_service.capture.recordings import (
    HEIGHT,
    RATE_HZ,
    WIDTH,
    loudest_hz,
    tone,
    write_tone,
    write_video,
)

needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="ffmpeg is not installed: apt install ffmpeg"
)


def frames_of(path: Path) -> list[Frame]:
    camera = RecordedCamera(path)
    frames: list[Frame] = []
    while True:
        try:
            frames.append(camera.read())
        except EndOfRecording:
            return frames


def sound_of(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    microphone = RecordedMicrophone(path)
    blocks = []
    while True:
        try:
            blocks.append(microphone.read().samples)
        except EndOfRecording:
            return np.concatenate(blocks)


def test_a_video_keeps_its_sides_colours_and_rate(tmp_path: Path) -> None:
    frames = frames_of(write_video(tmp_path / "clip.mp4", 10))
    assert [frame.captured_at for frame in frames] == pytest.approx(np.arange(10) / RATE_HZ)
    left, right = frames[0].image[10, 10], frames[0].image[10, -10]
    assert left.argmax() == 0
    assert right.argmax() == 2
    assert frames[0].image.shape == (HEIGHT, WIDTH, 3)


@needs_ffmpeg
def test_a_variable_rate_keeps_its_true_times(tmp_path: Path) -> None:
    steady = write_video(tmp_path / "steady.mp4", 9)
    uneven = tmp_path / "uneven.mkv"
    stamps = "setpts='if(lt(N,4),N,3*N-8)/25/TB'"  # the rate falls to a third after picture 4
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", steady, "-vf", stamps, "-c:v", "mpeg4", uneven], check=True
    )
    times = [frame.captured_at for frame in frames_of(uneven)]
    expected = [n / 25 if n < 4 else (3 * n - 8) / 25 for n in range(9)]
    assert times == pytest.approx(expected, abs=0.002)


def test_a_turned_video_is_shown_as_a_player_shows_it(tmp_path: Path) -> None:
    path = write_video(tmp_path / "turned.mp4", 3)
    content = path.read_bytes()
    one, zero = 1 << 16, 0
    upright = struct.pack(">9i", one, zero, zero, zero, one, zero, zero, zero, 1 << 30)
    turned = struct.pack(">9i", zero, one, zero, -one, zero, zero, zero, zero, 1 << 30)
    track = content.index(b"tkhd")
    matrix = content.index(upright, track)
    path.write_bytes(content[:matrix] + turned + content[matrix + len(upright) :])
    image = frames_of(path)[0].image
    assert image.shape == (WIDTH, HEIGHT, 3)  # a quarter turn clockwise
    assert image[10, HEIGHT // 2].argmax() == 0  # the blue left side is on top
    assert image[-10, HEIGHT // 2].argmax() == 2


def test_a_cut_off_video_gives_what_is_whole(tmp_path: Path) -> None:
    whole = write_video(tmp_path / "clip.avi", 300)
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert 50 < len(frames_of(cut)) < 250


@pytest.mark.parametrize("content", [b"", b"no video at all", b"\x00\x00\x00\x20ftypisom torn"])
def test_what_is_no_video_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=r"broken\.mp4 is not a video .* try `ffmpeg"):
        RecordedCamera(path)


def test_missing_files_are_named(tmp_path: Path) -> None:
    for adapter in (RecordedCamera, RecordedMicrophone):
        with pytest.raises(CaptureError, match=r"gone\.mp4: no such file"):
            adapter(tmp_path / "gone.mp4")


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("ending", ["wav", "flac", "ogg"])
def test_sound_of_any_rate_arrives_whole_and_in_time(
    rate_hz: int, ending: str, tmp_path: Path
) -> None:
    heard = sound_of(write_tone(tmp_path / f"tone.{ending}", 440, 1.0, rate_hz))
    assert len(heard) == pytest.approx(16_000, abs=16)
    wanted = tone(440, 1.0, 16_000)
    middle = slice(2000, 14_000)
    assert heard[middle] == pytest.approx(wanted[middle], abs=0.03)


def test_channels_are_averaged(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.column_stack([tone(440, 0.5, 16_000), np.zeros(8000)]), 16_000)
    assert np.abs(sound_of(path)).max() == pytest.approx(0.25, abs=0.01)


@needs_ffmpeg
def test_the_sound_track_of_a_video_is_heard(tmp_path: Path) -> None:
    video = write_video(tmp_path / "silent.mp4", 25)
    voice = write_tone(tmp_path / "tone.wav", 440, 1.0, 44_100)
    film = tmp_path / "film.mov"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", video, "-i", voice, "-c:v", "copy", film], check=True
    )
    heard = sound_of(film)
    assert loudest_hz(heard) == pytest.approx(440, abs=2)
    assert len(heard) == pytest.approx(16_000, abs=1600)


@needs_ffmpeg
def test_a_video_without_sound_says_so(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"silent\.mp4 has no sound that can be read"):
        RecordedMicrophone(write_video(tmp_path / "silent.mp4"))


@needs_ffmpeg
def test_closing_early_ends_ffmpeg(tmp_path: Path) -> None:
    film = tmp_path / "long.mka"
    voice = write_tone(tmp_path / "tone.wav", 440, 120.0)
    subprocess.run(["ffmpeg", "-v", "error", "-i", voice, "-c:a", "flac", film], check=True)
    microphone = RecordedMicrophone(film)
    assert microphone.read().seq == 0
    microphone.close()  # a warning about a running child would fail this test


def test_without_ffmpeg_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = write_video(tmp_path / "clip.mp4")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CaptureError, match="apt install ffmpeg"):
        RecordedMicrophone(video)


def test_sound_that_ffmpeg_was_killed_over_is_not_taken_for_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\nhead -c 4096 /dev/zero\nkill -9 $$\n")
    program.chmod(0o755)
    video = write_video(tmp_path / "clip.mp4")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(CaptureError, match=r"clip\.mp4 has no sound that can be read"):
        sound_of(video)


def test_damaged_sound_is_refused_by_name(tmp_path: Path) -> None:
    text, poisoned = tmp_path / "text.wav", tmp_path / "poisoned.wav"
    text.write_bytes(b"this is no sound")
    soundfile.write(poisoned, np.full(4000, np.nan), 16_000, subtype="FLOAT")
    for path in (text, poisoned):
        with pytest.raises(CaptureError, match=path.name):
            RecordedMicrophone(path)


def test_empty_sound_ends_at_once(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0), 16_000)
    with pytest.raises(EndOfRecording):
        RecordedMicrophone(path).read()
