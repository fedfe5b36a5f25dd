"""Every clinical and quality number, with its unit, source and the version that introduced it.

`measure` stands below this module and never imports it: the numbers reach it as arguments.
"""

from __future__ import annotations

from dataclasses import dataclass

THRESHOLDS_VERSION = "0.1.0"


@dataclass(frozen=True, slots=True)
class Threshold:
    """One number: `value` in `unit`, where it comes from, and since which version it holds."""

    value: float
    unit: str
    source: str
    since: str


MAX_YAW = Threshold(10.0, "degree", "measured: the mesh under-reports yaw by a quarter", "0.1.0")
MAX_PITCH = Threshold(12.0, "degree", "measured on warped faces with known truth", "0.1.0")
MIN_IRIS = Threshold(8.0, "pixel of iris diameter", "measured on scaled faces", "0.1.0")
MIN_LUMA = Threshold(50.0, "grey level, mean over the face", "measured: darkness halves", "0.1.0")
IRIS_DIAMETER = Threshold(11.7, "mm", "horizontal visible iris diameter, 11.7 ± 0.5 mm", "0.1.0")
MIN_EXCURSION = Threshold(
    3.0, "mm of the better side", "below it a smile or brow raise was not performed", "0.1.0"
)

# The face item: the mouth decides, forehead and lids are only remarked on.
MOUTH_REST_DIFFERENCE = Threshold(
    3.7,
    "mm of corner height between the sides at rest",
    "2 % of healthy faces ≥ 2.5 mm at rest (Mathis 2018) and the measure's own ± 2.7 mm, combined",
    "0.1.0",
)
MOUTH_SMILE_DIFFERENCE = Threshold(
    3.0,
    "mm of movement between the sides on smiling",
    "seen by others from 3 mm (Aesthet Surg J 2017); own rest-to-smile change needs about 3 mm",
    "0.1.0",
)
MOUTH_SMILE_LOSS = Threshold(
    0.3,
    "fraction of the better side's movement that is missing, 1 − smile ratio",
    "L ≥ 0.3 of the central/peripheral rule; keeps a wide healthy smile from counting",
    "0.1.0",
)
SMALL_SMILE_DIFFERENCE = Threshold(
    2.0,
    "mm of movement between the sides on smiling, when half is missing",
    "chosen: a faint smile of 4 mm that lacks half cannot reach 3 mm",
    "0.1.0",
)
SMALL_SMILE_LOSS = Threshold(
    0.5, "fraction of the better side's movement that is missing", "chosen, as above", "0.1.0"
)
MOUTH_UNCERTAINTY = Threshold(
    2.7,
    "mm, half width of the 95 % limits of agreement of a left–right difference",
    "measured: attention mesh on warped faces with known truth",
    "0.1.0",
)
SCORE_STEEPNESS = Threshold(
    3.0,
    "logits for each multiple of the threshold",
    "chosen: 0.5 at the threshold, 0.95 at twice of it (6 mm: 90 % of palsies, 5 % of others)",
    "0.1.0",
)
UPPER_FACE_LOSS = Threshold(
    0.3,
    "fraction of the other side's brow raise or lid closure that is missing, U",
    "U ≥ 0.3 and U ≥ 0.7 L: peripheral-like",
    "0.1.0",
)
UPPER_TO_LOWER = Threshold(0.7, "U over L", "from this ratio on peripheral-like", "0.1.0")
SPARED_TO_LOWER = Threshold(0.5, "U over L", "up to this ratio central-like", "0.1.0")
