"""A Raspberry Pi's ribbon camera through picamera2, which the system brings along."""

from __future__ import annotations

import math
import time
from types import ModuleType
from typing import Any

import numpy as np

from firmware_service.capture.opencv_camera import VideoFormat
from firmware_service.ports import CameraLost, CaptureError, Clock
from firmware_service.types import Frame

_WAIT_S = 1.0
_BUFFERS = 4


def _picamera2() -> ModuleType:
    """The library; only the system's own Python packages have it.

    Raises:
        CaptureError: it is not installed, or this environment does not see it.
    """
    try:
        import picamera2  # noqa: PLC0415 - on the Raspberry Pi only
    except ImportError as error:
        raise CaptureError(
            "the Raspberry Pi's ribbon camera needs picamera2: `apt install python3-picamera2`, "
            "in a virtual environment made with --system-site-packages"
        ) from error
    module: ModuleType = picamera2
    return module


class LibcameraCamera:
    """The ribbon camera of this number.

    `captured_at` is the sensor's own time stamp, moved to the capture clock.

    Raises:
        CaptureError: picamera2 is missing, or there is no such camera.
    """

    def __init__(
        self,
        number: int,
        clock: Clock,
        *,
        width: int = 640,
        height: int = 480,
        rate_hz: float = 30.0,
    ) -> None:
        self._library = _picamera2()
        self._number = number
        self._clock = clock
        self.format = VideoFormat(width, height, rate_hz, "BGR3")
        self._seq = 0
        self._last_s = -math.inf
        self._wanted = self._locked = False
        self._camera: Any = self._open()

    @property
    def locked(self) -> bool:
        """Whether exposure and white balance stand still now."""
        return self._locked

    def hold(self, *, wanted: bool) -> None:
        """From any thread: keep exposure and white balance as they are, or let them go again."""
        self._wanted = wanted

    def read(self) -> Frame:
        """The next frame; blocks for one frame interval.

        Raises:
            CameraLost: no picture came for a second, or the camera was closed.
        """
        if self._camera is None:
            raise CameraLost(f"{self._name} was closed")
        if self._wanted is not self._locked:
            self._camera.set_controls({"AeEnable": not self._wanted, "AwbEnable": not self._wanted})
            self._locked = self._wanted
        try:
            request = self._camera.capture_request(wait=_WAIT_S)
        except (TimeoutError, RuntimeError) as error:
            raise CameraLost(f"{self._name} gives no more pictures; check its ribbon") from error
        try:
            image = np.ascontiguousarray(request.make_array("main")[:, :, :3], np.uint8)
            stamp_ns = int(request.get_metadata().get("SensorTimestamp", 0))
        finally:
            request.release()
        self._last_s = max(self._captured_at(stamp_ns), math.nextafter(self._last_s, math.inf))
        frame = Frame(self._seq, self._last_s, image)
        self._seq += 1
        return frame

    def reopen(self) -> None:
        """Open the device again; frame numbers go on.

        Raises:
            CaptureError: it is not there.
        """
        self.close()
        self._locked = False
        self._camera = self._open()

    def close(self) -> None:
        """Free the device."""
        if self._camera is not None:
            self._camera.close()
            self._camera = None

    @property
    def _name(self) -> str:
        return f"ribbon camera {self._number}"

    def _open(self) -> Any:  # noqa: ANN401 - picamera2 has no types
        agreed = self.format
        try:
            camera = self._library.Picamera2(self._number)
            camera.configure(
                camera.create_video_configuration(
                    main={"size": (agreed.width, agreed.height), "format": "RGB888"},  # bytes: BGR
                    controls={"FrameRate": agreed.rate_hz},
                    buffer_count=_BUFFERS,
                )
            )
            camera.start()
        except (RuntimeError, IndexError, OSError) as error:
            raise CaptureError(
                f"{self._name} cannot be opened ({error}); see `rpicam-hello --list-cameras`"
            ) from error
        return camera

    def _captured_at(self, stamp_ns: int) -> float:
        """The sensor's time, told since boot, on the capture clock; now where it tells none."""
        now = self._clock.now()
        age_s = (time.clock_gettime_ns(time.CLOCK_BOOTTIME) - stamp_ns) / 1e9
        return now - age_s if 0.0 <= age_s <= _WAIT_S else now
