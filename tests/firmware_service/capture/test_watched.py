"""Cameras that freeze, go dark or hang: told by the pixels, reopened, and believed only when well.

The lock of exposure and white balance is tried on controls that behave as cameras do.
"""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_service.capture.backoff import LONGEST_S, waits
from firmware_service.capture.exposure import CHECK_AFTER, ExposureLock
from firmware_service.capture.opencv_camera import VideoFormat
from firmware_service.capture.watched import (
    FROZEN_S,
    STUCK_S,
    CameraStuck,
    PictureWatch,
    WatchedCamera,
    with_reason,
)
from firmware_service.ports import CaptureError
from firmware_service.types import FaceReading, Frame, FrameQuality, WhyNot

RATE_HZ = 30.0
Picture = NDArray[np.uint8]


def noisy(seq: int, mean: float = 120.0, sd: float = 2.0) -> Picture:
    """A picture with the noise of a sensor, another each time."""
    made = np.random.default_rng(seq).normal(mean, sd, (60, 80, 3))
    made[:20] += 60  # some contrast
    return np.clip(made, 0, 255).astype(np.uint8)


def verdicts(pictures: list[Picture]) -> list[WhyNot | None]:
    watch = PictureWatch()
    return [watch.look(Frame(i, i / RATE_HZ, image)) for i, image in enumerate(pictures)]


def test_a_living_picture_is_never_refused_even_when_nothing_moves() -> None:
    assert verdicts([noisy(seq, sd=0.6) for seq in range(90)]) == [None] * 90


def test_the_same_picture_for_a_second_is_frozen_and_one_new_picture_heals_it() -> None:
    told = verdicts([noisy(1)] * 60 + [noisy(2), noisy(3)])
    first = told.index(WhyNot.FROZEN_PICTURE)
    assert first == round(FROZEN_S * RATE_HZ)
    assert set(told[first:60]) == {WhyNot.FROZEN_PICTURE}
    assert told[60:] == [None, None]


def test_a_few_repeated_pictures_are_not_frozen() -> None:
    assert verdicts([noisy(seq // 3) for seq in range(90)]) == [None] * 90


@pytest.mark.parametrize("dark", [np.zeros((60, 80, 3), np.uint8), None])
def test_black_is_too_dark_and_not_frozen(dark: Picture | None) -> None:
    """A covered lens gives zeros from some cameras, noise near zero from others."""
    pictures = [
        dark if dark is not None else (noisy(seq, 0.0) // 24).astype(np.uint8) for seq in range(60)
    ]
    told = verdicts(pictures)
    assert told[:30] == [None] * 30
    assert set(told[31:]) == {WhyNot.TOO_DARK}


def test_a_blinded_sensor_is_not_frozen() -> None:
    assert set(verdicts([np.full((60, 80, 3), 255, np.uint8)] * 90)) == {None}


def test_a_dim_cabin_is_not_black() -> None:
    dim = [noisy(seq, 12.0) // 2 for seq in range(60)]
    assert set(verdicts([picture.astype(np.uint8) for picture in dim])) == {None}


class HangingCamera:
    """A camera that repeats its last picture while it hangs; opening it again may not help."""

    format = VideoFormat(80, 60, RATE_HZ, "MJPG")
    locked = False

    def __init__(self) -> None:
        self.seq = 0
        self.hangs = False
        self.heals_when_reopened = True
        self.wanted = False

    def read(self) -> Frame:
        self.seq += 1
        return Frame(self.seq, self.seq / RATE_HZ, noisy(0 if self.hangs else self.seq))

    def hold(self, *, wanted: bool) -> None:
        self.wanted = wanted

    def reopen(self) -> None:
        self.hangs = self.hangs and not self.heals_when_reopened

    def close(self) -> None:
        """Nothing to free."""


def read_until_stuck(camera: WatchedCamera) -> int:
    for read in range(1000):
        try:
            camera.read()
        except CameraStuck:
            return read
    raise AssertionError("never told as stuck")


def test_a_camera_that_hangs_is_told_first_and_then_given_up() -> None:
    source = HangingCamera()
    camera = WatchedCamera(source)
    assert (camera.read(), camera.why_not)[1] is None
    source.hangs = True
    told = [(camera.read(), camera.why_not)[1] for _ in range(45)]
    assert told[-1] is WhyNot.FROZEN_PICTURE
    assert 45 + read_until_stuck(camera) == pytest.approx(STUCK_S * RATE_HZ, abs=2)
    camera.reopen()
    assert (camera.read(), camera.why_not)[1] is None


def test_a_camera_that_still_hangs_after_it_was_reopened_stays_lost() -> None:
    source = HangingCamera()
    source.hangs, source.heals_when_reopened = True, False
    camera = WatchedCamera(source)
    read_until_stuck(camera)
    for _ in range(2):
        with pytest.raises(CaptureError, match="still repeats one picture; unplug it"):
            camera.reopen()
    source.heals_when_reopened = True
    camera.reopen()
    camera.read()


class CameraControls:
    """Controls as a USB camera has them; `jumps_to` is the exposure it takes when made manual."""

    def __init__(self, *, white_balance: bool = True, jumps_to: float | None = None) -> None:
        self.values = {
            cv2.CAP_PROP_AUTO_EXPOSURE: 3.0,
            cv2.CAP_PROP_EXPOSURE: 157.0,
        }
        if white_balance:
            self.values |= {cv2.CAP_PROP_AUTO_WB: 1.0, cv2.CAP_PROP_WB_TEMPERATURE: 4600.0}
        self.jumps_to = jumps_to

    def get(self, prop: int) -> float:
        return self.values.get(prop, -1.0)

    def set(self, prop: int, value: float) -> bool:
        if prop not in self.values:
            return False
        self.values[prop] = value
        return True

    def picture(self) -> Picture:
        manual = self.values[cv2.CAP_PROP_AUTO_EXPOSURE] == 1.0
        level = self.jumps_to if manual and self.jumps_to is not None else 120.0
        return np.full((60, 80, 3), level, np.uint8)


def run(lock: ExposureLock, controls: CameraControls, frames: int) -> None:
    for _ in range(frames):
        lock.after(controls.picture(), controls)


def test_locking_keeps_the_values_that_automatic_control_had_found() -> None:
    lock, controls = ExposureLock(), CameraControls()
    run(lock, controls, 3)
    assert controls.values[cv2.CAP_PROP_AUTO_EXPOSURE] == 3.0
    lock.wanted = True
    run(lock, controls, 2 * CHECK_AFTER)
    assert lock.locked
    assert controls.values == {
        cv2.CAP_PROP_AUTO_EXPOSURE: 1.0,
        cv2.CAP_PROP_EXPOSURE: 157.0,
        cv2.CAP_PROP_AUTO_WB: 0.0,
        cv2.CAP_PROP_WB_TEMPERATURE: 4600.0,
    }
    lock.wanted = False
    run(lock, controls, 1)
    assert controls.values[cv2.CAP_PROP_AUTO_EXPOSURE] == 3.0
    assert controls.values[cv2.CAP_PROP_AUTO_WB] == 1.0


def test_a_camera_without_white_balance_control_still_locks_its_exposure() -> None:
    lock, controls = ExposureLock(), CameraControls(white_balance=False)
    lock.wanted = True
    run(lock, controls, CHECK_AFTER + 2)
    assert lock.locked


@pytest.mark.parametrize("jumps_to", [20.0, 250.0])
def test_a_camera_whose_picture_jumps_is_let_go_and_not_tried_again_in_this_screen(
    jumps_to: float,
) -> None:
    lock, controls = ExposureLock(), CameraControls(jumps_to=jumps_to)
    lock.wanted = True
    run(lock, controls, CHECK_AFTER + 20)
    assert controls.values[cv2.CAP_PROP_AUTO_EXPOSURE] == 3.0
    lock.wanted = False
    run(lock, controls, 1)
    controls.jumps_to = None
    lock.wanted = True
    run(lock, controls, CHECK_AFTER + 2)
    assert lock.locked


def test_a_camera_without_controls_is_told_as_not_locked() -> None:
    lock, controls = ExposureLock(), CameraControls()
    controls.values.clear()
    lock.wanted = True
    lock.after(np.full((60, 80, 3), 90, np.uint8), controls)
    assert not lock.locked


def test_tries_become_rarer_but_never_end() -> None:
    first = list(itertools.islice(waits(), 20))
    assert first == sorted(first)
    assert first[0] < 0.5
    assert first[-1] == LONGEST_S


def test_a_reading_of_a_spoiled_picture_says_so_first() -> None:
    quality = FrameQuality(100.0, 0.1, 2.0, 12.0, frozenset(), (WhyNot.BLURRED,))
    reading = FaceReading(3, 0.1, None, quality)
    assert with_reason(reading, None) is reading
    spoiled = with_reason(reading, WhyNot.FROZEN_PICTURE).quality
    assert spoiled is not None
    assert spoiled.flags == (WhyNot.FROZEN_PICTURE, WhyNot.BLURRED)
    no_face = FaceReading(3, 0.1, None, None)
    assert with_reason(no_face, WhyNot.TOO_DARK) is no_face
