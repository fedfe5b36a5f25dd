"""Whether the labels can be told apart by how the pictures were taken: a leak, if they can.

A classifier that sees light, size or pose learns the camera, not the palsy; and features in mm
depend on pose a little. So the same classifier is given the conditions alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_service.study.classify import cross_validate
from firmware_service.study.performance import Figure, area_under_curve

SUSPICIOUS_AUC: Final = 0.6
"""From this area on, if its interval leaves out 0.5, a condition is named."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition: its medians under both labels, and how well it alone tells them apart."""

    healthy_median: float
    affected_median: float
    roc_auc: Figure
    separates: bool


@dataclass(frozen=True, slots=True)
class LeakCheck:
    """Every condition, and all of them together in the classifier (`together`).

    `level` is that of each condition's interval: wider than 95 % for their number (Bonferroni), or
    one of nine would be named by chance in every third study.
    """

    level: float
    conditions: Mapping[str, Condition]
    together: Figure
    together_separates: bool


def leak_check(
    conditions: Mapping[str, NDArray[np.float64]],
    affected: NDArray[np.bool_],
    people: Sequence[str],
) -> LeakCheck:
    """Tell the labels apart by the conditions, [n] each.

    An area below 0.5 separates as well as one above: the affected then have the smaller value.

    Raises:
        TooFewPeople: as in the classifier.
    """
    table = np.column_stack(list(conditions.values()))
    said = cross_validate(table, affected, people)
    together = area_under_curve(affected, said.probability, people)
    level = 1.0 - 0.05 / len(conditions)
    found = {}
    for name, values in conditions.items():
        area = area_under_curve(affected, values, people, level)
        found[name] = Condition(
            healthy_median=float(np.median(values[~affected])),
            affected_median=float(np.median(values[affected])),
            roc_auc=area,
            separates=_separates(area) or _separates(_reversed(area)),
        )
    return LeakCheck(level, found, together, _separates(together))


def _reversed(area: Figure) -> Figure:
    return Figure(1.0 - area.value, 1.0 - area.hi, 1.0 - area.lo)


def _separates(area: Figure) -> bool:
    return area.value >= SUSPICIOUS_AUC and area.lo > 0.5
