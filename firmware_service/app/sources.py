"""The camera and the microphone that the settings name."""

from __future__ import annotations

from firmware_service.capture.argus import ArgusCamera
from firmware_service.capture.libcamera import LibcameraCamera
from firmware_service.capture.portaudio import PortAudioMicrophone
from firmware_service.capture.pyaudio_mic import PyAudioMicrophone
from firmware_service.capture.v4l2 import V4l2Camera
from firmware_service.capture.watched import LiveCamera, WatchedCamera
from firmware_service.ports import Clock, Microphone
from firmware_service.settings import CameraSettings, MicrophoneSettings


def open_camera(settings: CameraSettings, clock: Clock) -> WatchedCamera:
    """The camera of this kind, watched for pictures that freeze.

    Raises:
        CaptureError: it is not there, or its library is missing.
    """
    width, height, rate_hz = settings.width, settings.height, settings.rate_hz
    camera: LiveCamera
    match settings.kind:
        case "v4l2":
            device = settings.index if settings.device is None else settings.device
            camera = V4l2Camera(device, clock, width=width, height=height, rate_hz=rate_hz)
        case "libcamera":
            camera = LibcameraCamera(
                settings.index, clock, width=width, height=height, rate_hz=rate_hz
            )
        case "argus":
            camera = ArgusCamera(settings.index, clock, width=width, height=height, rate_hz=rate_hz)
    return WatchedCamera(camera)


def open_microphone(settings: MicrophoneSettings, clock: Clock) -> Microphone:
    """The microphone of these settings, read by the library they name.

    Raises:
        CaptureError: it is not there, or its library is missing.
    """
    if settings.library == "pyaudio":
        return PyAudioMicrophone(settings.device, clock)
    return PortAudioMicrophone(settings.device, clock)
