"""Which phone is spoken when: forced alignment by pocketsphinx 5.1, the teacher of the network."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pocketsphinx import Decoder

from firmware_service.measure.phrase import INDEX_OF, PHONES, SILENCE

RATE_HZ = 16_000
TEACHER_HOP_S = 0.01
HOP = 160
MARGIN = 4000
"""Samples of near silence put before and after: words cut close to their edge do not fit else."""
WIDE_BEAM = 1e-200
"""With the decoder's own beams words that were said are not found."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """One utterance: a phone index for every 10 ms, and its words with their phones and times."""

    labels: NDArray[np.uint8]
    words: tuple[tuple[str, tuple[str, ...], float, float], ...]


class Teacher:
    """Aligns known words, or guesses unknown ones first."""

    def __init__(self) -> None:
        wide = {"beam": WIDE_BEAM, "wbeam": WIDE_BEAM, "pbeam": WIDE_BEAM}
        # bestpath would cut states that the second pass needs: half the alignments fail with it.
        self._aligner = Decoder(lm=None, loglevel="FATAL", bestpath=False, **wide)
        # Beams at which an hour of speech takes minutes, not half an hour.
        self._listener = Decoder(loglevel="FATAL", maxhmmpf=3000, beam=1e-40, wbeam=1e-25)

    def words_of(self, text: str) -> list[str] | None:
        """The words as the dictionary spells them; None when it lacks one."""
        words = re.sub(r"[^a-z' ]+", " ", text.lower().replace("-", " ")).split()
        known = all(self._aligner.lookup_word(word) for word in words)
        return words if words and known else None

    def guess(self, samples: NDArray[np.int16]) -> str:
        """What was probably said, by the language model."""
        self._listener.start_utt()
        self._listener.process_raw(samples.tobytes(), full_utt=True)
        self._listener.end_utt()
        found = self._listener.hyp()
        return "" if found is None else found.hypstr

    def align(self, samples: NDArray[np.int16], words: list[str]) -> Aligned | None:
        """The phones in time; None when the words do not fit the sound."""
        margin = np.random.default_rng(0).normal(0, 4, MARGIN).astype(np.int16)
        raw = np.concatenate([margin, samples, margin]).tobytes()
        self._aligner.set_align_text(" ".join(words))
        try:
            self._pass(raw)
            self._aligner.set_alignment()
            self._pass(raw)
            found = self._aligner.get_alignment()
        except RuntimeError:
            return None
        labels = np.full(len(samples) // HOP, SILENCE, np.uint8)
        early = MARGIN // HOP
        spoken = []
        for word in found:
            phones = [(p.name, p.start - early, p.start + p.duration - early) for p in word]
            for name, start, end in phones:
                labels[max(start, 0) : max(end, 0)] = INDEX_OF.get(name, SILENCE)
            if phones[0][0] in INDEX_OF and phones[0][0] != PHONES[SILENCE]:
                text = re.sub(r"\(\d+\)$", "", word.name)
                spoken.append(
                    (
                        text,
                        tuple(name for name, _, _ in phones),
                        phones[0][1] * TEACHER_HOP_S,
                        phones[-1][2] * TEACHER_HOP_S,
                    )
                )
        return Aligned(labels, tuple(spoken)) if spoken else None

    def _pass(self, raw: bytes) -> None:
        self._aligner.start_utt()
        self._aligner.process_raw(raw, full_utt=True)
        self._aligner.end_utt()
