"""How long to wait before the next try to open a device: quickly at first, then less often."""

from __future__ import annotations

from collections.abc import Iterator

FIRST_S = 0.25
LONGEST_S = 4.0


def waits() -> Iterator[float]:
    """Seconds to wait before each try, doubling from `FIRST_S` to `LONGEST_S`, without end."""
    wait_s = FIRST_S
    while True:
        yield wait_s
        wait_s = min(2 * wait_s, LONGEST_S)
