"""What the live cameras that OpenCV reads have in common."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_service.capture.exposure import ExposureLock
from firmware_service.ports import CameraLost, CaptureError, Clock
from firmware_service.types import Frame

FAILED_READS = 5  # a single bad USB transfer is no lost camera
_TIMED_OUT_S = 0.8  # a read that took so long before it failed has waited for a camera that is gone
_OLDEST_STAMP_S = 1.0


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What the camera agreed to, which may differ from what it was asked for."""

    width: int
    height: int
    rate_hz: float
    fourcc: str


class OpenCvCamera:
    """A camera that `open_capture` opens, asked for `rate_hz`; `name` is for messages.

    `captured_at` is the driver's own monotonic time stamp where it gives one, else the moment
    the frame arrived. `format` is what was negotiated.

    Raises:
        CaptureError: there is no such camera, or another program holds it.
    """

    def __init__(
        self,
        name: str,
        open_capture: Callable[[], cv2.VideoCapture],
        clock: Clock,
        rate_hz: float,
    ) -> None:
        self._name = name
        self._open = open_capture
        self._clock = clock
        self._rate_hz = rate_hz
        self._seq = 0
        self._last_s = -math.inf
        self._lock = ExposureLock()
        self._capture = open_capture()
        self.format = self._negotiated()

    @property
    def locked(self) -> bool:
        """Whether exposure and white balance stand still now."""
        return self._lock.locked

    def hold(self, *, wanted: bool) -> None:
        """From any thread: keep exposure and white balance as they are, or let them go again."""
        self._lock.wanted = wanted

    def read(self) -> Frame:
        """The next frame; blocks for one frame interval.

        Raises:
            CameraLost: several reads in a row failed, the picture changed its size, or the camera
                was closed. `reopen` may bring it back.
        """
        for _ in range(FAILED_READS):
            before = time.monotonic()
            decoded, image = self._capture.read()
            if decoded:
                return self._frame(np.asarray(image, np.uint8))
            if not self._capture.isOpened() or time.monotonic() - before > _TIMED_OUT_S:
                break
        raise CameraLost(f"{self._name} gives no more pictures; check its cable")

    def reopen(self) -> None:
        """Open the device again; frame numbers go on.

        Raises:
            CaptureError: it is not there, or came back with another picture size.
        """
        self._capture.release()
        self._capture = self._open()
        self._lock.forget()
        negotiated = self._negotiated()
        if (negotiated.width, negotiated.height) != (self.format.width, self.format.height):
            self._capture.release()
            raise CaptureError(f"{self._name} came back as {negotiated}, was {self.format}")
        self.format = negotiated

    def close(self) -> None:
        """Free the device."""
        self._capture.release()

    def _negotiated(self) -> VideoFormat:
        read = self._capture.get
        code = int(read(cv2.CAP_PROP_FOURCC))
        return VideoFormat(
            width=int(read(cv2.CAP_PROP_FRAME_WIDTH)),
            height=int(read(cv2.CAP_PROP_FRAME_HEIGHT)),
            rate_hz=float(read(cv2.CAP_PROP_FPS)) or self._rate_hz,
            fourcc=code.to_bytes(4, "little", signed=True).decode("ascii", "replace").strip("\0"),
        )

    def _frame(self, image: NDArray[np.uint8]) -> Frame:
        if image.shape[:2] != (self.format.height, self.format.width):
            raise CameraLost(f"{self._name} changed its picture to {image.shape}; open it again")
        self._lock.after(image, self._capture)
        now = self._clock.now()
        stamp_s = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000.0
        captured_at = stamp_s if now - _OLDEST_STAMP_S <= stamp_s <= now else now
        self._last_s = max(captured_at, math.nextafter(self._last_s, math.inf))
        frame = Frame(self._seq, self._last_s, image)
        self._seq += 1
        return frame
