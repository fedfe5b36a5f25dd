"""The live threads on sources that vanish and come back, and the command without a camera."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware_service.app.workers import Workers
from firmware_service.capture.ring import FrameRing
from firmware_service.ports import CameraLost, CaptureError, MicrophoneLost, Press
from firmware_service.screen.events import Part
from firmware_service.screen.machine import faults_of
from firmware_service.screen.states import Idle, Positioning
from firmware_service.simulate.camera import SimulatedCamera
from firmware_service.simulate.microphone import SimulatedMicrophone
from firmware_service.types import AudioBlock, Frame

from .conftest import Play


class CableCamera:
    """A camera at 50 frames a second whose cable can be pulled."""

    def __init__(self, source: SimulatedCamera) -> None:
        self._source = source
        self.plugged = True

    def read(self) -> Frame:
        time.sleep(0.02)
        if not self.plugged:
            raise CameraLost("pulled")
        return self._source.read()

    def reopen(self) -> None:
        if not self.plugged:
            raise CaptureError("still pulled")

    def close(self) -> None:
        self._source.close()


class CableMicrophone:
    """A microphone whose cable can be pulled."""

    def __init__(self, source: SimulatedMicrophone, plugged: Callable[[], bool]) -> None:
        if not plugged():
            raise CaptureError("no microphone")
        self._source = source
        self._plugged = plugged

    def read(self) -> AudioBlock:
        time.sleep(0.01)
        if not self._plugged():
            raise MicrophoneLost("pulled")
        return self._source.read()

    def close(self) -> None:
        """Nothing to free."""


@pytest.fixture
def played() -> Play:
    return Play("healthy", 50.0)


@pytest.fixture
def workers(played: Play) -> Iterator[tuple[Workers, list[Exception]]]:
    died: list[Exception] = []
    made = Workers(played.conductor, died.append)
    yield made, died
    made.stop()


def _until(play: Play, done: Callable[[], bool], seconds: float = 15.0) -> None:
    give_up = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < give_up, play.conductor.state
        play.clock.advance(0.01)
        play.conductor.tick()
        time.sleep(0.01)


def test_a_pulled_camera_and_microphone_are_told_and_taken_back(
    played: Play, workers: tuple[Workers, list[Exception]]
) -> None:
    threads, died = workers
    camera = CableCamera(SimulatedCamera(played.patient, 50.0))
    threads.watch(camera, FrameRing(480, 640, 50.0), played.instruments.face)
    microphone = SimulatedMicrophone(played.patient)
    threads.listen(
        lambda: CableMicrophone(microphone, lambda: camera.plugged), played.instruments.speech
    )
    camera.plugged = False
    both = {Part.CAMERA, Part.MICROPHONE}
    _until(played, lambda: faults_of(played.conductor.state) == both)
    camera.plugged = True
    _until(played, lambda: not faults_of(played.conductor.state))
    played.conductor.press(Press.SHORT)
    _until(played, lambda: not isinstance(played.conductor.state, Idle | Positioning))
    assert died == []


def test_a_worker_that_dies_is_told_so_that_the_daemon_ends(
    played: Play, workers: tuple[Workers, list[Exception]]
) -> None:
    threads, died = workers
    ring = FrameRing(48, 64, 50.0)  # frames of another size do not fit: a defect, not a lost camera
    threads.watch(CableCamera(SimulatedCamera(played.patient)), ring, played.instruments.face)
    _until(played, lambda: bool(died))
    assert isinstance(died[0], ValueError)


def test_no_camera_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "firmware_service.cli", "run"],
        env={**os.environ, "STROKE_CAMERA__INDEX": "63", "STROKE_STATE_DIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith("stroke-screen: camera 63 cannot be opened; see `v4l2-ctl")
