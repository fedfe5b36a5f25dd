"""Smooth displacement of a picture: thin-plate splines on landmarks, kept on a coarse grid.

A field is linear in the anchors' movement, so each action is solved once and only weighted and
summed per frame.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

CELL = 4
"""Pixels per grid cell; node i lies at pixel CELL·i + (CELL − 1)/2."""

Field = NDArray[np.float32]

_MOST_STEPS = 24
_SETTLED_PX = 0.2
_DAMPING = 0.95
"""Keeps the inversion steady where a turned cheek is stretched to twice its width."""


def nodes(width: int, height: int) -> Field:
    """The pixel coordinates of the grid nodes, float32 [height/CELL, width/CELL, 2]."""
    middle = (CELL - 1) / 2
    x = np.arange(width // CELL, dtype=np.float32) * CELL + middle
    y = np.arange(height // CELL, dtype=np.float32) * CELL + middle
    return np.stack(np.meshgrid(x, y), axis=-1)


class ThinPlate:
    """Interpolates values given at anchor points (Bookstein 1989), exactly at the anchors."""

    def __init__(self, anchors: NDArray[np.float64]) -> None:
        self._anchors = anchors
        n = len(anchors)
        system = np.zeros((n + 3, n + 3))
        system[:n, :n] = self._kernel(anchors)
        system[:n, n] = system[n, :n] = 1.0
        system[:n, n + 1 :] = anchors
        system[n + 1 :, :n] = anchors.T
        self._inverse = np.linalg.inv(system)

    def _kernel(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        squared = ((at[:, None, :] - self._anchors[None, :, :]) ** 2).sum(axis=-1) * 1e-4
        return np.where(squared > 0, squared * np.log(np.maximum(squared, 1e-12)), 0.0)

    def spread(self, values: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
        """The values [n, k] given at the anchors, at the points `at` [m, 2]: [m, k]."""
        padded = np.zeros((len(self._inverse), values.shape[1]))
        padded[: len(values)] = values
        weights = self._inverse @ padded
        plane = np.hstack([np.ones((len(at), 1)), at])
        return np.asarray(self._kernel(at) @ weights[:-3] + plane @ weights[-3:])


def sample(field: Field, at: NDArray[np.float32] | NDArray[np.float64]) -> Field:
    """The field's values at pixel coordinates `at` [..., 2], linear between nodes."""
    where = ((at - (CELL - 1) / 2) / CELL).astype(np.float32)
    flat = where.reshape(1, -1, 2) if where.ndim == 2 else where
    got = cv2.remap(field, flat, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(got, dtype=np.float32).reshape(*at.shape[:-1], -1)


def inverted(forward: Field, grid: Field) -> Field:
    """For a forward displacement, where each node's content came from, minus the node.

    Fixed-point iteration; it converges while the forward map does not fold.
    """
    back = -forward
    for _ in range(_MOST_STEPS):
        step = _DAMPING * (sample(forward, grid + back) + back)
        back = back - step
        if np.abs(step).max() < _SETTLED_PX:
            break
    return back


def enlarged(coarse: Field) -> Field:
    """A field on nodes brought to every pixel, float32 [height, width, k]; cubic, for its peaks."""
    size = (coarse.shape[1] * CELL, coarse.shape[0] * CELL)
    return np.asarray(cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC), dtype=np.float32)
