"""How a person moves: reaction, minimum-jerk movements, blinks, sway. Pure functions of time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

REACTION_S = 0.5
"""From the end of a prompt to the start of the movement."""
MOVE_S = 0.45
"""A smile's rise from rest to full."""
_BLINK_S = 0.28
_BLINK_GAP_S = (2.2, 5.5)
_BLINKS_FOR_S = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class Turn:
    """From `start` on, the movement goes towards `target` (0 rest … 1 full)."""

    start: float
    target: float


def level_at(turns: Sequence[Turn], now: float) -> float:
    """How far the movement has come at `now`; turns are in order of time.

    Each turn is a minimum-jerk course (Flash and Hogan 1985) from wherever the last one had come.
    """
    level = 0.0
    for turn, after in itertools.zip_longest(turns, turns[1:]):
        if turn.start > now:
            break
        until = now if after is None else min(now, after.start)
        level += (turn.target - level) * minimum_jerk((until - turn.start) / MOVE_S)
    return level


def minimum_jerk(part: float) -> float:
    """The smooth course 0…1 over the part 0…1 of a movement's time."""
    t = min(max(part, 0.0), 1.0)
    return t * t * t * (10 - 15 * t + 6 * t * t)


class Restlessness:
    """Blinks, breathing, sway and tremor of one person; the same seed gives the same person."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng((seed, 104729))
        gaps = rng.uniform(*_BLINK_GAP_S, int(_BLINKS_FOR_S / _BLINK_GAP_S[0]))
        self._blinks = 1.0 + np.cumsum(gaps)
        self._phases = rng.uniform(0, 2 * np.pi, (8, 3))
        self._rates = np.array([0.07, 0.19, 0.43]) * rng.uniform(0.85, 1.15, (8, 3))

    def blink(self, now: float) -> float:
        """How far a blink has closed the lids, 0…1."""
        index = int(np.searchsorted(self._blinks, now, side="right")) - 1
        if index < 0:
            return 0.0
        part = (now - float(self._blinks[index])) / _BLINK_S
        if part >= 1:
            return 0.0
        return minimum_jerk(part / 0.4) if part < 0.4 else 1 - minimum_jerk((part - 0.4) / 0.6)

    def drift(self, channel: int, now: float) -> float:
        """A slow wander of one of eight channels, about −1…1."""
        waves = np.sin(2 * np.pi * self._rates[channel] * now + self._phases[channel])
        return float(waves @ np.array([0.5, 0.3, 0.2]))

    def road(self, channel: int, now: float) -> float:
        """The road's shaking of one of eight channels, about −1…1, around 4 to 13 Hz."""
        rates = np.array([4.1, 7.3, 12.7]) * (1 + 0.1 * np.sin(self._phases[channel]))
        waves = np.sin(2 * np.pi * rates * now + self._phases[channel])
        return float(waves @ np.array([0.5, 0.3, 0.2])) * (0.6 + 0.4 * self.drift(channel, 3 * now))
