"""Live devices that are not there, and cameras that go and come back."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from firmware_service.capture.argus import ArgusCamera, has_gstreamer, pipeline
from firmware_service.capture.clock import SystemClock
from firmware_service.capture.libcamera import LibcameraCamera
from firmware_service.capture.opencv_camera import VideoFormat
from firmware_service.capture.v4l2 import V4l2Camera
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


def test_without_pyaudio_the_remedy_is_named() -> None:
    script = (
        "import sys; sys.modules['pyaudio'] = None\n"
        "from firmware_service.capture.clock import SystemClock\n"
        "from firmware_service.capture.pyaudio_mic import PyAudioMicrophone\n"
        "from firmware_service.ports import CaptureError\n"
        "try: PyAudioMicrophone(None, SystemClock())\n"
        "except CaptureError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "apt install portaudio19-dev" in done.stdout


@pytest.mark.skipif(
    importlib.util.find_spec("picamera2") is not None, reason="this machine has picamera2"
)
def test_without_picamera2_the_remedy_is_named() -> None:
    with pytest.raises(CaptureError, match="apt install python3-picamera2"):
        LibcameraCamera(0, SystemClock())


@pytest.mark.skipif(has_gstreamer(cv2.getBuildInformation()), reason="this OpenCV has GStreamer")
def test_an_opencv_without_gstreamer_is_refused_for_argus() -> None:
    with pytest.raises(CaptureError, match="built without GStreamer"):
        ArgusCamera(0, SystemClock())


def test_gstreamer_is_found_in_the_build_information() -> None:
    assert has_gstreamer("  Video I/O:\n    GStreamer:                   YES (1.20.3)\n")
    assert not has_gstreamer("  Video I/O:\n    GStreamer:                   NO\n")


def test_the_argus_pipeline_asks_for_the_mode_and_keeps_only_the_newest_picture() -> None:
    asked = pipeline(1, 1280, 720, 30.0)
    assert "sensor-id=1 " in asked
    assert "width=1280, height=720, framerate=30/1" in asked
    assert asked.endswith("format=BGR ! appsink drop=true max-buffers=1 sync=false")
