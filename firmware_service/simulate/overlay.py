"""Things worn on the face: a layer that goes with the head and not with the muscles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_service.simulate.field import CELL, Field


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """A uint8 BGRA layer [480, 640, 4], colour premultiplied, and the cells of it that hold any.

    `cells` are (top, bottom, left, right) on the grid of `field`.
    """

    layer: NDArray[np.uint8]
    cells: tuple[int, int, int, int]

    @classmethod
    def of(cls, layer: NDArray[np.uint8]) -> Self:
        """The layer with its extent found."""
        rows = np.flatnonzero(layer[..., 3].any(axis=1)) // CELL
        columns = np.flatnonzero(layer[..., 3].any(axis=0)) // CELL
        return cls(layer, (int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1))

    def reach(self, forward: Field) -> tuple[slice, slice]:
        """The rows and columns of cells that it covers once displaced by `forward` px."""
        top, bottom, left, right = self.cells
        moved = forward[top:bottom, left:right] / CELL
        height, width = forward.shape[:2]
        return (
            slice(
                max(int(top + moved[..., 1].min()) - 1, 0),
                min(int(bottom + moved[..., 1].max()) + 2, height),
            ),
            slice(
                max(int(left + moved[..., 0].min()) - 1, 0),
                min(int(right + moved[..., 0].max()) + 2, width),
            ),
        )


def lay_over(image: NDArray[np.uint8], seen: NDArray[np.uint8]) -> None:
    """Composite a premultiplied layer of the same size onto the image, in place."""
    remaining = cv2.cvtColor(255 - seen[..., 3], cv2.COLOR_GRAY2BGR)
    below = cv2.multiply(np.ascontiguousarray(image), remaining, scale=1 / 255)
    image[...] = cv2.add(below, np.ascontiguousarray(seen[..., :3]))
