"""When to try again: exponential, spread by chance, so that a fleet does not speak as one."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubles from `first_s` to at most `longest_s`."""

    first_s: float
    longest_s: float

    def wait_s(self, failures: int, chance: random.Random) -> float:
        """Seconds before the next try after this many failures (≥ 1): half to whole of the step."""
        step = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 30))
        return step * chance.uniform(0.5, 1.0)


PUBLISH = Backoff(1.0, 60.0)
"""The broker refused, or did not acknowledge."""

RECEIPT = Backoff(10.0, 300.0)
"""The broker has it and the hospital has not said so yet."""
