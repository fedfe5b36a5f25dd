"""A live camera through OpenCV: V4L2 on the device, another backend on a developer's machine."""

from __future__ import annotations

import cv2

from firmware_service.capture.opencv_camera import OpenCvCamera
from firmware_service.ports import CaptureError, Clock


class V4l2Camera(OpenCvCamera):
    """A camera by its number or its device path (a name under /dev/v4l/by-id survives replugging).

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
        def open_capture() -> cv2.VideoCapture:
            capture = cv2.VideoCapture(device, backend)
            if not capture.isOpened():
                raise CaptureError(
                    f"camera {device} cannot be opened; see `v4l2-ctl --list-devices`, whether "
                    "another program holds it, and whether this user is in the group video"
                )
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
            capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
            capture.set(cv2.CAP_PROP_FPS, rate_hz)
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            return capture

        super().__init__(f"camera {device}", open_capture, clock, rate_hz)
