"""The clocks: monotonic for lengths, UTC for records, and honest about what is not known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from firmware_service.capture.clock import TIMESYNCD_MARK, ManualClock, SystemClock
from firmware_service.ports import Clock

START = datetime(2026, 11, 20, 13, 0, tzinfo=timezone(timedelta(hours=1)))


def test_the_system_clock_keeps_both_times() -> None:
    clock: Clock = SystemClock()
    before, after = clock.now(), clock.now()
    assert before <= after
    assert clock.utc().utcoffset() == timedelta(0)
    assert isinstance(clock.synced, bool)
    assert clock.synced or not TIMESYNCD_MARK.exists()


def test_a_manual_clock_moves_both_times_together_and_only_when_told() -> None:
    clock = ManualClock(START, synced=False)
    assert (clock.now(), clock.utc()) == (0.0, datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    clock.advance(1.5)
    clock.set(2.0)
    assert (clock.now(), clock.utc() - START) == (2.0, timedelta(seconds=2))
    assert clock.synced is False


def test_a_manual_clock_never_goes_back() -> None:
    clock = ManualClock(START)
    clock.set(5.0)
    with pytest.raises(ValueError, match="cannot go back"):
        clock.set(4.9)


def test_a_start_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        ManualClock(datetime(2026, 11, 20))  # noqa: DTZ001 - that is the point
