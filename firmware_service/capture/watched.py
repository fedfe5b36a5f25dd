"""Looks at every picture for what a camera does not tell: that it has frozen, or sees nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from firmware_service.capture.opencv_camera import VideoFormat
from firmware_service.ports import Camera, CameraLost, CaptureError
from firmware_service.types import FaceReading, Frame, WhyNot

FROZEN_S: Final = 1.0
STUCK_S: Final = 3.0
"""A picture that stands this long is no more waited for: the camera is opened again."""
BLACK_MEAN: Final = 8.0
BLACK_MOST: Final = 48
LEAST_CONTRAST: Final = 16
"""A covered or blinded sensor may well give the same picture twice; it is dark, not frozen."""
_EVERY: Final = 8
_TRIES: Final = 10


class CameraStuck(CameraLost):
    """The camera repeats one and the same picture."""


class PictureWatch:
    """Compares the pixels themselves: a live sensor's noise never gives the same picture twice.

    Every eighth row and column is looked at: 0.1 ms a picture at 640 × 480.
    """

    def __init__(self) -> None:
        self._before: NDArray[np.uint8] | None = None
        self._same_since = 0.0
        self._bright_at: float | None = None
        self._at = 0.0

    @property
    def same_for_s(self) -> float:
        """For how long the picture has been one and the same."""
        return self._at - self._same_since

    def look(self, frame: Frame) -> WhyNot | None:
        """FROZEN_PICTURE or TOO_DARK when that has lasted for a second, else None."""
        pixels = frame.image[::_EVERY, ::_EVERY]
        self._at = frame.captured_at
        most, least = int(pixels.max()), int(pixels.min())
        black = most <= BLACK_MOST and float(pixels.mean()) <= BLACK_MEAN
        if not black or self._bright_at is None:
            self._bright_at = self._at
        same = self._before is not None and np.array_equal(pixels, self._before)
        if not same or most - least < LEAST_CONTRAST:
            self._before = pixels.copy()
            self._same_since = self._at
        if self._at - self._bright_at >= FROZEN_S:
            return WhyNot.TOO_DARK
        return WhyNot.FROZEN_PICTURE if self.same_for_s >= FROZEN_S else None


def with_reason(reading: FaceReading, why_not: WhyNot | None) -> FaceReading:
    """The reading of a frame that `PictureWatch` refused for this reason; it comes first.

    A reading without a face stays as it is: it is refused already.
    """
    if why_not is None or reading.quality is None or why_not in reading.quality.flags:
        return reading
    flags = (why_not, *reading.quality.flags)
    return replace(reading, quality=replace(reading.quality, flags=flags))


class LiveCamera(Camera, Protocol):
    """A camera that can be opened again, and can hold its exposure and white balance."""

    format: VideoFormat

    @property
    def locked(self) -> bool:
        """Whether exposure and white balance stand still now."""
        ...

    def hold(self, *, wanted: bool) -> None:
        """From any thread: keep exposure and white balance as they are, or let them go again."""
        ...

    def reopen(self) -> None:
        """Open the device again.

        Raises:
            CaptureError: it is not there.
        """
        ...


class WatchedCamera:
    """A live camera whose pictures are looked at; `why_not` is what is wrong with the newest."""

    def __init__(self, camera: LiveCamera) -> None:
        self._camera = camera
        self._watch = PictureWatch()
        self.why_not: WhyNot | None = None

    @property
    def format(self) -> VideoFormat:
        """What the camera agreed to."""
        return self._camera.format

    @property
    def locked(self) -> bool:
        """Whether exposure and white balance stand still now."""
        return self._camera.locked

    def hold(self, *, wanted: bool) -> None:
        """From any thread: keep exposure and white balance as they are, or let them go again."""
        self._camera.hold(wanted=wanted)

    def read(self) -> Frame:
        """The next frame.

        Raises:
            CameraStuck: the picture has stood still for `STUCK_S`.
            CameraLost: the device is gone.
        """
        frame = self._camera.read()
        self.why_not = self._watch.look(frame)
        if self._watch.same_for_s >= STUCK_S:
            raise CameraStuck("the camera repeats one picture; it is opened again")
        return frame

    def reopen(self) -> None:
        """Open the device again.

        Raises:
            CaptureError: it is not there, or its picture still stands.
        """
        stood = self._watch.same_for_s >= STUCK_S
        self._camera.reopen()
        if stood:
            self._wait_for_another_picture()
        self._watch = PictureWatch()
        self.why_not = None

    def close(self) -> None:
        """Free the device."""
        self._camera.close()

    def _wait_for_another_picture(self) -> None:
        for _ in range(_TRIES):
            self._watch.look(self._camera.read())
            if self._watch.same_for_s < STUCK_S:
                return
        raise CaptureError("the camera still repeats one picture; unplug it and plug it in again")
