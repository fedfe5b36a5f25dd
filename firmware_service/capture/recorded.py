"""A recorded video as a camera and a sound file as a microphone, at the recording's own time."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from firmware_service.capture.blocks import BLOCK_SAMPLES, RATE_HZ
from firmware_service.capture.soundtrack import decode
from firmware_service.ports import CameraLost, CaptureError, EndOfRecording, MicrophoneLost
from firmware_service.types import AudioBlock, Frame

_NOMINAL_HZ = 25.0  # only for containers that carry neither timestamps nor a rate


class RecordedCamera:
    """A video file as a camera.

    Pictures come as a player shows them (rotation applied). `captured_at` is the time stamp in the
    file, counted from its first picture, so a variable frame rate stays true; pictures without a
    usable stamp follow at the file's nominal rate.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise CaptureError(f"{path}: no such file")
        self._path = path
        self._capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise CaptureError(f"{path} is not a video that can be read; {_convert(path)}")
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)  # OpenCV's default varies by backend
        rate = float(self._capture.get(cv2.CAP_PROP_FPS))
        self._step_s = 1.0 / rate if 1.0 <= rate <= 1000.0 else 1.0 / _NOMINAL_HZ
        self._seq = 0
        self._first_stamp_s = 0.0
        self._last_s = 0.0

    def read(self) -> Frame:
        """The next picture of the file.

        Raises:
            CameraLost: the camera was closed.
            CaptureError: the file opened but holds no picture that can be decoded.
            EndOfRecording: the last picture has been read.
        """
        if not self._capture.isOpened():
            raise CameraLost(f"{self._path} was closed")
        decoded, image = self._capture.read()
        if not decoded and self._seq == 0:
            raise CaptureError(f"no picture in {self._path} can be decoded; {_convert(self._path)}")
        if not decoded:
            raise EndOfRecording(f"{self._path} has ended")
        frame = Frame(self._seq, self._captured_at(), np.asarray(image, np.uint8))
        self._seq += 1
        return frame

    def _captured_at(self) -> float:
        stamp_s = float(self._capture.get(cv2.CAP_PROP_POS_MSEC)) / 1000.0
        if self._seq == 0:
            self._first_stamp_s = stamp_s
            return 0.0
        since_first = stamp_s - self._first_stamp_s
        self._last_s = since_first if since_first > self._last_s else self._last_s + self._step_s
        return self._last_s

    def close(self) -> None:
        """Close the file."""
        self._capture.release()


def _convert(path: Path) -> str:
    return f"try `ffmpeg -i {path.name} converted.mp4`"


class RecordedMicrophone:
    """A sound file, or the sound track of a video, as a microphone: 16 kHz mono, 512 a block.

    Channels are averaged; the last block holds what is left, so it may be shorter. Videos and AAC
    are decoded by the ffmpeg program.

    Raises:
        CaptureError: the file is missing, damaged, or without sound, or needs an absent ffmpeg.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._blocks = decode(path)
        self._next = next(self._blocks, None)  # so that an unreadable file is refused here
        self._seq = 0
        self._closed = False

    def read(self) -> AudioBlock:
        """The next block.

        Raises:
            CaptureError: the sound is damaged here.
            EndOfRecording: the last sample has been read.
            MicrophoneLost: the microphone was closed.
        """
        if self._closed:
            raise MicrophoneLost(f"{self._path} was closed")
        if self._next is None:
            raise EndOfRecording(f"{self._path} has ended")
        block = AudioBlock(self._seq, self._seq * BLOCK_SAMPLES / RATE_HZ, self._next, RATE_HZ)
        self._seq += 1
        self._next = next(self._blocks, None)
        return block

    def close(self) -> None:
        """Close the file, and ffmpeg where it is running."""
        self._closed = True
        self._blocks.close()
