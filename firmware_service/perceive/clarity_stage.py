"""The speech instrument: from a recorded window to how clearly somebody spoke in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.clarity import ClarityNorms
from firmware_service.measure.speech import (
    RATE_HZ,
    SpeechGates,
    speaking_chunks,
    window_snr_db,
)
from firmware_service.measure.speech_judgement import judge_known, judge_unknown
from firmware_service.perceive.phones import OnnxPhones
from firmware_service.perceive.pronounce import spoken_words
from firmware_service.perceive.registry import Registry
from firmware_service.ports import PhoneModel
from firmware_service.types import SpeechClarity, TaskResult

NORMS = "phone_norms"


class ClarityStage:
    """Measures clarity with a phone model and the norms of healthy people."""

    def __init__(
        self, model: PhoneModel, norms: Mapping[str, ClarityNorms], digests: Mapping[str, str]
    ) -> None:
        self._model, self._norms = model, norms
        self._digests = {**model.digests, **digests}

    @property
    def digests(self) -> Mapping[str, str]:
        """The sha256 of the model and the norms, by name."""
        return self._digests

    def measured(
        self,
        result: TaskResult,
        probabilities: Sequence[float],
        samples: NDArray[np.float32],
        phrase: str | None,
        gates: SpeechGates,
    ) -> TaskResult:
        """The judged attempt with its clarity, where it is usable and somebody spoke."""
        if not result.usable or result.speech is None or result.speech.present is not True:
            return result
        clarity = self.clarity(probabilities, samples, phrase, gates)
        return replace(result, speech=replace(result.speech, clarity=clarity))

    def clarity(
        self,
        probabilities: Sequence[float],
        samples: NDArray[np.float32],
        phrase: str | None,
        gates: SpeechGates,
    ) -> SpeechClarity | None:
        """How clearly somebody spoke; None when nobody did, or not for as long as the phrase takes.

        Args:
            probabilities: how likely each 32 ms is speech.
            samples: float32 [n] in −1…1 at 16 kHz.
            phrase: what was to be said; None, or a word in no dictionary: judged without.
            gates: what counts as speech.
        """
        on = speaking_chunks(probabilities, gates)
        snr_db = window_snr_db(probabilities, samples, gates)
        if snr_db is None:
            return None
        hearing = self._model.listen(samples, RATE_HZ, on)
        ways = None if phrase is None else spoken_words(phrase)
        if ways is None:
            return judge_unknown(hearing, snr_db, self._norms["prompt_free"])
        return judge_known(hearing, ways, snr_db, self._norms["prompted"])


def open_clarity(registry: Registry) -> ClarityStage:
    """The stage with the shipped model and norms.

    Raises:
        ModelError: the model or the norms are missing or are not those in the manifest.
    """
    parsed = json.loads(registry.read(NORMS))
    norms = {name: ClarityNorms.from_mapping(part) for name, part in parsed.items()}
    return ClarityStage(OnnxPhones(registry), norms, {NORMS: registry.get(NORMS).sha256})
