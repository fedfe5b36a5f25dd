"""What was heard in the phrase window: speech or none, for how long, and over what noise.

Silence is a finding (mutism, aphasia), so it is reported and never thrown away; noise in which
speech could not be heard, and a microphone that gives nothing at all, are not silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_service.types import Quality, SpeechFeatures, Task, TaskResult, WhyNot

RATE_HZ: Final = 16_000
CHUNK: Final = 512
CHUNK_S: Final = CHUNK / RATE_HZ
_GUARD_CHUNKS: Final = 2
_MIN_NOISE_CHUNKS: Final = 5
_ENOUGH_NOISE_CHUNKS: Final = 25
_BAND_HZ: Final = (100.0, 7600.0)
_DIGITAL_SILENCE: Final = 1e-12


@dataclass(frozen=True, slots=True)
class SpeechGates:
    """When sound counts as speech, and when a window can be judged.

    Speech starts at `speech_probability` and ends below `silence_probability`; a gap of
    `min_pause_s` is a pause. `clip_level` is the size of a sample that counts as clipped.
    `max_noise_dbfs` is the noise level over which silence cannot be told from unheard speech.
    """

    speech_probability: float
    silence_probability: float
    min_pause_s: float
    min_speech_s: float
    clip_level: float
    max_clipped: float
    min_snr_db: float
    max_noise_dbfs: float


def speaking_chunks(probabilities: Sequence[float], gates: SpeechGates) -> NDArray[np.bool_]:
    """Which chunks of 32 ms are speech, with hysteresis."""
    on = np.zeros(len(probabilities), dtype=np.bool_)
    active = False
    for at, probability in enumerate(probabilities):
        least = gates.silence_probability if active else gates.speech_probability
        active = probability >= least
        on[at] = active
    return on


def _chunk_powers(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """The power of every whole chunk between 100 and 7600 Hz, full scale squared."""
    chunks = samples[: samples.size // CHUNK * CHUNK].astype(np.float64).reshape(-1, CHUNK)
    window = np.hanning(CHUNK)
    spectra = np.abs(np.fft.rfft(chunks * window, axis=1)) ** 2
    frequencies = np.fft.rfftfreq(CHUNK, 1.0 / RATE_HZ)
    band = (frequencies >= _BAND_HZ[0]) & (frequencies <= _BAND_HZ[1])
    powers: NDArray[np.float64] = (
        2.0 * spectra[:, band].sum(axis=1) / (CHUNK * float((window**2).sum()))
    )
    return powers


def _snr_db(powers: NDArray[np.float64], on: NDArray[np.bool_]) -> float | None:
    """Speech over noise in dB; None without speech or without enough noise to compare with."""
    near = np.convolve(on.astype(np.intp), np.ones(2 * _GUARD_CHUNKS + 1, np.intp), "same") > 0
    if not bool(on.any()) or int((~near).sum()) < _MIN_NOISE_CHUNKS:
        return None
    noise = max(float(np.median(powers[~near])), _DIGITAL_SILENCE)
    speech = max(float(powers[on].mean()) - noise, _DIGITAL_SILENCE)
    return float(10.0 * np.log10(speech / noise))


def window_snr_db(
    probabilities: Sequence[float], samples: NDArray[np.float32], gates: SpeechGates
) -> float | None:
    """Speech over noise in dB, 100–7600 Hz, even where the window holds hardly any silence.

    Then the quietest tenth of the window stands for the noise, which makes it look louder than it
    is. None without speech.
    """
    powers = _chunk_powers(samples)
    n = min(len(probabilities), powers.size)
    on = speaking_chunks(probabilities[:n], gates)
    if not bool(on.any()):
        return None
    near = np.convolve(on.astype(np.intp), np.ones(2 * _GUARD_CHUNKS + 1, np.intp), "same") > 0
    quiet = powers[:n][~near]
    if quiet.size >= _ENOUGH_NOISE_CHUNKS:
        # Noise that comes in bursts is as loud as its mean; of little silence one chunk of speech
        # that the detector missed would be most, so there the median stands.
        noise = float(quiet[quiet <= np.percentile(quiet, 95)].mean())
    elif quiet.size >= _MIN_NOISE_CHUNKS:
        noise = float(np.median(quiet))
    else:
        noise = float(np.percentile(powers[:n], 10))
    noise = max(noise, _DIGITAL_SILENCE)
    speech = max(float(powers[:n][on].mean()) - noise, _DIGITAL_SILENCE)
    return float(10.0 * np.log10(speech / noise))


def _gaps_s(on: NDArray[np.bool_], min_pause_s: float) -> list[float]:
    """The lengths of the pauses between the first and the last speech."""
    speech = np.flatnonzero(on)
    lengths = (np.diff(speech) - 1) * CHUNK_S
    return [float(length) for length in lengths if length >= min_pause_s]


def speech_features(
    probabilities: Sequence[float], samples: NDArray[np.float32], gates: SpeechGates
) -> SpeechFeatures:
    """Measure one phrase window.

    Args:
        probabilities: how likely each 32 ms of the window is speech.
        samples: float32 [n], the same window at 16 kHz, in −1…1.
        gates: what counts as speech.

    `present` is None when speech could neither be heard nor be ruled out: no sound was delivered
    at all, or the noise is too loud for silence to mean anything.
    """
    powers = _chunk_powers(samples)
    n = min(len(probabilities), powers.size)
    window_s = samples.size / RATE_HZ
    clipped = float((np.abs(samples) >= gates.clip_level).mean()) if samples.size else 0.0
    chances = np.asarray(probabilities[:n], dtype=np.float64)
    vad_max = float(chances.max()) if n else 0.0
    if n == 0 or float(powers.max()) < _DIGITAL_SILENCE:
        return SpeechFeatures(None, window_s, None, None, None, None, clipped, vad_max)
    on = speaking_chunks(probabilities[:n], gates)
    if not bool(on.any()):
        noise_dbfs = 10.0 * np.log10(float(np.median(powers[:n])) + _DIGITAL_SILENCE)
        present = None if noise_dbfs > gates.max_noise_dbfs else False
        return SpeechFeatures(present, window_s, None, None, None, None, clipped, vad_max)
    gaps = _gaps_s(on, gates.min_pause_s)
    return SpeechFeatures(
        present=True,
        window_s=window_s,
        speaking_s=float(on.sum()) * CHUNK_S,
        pauses=len(gaps),
        pause_s=float(sum(gaps)),
        snr_db=_snr_db(powers[:n], on),
        clipped_fraction=clipped,
        vad_max=vad_max,
    )


def _why_unheard(speech: SpeechFeatures, samples: NDArray[np.float32]) -> WhyNot:
    """The reason against a window in which speech is not known to be present."""
    if speech.present is False:
        return WhyNot.NO_SPEECH
    silent = samples.size < CHUNK or float(_chunk_powers(samples).max()) < _DIGITAL_SILENCE
    return WhyNot.MICROPHONE_LOST if silent else WhyNot.TOO_NOISY


def _against(speech: SpeechFeatures, gates: SpeechGates) -> list[WhyNot]:
    """The gates that a window with speech in it fails, the gravest first."""
    noisy = speech.snr_db is not None and speech.snr_db < gates.min_snr_db
    short = speech.speaking_s is not None and speech.speaking_s < gates.min_speech_s
    return [
        *([WhyNot.TOO_NOISY] if noisy else []),
        *([WhyNot.CLIPPED] if speech.clipped_fraction > gates.max_clipped else []),
        *([WhyNot.TOO_SHORT] if short else []),
    ]


def judge_phrase(  # noqa: PLR0917 - a window has this many inputs
    attempt: int,
    window: tuple[float, float],
    probabilities: Sequence[float],
    samples: NDArray[np.float32],
    rate_hz: int,
    gates: SpeechGates,
) -> TaskResult:
    """Judge one attempt at the phrase.

    Args:
        attempt: 1 for the first try.
        window: (start, end) on the capture clock, s.
        probabilities: how likely each 32 ms of the window is speech.
        samples: float32 [n], the window's sound in −1…1.
        rate_hz: of the samples; 16 000.
        gates: what counts as speech and what can be judged.

    Silence over which speech would have been heard is usable, with `speech.present` False and
    the reason NO_SPEECH. `frames` counts the chunks of 32 ms.

    Raises:
        ValueError: the sound is not at 16 kHz.
    """
    if rate_hz != RATE_HZ:
        message = f"speech is judged at {RATE_HZ} Hz, not {rate_hz}; resample it first"
        raise ValueError(message)
    speech = speech_features(probabilities, samples, gates)
    flags = _against(speech, gates)
    if speech.present is not True:
        flags.insert(0, _why_unheard(speech, samples))
    why_not = flags[0] if flags else None
    usable = why_not in {None, WhyNot.NO_SPEECH}
    heard = len(probabilities)
    return TaskResult(
        task=Task.PHRASE,
        attempt=attempt,
        window=window,
        regions=(),
        trends=(),
        speech=speech,
        quality=Quality(tuple(flags), 0.0),
        frames=heard,
        usable_frames=heard if usable else 0,
        usable=usable,
        why_not=why_not,
    )
