"""Live devices that are not there, and cameras that go and come back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from firmware_service.capture.clock import SystemClock
from firmware_service.capture.v4l2 import V4l2Camera, VideoFormat
from firmware_service.ports import CameraLost, CaptureError
from tests.firmware_service.capture.recordings import HEIGHT, RATE_HZ, WIDTH, write_video


@pytest.mark.parametrize("device", [97, "/dev/v4l/by-id/no-such-camera"])
def test_a_camera_that_is_not_there_is_refused_with_a_remedy(device: int | str) -> None:
    with pytest.raises(CaptureError, match=rf"camera {device} cannot be opened; see `v4l2-ctl"):
        V4l2Camera(device, SystemClock())


def test_a_lost_camera_reopens_and_its_numbers_go_on(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", 3)
    camera = V4l2Camera(str(path), SystemClock(), backend=cv2.CAP_FFMPEG)
    frames = [camera.read() for _ in range(3)]
    with pytest.raises(CameraLost, match="gives no more pictures; check its cable"):
        camera.read()
    camera.reopen()
    frames.append(camera.read())
    camera.close()
    assert [frame.seq for frame in frames] == [0, 1, 2, 3]
    assert frames[3].captured_at > frames[2].captured_at


def test_the_negotiated_format_is_what_the_camera_gives(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", 3)
    camera = V4l2Camera(str(path), SystemClock(), width=1280, height=720, backend=cv2.CAP_FFMPEG)
    camera.close()
    assert camera.format == VideoFormat(WIDTH, HEIGHT, RATE_HZ, "FMP4")


def test_a_camera_that_comes_back_different_is_refused(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", 3)
    camera = V4l2Camera(str(path), SystemClock(), backend=cv2.CAP_FFMPEG)
    other = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), RATE_HZ, (32, 48))
    for _ in range(3):
        other.write(cv2.resize(camera.read().image, (32, 48)))
    other.release()
    with pytest.raises(CaptureError, match="came back as"):
        camera.reopen()


def test_without_portaudio_the_remedy_is_named() -> None:
    script = (
        "import ctypes.util; ctypes.util.find_library = lambda name: None\n"
        "from firmware_service.capture.clock import SystemClock\n"
        "from firmware_service.capture.portaudio import PortAudioMicrophone\n"
        "from firmware_service.ports import CaptureError\n"
        "try: PortAudioMicrophone(None, SystemClock())\n"
        "except CaptureError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "apt install libportaudio2" in done.stdout
