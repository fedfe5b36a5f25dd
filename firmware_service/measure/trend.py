"""How a series develops: a robust line through block medians.

Neighbouring frames are not independent (autocorrelation 0.70–0.94), so slopes are taken over the
medians of blocks of time, by Theil–Sen (Sen 1968): the median slope over all pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from firmware_service.types import Region, Trend

MIN_BLOCKS: Final = 3
_MAD_TO_SD: Final = 1.4826


@dataclass(frozen=True, slots=True)
class Line:
    """A fitted line: `level` is its value at the series' middle time, `spread` the SD about it."""

    level: float
    slope: float
    spread: float
    n: int


def block_medians(
    times: ArrayLike, values: ArrayLike, block_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median time and median value of every block of `block_s` seconds that holds a value.

    `times` and `values` are [n]; values that are not finite are left out.
    """
    t, v = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    known = np.isfinite(v)
    t, v = t[known], v[known]
    if t.size == 0:
        return t, v
    block = np.floor((t - t.min()) / block_s).astype(np.intp)
    each = np.unique(block)
    return (
        np.array([np.median(t[block == b]) for b in each]),
        np.array([np.median(v[block == b]) for b in each]),
    )


def theil_sen(times: ArrayLike, values: ArrayLike) -> Line | None:
    """The robust line through [n] values; None from fewer than three different times."""
    t, v = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if np.unique(t).size < MIN_BLOCKS:
        return None
    first, second = np.triu_indices(t.size, 1)
    apart = t[second] - t[first]
    pair = apart != 0
    slope = float(np.median((v[second] - v[first])[pair] / apart[pair]))
    middle = float(np.median(t))
    left_over = v - slope * (t - middle)
    level = float(np.median(left_over))
    spread = _MAD_TO_SD * float(np.median(np.abs(left_over - level)))
    return Line(level, slope, spread, int(t.size))


def region_trend(
    region: Region, times: ArrayLike, differences_mm: ArrayLike, block_s: float
) -> Trend | None:
    """The trend of a region's left–right difference in mm and mm/s; None when it is too short."""
    line = theil_sen(*block_medians(times, differences_mm, block_s))
    return None if line is None else Trend(region, line.level, line.slope, line.spread, line.n)


def longest_exceed_s(times: ArrayLike, values: ArrayLike, limit: float) -> float:
    """The longest stretch in seconds over which |values| stays at or above `limit`.

    A value that is not finite ends the stretch; a single frame counts as 0 s.
    """
    t, v = np.asarray(times, dtype=np.float64), np.asarray(values, dtype=np.float64)
    longest, start = 0.0, None
    for at, over in zip(t.tolist(), (np.abs(v) >= limit).tolist(), strict=True):
        if not over:
            start = None
            continue
        start = at if start is None else start
        longest = max(longest, at - start)
    return longest
