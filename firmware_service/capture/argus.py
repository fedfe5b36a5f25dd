"""A Jetson's ribbon camera: NVIDIA's Argus through a GStreamer pipeline that OpenCV reads.

Argus locks exposure only when the pipeline is built, so `locked` stays False here.
"""

from __future__ import annotations

import re

import cv2

from firmware_service.capture.opencv_camera import OpenCvCamera
from firmware_service.ports import CaptureError, Clock


class ArgusCamera(OpenCvCamera):
    """The sensor of this number, in a picture that one of its modes can give.

    Raises:
        CaptureError: OpenCV was built without GStreamer, or there is no such sensor.
    """

    def __init__(
        self,
        sensor: int,
        clock: Clock,
        *,
        width: int = 640,
        height: int = 480,
        rate_hz: float = 30.0,
    ) -> None:
        if not has_gstreamer(cv2.getBuildInformation()):
            raise CaptureError(
                "this OpenCV was built without GStreamer, which a Jetson's ribbon camera needs: "
                "`pip uninstall opencv-python-headless`, then use the OpenCV that came with "
                "JetPack (`apt install nvidia-opencv-dev`)"
            )

        def open_capture() -> cv2.VideoCapture:
            capture = cv2.VideoCapture(pipeline(sensor, width, height, rate_hz), cv2.CAP_GSTREAMER)
            if not capture.isOpened():
                raise CaptureError(
                    f"ribbon camera {sensor} cannot be opened; see `v4l2-ctl --list-devices` and "
                    "restart nvargus-daemon"
                )
            return capture

        super().__init__(f"ribbon camera {sensor}", open_capture, clock, rate_hz)


def has_gstreamer(build: str) -> bool:
    """Whether OpenCV's build information names GStreamer as built in."""
    return re.search(r"GStreamer:\s+YES", build) is not None


def pipeline(sensor: int, width: int, height: int, rate_hz: float) -> str:
    """From the sensor to BGR pictures, of which only the newest waits."""
    return (
        f"nvarguscamerasrc sensor-id={sensor} ! "
        f"video/x-raw(memory:NVMM), width={width}, height={height}, "
        f"framerate={round(rate_hz)}/1, format=NV12 ! "
        "nvvidconv ! video/x-raw, format=BGRx ! videoconvert ! video/x-raw, format=BGR ! "
        "appsink drop=true max-buffers=1 sync=false"
    )
