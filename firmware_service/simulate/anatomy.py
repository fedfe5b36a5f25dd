"""Which point of the face moves where when a muscle acts, per millimetre of the leading point.

Points are named by the patient's right side; `MIRROR` gives the left one. Directions are
(lateral, up): lateral is away from the midline, so one table serves both sides. Amounts follow the
direction of pull of the muscle and fade with distance; they are drawn by hand, not measured.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from firmware_service.types import Side

MIDLINE = (10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 2, 164, 0, 13, 17, 18, 200, 199, 152)

MIRROR = {
    61: 291, 40: 270, 91: 321, 37: 267, 84: 314, 185: 409, 146: 375,
    186: 410, 92: 322, 165: 391, 57: 287, 43: 273, 106: 335, 182: 406, 212: 432, 204: 424,
    205: 425, 50: 280, 206: 426, 216: 436, 207: 427, 187: 411, 147: 376, 123: 352, 101: 330,
    36: 266, 203: 423, 118: 347, 98: 327, 129: 358, 49: 279, 198: 420,
    214: 434, 210: 430, 211: 431, 32: 262, 208: 428,
    172: 397, 136: 365, 150: 379, 149: 378, 176: 400, 148: 377, 58: 288, 132: 361, 93: 323,
    234: 454, 127: 356, 162: 389, 21: 251, 54: 284, 103: 332, 67: 297, 109: 338,
    33: 263, 133: 362, 159: 386, 145: 374, 160: 387, 158: 385, 144: 373, 153: 380,
    229: 449, 231: 451, 228: 448,
    70: 300, 63: 293, 105: 334, 66: 296, 107: 336, 46: 276, 53: 283, 52: 282, 65: 295, 55: 285,
    69: 299, 104: 333, 108: 337, 68: 298, 71: 301,
}  # fmt: skip
"""The anchors of the displacement field beside the midline: right to left."""


class Action(StrEnum):
    """One movement of one half of the face, dosed in mm of its leading point."""

    SMILE = "smile"
    DROOP = "droop"
    BROW_RAISE = "brow raise"
    BROW_DROOP = "brow droop"
    PUCKER = "pucker"


Pull = dict[int, tuple[float, float]]

PULLS: dict[Action, Pull] = {
    # Zygomaticus major: the commissure goes up and out, 9 mm in a full smile.
    Action.SMILE: {
        61: (0.64, 0.77), 185: (0.50, 0.60), 146: (0.48, 0.54), 40: (0.32, 0.36), 91: (0.33, 0.33),
        37: (0.12, 0.13), 84: (0.11, 0.08), 0: (0.03, 0.05), 13: (0.03, 0.05), 17: (0.03, 0.03),
        18: (0.02, 0.01), 164: (0.02, 0.05),
        57: (0.62, 0.72), 186: (0.52, 0.66), 92: (0.34, 0.42), 165: (0.18, 0.26), 216: (0.42, 0.62),
        206: (0.24, 0.46), 207: (0.34, 0.52), 205: (0.16, 0.42), 212: (0.44, 0.44),
        43: (0.38, 0.36), 106: (0.18, 0.14), 204: (0.20, 0.16), 182: (0.10, 0.06),
        214: (0.26, 0.28), 187: (0.18, 0.32), 147: (0.10, 0.16), 50: (0.04, 0.26),
        36: (0.08, 0.26), 203: (0.08, 0.18), 101: (0.02, 0.18), 118: (0.00, 0.12),
        123: (0.06, 0.10), 98: (0.08, 0.07), 129: (0.07, 0.10), 49: (0.05, 0.06),
        210: (0.12, 0.14), 211: (0.08, 0.08), 32: (0.05, 0.04), 136: (0.05, 0.08),
        172: (0.06, 0.08), 58: (0.03, 0.05), 231: (0.0, 0.06), 229: (0.0, 0.06), 228: (0.0, 0.05),
    },
    # Lost tone: the commissure sinks and drifts towards the midline, the cheek sags after it.
    Action.DROOP: {
        61: (-0.30, -0.954), 185: (-0.24, -0.78), 146: (-0.24, -0.80), 40: (-0.14, -0.48),
        91: (-0.15, -0.54), 37: (-0.05, -0.18), 84: (-0.05, -0.20), 0: (-0.02, -0.04),
        13: (-0.02, -0.04), 17: (-0.02, -0.05), 164: (-0.01, -0.02),
        57: (-0.28, -0.92), 186: (-0.20, -0.74), 92: (-0.12, -0.44), 165: (-0.05, -0.20),
        216: (-0.14, -0.60), 206: (-0.06, -0.36), 207: (-0.12, -0.56), 205: (-0.04, -0.34),
        212: (-0.18, -0.72), 43: (-0.18, -0.64), 106: (-0.08, -0.30), 204: (-0.08, -0.34),
        182: (-0.04, -0.12), 214: (-0.10, -0.50), 187: (-0.04, -0.36), 147: (-0.02, -0.22),
        50: (0.0, -0.20), 36: (-0.02, -0.20), 203: (-0.02, -0.12), 101: (0.0, -0.12),
        123: (0.0, -0.12), 118: (0.0, -0.06), 210: (-0.06, -0.36), 211: (-0.04, -0.22),
        32: (-0.03, -0.12), 136: (-0.02, -0.16), 172: (0.0, -0.14), 58: (0.0, -0.08),
        98: (-0.05, -0.05), 129: (-0.04, -0.06),
    },
    # Frontalis: the brow rises, least at its head.
    Action.BROW_RAISE: {
        105: (0.02, 1.0), 63: (0.02, 0.98), 66: (0.0, 0.96), 107: (0.0, 0.78), 70: (0.02, 0.80),
        52: (0.0, 0.86), 53: (0.0, 0.82), 65: (0.0, 0.82), 46: (0.0, 0.60), 55: (0.0, 0.60),
        69: (0.0, 0.62), 104: (0.0, 0.62), 108: (0.0, 0.58), 68: (0.0, 0.56), 71: (0.0, 0.46),
        67: (0.0, 0.10), 109: (0.0, 0.10), 103: (0.0, 0.10), 54: (0.0, 0.10), 21: (0.0, 0.14),
        9: (0.0, 0.24), 151: (0.0, 0.22), 8: (0.0, 0.10), 10: (0.0, 0.03), 159: (0.0, 0.05),
        160: (0.0, 0.05), 158: (0.0, 0.05),
    },
    # Frontalis without tone: the brow hangs, most at its tail.
    Action.BROW_DROOP: {
        105: (0.0, -1.0), 63: (0.0, -1.05), 66: (0.0, -0.84), 107: (0.0, -0.50), 70: (0.0, -1.0),
        52: (0.0, -0.78), 53: (0.0, -0.78), 65: (0.0, -0.60), 46: (0.0, -0.66), 55: (0.0, -0.34),
        69: (0.0, -0.48), 104: (0.0, -0.54), 108: (0.0, -0.34), 68: (0.0, -0.54), 71: (0.0, -0.50),
        9: (0.0, -0.10), 151: (0.0, -0.10), 21: (0.0, -0.12),
    },
    # Orbicularis oris: the commissure comes in.
    Action.PUCKER: {
        61: (-1.0, 0.0), 185: (-0.80, 0.10), 146: (-0.80, -0.08), 40: (-0.50, 0.22),
        91: (-0.50, -0.18), 37: (-0.20, 0.24), 84: (-0.20, -0.20), 0: (0.0, 0.12), 17: (0.0, -0.10),
        57: (-0.92, 0.0), 186: (-0.70, 0.06), 92: (-0.45, 0.10), 43: (-0.62, 0.0),
        212: (-0.62, 0.0), 216: (-0.52, 0.0), 106: (-0.30, -0.04), 207: (-0.36, 0.0),
        206: (-0.26, 0.02), 214: (-0.30, 0.0), 187: (-0.18, 0.0), 204: (-0.25, 0.0),
        165: (-0.2, 0.1),
    },
}  # fmt: skip


def pulled(action: Action, side: Side) -> dict[int, tuple[float, float]]:
    """Landmark → (image x, image y) per mm for one half.

    Image x runs to the patient's left, image y down, on an upright, unmirrored picture.
    """
    out: dict[int, tuple[float, float]] = {}
    sign = 1.0 if side is Side.LEFT else -1.0
    for right, (lateral, up) in PULLS[action].items():
        index = right if right in MIDLINE or side is Side.RIGHT else MIRROR[right]
        out[index] = (sign * lateral, -up)
    return out


def anchors() -> NDArray[np.intp]:
    """All landmark indices that pin the displacement field, moving or not."""
    return np.array([*MIDLINE, *MIRROR, *MIRROR.values()], dtype=np.intp)


EYES = {
    Side.RIGHT: (
        (33, 246, 161, 160, 159, 158, 157, 173, 133),
        (33, 7, 163, 144, 145, 153, 154, 155, 133),
    ),
    Side.LEFT: (
        (362, 398, 384, 385, 386, 387, 388, 466, 263),
        (362, 382, 381, 380, 374, 373, 390, 249, 263),
    ),
}
"""Upper and lower lid edge from the patient's right to left."""

LIPS = (
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
)
"""The inner edges of the upper and lower lip, from the patient's right to left."""

FOLD = (129, 203, 206, 216, 212)
"""The nasolabial fold from the wing of the nose down, on the patient's right."""
