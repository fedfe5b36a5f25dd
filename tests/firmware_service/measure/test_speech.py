from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware_service.measure.speech import (
    CHUNK,
    RATE_HZ,
    judge_phrase,
    speech_features,
    window_snr_db,
)
from firmware_service.screen.thresholds import SPEECH_GATES
from firmware_service.types import TaskResult, WhyNot

CHUNK_S = CHUNK / RATE_HZ


def sound(
    speaking: list[bool], *, speech: float = 0.1, noise: float = 0.001, seed: int = 0
) -> tuple[list[float], NDArray[np.float32]]:
    """Probabilities and samples of a window: white noise, louder where there is speech."""
    rng = np.random.default_rng(seed)
    level = np.repeat(np.where(speaking, speech, 0.0), CHUNK)
    samples = level * rng.normal(size=level.size) + noise * rng.normal(size=level.size)
    return [0.95 if on else 0.02 for on in speaking], samples.astype(np.float32)


def judge(probabilities: list[float], samples: NDArray[np.float32]) -> TaskResult:
    return judge_phrase(1, (0.0, 5.0), probabilities, samples, RATE_HZ, SPEECH_GATES)


QUIET, TALK = [False] * 30, [True] * 40


def test_a_spoken_phrase_is_timed() -> None:
    pause = [False] * 15
    result = judge(*sound([*QUIET, *TALK, *pause, *TALK, *QUIET]))
    assert result.usable
    assert result.why_not is None
    assert result.speech is not None
    assert result.speech.present is True
    assert result.speech.speaking_s == pytest.approx(80 * CHUNK_S)
    assert result.speech.pauses == 1
    assert result.speech.pause_s == pytest.approx(15 * CHUNK_S)


@settings(max_examples=25, deadline=None)
@given(snr_db=st.floats(-3, 30), seed=st.integers(0, 100))
def test_the_snr_of_a_known_mixture_is_recovered(snr_db: float, seed: int) -> None:
    noise = 0.01
    probabilities, samples = sound(
        [*QUIET, *TALK, *QUIET], speech=noise * 10 ** (snr_db / 20), noise=noise, seed=seed
    )
    found = speech_features(probabilities, samples, SPEECH_GATES)
    assert found.snr_db == pytest.approx(snr_db, abs=1.0)


def test_silence_is_a_finding_and_not_a_failure() -> None:
    result = judge(*sound([False] * 150))
    assert result.usable
    assert result.why_not is WhyNot.NO_SPEECH
    assert result.speech is not None
    assert result.speech.present is False
    assert (result.speech.speaking_s, result.speech.pauses, result.speech.snr_db) == (
        None,
        None,
        None,
    )


def test_a_dead_microphone_and_a_roar_are_not_silence() -> None:
    dead = judge([0.01] * 150, np.zeros(150 * CHUNK, np.float32))
    roar = judge(*sound([False] * 150, noise=0.3))
    nothing = judge([], np.zeros(0, np.float32))
    for result, why_not in (
        (dead, WhyNot.MICROPHONE_LOST),
        (roar, WhyNot.TOO_NOISY),
        (nothing, WhyNot.MICROPHONE_LOST),
    ):
        assert not result.usable
        assert result.why_not is why_not
        assert result.speech is not None
        assert result.speech.present is None


def test_noise_clipping_and_brevity_are_refused_by_name() -> None:
    drowned = judge(*sound([*QUIET, *TALK, *QUIET], speech=0.02, noise=0.04))
    probabilities, loud = sound([*QUIET, *TALK, *QUIET], speech=0.5)
    clipped = judge(probabilities, np.clip(3 * loud, -1, 1).astype(np.float32))
    short = judge(*sound([*QUIET, *[True] * 10, *QUIET]))
    assert (drowned.why_not, drowned.usable) == (WhyNot.TOO_NOISY, False)
    assert (clipped.why_not, clipped.usable) == (WhyNot.CLIPPED, False)
    assert (short.why_not, short.usable) == (WhyNot.TOO_SHORT, False)
    assert short.speech is not None
    assert short.speech.present is True


def test_hysteresis_bridges_a_dip_that_is_not_a_pause() -> None:
    probabilities, samples = sound([*QUIET, *TALK, *TALK, *QUIET])
    probabilities[50:53] = [0.4, 0.4, 0.4]
    found = speech_features(probabilities, samples, SPEECH_GATES)
    assert found.speaking_s == pytest.approx(80 * CHUNK_S)
    assert found.pauses == 0


def test_a_rumble_below_100_hz_is_not_counted_as_noise() -> None:
    probabilities, samples = sound([*QUIET, *TALK, *QUIET])
    time_s = np.arange(samples.size) / RATE_HZ
    rumble = (samples + 0.2 * np.sin(2 * np.pi * 30 * time_s)).astype(np.float32)
    clean = speech_features(probabilities, samples, SPEECH_GATES).snr_db
    shaken = speech_features(probabilities, rumble, SPEECH_GATES).snr_db
    assert clean is not None
    assert shaken == pytest.approx(clean, abs=3.0)


def test_another_rate_is_refused() -> None:
    with pytest.raises(ValueError, match="16000"):
        judge_phrase(1, (0.0, 1.0), [], np.zeros(0, np.float32), 44_100, SPEECH_GATES)


def _spoken_in(
    noise: NDArray[np.float64], lead: int, rng: np.random.Generator
) -> tuple[list[float], NDArray[np.float32]]:
    """Speech-like noise of power 1 between `lead` chunks of the noise alone."""
    on = np.zeros(len(noise) // CHUNK)
    on[lead:-lead] = 1.0
    speech = rng.normal(0, 1.0, len(noise)) * np.repeat(on, CHUNK)
    return on.tolist(), (0.05 * (speech + noise)).astype(np.float32)


def test_noise_in_bursts_is_as_loud_as_its_mean() -> None:
    rng = np.random.default_rng(4)
    bursts = np.repeat(np.arange(120) % 4 == 0, CHUNK) * rng.normal(0, 2.0, 120 * CHUNK)
    probabilities, samples = _spoken_in(bursts, 30, rng)
    found = window_snr_db(probabilities, samples, SPEECH_GATES)
    assert found is not None
    assert -2.0 < found < 3.0  # power 1 over a mean of 1


def test_one_missed_chunk_of_speech_in_little_silence_is_not_noise() -> None:
    rng = np.random.default_rng(5)
    quiet = rng.normal(0, 0.01, 100 * CHUNK)
    quiet[2 * CHUNK : 3 * CHUNK] *= 100
    probabilities, samples = _spoken_in(quiet, 8, rng)
    found = window_snr_db(probabilities, samples, SPEECH_GATES)
    assert found is not None
    assert found == pytest.approx(40.0, abs=1.5)
