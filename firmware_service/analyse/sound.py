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
from firmware_service.ports import EndOfRecording, SpeechModel
from firmware_service.screen.thresholds import SPEECH_GATES
from firmware_service.types import SpeechFeatures, WhyNot


def sound_line(path: Path, model: SpeechModel, phrase: str | None) -> Mapping[str, Json]:
    """The line of one recording of the phrase.

    Clarity and impairment are null: this version hears whether, when and how loud somebody speaks,
    not yet how clearly.

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
    heard = result.usable and result.speech is not None and bool(result.speech.present)
    why_not = WhyNot.NO_MEASURE_YET if heard else result.why_not
    line: dict[str, Json] = {
        "path": str(path),
        "kind": "audio",
        "usable": False,
        "why_not": reasons([] if why_not is None else [why_not]),
        "clarity": None,
        "impairment": None,
        "interval": [None, None],
        "measures": _measures(result.speech),
    }
    if phrase is not None:
        line["words"] = [{"word": word, "heard": None} for word in phrase.split()]
    return line


def _measures(speech: SpeechFeatures | None) -> Json:
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
