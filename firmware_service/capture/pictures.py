"""Still pictures: turned upright for the face stage, with the way back to the file as stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from firmware_service.ports import CameraLost, CaptureError, EndOfRecording
from firmware_service.types import Frame

EXIF_ORIENTATION = 0x0112

# Exif 2.32, 4.6.4: tag 0x0112. Transpose the stored picture first, then mirror rows or columns.
_TRANSPOSED = {5, 6, 7, 8}
_COLUMNS_MIRRORED = {2, 3, 6, 7}
_ROWS_MIRRORED = {3, 4, 7, 8}


@dataclass(frozen=True, slots=True, eq=False)
class StillPicture:
    """One picture: `image` is uint8 BGR [h, w, 3] turned as its Exif orientation (1…8) asks."""

    image: NDArray[np.uint8]
    orientation: int

    def to_stored(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Points [n, 2 or 3] in pixels of `image`, in pixels of the file as stored (z is kept)."""
        height, width = self.image.shape[:2]
        stored = points.copy()
        if self.orientation in _COLUMNS_MIRRORED:
            stored[:, 0] = width - 1 - stored[:, 0]
        if self.orientation in _ROWS_MIRRORED:
            stored[:, 1] = height - 1 - stored[:, 1]
        if self.orientation in _TRANSPOSED:
            stored[:, [0, 1]] = stored[:, [1, 0]]
        return stored


def read_picture(path: Path) -> StillPicture:
    """The picture in this file, turned upright by its Exif orientation.

    Raises:
        CaptureError: there is no such file, or it is no picture that OpenCV reads.
    """
    stored = _decode(path)
    orientation = _orientation(path)
    image = stored.transpose(1, 0, 2) if orientation in _TRANSPOSED else stored
    if orientation in _COLUMNS_MIRRORED:
        image = image[:, ::-1]
    if orientation in _ROWS_MIRRORED:
        image = image[::-1]
    return StillPicture(np.ascontiguousarray(image), orientation)


def _decode(path: Path) -> NDArray[np.uint8]:
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise CaptureError(f"{path} cannot be read: {error.strerror or error}") from error
    refusal = f"{path} is not a picture that can be read; convert it to JPEG or PNG"
    if content.size == 0:
        raise CaptureError(f"{path} is empty")
    try:
        image = cv2.imdecode(content, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error as error:
        raise CaptureError(refusal) from error
    if image is None:
        raise CaptureError(refusal)
    return np.asarray(image, np.uint8)


def _orientation(path: Path) -> int:
    """The Exif orientation, 1 (as stored) where the file has none or nonsense."""
    try:
        with Image.open(path) as picture:
            orientation = picture.getexif().get(EXIF_ORIENTATION, 1)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError):
        return 1
    return orientation if orientation in range(1, 9) else 1


class StillCamera:
    """Pictures as a camera, in the order given, one a second on the capture clock.

    A picture that cannot be read raises when its turn comes; the next read goes on with the next.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = tuple(paths)
        self._next = 0
        self._closed = False

    def read(self) -> Frame:
        """The next picture, upright.

        Raises:
            CameraLost: the camera was closed.
            CaptureError: this picture cannot be read.
            EndOfRecording: every picture has been read.
        """
        if self._closed:
            raise CameraLost("the pictures were closed")
        if self._next >= len(self._paths):
            raise EndOfRecording("no more pictures")
        seq = self._next
        self._next += 1
        return Frame(seq, float(seq), read_picture(self._paths[seq]).image)

    def close(self) -> None:
        """No more pictures."""
        self._closed = True
