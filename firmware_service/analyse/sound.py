"""One sound file as a JSON line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_service.analyse.line import Json, number, reasons
from firmware_service.capture.blocks import RATE_HZ
from firmware_service.capture.recorded import RecordedMicrophone
from firmware_service.measure.speech import judge_phrase
from firmware_service.perceive.clarity_stage import ClarityStage
from firmware_service.ports import EndOfRecording, SpeechModel
from firmware_service.screen.speech_item import slurred
from firmware_service.screen.thresholds import SPEECH_GATES
from firmware_service.types import SpeechClarity, SpeechFeatures, WhyNot


def sound_line(
    path: Path, model: SpeechModel, stage: ClarityStage, phrase: str | None
) -> Mapping[str, Json]:
    """The line of one recording of the phrase, or of anything said when no phrase is given.

    Raises:
        CaptureError: the file is no sound that can be read.
    """
    microphone = RecordedMicrophone(path)
    model.reset()
    blocks: list[NDArray[np.float32]] = []
    probabilities: list[float] = []
    try:
        while True:
            block = microphone.read()
            blocks.append(block.samples)
            probabilities += model.hear(block)
    except EndOfRecording:
        pass
    finally:
        microphone.close()
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    window = (0.0, len(samples) / RATE_HZ)
    result = judge_phrase(1, window, probabilities, samples, RATE_HZ, SPEECH_GATES)
    result = stage.measured(result, probabilities, samples, phrase, SPEECH_GATES)
    speech = result.speech
    clarity = None if speech is None else speech.clarity
    why_not = result.why_not
    if clarity is None and why_not is None:
        why_not = WhyNot.TOO_SHORT
    bounds = (None, None) if clarity is None else clarity.interval
    line: dict[str, Json] = {
        "path": str(path),
        "kind": "audio",
        "usable": clarity is not None,
        "why_not": reasons([] if why_not is None else [why_not]),
        "clarity": None if clarity is None else number(clarity.clarity, 1),
        "impairment": None if clarity is None else number(clarity.impairment),
        "interval": [number(bounds[0]), number(bounds[1])],
        "measures": {**_measures(speech), **_clarity_measures(clarity)},
    }
    if phrase is not None:
        line["words"] = _words(phrase, clarity)
    return line


def _words(phrase: str, clarity: SpeechClarity | None) -> Json:
    if clarity is None or clarity.words is None:
        return [{"word": word, "heard": None, "weak": []} for word in phrase.split()]
    return [
        {"word": word.word, "heard": word.heard, "weak": list(word.weak_phones)}
        for word in clarity.words
    ]


def _clarity_measures(clarity: SpeechClarity | None) -> dict[str, Json]:
    if clarity is None:
        return {}
    return {
        "articulation": number(clarity.articulation),
        "suspicion": number(clarity.suspicion),
        "suspicion_limit": number(clarity.suspicion_limit),
        "timing": number(clarity.timing),
        "phones_per_s": number(clarity.phones_per_s, 2),
        "pronunciation_z": number(clarity.pronunciation_z, 2),
        "movement_z": number(clarity.movement_z, 2),
        "slurred": slurred(clarity),
        "phrase_known": clarity.words is not None,
    }


def _measures(speech: SpeechFeatures | None) -> dict[str, Json]:
    if speech is None:
        return {}
    return {
        "speech_present": speech.present,
        "length_s": number(speech.window_s, 3),
        "speaking_s": number(speech.speaking_s, 3),
        "pauses": speech.pauses,
        "pause_s": number(speech.pause_s, 3),
        "snr_db": number(speech.snr_db, 1),
        "clipped_fraction": number(speech.clipped_fraction),
        "speech_probability_max": number(speech.vad_max),
    }
