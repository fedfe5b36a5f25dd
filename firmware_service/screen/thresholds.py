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
