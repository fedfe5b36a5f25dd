"""Where the mesh's 478 points lie on the face (MediaPipe topology); left is the patient's left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

N_POINTS: Final = 478

LIP_MIDLINE: Final = (0, 13, 14, 17)
CHIN: Final = 152
MIDLINE: Final = (10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1)
"""Forehead to nose tip, on the mirror plane; the facial nerve does not move them."""

RIGID_PAIRS: Final = (
    (133, 362),
    (33, 263),
    (127, 356),
    (234, 454),
    (162, 389),
    (21, 251),
    (54, 284),
    (103, 332),
    (67, 297),
    (109, 338),
)
"""(right, left) points of canthi, temple and hair line that the facial nerve does not move."""

RIGID: Final = MIDLINE + tuple(point for pair in RIGID_PAIRS for point in pair)


@dataclass(frozen=True, slots=True)
class SidePoints:
    """The named points of one side of the face.

    `lid_pairs` are (upper, lower); `canthi` (outer, inner); `iris_across` the iris's two ends along
    the eye; `lip_upper` and `lip_lower` lie on the outer lip border, middle to corner; `lips_apart`
    are the inner borders of upper and lower lip halfway to the corner.
    """

    commissure: int
    inner_commissure: int
    lid_pairs: tuple[tuple[int, int], ...]
    canthi: tuple[int, int]
    brow: tuple[int, ...]
    cheek: tuple[int, ...]
    ala: int
    iris_centre: int
    iris_across: tuple[int, int]
    lip_upper: tuple[int, ...]
    lip_lower: tuple[int, ...]
    lips_apart: tuple[int, int]


RIGHT: Final = SidePoints(
    commissure=61,
    inner_commissure=78,
    lid_pairs=((160, 144), (159, 145), (158, 153)),
    canthi=(33, 133),
    brow=(70, 63, 105, 66, 107, 46, 53, 52, 65, 55),
    cheek=(205, 50, 206, 216),
    ala=98,
    iris_centre=468,
    iris_across=(469, 471),
    lip_upper=(37, 39, 40, 185),
    lip_lower=(84, 181, 91, 146),
    lips_apart=(81, 178),
)
LEFT: Final = SidePoints(
    commissure=291,
    inner_commissure=308,
    lid_pairs=((387, 373), (386, 374), (385, 380)),
    canthi=(263, 362),
    brow=(300, 293, 334, 296, 336, 276, 283, 282, 295, 285),
    cheek=(425, 280, 426, 436),
    ala=327,
    iris_centre=473,
    iris_across=(474, 476),
    lip_upper=(267, 269, 270, 409),
    lip_lower=(314, 405, 321, 375),
    lips_apart=(311, 402),
)
