"""What the network hears beside the speaker: roads, engines, sirens, rooms, other people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.phone_network.corpora import sound

RATE_HZ = 16_000
Sound = NDArray[np.float32]


def recorded(data: Path, *, training: bool) -> list[Sound]:
    """The noise recordings of one half: sirens alternate, ambient noises are named."""
    sirens = sorted((data / "noise_siren").glob("*.flac"))[0 if training else 1 :: 2]
    names = (
        ["speechbrain_noise1", "speechbrain_noise2"]
        if training
        else ["speechbrain_noise3", "dfn_noise_573577"]
    )
    other = [data / "noise_other" / f"{name}.flac" for name in names]
    return [sound(path).astype(np.float32) / 32768 for path in [*sirens, *other]]


def rooms(data: Path, *, training: bool) -> list[Sound]:
    """Room impulse responses, direct sound first, energy 1."""
    found = []
    for number in (1, 2) if training else (3, 4):
        response = sound(data / "noise_other" / f"speechbrain_rir{number}.wav").astype(np.float32)
        response = response[int(np.argmax(np.abs(response))) :][: RATE_HZ // 2]
        found.append(response / np.sqrt((response**2).sum()))
    return found


def coloured(count: int, rng: np.random.Generator) -> Sound:
    """Noise with a random slope of −9…+1 dB an octave above a random corner."""
    hertz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    corner = rng.uniform(30, 500)
    shape = np.maximum(hertz, corner) ** (rng.uniform(-9, 1) / 6.02)
    spectrum = shape * np.exp(2j * np.pi * rng.random(len(hertz)))
    out = np.fft.irfft(spectrum, n=count)
    return np.asarray(out / (out.std() + 1e-9), np.float32)


def engine(count: int, rng: np.random.Generator) -> Sound:
    """Harmonics of a firing frequency that wanders, over road noise."""
    t = np.arange(count) / RATE_HZ
    firing = rng.uniform(20, 70) * (1 + 0.1 * np.sin(2 * np.pi * rng.uniform(0.05, 0.4) * t))
    phase = 2 * np.pi * np.cumsum(firing) / RATE_HZ
    fall = rng.uniform(0.7, 1.6)
    out = sum(np.sin(k * phase + k * k) / k**fall for k in range(1, 16))
    out = out / np.std(out) + rng.uniform(0.3, 1.5) * coloured(count, rng)
    return np.asarray(out / out.std(), np.float32)


def wail(count: int, rng: np.random.Generator) -> Sound:
    """A siren that sweeps, with harmonics."""
    t = np.arange(count) / RATE_HZ
    low, high = rng.uniform(400, 800), rng.uniform(1100, 1800)
    sweep = 0.5 - 0.5 * np.cos(2 * np.pi * rng.uniform(0.2, 5.0) * t + rng.uniform(0, 6.28))
    phase = 2 * np.pi * np.cumsum(low + (high - low) * sweep) / RATE_HZ
    out = sum(np.sin(k * phase) / k ** rng.uniform(1.0, 2.0) for k in range(1, 5))
    out = out / np.std(out) + rng.uniform(0.2, 1.0) * coloured(count, rng)
    return np.asarray(out / np.std(out), np.float32)


def cut(source: Sound, count: int, rng: np.random.Generator) -> Sound:
    """A random stretch of a recording, repeated when it is too short."""
    if len(source) < count:
        source = np.tile(source, count // len(source) + 1)
    at = int(rng.integers(0, len(source) - count + 1))
    return source[at : at + count]
