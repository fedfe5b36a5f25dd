from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_service.measure.speech import judge_phrase
from firmware_service.perceive.clarity_stage import ClarityStage, open_clarity
from firmware_service.perceive.onnx_speech import SileroVad
from firmware_service.perceive.registry import Registry
from firmware_service.screen.thresholds import SPEECH_GATES
from firmware_service.simulate.voice import Cabin, Phrase, Talker, Voice, spoken
from firmware_service.types import AudioBlock, SpeechClarity

REGISTRY = Registry.load(Path(__file__).parents[3] / "models")
RATE_HZ = 16_000
BY_DOSE = (Voice.NORMAL, Voice.SLURRED_25, Voice.SLURRED_50, Voice.SLURRED_100)


@cache
def stage() -> ClarityStage:
    return open_clarity(REGISTRY)


@cache
def vad() -> SileroVad:
    return SileroVad(REGISTRY)


def window(speaker: Talker, phrase: Phrase, voice: Voice, snr_db: float) -> NDArray[np.float32]:
    said = np.pad(spoken(speaker, phrase, voice), RATE_HZ)
    return said + Cabin(snr_db, siren=False, seed=3).heard(0, len(said))


def judged(samples: NDArray[np.float32], phrase: str | None) -> SpeechClarity | None:
    vad().reset()
    probabilities = vad().hear(AudioBlock(0, 0.0, samples, RATE_HZ))
    return stage().clarity(probabilities, samples, phrase, SPEECH_GATES)


def clarity(samples: NDArray[np.float32], phrase: str | None) -> SpeechClarity:
    found = judged(samples, phrase)
    assert found is not None
    return found


@pytest.mark.parametrize("snr_db", [30.0, 10.0])
@pytest.mark.parametrize("phrase", list(Phrase))
@pytest.mark.parametrize("speaker", list(Talker))
def test_the_more_slurred_the_less_clear(speaker: Talker, phrase: Phrase, snr_db: float) -> None:
    scores = [clarity(window(speaker, phrase, voice, snr_db), phrase).clarity for voice in BY_DOSE]
    assert scores[0] > scores[2] > scores[3] - 5
    assert scores[0] - scores[3] > 20


@pytest.mark.parametrize("phrase", list(Phrase))
def test_clarity_impairment_and_interval_agree(phrase: Phrase) -> None:
    found = clarity(window(Talker.BEA, phrase, Voice.SLURRED_50, 20.0), phrase)
    low, high = found.interval
    assert 0 <= low <= found.impairment <= high <= 1
    assert found.clarity == pytest.approx(100 * (1 - found.articulation))
    assert found.impairment >= found.articulation


@pytest.mark.parametrize("phrase", list(Phrase))
def test_every_word_of_the_phrase_is_heard(phrase: Phrase) -> None:
    found = clarity(window(Talker.ADA, phrase, Voice.NORMAL, 20.0), phrase)
    assert found.words is not None
    assert [w.word for w in found.words] == phrase.lower().split()
    assert all(w.heard for w in found.words)


def test_words_of_another_phrase_are_missed() -> None:
    found = clarity(window(Talker.ADA, Phrase.SKY, Voice.NORMAL, 20.0), Phrase.OLD_DOG)
    assert found.words is not None
    assert sum(w.heard is False for w in found.words) >= 5


def test_without_a_phrase_no_word_is_judged_and_the_interval_is_not_narrower() -> None:
    samples = window(Talker.ADA, Phrase.SKY, Voice.SLURRED_50, 20.0)
    known, free = clarity(samples, Phrase.SKY), clarity(samples, None)
    unknown = clarity(samples, "zxqvy is blue")
    assert free.words is None
    assert unknown == free
    assert known.words is not None


def test_loudness_does_not_change_the_score() -> None:
    samples = window(Talker.BEA, Phrase.SKY, Voice.SLURRED_25, 20.0)
    loud, quiet = (clarity(samples * np.float32(g), Phrase.SKY) for g in (1.0, 0.2))
    assert quiet.articulation == pytest.approx(loud.articulation, abs=0.03)


def test_silence_has_no_clarity() -> None:
    noise = np.random.default_rng(0).normal(0, 0.01, 2 * RATE_HZ).astype(np.float32)
    assert judged(noise, Phrase.SKY) is None


def test_an_unusable_window_is_left_as_it_is() -> None:
    samples = np.clip(20 * window(Talker.ADA, Phrase.SKY, Voice.NORMAL, 20.0), -1, 1)
    vad().reset()
    heard = vad().hear(AudioBlock(0, 0.0, samples, RATE_HZ))
    result = judge_phrase(1, (0.0, 4.0), heard, samples, RATE_HZ, SPEECH_GATES)
    assert not result.usable
    assert stage().measured(result, heard, samples, Phrase.SKY, SPEECH_GATES) is result


def test_the_report_can_name_model_and_norms() -> None:
    assert set(stage().digests) == {"phone_network_int8", "phone_norms"}
    assert stage().digests.items() <= REGISTRY.digests().items()
