"""Simple methods that the instrument is held against: MFCC and ridge, pocketsphinx GOP."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pocketsphinx import Decoder

from firmware_service.measure.phrase import PHONES, Word
from firmware_service.perceive.log_mel import log_mel
from firmware_service.perceive.phones import frames_heard

CEPSTRA = 13


def mfcc(samples: NDArray[np.float32], speaking: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean and spread of cepstra, spread of their change: [39], over the frames of speech."""
    mels = log_mel(samples).astype(np.float64)
    k = np.arange(CEPSTRA)
    cosines = np.cos(np.pi * (np.arange(mels.shape[1])[:, None] + 0.5) * k / mels.shape[1])
    active = frames_heard(speaking, len(mels))
    shapes = (mels @ cosines)[active]
    moved = np.diff(shapes, axis=0)
    return np.concatenate([shapes.mean(axis=0), shapes.std(axis=0), moved.std(axis=0)])


class SphinxGop:
    """Mean acoustic score a frame of the phrase, less that of the best phones (pocketsphinx)."""

    def __init__(self) -> None:
        wide = {"beam": 1e-60, "pbeam": 1e-60, "wbeam": 1e-60}
        self._aligner = Decoder(lm=None, loglevel="FATAL", bestpath=False, **wide)
        self._free = Decoder(lm=None, loglevel="FATAL", bestpath=False, **wide)
        for phone in PHONES[1:]:
            self._free.add_word(f"x{phone.lower()}", phone, update=True)
        names = " | ".join(f"x{phone.lower()}" for phone in PHONES[1:])
        grammar = f"#JSGF V1.0;\ngrammar loop;\npublic <loop> = ( {names} )+;\n"
        self._free.add_jsgf_string("loop", grammar)
        self._free.activate_search("loop")

    def score(self, samples: NDArray[np.float32], words: tuple[Word, ...]) -> float | None:
        """The score; None when the phrase does not fit."""
        raw = np.rint(np.clip(samples, -1, 1) * 32767).astype(np.int16).tobytes()
        self._aligner.set_align_text(" ".join(w.text for w in words))
        found = []
        for decoder in (self._aligner, self._free):
            decoder.start_utt()
            decoder.process_raw(raw, full_utt=True)
            decoder.end_utt()
            best = decoder.hyp()
            if best is None:
                return None
            found.append(float(best.best_score))
        return (found[0] - found[1]) / (len(samples) / 160)
