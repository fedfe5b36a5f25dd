"""The small squares of a face that the region refiners look at, each in a frame of its own.

A patch is upright on the face and drawn as if every side were the patient's right: the left
side's is mirrored. Lengths in a patch are millimetres of the mean head, whose outer corners of
the eyes lie 83.6 mm apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from firmware_service.measure.points import LEFT, RIGHT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_service.measure.points import SidePoints

CANTHI_MM: Final = 83.6
_OUTER_CANTHI: Final = (33, 263)


@dataclass(frozen=True, slots=True)
class PatchKind:
    """What one refiner looks at and which points it finds.

    `size_px` is the patch's width and height, `pitch_mm` the size of its pixels; `points` are
    those of the patient's right and left side, in the network's order. The patch is centred on the
    mean of its `anchors`, shifted by `shift_mm` (towards the midline, down).
    """

    name: str
    size_px: tuple[int, int]
    pitch_mm: float
    points: tuple[tuple[int, ...], tuple[int, ...]]
    anchors: tuple[tuple[int, ...], tuple[int, ...]]
    shift_mm: tuple[float, float]


def _mouth(side: SidePoints) -> tuple[int, ...]:
    return (
        side.commissure, side.inner_commissure, *reversed(side.lip_upper), *reversed(side.lip_lower)
    )  # fmt: skip


def _eye(side: SidePoints) -> tuple[int, ...]:
    upper, lower = zip(*side.lid_pairs, strict=True)
    return (*upper, *lower)


MOUTH: Final = PatchKind(
    name="mouth",
    size_px=(48, 48),
    pitch_mm=0.875,
    points=(_mouth(RIGHT), _mouth(LEFT)),
    anchors=((RIGHT.commissure,), (LEFT.commissure,)),
    shift_mm=(5.0, 0.0),
)
EYE: Final = PatchKind(
    name="eye",
    size_px=(40, 40),
    pitch_mm=0.8,
    points=(_eye(RIGHT), _eye(LEFT)),
    anchors=(RIGHT.canthi, LEFT.canthi),
    shift_mm=(0.0, 0.0),
)
BROW: Final = PatchKind(
    name="brow",
    size_px=(56, 32),
    pitch_mm=1.0,
    points=(RIGHT.brow, LEFT.brow),
    anchors=(RIGHT.canthi, LEFT.canthi),
    shift_mm=(-1.5, -22.0),
)
KINDS: Final = (MOUTH, EYE, BROW)
RIGHT_SIDE, LEFT_SIDE = 0, 1


def px_per_mm(points: NDArray[np.float32]) -> float:
    """Pixels per millimetre of the mean head, whatever way the head is turned; [478, 3] px."""
    first, second = points[list(_OUTER_CANTHI)].astype(np.float64)
    return float(np.linalg.norm(first - second)) / CANTHI_MM


def upright(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """The [2, 2] matrix from mm along and across the line of the canthi to px, for [478, 3] px."""
    across = (points[_OUTER_CANTHI[1], :2] - points[_OUTER_CANTHI[0], :2]).astype(np.float64)
    across /= max(float(np.hypot(*across)), 1e-6)
    turn = np.array([[across[0], -across[1]], [across[1], across[0]]])
    return np.asarray(px_per_mm(points) * turn)


def frame(
    points: NDArray[np.float32],
    kind: PatchKind,
    side: int,
    axes: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """The [2, 3] matrix from mm in the patch (x to the midline, y down, origin centre) to px.

    points: float32 [478, 3] in pixels of the picture; side: `RIGHT_SIDE` or `LEFT_SIDE`; axes: the
    face's `upright`, if it is known already.
    """
    axes = upright(points) if axes is None else axes.copy()
    if side == LEFT_SIDE:
        axes[:, 0] *= -1
    middle = points[list(kind.anchors[side]), :2].mean(axis=0) + axes @ kind.shift_mm
    return np.column_stack((axes, middle))


def cut(
    image: NDArray[np.uint8], to_px: NDArray[np.float64], pitch_mm: float, size_px: tuple[int, int]
) -> NDArray[np.uint8]:
    """The patch as uint8 BGR [height, width, 3], bilinear; outside the picture its edge repeats."""
    matrix = np.column_stack((to_px[:, :2] * pitch_mm, to_px[:, 2]))
    matrix[:, 2] -= matrix[:, :2] @ ((size_px[0] - 1) / 2, (size_px[1] - 1) / 2)
    patch: NDArray[np.uint8] = cv2.warpAffine(
        image,
        matrix,
        size_px,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return patch


def into_patch(xy: NDArray[np.floating[Any]], to_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """Picture points [n, 2] px in the patch's mm."""
    return np.asarray((xy - to_px[:, 2]) @ np.linalg.inv(to_px[:, :2]).T)


def out_of_patch(mm: NDArray[np.floating[Any]], to_px: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points [n, 2] in the patch's mm in the picture, px."""
    return np.asarray(mm @ to_px[:, :2].T + to_px[:, 2])
