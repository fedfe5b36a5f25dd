"""A known phrase laid along the sound: which 20 ms belong to which phone of which word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEP_S: Final = 0.02
SILENCE: Final = 0
PHONES: Final = (
    "SIL", "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G",
    "HH", "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH",
    "UH", "UW", "V", "W", "Y", "Z", "ZH",
)  # fmt: skip
"""The classes of the phone network in the order of its outputs: ARPAbet without stress."""
INDEX_OF: Final = {phone: at for at, phone in enumerate(PHONES)}
VOWELS: Final = frozenset(
    ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
)

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the phrase and its phones, as indices into `PHONES`."""

    text: str
    phones: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """One phone of the phrase: steps of 20 ms from `start` up to, not including, `end`."""

    phone: int
    word: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """The phrase along the sound, and how well it fits: mean log probability a step."""

    words: tuple[Word, ...]
    segments: tuple[Segment, ...]
    fit: float


@dataclass(frozen=True, slots=True)
class States:
    """The phrase as a chain: silence, a word's phones, silence, … ; silences may be left out."""

    phone: NDArray[np.intp]
    word: NDArray[np.intp]

    @classmethod
    def of(cls, words: tuple[Word, ...]) -> States:
        """The chain of these words; `word` is −1 for the silences between them."""
        phone, word = [SILENCE], [-1]
        for number, one in enumerate(words):
            phone += [*one.phones, SILENCE]
            word += [number] * len(one.phones) + [-1]
        return cls(np.array(phone, np.intp), np.array(word, np.intp))

    @property
    def optional_before(self) -> NDArray[np.bool_]:
        """Where the state two before may be the last: a silence between is left out."""
        out = np.zeros(self.phone.size, np.bool_)
        out[2:] = (self.word[1:-1] < 0) & (self.word[2:] >= 0)
        return out


def best_path(emission: Scores, states: States) -> tuple[NDArray[np.intp], float]:
    """The likeliest state of every step, and the log probability of all (Viterbi).

    `emission` is [steps, states]; the path starts in the first two states and ends in the last two.
    A phrase longer than the sound has no path: −inf.
    """
    steps, count = emission.shape
    came = np.zeros((steps, count), np.int8)
    score = np.full(count, -np.inf)
    score[:2] = emission[0, :2]
    may_skip = states.optional_before
    stacked = np.full((3, count), -np.inf)
    for t in range(1, steps):
        stacked[0] = score
        stacked[1, 1:] = score[:-1]
        stacked[2, 2:] = np.where(may_skip[2:], score[:-2], -np.inf)
        came[t] = stacked.argmax(axis=0)
        score = stacked.max(axis=0) + emission[t]
    last = count - 1 if score[-1] >= score[-2] else count - 2
    path = np.empty(steps, np.intp)
    path[-1] = last
    for t in range(steps - 1, 0, -1):
        path[t - 1] = path[t] - came[t, path[t]]
    return path, float(score[last])


def align(log_posteriors: Scores, words: tuple[Word, ...]) -> Alignment | None:
    """Lay the words along the sound; None when it is too short to hold them.

    Args:
        log_posteriors: [steps, 40], natural logarithms.
        words: the phrase, each word with at least one phone.
    """
    states = States.of(words)
    path, total = best_path(log_posteriors[:, states.phone], states)
    if not np.isfinite(total):
        return None
    cuts = np.flatnonzero(np.diff(path)) + 1
    starts = np.concatenate([[0], cuts])
    ends = np.concatenate([cuts, [path.size]])
    segments = tuple(
        Segment(int(states.phone[s]), int(states.word[s]), int(a), int(b))
        for s, a, b in zip(path[starts], starts, ends, strict=True)
        if states.word[s] >= 0
    )
    return Alignment(words, segments, total / path.size)
