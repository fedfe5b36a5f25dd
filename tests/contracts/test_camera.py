"""What every camera promises, whether live, recorded, still or simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from firmware_service.capture.clock import SystemClock
from firmware_service.capture.pictures import StillCamera
from firmware_service.capture.recorded import RecordedCamera
from firmware_service.capture.v4l2 import V4l2Camera
from firmware_service.capture.watched import WatchedCamera
from firmware_service.ports import Camera, CameraLost, CaptureError, EndOfRecording
from firmware_service.simulate.camera import SimulatedCamera
from firmware_service.simulate.patient import SimulatedPatient
from tests.firmware_service.capture.recordings import picture, write_video

FRAMES = 8


@dataclass(frozen=True, slots=True)
class Adapter:
    """How to open a camera of `FRAMES` frames, and how it ends."""

    open: Callable[[Path], Camera]
    ends_with: type[CaptureError]


def _recorded(folder: Path) -> Camera:
    return RecordedCamera(write_video(folder / "clip.mp4", FRAMES))


def _live(folder: Path) -> Camera:
    """The live camera on a file instead of a device: OpenCV reads both through the same calls."""
    path = write_video(folder / "clip.mp4", FRAMES)
    return V4l2Camera(str(path), SystemClock(), backend=cv2.CAP_FFMPEG)


def _watched(folder: Path) -> Camera:
    path = write_video(folder / "clip.mp4", FRAMES)
    return WatchedCamera(V4l2Camera(str(path), SystemClock(), backend=cv2.CAP_FFMPEG))


def _still(folder: Path) -> Camera:
    paths = [folder / f"{seq}.png" for seq in range(FRAMES)]
    for seq, path in enumerate(paths):
        cv2.imwrite(str(path), picture(seq))
    return StillCamera(paths)


def _simulated(_: Path) -> Camera:
    return SimulatedCamera(SimulatedPatient.load("healthy"), rate_hz=25.0, duration_s=FRAMES / 25)


ADAPTERS = {
    "recorded": Adapter(_recorded, EndOfRecording),
    "live": Adapter(_live, CameraLost),
    "watched": Adapter(_watched, CameraLost),
    "still": Adapter(_still, EndOfRecording),
    "simulated": Adapter(_simulated, EndOfRecording),
}


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return ADAPTERS[request.param]


class TestEveryCamera:
    def test_frames_come_in_order_with_rising_times(self, adapter: Adapter, tmp_path: Path) -> None:
        camera = adapter.open(tmp_path)
        frames = [camera.read() for _ in range(FRAMES)]
        camera.close()
        assert [frame.seq for frame in frames] == list(range(FRAMES))
        times = [frame.captured_at for frame in frames]
        assert all(before < after for before, after in pairwise(times))

    def test_a_frame_is_a_bgr_picture_of_its_own(self, adapter: Adapter, tmp_path: Path) -> None:
        camera = adapter.open(tmp_path)
        first = camera.read()
        kept = first.image.copy()
        others = [camera.read() for _ in range(FRAMES - 1)]
        camera.close()
        assert first.image.dtype == np.uint8
        assert first.image.ndim == 3
        assert first.image.flags.c_contiguous
        assert {frame.image.shape for frame in others} == {(*kept.shape[:2], 3)}
        assert np.array_equal(first.image, kept)
        assert not np.array_equal(others[-1].image, kept)

    def test_it_ends_and_stays_ended(self, adapter: Adapter, tmp_path: Path) -> None:
        camera = adapter.open(tmp_path)
        for _ in range(FRAMES):
            camera.read()
        for _ in range(2):
            with pytest.raises(adapter.ends_with):
                camera.read()
        camera.close()

    def test_closing_twice_is_allowed_and_final(self, adapter: Adapter, tmp_path: Path) -> None:
        camera = adapter.open(tmp_path)
        camera.read()
        camera.close()
        camera.close()
        with pytest.raises(CameraLost):
            camera.read()
