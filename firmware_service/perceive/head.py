"""The points that carry the head's pose, corrected for what a one-sided face does to them.

The mesh is one network for the whole face: it turns forehead, cheeks and nose with a drooping
mouth, and a pose fitted to them takes part of the droop for a tilted head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from firmware_service.measure.points import LEFT, MIDLINE, RIGHT, RIGID, RIGID_PAIRS
from firmware_service.perceive.patches import CANTHI_MM, KINDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CANTHI: Final = (*RIGHT.canthi, *LEFT.canthi)
_NOSE: Final = (2, RIGHT.ala, LEFT.ala)
_CORNERS: Final = (RIGHT.commissure, LEFT.commissure)
_REFINED: Final = tuple(index for kind in KINDS for side in kind.points for index in side)
OUTPUTS: Final = np.array([*RIGID, *_NOSE, *_CORNERS], np.intp)
"""The points that are corrected: the rigid ones, the nose's wings and the mouth's corners."""
DEPTH_ONLY: Final = np.isin(OUTPUTS, _CORNERS)
"""Which of them have their place from the mouth's refiner and only their depth from here."""
INPUTS: Final = np.array([*dict.fromkeys((*RIGID, *_NOSE, *_REFINED))], np.intp)
"""The points that the correction is read from: the mesh's, and the refined ones."""

_PAIRS: Final = (
    *RIGID_PAIRS,
    (RIGHT.ala, LEFT.ala),
    *(pair for kind in KINDS for pair in zip(*kind.points, strict=True)),
)
_PARTNER: Final = (
    {index: index for index in (*MIDLINE, 2)}
    | dict(_PAIRS)
    | {left: right for right, left in _PAIRS}
)


@dataclass(frozen=True, slots=True, eq=False)
class FaceFrame:
    """The face's own axes in the picture: origin between the canthi, x along the outer ones.

    Lengths are millimetres of the mean head; z is depth from the canthi, away from the camera.
    """

    origin: NDArray[np.float64]
    axes: NDArray[np.float64]
    px_per_mm: float

    def into(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points [n, 3] px in this frame."""
        from_origin = points - self.origin
        flat = from_origin[:, :2] @ self.axes
        return np.column_stack((flat, from_origin[:, 2])) / self.px_per_mm

    def step_out_of(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Displacements [n, 3] mm in this frame as pixels."""
        return np.column_stack((steps[:, :2] @ self.axes.T, steps[:, 2])) * self.px_per_mm


def in_face(points: NDArray[np.float64]) -> FaceFrame:
    """The frame of a face whose landmarks are [478, 3] px."""
    across = points[_CANTHI[2]] - points[_CANTHI[0]]
    x = across[:2] / max(float(np.hypot(*across[:2])), 1e-6)
    axes = np.array([[x[0], -x[1]], [x[1], x[0]]])
    size = max(float(np.linalg.norm(across)) / CANTHI_MM, 1e-6)
    return FaceFrame(points[list(_CANTHI)].mean(axis=0), axes, size)


def _mirror(which: NDArray[np.intp]) -> NDArray[np.intp]:
    place = {int(index): row for row, index in enumerate(which)}
    return np.array([place[_PARTNER[int(index)]] for index in which], np.intp)


INPUTS_MIRROR: Final = _mirror(INPUTS)
OUTPUTS_MIRROR: Final = _mirror(OUTPUTS)
_ACROSS: Final = np.array([-1.0, 1.0, 1.0])


def mirrored(values: NDArray[np.float64], order: NDArray[np.intp]) -> NDArray[np.float64]:
    """Points or displacements [..., n, 3] as a mirror shows them; `order` is one of the above."""
    return np.asarray(values[..., order, :] * _ACROSS)
