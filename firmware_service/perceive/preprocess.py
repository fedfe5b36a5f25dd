"""Cuts the square that a model looks at out of the picture, and carries points back.

Pixels are placed as MediaPipe's CPU graphs place them: a crop's pixel i is read at i, not at i + ½,
so that its points and ours are the same numbers. Against true pixel centres both lie
(side / crop size − 1) / 2 pixels to the right and down, which no difference of points can see.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROI_SCALE = 1.5  # MediaPipe's face_landmark graphs: the region is 1.5 times the longer side
RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 33, 263


@dataclass(frozen=True, slots=True)
class Square:
    """A turned square in the picture: centre and side in pixels, angle clockwise in radians."""

    x: float
    y: float
    side: float
    angle: float

    def to_picture(self, size: int) -> NDArray[np.float64]:
        """The [2, 3] matrix from a crop of `size` pixels to the picture."""
        step = self.side / size
        c, s = step * math.cos(self.angle), step * math.sin(self.angle)
        half = size / 2
        return np.array(
            [[c, -s, self.x - (c - s) * half], [s, c, self.y - (s + c) * half]], np.float64
        )

    def crop(self, image: NDArray[np.uint8], size: int, border: int) -> NDArray[np.uint8]:
        """The square as uint8 [size, size, 3], bilinear; `border` is cv2's border mode."""
        crop: NDArray[np.uint8] = cv2.warpAffine(
            image,
            self.to_picture(size),
            (size, size),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=border,
        )
        return crop


def whole(width: int, height: int, angle: float) -> Square:
    """The smallest square around the whole picture, turned by a right angle (a letterbox)."""
    return Square(width / 2, height / 2, max(width, height), angle)


def around_points(points: NDArray[np.float32]) -> Square:
    """Where the face will be in the next frame: the landmarks' box, squared, eyes level.

    points: float32 [n ≥ 468, ≥ 2] in picture pixels.
    """
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    across = points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER]
    return Square(
        x=float(low[0] + high[0]) / 2,
        y=float(low[1] + high[1]) / 2,
        side=ROI_SCALE * float((high - low).max()),
        angle=math.atan2(float(across[1]), float(across[0])),
    )


def letterbox_input(image: NDArray[np.uint8], square: Square, size: int) -> NDArray[np.float32]:
    """The detector's input: RGB in −1…1, float32 [1, size, size, 3], black outside the picture."""
    crop = cv2.cvtColor(square.crop(image, size, cv2.BORDER_CONSTANT), cv2.COLOR_BGR2RGB)
    tensor: NDArray[np.float32] = np.multiply(crop, np.float32(1 / 127.5), dtype=np.float32)
    tensor -= np.float32(1)
    return tensor[None]


def crop_input(image: NDArray[np.uint8], square: Square, size: int) -> NDArray[np.float32]:
    """The mesh's input: RGB in 0…1, float32 [1, size, size, 3], edge pixels repeated outside."""
    crop = cv2.cvtColor(square.crop(image, size, cv2.BORDER_REPLICATE), cv2.COLOR_BGR2RGB)
    tensor: NDArray[np.float32] = np.multiply(crop, np.float32(1 / 255), dtype=np.float32)
    return tensor[None]


def points_to_picture(
    points: NDArray[np.float32], square: Square, size: int
) -> NDArray[np.float32]:
    """Landmarks [n, 3] in crop pixels → picture pixels; depth is scaled alike, not turned."""
    matrix = square.to_picture(size).astype(np.float32)
    out = np.empty_like(points)
    out[:, :2] = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    out[:, 2] = points[:, 2] * np.float32(square.side / size)
    return out
