"""Slopes, limits of agreement, sensitivities, areas; intervals from drawing people again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Statistic = Callable[[Values], float]

DRAWS: Final = 500
_Z_95: Final = 1.96


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval over people; NaN where there was nothing to count."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        if not np.isfinite(self.value):
            return "–"
        return f"{self.value:.2f} [{self.low:.2f}, {self.high:.2f}]"


def over_people(people: Sequence[str], rows: Values, statistic: Statistic) -> Estimate:
    """The statistic of `rows` [n, k], and its spread when people are drawn with replacement."""
    if not len(rows):
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    names = np.array(people)
    places = [np.flatnonzero(names == name) for name in sorted(set(people))]
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        chosen = rng.integers(0, len(places), len(places))
        drawn.append(statistic(rows[np.concatenate([places[k] for k in chosen])]))
    low, high = np.nanpercentile(drawn, (2.5, 97.5))
    return Estimate(statistic(rows), float(low), float(high), len(rows))


def slope(rows: Values) -> float:
    """Of measured on true; rows are (true, measured)."""
    true, measured = rows.T
    centred = true - true.mean()
    spread = float(centred @ centred)
    return float(centred @ measured) / spread if spread > 0 else float("nan")


def limits(rows: Values) -> float:
    """Half the width of the 95 % limits of agreement: 1.96 SD of measured − true."""
    return float(_Z_95 * (rows[:, 1] - rows[:, 0]).std())


def share(rows: Values) -> float:
    """The mean of a column of zeros and ones."""
    return float(rows[:, 0].mean())


def area(rows: Values) -> float:
    """The area under the curve; rows are (1 for a case, score)."""
    case, score = rows[rows[:, 0] > 0, 1], rows[rows[:, 0] <= 0, 1]
    if not len(case) or not len(score):
        return float("nan")
    above = (case[:, None] > score[None]).mean() + 0.5 * (case[:, None] == score[None]).mean()
    return float(above)
