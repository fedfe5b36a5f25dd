"""How fast and how evenly somebody speaks: rate and pauses of a phrase, syllables of pa-ta-ka."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.phrase import PHONES, STEP_S, VOWELS, Alignment, Scores

_VOWEL_COLUMNS = np.array([p in VOWELS for p in PHONES])
_MIN_SYLLABLE_S = 0.08
_MIN_PEAK = 0.3


@dataclass(frozen=True, slots=True)
class Timing:
    """Of a phrase: phones a second of speaking, and the pauses between its words, s."""

    phones_per_s: float
    speaking_s: float
    pauses_s: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Syllables:
    """Of a repeated syllable: how many a second; SD over mean of the intervals."""

    per_s: float
    count: int
    unevenness: float


def timing(alignment: Alignment, min_pause_s: float) -> Timing:
    """Rate and pauses by where the phrase's phones lie."""
    segments = alignment.segments
    speaking_s = sum(s.end - s.start for s in segments) * STEP_S
    gaps = [(b.start - a.end) * STEP_S for a, b in pairwise(segments)]
    return Timing(
        phones_per_s=len(segments) / speaking_s,
        speaking_s=speaking_s,
        pauses_s=tuple(gap for gap in gaps if gap >= min_pause_s),
    )


def syllables(posteriors: Scores) -> Syllables | None:
    """Count the vowels of pa-pa-pa or pa-ta-ka; None with fewer than three.

    Args:
        posteriors: [steps, 40], probabilities.
    """
    vowel = posteriors[:, _VOWEL_COLUMNS].sum(axis=1)
    smooth = np.convolve(vowel, (0.25, 0.5, 0.25), "same")
    peaks = _peaks(smooth)
    if len(peaks) < 3:
        return None
    between = np.diff(peaks) * STEP_S
    return Syllables(
        per_s=float(1.0 / between.mean()),
        count=len(peaks),
        unevenness=float(between.std() / between.mean()),
    )


def _peaks(level: NDArray[np.float64]) -> list[int]:
    """Highest points between dips to half their height, at least `_MIN_SYLLABLE_S` apart."""
    found: list[int] = []
    at, dipped = -1, True
    for t, value in enumerate(level.tolist()):
        if dipped or (at >= 0 and value > level[at]):
            if value >= _MIN_PEAK and (dipped or value > level[at]):
                if dipped and found and (t - found[-1]) * STEP_S < _MIN_SYLLABLE_S:
                    continue
                at = t
                if dipped:
                    found.append(t)
                else:
                    found[-1] = t
                dipped = False
        elif value < 0.5 * level[at]:
            dipped = True
    return found
