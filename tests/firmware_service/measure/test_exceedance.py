"""False alarms on correlated noise stay few; a true trend and a true excess are found."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_service.measure.exceedance import exceedance, mann_kendall_p, trend_p

FPS = 15.0


def noise(seed: int, seconds: float, correlation: float = 0.9) -> NDArray[np.float64]:
    """AR(1) with SD 1 mm, as clips have it from frame to frame."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0.0, np.sqrt(1 - correlation**2), round(seconds * FPS))
    out = np.empty_like(steps)
    level = rng.normal()
    for at, step in enumerate(steps):
        level = correlation * level + step
        out[at] = level
    return out


def times(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.arange(values.size) / FPS


@pytest.mark.parametrize(
    ("seed", "exact_p"), [(0, 0.0468), (1, 0.0198), (2, 0.0398), (3, 0.0059), (4, 0.0548)]
)
def test_mann_kendall_agrees_with_the_exact_p_of_kendalls_tau(seed: int, exact_p: float) -> None:
    # exact_p as scipy 1.17's kendalltau(method="exact") gives it
    values = np.random.default_rng(seed).normal(size=20) + 0.1 * np.arange(20)
    assert mann_kendall_p(values) == pytest.approx(exact_p, abs=0.02)


def test_flat_series_rarely_look_like_trends_on_blocks_and_often_do_on_frames() -> None:
    series = [noise(seed, 300) for seed in range(40)]
    blocks = [trend_p(times(s), s, 15.0) for s in series]
    frames = [mann_kendall_p(s[::3]) for s in series[:10]]
    assert np.mean([p is not None and p < 0.05 for p in blocks]) <= 0.16
    assert np.mean([p is not None and p < 0.05 for p in frames]) >= 0.3


def test_a_slow_worsening_is_a_trend() -> None:
    series = noise(1, 300) + 1.5 * np.linspace(0, 1, round(300 * FPS))
    p = trend_p(times(series), series, 15.0)
    assert p is not None
    assert p < 0.01


def test_too_short_a_series_has_no_p() -> None:
    assert trend_p([0, 10, 20], [1, 2, 3], 15.0) is None
    assert exceedance([0, 1, 2], [9, 9, 9], 3.0, 1.0) is None
    assert mann_kendall_p([1.0] * 6) == 1.0


def test_an_excess_is_found_with_its_beginning_on_either_side() -> None:
    level = np.where(np.arange(round(120 * FPS)) / FPS < 60, 0.0, 5.0)
    for sign in (1.0, -1.0):
        found = exceedance(times(level), sign * (level + noise(2, 120)), 3.0, 2.0)
        assert found is not None
        assert found.since_s == pytest.approx(61, abs=3)
        assert found.peak_mm > found.threshold_mm


def test_a_series_at_or_below_the_limit_is_no_excess() -> None:
    at_limit = [exceedance(times(s), 2.6 + s, 3.0, 2.0) for seed in range(20)
                for s in [noise(seed, 60)]]  # fmt: skip
    found = [e for e in at_limit if e is not None]
    assert len(found) == 20
    assert np.mean([e.since_s is not None for e in found]) <= 0.1
