"""Which words of the phrase were said: what the sound gains when a word is taken out of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.phrase import Scores, States, Word

_NOTHING = -np.inf
PRIOR_SHARE = 0.5
"""How much of the prior is taken out of the posteriors: measured, dropped words AUC .932 → .935."""


def removal_gains(
    log_posteriors: Scores, log_prior: Scores, words: tuple[Word, ...]
) -> tuple[float, ...]:
    """For each word, how much better the sound fits the phrase without it.

    Natural logarithms for each phone of the word; above 0 the word was probably not said, a word
    that was said costs several a phone. Silence may stand between any two words. Empty when the
    sound is too short for the phrase.
    """
    states = States.of(words)
    emission = (log_posteriors - PRIOR_SHARE * log_prior)[:, states.phone]
    ahead = _scores(emission, states)
    behind = _scores(emission[::-1, ::-1], _reversed(states))[::-1, ::-1]
    total = max(ahead[-1, -1], ahead[-1, -2])
    if not np.isfinite(total):
        return ()
    gains = []
    for number, word in enumerate(words):
        first = int(np.flatnonzero(states.word == number)[0])
        last = first + len(word.phones) - 1
        # The silence before the word or the phone before that one, then the same after the word.
        left = np.maximum(ahead[:, first - 1], ahead[:, first - 2] if first > 1 else _NOTHING)
        right = np.maximum(
            behind[:, last + 1], behind[:, last + 2] if last + 2 < len(states.phone) else _NOTHING
        )
        joined = float((left[:-1] + right[1:]).max()) if len(left) > 1 else _NOTHING
        gains.append(float(joined - total) / len(word.phones))
    return tuple(gains)


def _reversed(states: States) -> States:
    return States(states.phone[::-1], states.word[::-1])


def _scores(emission: Scores, states: States) -> NDArray[np.float64]:
    """The best log probability of every state at every step, from the start on."""
    steps, count = emission.shape
    out = np.full((steps, count), _NOTHING)
    out[0, :2] = emission[0, :2]
    may_skip = states.optional_before[2:]
    for t in range(1, steps):
        last, now = out[t - 1], out[t]
        now[:] = last
        np.maximum(now[1:], last[:-1], out=now[1:])
        np.maximum(now[2:], np.where(may_skip, last[:-2], _NOTHING), out=now[2:])
        now += emission[t]
    return out
