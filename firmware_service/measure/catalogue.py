"""The feature catalogue: every asymmetry of one face, signed, side by side, with its unit.

A difference is right − left, a deviation > 0 towards the patient's right and a tilt > 0 when the
left end is the lower one; so a mouth that a weak left side lets hang is positive in all of them.
For the eye the sign says only which opening is wider. Mirroring a face swaps the sides and changes
every sign.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.normalise import FacePoints
from firmware_service.measure.points import CHIN, LEFT, LIP_MIDLINE, RIGHT, SidePoints
from firmware_service.types import Region


class Catalogue(NamedTuple):
    """One face. Heights are mm above the eye axis, `out` is mm from the midline to its own side.

    The midline is the mirror plane for mouth, eyes and chin, and the middle between the canthi for
    the nose, because the plane was fitted to the nose as well. `lid` heights are above the line
    through the canthi of that eye, `brow` heights above the same line; `lip_opening` is the gap
    between the lips halfway to the corner.
    """

    mouth_left_height_mm: float
    mouth_right_height_mm: float
    mouth_height_difference_mm: float
    mouth_left_out_mm: float
    mouth_right_out_mm: float
    mouth_out_difference_mm: float
    mouth_tilt_deg: float
    lip_midline_deviation_mm: float
    lip_left_opening_mm: float
    lip_right_opening_mm: float
    lip_opening_difference_mm: float
    cheek_left_height_mm: float
    cheek_right_height_mm: float
    cheek_height_difference_mm: float
    chin_deviation_mm: float
    eye_left_opening_mm: float
    eye_right_opening_mm: float
    eye_opening_difference_mm: float
    upper_lid_left_height_mm: float
    upper_lid_right_height_mm: float
    upper_lid_height_difference_mm: float
    lower_lid_left_height_mm: float
    lower_lid_right_height_mm: float
    lower_lid_height_difference_mm: float
    eye_left_out_mm: float
    eye_right_out_mm: float
    eye_out_difference_mm: float
    eye_height_difference_mm: float
    eye_tilt_deg: float
    nose_bridge_deviation_mm: float
    nose_bridge_tilt_deg: float
    nose_tip_deviation_mm: float
    ala_left_height_mm: float
    ala_right_height_mm: float
    ala_height_difference_mm: float
    ala_left_out_mm: float
    ala_right_out_mm: float
    ala_out_difference_mm: float
    brow_left_height_mm: float
    brow_right_height_mm: float
    brow_height_difference_mm: float
    brow_inner_height_difference_mm: float
    brow_outer_height_difference_mm: float


CATALOGUE_COLUMNS: Final = Catalogue._fields

REGION_OF_COLUMN: Final[dict[str, Region]] = {
    name: {
        "mouth": Region.MOUTH,
        "lip": Region.MOUTH,
        "cheek": Region.MOUTH,
        "chin": Region.MOUTH,
        "eye": Region.EYE,
        "upper": Region.EYE,
        "lower": Region.EYE,
        "nose": Region.NOSE,
        "ala": Region.NOSE,
        "brow": Region.BROW,
    }[name.split("_", maxsplit=1)[0]]
    for name in CATALOGUE_COLUMNS
}
"""The region that must have been seen for a column to count."""

NOTHING: Final = Catalogue(*(float("nan") for _ in CATALOGUE_COLUMNS))

_BRIDGE: Final = (168, 6, 197, 195)
_TIP: Final = (4, 1)
_BROW_INNER: Final = (3, 4)
_BROW_OUTER: Final = (0, 1)
"""Places in `SidePoints.brow`: the first five run along the upper edge from outer to inner."""


class _Side(NamedTuple):
    corner: NDArray[np.float64]
    lip_opening: float
    cheek: float
    eye: NDArray[np.float64]
    opening: float
    upper_lid: float
    lower_lid: float
    ala: NDArray[np.float64]
    brow: float
    brow_inner: float
    brow_outer: float


def _one_side(points: NDArray[np.float64], side: SidePoints, out: float) -> _Side:
    """Places are (out, up, forward) in mm."""
    own = points * (out, 1.0, 1.0)
    upper, lower = (list(lids) for lids in zip(*side.lid_pairs, strict=True))
    lips = own[list(side.lips_apart)]
    lids = own[upper] - own[lower]
    eye = own[list(side.canthi)].mean(axis=0)
    brow = own[list(side.brow), 1] - eye[1]
    return _Side(
        corner=own[side.commissure],
        lip_opening=max(0.0, float(lips[0, 1] - lips[1, 1])),
        cheek=float(own[list(side.cheek), 1].mean()),
        eye=eye,
        opening=max(0.0, float(np.linalg.norm(lids[:, 1:], axis=1).mean()))
        if lids[:, 1].mean() > 0.0
        else 0.0,
        upper_lid=float(own[upper, 1].mean() - eye[1]),
        lower_lid=float(own[lower, 1].mean() - eye[1]),
        ala=own[side.ala],
        brow=float(brow.mean()),
        brow_inner=float(brow[list(_BROW_INNER)].mean()),
        brow_outer=float(brow[list(_BROW_OUTER)].mean()),
    )


def _tilt_deg(left_end: NDArray[np.float64], right_end: NDArray[np.float64]) -> float:
    """How far the line between two ends falls to the patient's left; places are (out, up, …)."""
    return float(np.degrees(np.arctan2(right_end[1] - left_end[1], left_end[0] + right_end[0])))


def catalogue(face: FacePoints) -> Catalogue:
    """Every feature of one face; `face.points` is [478, 3] in mm."""
    points = face.points
    left, right = _one_side(points, LEFT, 1.0), _one_side(points, RIGHT, -1.0)
    middle = (left.eye[0] - right.eye[0]) / 2.0
    bridge = points[list(_BRIDGE)]
    fall = bridge[0] - bridge[-1]
    return Catalogue(
        mouth_left_height_mm=float(left.corner[1]),
        mouth_right_height_mm=float(right.corner[1]),
        mouth_height_difference_mm=float(right.corner[1] - left.corner[1]),
        mouth_left_out_mm=float(left.corner[0]),
        mouth_right_out_mm=float(right.corner[0]),
        mouth_out_difference_mm=float(right.corner[0] - left.corner[0]),
        mouth_tilt_deg=_tilt_deg(left.corner, right.corner),
        lip_midline_deviation_mm=-float(points[list(LIP_MIDLINE), 0].mean()),
        lip_left_opening_mm=left.lip_opening,
        lip_right_opening_mm=right.lip_opening,
        lip_opening_difference_mm=right.lip_opening - left.lip_opening,
        cheek_left_height_mm=left.cheek,
        cheek_right_height_mm=right.cheek,
        cheek_height_difference_mm=right.cheek - left.cheek,
        chin_deviation_mm=-float(points[CHIN, 0]),
        eye_left_opening_mm=left.opening,
        eye_right_opening_mm=right.opening,
        eye_opening_difference_mm=right.opening - left.opening,
        upper_lid_left_height_mm=left.upper_lid,
        upper_lid_right_height_mm=right.upper_lid,
        upper_lid_height_difference_mm=right.upper_lid - left.upper_lid,
        lower_lid_left_height_mm=left.lower_lid,
        lower_lid_right_height_mm=right.lower_lid,
        lower_lid_height_difference_mm=right.lower_lid - left.lower_lid,
        eye_left_out_mm=float(left.eye[0]),
        eye_right_out_mm=float(right.eye[0]),
        eye_out_difference_mm=float(right.eye[0] - left.eye[0]),
        eye_height_difference_mm=float(right.eye[1] - left.eye[1]),
        eye_tilt_deg=_tilt_deg(left.eye, right.eye),
        nose_bridge_deviation_mm=float(middle - bridge[:, 0].mean()),
        nose_bridge_tilt_deg=float(np.degrees(np.arctan2(fall[0], fall[1]))),
        nose_tip_deviation_mm=float(middle - points[list(_TIP), 0].mean()),
        ala_left_height_mm=float(left.ala[1]),
        ala_right_height_mm=float(right.ala[1]),
        ala_height_difference_mm=float(right.ala[1] - left.ala[1]),
        ala_left_out_mm=float(left.ala[0]),
        ala_right_out_mm=float(right.ala[0]),
        ala_out_difference_mm=float(right.ala[0] - left.ala[0]),
        brow_left_height_mm=left.brow,
        brow_right_height_mm=right.brow,
        brow_height_difference_mm=right.brow - left.brow,
        brow_inner_height_difference_mm=right.brow_inner - left.brow_inner,
        brow_outer_height_difference_mm=right.brow_outer - left.brow_outer,
    )


def only_seen(found: Catalogue, seen: frozenset[Region]) -> Catalogue:
    """The same catalogue with NaN in every column whose region was not seen."""
    return Catalogue(
        *(
            value if REGION_OF_COLUMN[name] in seen else float("nan")
            for name, value in zip(CATALOGUE_COLUMNS, found, strict=True)
        )
    )


def median_catalogue(frames: list[Catalogue]) -> Catalogue:
    """The median of each column over the frames in which it was measured; NaN where in none."""
    if not frames:
        return NOTHING
    columns = np.array(frames, dtype=np.float64).T
    return Catalogue(
        *(
            float(np.median(known)) if (known := column[np.isfinite(column)]).size else float("nan")
            for column in columns
        )
    )
