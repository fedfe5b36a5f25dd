"""Whether something is really a trend, or really stays above a limit, and not just scatter.

Both work on block medians: on frames, which hang together (autocorrelation 0.70–0.94), a third to
two thirds of flat series would be called trends; on blocks of 15 s 7–16 % are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from firmware_service.measure.trend import block_medians, theil_sen

MIN_TREND_BLOCKS: Final = 4
"""With fewer no order of blocks is rarer than 1 in 10."""
MIN_CUSUM_BLOCKS: Final = 6
_DRAWS: Final = 500
_CONFIDENCE: Final = 95.0


def mann_kendall_p(values: ArrayLike) -> float | None:
    """The two-sided probability of so much order in [n] values without a trend (Mann 1945).

    Ties are allowed for, continuity is corrected; None from fewer than `MIN_TREND_BLOCKS` values.
    """
    v = np.asarray(values, dtype=np.float64)
    n = v.size
    if n < MIN_TREND_BLOCKS:
        return None
    first, second = np.triu_indices(n, 1)
    score = float(np.sign(v[second] - v[first]).sum())
    ties = np.unique(v, return_counts=True)[1]
    variance = (n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())) / 18
    if variance <= 0.0:
        return 1.0
    return erfc(max(0.0, abs(score) - 1.0) / sqrt(variance) / sqrt(2.0))


def trend_p(times: ArrayLike, values: ArrayLike, block_s: float) -> float | None:
    """Mann–Kendall on the medians of blocks of `block_s` s; None when there are too few blocks."""
    return mann_kendall_p(block_medians(times, values, block_s)[1])


@dataclass(frozen=True, slots=True)
class Exceedance:
    """A cumulative sum beyond a limit: its `peak_mm`, the `threshold_mm` that scatter reaches.

    `since_s` is when the stretch began that took it over the threshold; None when nothing did.
    """

    peak_mm: float
    threshold_mm: float
    since_s: float | None


def exceedance(
    times: ArrayLike, values: ArrayLike, limit_mm: float, block_s: float
) -> Exceedance | None:
    """Whether |values| keep above `limit_mm` for longer than their scatter explains.

    Two one-sided cumulative sums (Page 1954) of the block medians beyond the limit. Their threshold
    is the 95th percentile of the same sums over a series that lies at the limit, with this series'
    own scatter about its line, drawn with replacement. None from fewer than `MIN_CUSUM_BLOCKS`
    blocks.
    """
    t, v = block_medians(times, values, block_s)
    line = theil_sen(t, v)
    if t.size < MIN_CUSUM_BLOCKS or line is None:
        return None
    scatter = v - line.level - line.slope * (t - float(np.median(t)))
    drawn = np.random.default_rng(0).choice(scatter - scatter.mean(), (_DRAWS, t.size))
    threshold = float(np.percentile(_cusum(drawn).max(axis=1), _CONFIDENCE))
    sums = _cusum(np.stack((v - limit_mm, -v - limit_mm)))
    side = int(np.argmax(sums.max(axis=1)))
    over = np.flatnonzero(sums[side] > max(threshold, 1e-9))
    since = None
    if over.size:
        before = np.flatnonzero(sums[side, : over[0]] == 0.0)
        since = float(t[before[-1] + 1 if before.size else 0])
    return Exceedance(float(sums[side].max()), threshold, since)


def _cusum(steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """Page's sums along the last axis: never below 0."""
    total = np.cumsum(steps, axis=-1)
    lowest = np.minimum(np.minimum.accumulate(total, axis=-1), 0.0)
    return np.asarray(total - lowest)
