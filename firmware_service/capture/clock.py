"""The two clocks of the device: monotonic seconds for lengths, UTC for records."""

from __future__ import annotations

import ctypes
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

TIMESYNCD_MARK = Path("/run/systemd/timesync/synchronized")  # systemd-timesyncd.service(8)
TIME_ERROR = 5  # adjtimex(2): the kernel's clock is not synchronised
_TIMEX_BYTES = 512  # struct timex is 208 bytes on 64-bit Linux; all zeros asks without setting


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> float:
        """Seconds on the capture clock: monotonic, unmoved by a change of the time of day."""
        return time.monotonic()

    def utc(self) -> datetime:
        """The time of day as the machine believes it."""
        return datetime.now(UTC)

    @property
    def synced(self) -> bool:
        """Whether a time server has confirmed the time of day; False when nobody can tell.

        Asks systemd-timesyncd's mark first, then the kernel, which chrony and ntpd keep informed.
        """
        return TIMESYNCD_MARK.exists() or kernel_says_synced()


def kernel_says_synced() -> bool:
    """What adjtimex(2) says; False where the system has no such call or forbids it."""
    adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)
    if adjtimex is None:
        return False
    return 0 <= int(adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))) < TIME_ERROR


class ManualClock:
    """A clock that moves only when told: for recordings, simulations and tests."""

    def __init__(self, start: datetime, *, synced: bool = True) -> None:
        if start.tzinfo is None:
            raise ValueError("the start needs a time zone")
        self._start = start.astimezone(UTC)
        self._now = 0.0
        self._synced = synced

    def now(self) -> float:
        """Seconds since the start."""
        return self._now

    def utc(self) -> datetime:
        """The start plus the seconds since."""
        return self._start + timedelta(seconds=self._now)

    @property
    def synced(self) -> bool:
        """As given at the start."""
        return self._synced

    def set(self, now: float) -> None:
        """Move to this time; a recording's frames set the clock to their own.

        Raises:
            ValueError: the time lies in the past; a monotonic clock never goes back.
        """
        if now < self._now:
            raise ValueError(f"the clock stands at {self._now:.3f} s and cannot go back to {now}")
        self._now = now

    def advance(self, seconds: float) -> None:
        """Move forward by this much."""
        self.set(self._now + seconds)
