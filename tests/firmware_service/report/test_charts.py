"""The axis of a chart encloses what is drawn on it, with round numbers."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from firmware_service.report.charts import mm_ticks

heights = st.floats(-300, 300)


@given(heights, heights)
def test_ticks_enclose_the_range_evenly(one: float, other: float) -> None:
    lowest, highest = sorted((one, other))
    ticks = mm_ticks(lowest, highest)
    assert 3 <= len(ticks) <= 7
    assert ticks[0] <= lowest + 1e-6
    assert ticks[-1] >= highest - 1e-6
    steps = [after - before for before, after in pairwise(ticks)]
    assert max(steps) - min(steps) < 1e-6


def test_a_still_face_is_not_magnified() -> None:
    ticks = mm_ticks(5.0, 5.01)
    assert ticks[-1] - ticks[0] >= 2.0
