"""The voice of a simulated patient, and the noise of the cabin it is heard in."""

from __future__ import annotations

import io
import wave
from enum import StrEnum
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
_SPEECH_RMS = 10 ** (-23 / 20)
"""Loudness of the speech while speaking, of full scale."""
_CABIN_S = 20.0
_SIREN_HZ = (650.0, 1450.0)
_SIREN_CYCLE_S = 4.5

Sound = NDArray[np.float32]


class Voice(StrEnum):
    """How the phrase is spoken; slurred by a dose in percent (simulate/slur.py)."""

    NORMAL = "normal"
    SLURRED_25 = "slurred-25"
    SLURRED_50 = "slurred-50"
    SLURRED_100 = "slurred-100"
    SILENT = "silent"


class Phrase(StrEnum):
    """What the patient repeats."""

    OLD_DOG = "You can't teach an old dog new tricks"
    SKY = "The sky is blue in Cincinnati"


class Talker(StrEnum):
    """Whose voice it is; made with espeak-ng by scripts/make-voices."""

    ADA = "ada"
    BEA = "bea"


FILE_OF = {Phrase.OLD_DOG: "old-dog", Phrase.SKY: "sky"}


@cache
def spoken(speaker: Talker, phrase: Phrase, voice: Voice) -> Sound:
    """The phrase as float32 [n] in −1…1 at 16 kHz; empty for the silent voice."""
    if voice is Voice.SILENT:
        return np.zeros(0, np.float32)
    name = f"{speaker}-{FILE_OF[phrase]}-{voice}.wav"
    content = (resources.files("firmware_service.simulate") / "voices" / name).read_bytes()
    with wave.open(io.BytesIO(content)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    sound = pcm.astype(np.float32) / 32768
    loud = np.abs(sound) > 0.02 * np.abs(sound).max()
    return np.asarray(sound * (_SPEECH_RMS / np.sqrt(np.mean(sound[loud] ** 2))), np.float32)


class Cabin:
    """Engine, road and, when wanted, a siren: a loop of 20 s without a seam, float32."""

    def __init__(self, snr_db: float, *, siren: bool, seed: int) -> None:
        n = int(_CABIN_S * RATE_HZ)
        rng = np.random.default_rng((seed, 15485863))
        noise = _road(n, rng) + 0.8 * _engine(n)
        noise /= np.sqrt(np.mean(noise**2))
        if siren:
            noise = noise + 0.9 * _siren(n)
            noise /= np.sqrt(np.mean(noise**2))
        self._loop = (noise * _SPEECH_RMS * 10 ** (-snr_db / 20)).astype(np.float32)

    def heard(self, first: int, count: int) -> Sound:
        """Samples first … first + count of the noise, from the start of the ride."""
        return np.asarray(self._loop[np.arange(first, first + count) % len(self._loop)])


def _road(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Noise whose power falls with frequency, 3 dB an octave (pink), from 30 Hz."""
    hertz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    shape = np.where(hertz > 30, 1 / np.sqrt(np.maximum(hertz, 30)), 0.0)
    phases = rng.uniform(0, 2 * np.pi, len(hertz))
    out = np.fft.irfft(shape * np.exp(1j * phases), n=n)
    return np.asarray(out / out.std())


def _engine(n: int) -> NDArray[np.float64]:
    """A four-stroke idle: 28 Hz firing and its harmonics, whole cycles in the loop."""
    t = np.arange(n) / RATE_HZ
    out = sum(np.sin(2 * np.pi * 28.0 * k * t + k * k) / k**1.2 for k in range(1, 13))
    return np.asarray(out / np.std(out))


def _siren(n: int) -> NDArray[np.float64]:
    """A wail between 650 and 1450 Hz, whole sweeps in the loop."""
    t = np.arange(n) / RATE_HZ
    sweeps = round(_CABIN_S / _SIREN_CYCLE_S)
    low, high = _SIREN_HZ
    hertz = low + (high - low) * (1 - np.cos(2 * np.pi * sweeps * t / _CABIN_S)) / 2
    turns = np.cumsum(hertz) / RATE_HZ
    turns *= np.ceil(turns[-1]) / turns[-1]
    out = sum(np.sin(2 * np.pi * k * turns) / k**1.5 for k in (1, 2, 3, 4))
    return np.asarray(out / np.std(out))
