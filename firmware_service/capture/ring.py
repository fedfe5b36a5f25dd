"""The last seconds of pictures in memory that is set aside once; the newest wins."""

from __future__ import annotations

import threading

import numpy as np

from firmware_service.ports import DeviceError
from firmware_service.types import Frame

SECONDS = 2.0


class FrameRing:
    """One thread puts frames, another takes the newest; the writer never waits.

    A taken picture is a read-only view that stays whole until `slots` − 1 more frames are put
    (about 2 s at the camera's rate); who needs it longer copies it.
    """

    def __init__(self, height: int, width: int, rate_hz: float, seconds: float = SECONDS) -> None:
        self.slots = max(3, round(rate_hz * seconds))
        self._pixels = np.empty((self.slots, height, width, 3), np.uint8)
        self._changed = threading.Condition()
        self._newest: Frame | None = None
        self._put = 0
        self._skipped = 0
        self._closed = False
        self._cause: DeviceError | None = None

    def put(self, frame: Frame) -> None:
        """Copy a frame in as the newest; one that was not taken before is counted as skipped.

        Raises:
            ValueError: the picture has another size than the ring.
        """
        slot = self._pixels[self._put % self.slots]
        if frame.image.shape != slot.shape:
            raise ValueError(f"a picture of {frame.image.shape} does not fit {slot.shape}")
        np.copyto(slot, frame.image)
        view = slot.view()
        view.flags.writeable = False
        with self._changed:
            self._skipped += self._newest is not None
            self._newest = Frame(frame.seq, frame.captured_at, view)
            self._put += 1
            self._changed.notify()

    def take(self, timeout_s: float) -> Frame | None:
        """The newest frame that was not taken yet; None when none came in time.

        Raises:
            DeviceError: what the writer closed the ring with, once the last frame was taken.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None or self._closed, timeout_s)
            frame, self._newest = self._newest, None
            if frame is None and self._cause is not None:
                raise self._cause
            return frame

    def close(self, cause: DeviceError | None = None) -> None:
        """No more frames will come, for this cause; wakes a waiting reader."""
        with self._changed:
            self._closed = True
            self._cause = cause
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether the writer has ended."""
        return self._closed

    @property
    def skipped(self) -> int:
        """How many frames were overtaken by a newer one before anyone took them."""
        return self._skipped
