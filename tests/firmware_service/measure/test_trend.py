from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_service.measure.trend import (
    block_medians,
    longest_exceed_s,
    region_trend,
    theil_sen,
)
from firmware_service.types import Region


@settings(max_examples=50, deadline=None)
@given(slope=st.floats(-5, 5), level=st.floats(-10, 10), wild=st.floats(-1e3, 1e3))
def test_one_wild_value_does_not_move_the_line(slope: float, level: float, wild: float) -> None:
    times = np.arange(20.0)
    values = level + slope * (times - 9.5)
    values[13] = wild
    line = theil_sen(times, values)
    assert line is not None
    assert line.slope == pytest.approx(slope, abs=1e-6)
    assert line.level == pytest.approx(level, abs=1e-6)
    assert line.spread == pytest.approx(0.0, abs=1e-6)


def test_a_slow_worsening_is_recovered_through_correlated_noise() -> None:
    rng = np.random.default_rng(7)
    times = np.arange(0, 300, 0.1)
    noise = np.zeros(times.size)
    for at in range(1, times.size):
        noise[at] = 0.85 * noise[at - 1] + rng.normal(0, 0.3)
    trend = region_trend(Region.MOUTH, times, times * 1.5 / 300 + noise, block_s=15.0)
    assert trend is not None
    assert trend.slope_per_s * 300 == pytest.approx(1.5, abs=0.4)
    assert trend.n == 20


def test_too_little_is_no_trend_and_never_a_flat_one() -> None:
    assert theil_sen([0.0, 1.0], [1.0, 2.0]) is None
    assert theil_sen([0.0, 0.0, 0.0], [1.0, 2.0, 3.0]) is None
    assert region_trend(Region.EYE, [], [], 0.5) is None


def test_blocks_take_medians_and_pass_over_what_is_missing() -> None:
    times, values = block_medians([0.0, 0.1, 0.2, 1.1, 2.5], [1, 9, 2, float("nan"), 4], 1.0)
    assert values.tolist() == [2.0, 4.0]
    assert times.tolist() == [0.1, 2.5]


def test_the_longest_exceedance_is_unbroken() -> None:
    times = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert longest_exceed_s(times, [3, -3, 3, 0, 3, 3, 3], 2.5) == 2.0
    assert longest_exceed_s(times, [3, 3, float("nan"), 3, 3, 3, 0], 2.5) == 2.0
    assert longest_exceed_s(times, [0] * 7, 2.5) == 0.0
