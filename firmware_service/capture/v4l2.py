"""A live camera through OpenCV: V4L2 on the device, another backend on a developer's machine."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_service.ports import CameraLost, CaptureError, Clock
from firmware_service.types import Frame

FAILED_READS = 5  # a single bad USB transfer is no lost camera
_OLDEST_STAMP_S = 1.0


@dataclass(frozen=True, slots=True)
class VideoFormat:
    """What the camera agreed to, which may differ from what it was asked for."""

    width: int
    height: int
    rate_hz: float
    fourcc: str


class V4l2Camera:
    """A camera by its number or its device path (a name under /dev/v4l/by-id survives replugging).

    `captured_at` is the driver's own monotonic time stamp where it gives one, else the moment
    the frame arrived. `format` is what was negotiated.

    Raises:
        CaptureError: there is no such camera, or another program holds it.
    """

    def __init__(
        self,
        device: int | str,
        clock: Clock,
        *,
        width: int = 640,
        height: int = 480,
        rate_hz: float = 30.0,
        backend: int = cv2.CAP_V4L2,
    ) -> None:
        self._device = device
        self._clock = clock
        self._asked = VideoFormat(width, height, rate_hz, "MJPG")
        self._backend = backend
        self._seq = 0
        self._last_s = -math.inf
        self._capture = self._open()
        self.format = self._negotiated()

    def read(self) -> Frame:
        """The next frame; blocks for one frame interval.

        Raises:
            CameraLost: several reads in a row failed, the picture changed its size, or the camera
                was closed. `reopen` may bring it back.
        """
        for _ in range(FAILED_READS):
            decoded, image = self._capture.read()
            if decoded:
                return self._frame(np.asarray(image, np.uint8))
            if not self._capture.isOpened():
                break
        raise CameraLost(f"{self._name} gives no more pictures; check its cable")

    def reopen(self) -> None:
        """Open the device again; frame numbers go on.

        Raises:
            CaptureError: it is not there, or came back with another picture size.
        """
        self._capture.release()
        self._capture = self._open()
        negotiated = self._negotiated()
        if (negotiated.width, negotiated.height) != (self.format.width, self.format.height):
            self._capture.release()
            raise CaptureError(f"{self._name} came back as {negotiated}, was {self.format}")
        self.format = negotiated

    def close(self) -> None:
        """Free the device."""
        self._capture.release()

    @property
    def _name(self) -> str:
        return f"camera {self._device}"

    def _open(self) -> cv2.VideoCapture:
        asked = self._asked
        capture = cv2.VideoCapture(self._device, self._backend)
        if not capture.isOpened():
            raise CaptureError(
                f"{self._name} cannot be opened; see `v4l2-ctl --list-devices`, whether another "
                "program holds it, and whether this user is in the group video"
            )
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*asked.fourcc))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, asked.width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, asked.height)
        capture.set(cv2.CAP_PROP_FPS, asked.rate_hz)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return capture

    def _negotiated(self) -> VideoFormat:
        read = self._capture.get
        code = int(read(cv2.CAP_PROP_FOURCC))
        return VideoFormat(
            width=int(read(cv2.CAP_PROP_FRAME_WIDTH)),
            height=int(read(cv2.CAP_PROP_FRAME_HEIGHT)),
            rate_hz=float(read(cv2.CAP_PROP_FPS)) or self._asked.rate_hz,
            fourcc=code.to_bytes(4, "little", signed=True).decode("ascii", "replace").strip("\0"),
        )

    def _frame(self, image: NDArray[np.uint8]) -> Frame:
        if image.shape[:2] != (self.format.height, self.format.width):
            raise CameraLost(f"{self._name} changed its picture to {image.shape}; open it again")
        now = self._clock.now()
        stamp_s = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000.0
        captured_at = stamp_s if now - _OLDEST_STAMP_S <= stamp_s <= now else now
        self._last_s = max(captured_at, math.nextafter(self._last_s, math.inf))
        frame = Frame(self._seq, self._last_s, image)
        self._seq += 1
        return frame
