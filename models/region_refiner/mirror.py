"""The mesh seen in a mirror: which point becomes which."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from firmware_service.measure.points import RIGID_PAIRS
from firmware_service.perceive.mesh import LEFT_EYE, LEFT_IRIS, LIPS, POINTS, RIGHT_EYE, RIGHT_IRIS
from firmware_service.simulate.portrait import Sitter, load_portrait

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RING = 20  # a ring of the lips: eleven points along the bottom, nine along the top
_ALONG_BOTTOM = 11
_IRIS_MIRROR = (0, 3, 2, 1, 4)


def _apart(points: NDArray, rest: list[int]) -> NDArray:
    """How far each of the points `rest` lies from each one's reflection."""
    reflected = points * (-1, 1, 1)
    right, left = np.array(RIGID_PAIRS).T
    ours = points[[*right, *left]]
    theirs = reflected[[*left, *right]]
    u, _, vt = np.linalg.svd((theirs - theirs.mean(0)).T @ (ours - ours.mean(0)))
    laid = (reflected - theirs.mean(0)) @ (u @ vt) + ours.mean(0)
    return np.linalg.norm(points[rest][:, None] - laid[rest][None], axis=-1)


@cache
def partner() -> NDArray[np.intp]:
    """For every point its mirror image's index, [478]; the midline's points are their own.

    Lips, eyes and irises by their order in the mesh; the rest by where they lie on a portrait,
    reflected and laid on itself.
    """
    known: dict[int, int] = {}
    for start in range(0, len(LIPS), _RING):
        ring = LIPS[start : start + _RING]
        for part in (ring[:_ALONG_BOTTOM], ring[_ALONG_BOTTOM:]):
            known.update(zip(part, reversed(part), strict=True))
    for right, left in zip(LEFT_EYE, RIGHT_EYE, strict=True):
        known |= {right: left, left: right}
    for place, other in enumerate(_IRIS_MIRROR):
        known |= {LEFT_IRIS[place]: RIGHT_IRIS[other], RIGHT_IRIS[other]: LEFT_IRIS[place]}
    rest = [index for index in range(POINTS) if index not in known]
    apart = sum(_apart(load_portrait(sitter).points, rest) for sitter in Sitter)
    apart = apart + apart.T
    while np.isfinite(apart).any():
        row, column = divmod(int(apart.argmin()), len(rest))
        known |= {rest[row]: rest[column], rest[column]: rest[row]}
        apart[[row, column]] = apart[:, [row, column]] = np.inf
    order = np.array([known[index] for index in range(POINTS)])
    if not np.array_equal(order[order], np.arange(POINTS)):
        raise SystemExit("the mesh's mirror image could not be told from this portrait")
    return order


def mirrored(points: NDArray, width: int) -> NDArray:
    """Landmarks of the picture flipped left to right, its width in px."""
    flipped = points[partner()].copy()
    flipped[:, 0] = width - 1 - flipped[:, 0]
    return flipped
