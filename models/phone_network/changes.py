"""What is done to a healthy voice besides noise: slower speech, other slurring, lost words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000
Sound = NDArray[np.float32]
_SIZE, _HOP = 512, 128
_BANDS = 24


def stretched(sound: Sound, factor: float) -> Sound:
    """The same speech `factor` times as long at the same pitch (phase vocoder)."""
    spectra, _ = _spectra(sound)
    steps = np.arange(0, len(spectra) - 1, 1.0 / factor)
    advance = 2 * np.pi * _HOP * np.arange(_SIZE // 2 + 1) / _SIZE
    phase = np.angle(spectra[0])
    out = np.empty((len(steps), _SIZE // 2 + 1), np.complex128)
    for number, step in enumerate(steps):
        at, part = int(step), step - int(step)
        size = (1 - part) * np.abs(spectra[at]) + part * np.abs(spectra[at + 1])
        out[number] = size * np.exp(1j * phase)
        turned = np.angle(spectra[at + 1]) - np.angle(spectra[at]) - advance
        phase = phase + advance + turned - 2 * np.pi * np.round(turned / (2 * np.pi))
    return _sound(out, int(len(sound) * factor))


def smeared(sound: Sound, dose: float) -> Sound:
    """Slurring of another kind than simulate/slur.py's, by a dose 0…1.

    Power in 24 bands flows on into what follows, so that closures fill and bursts drown; spectral
    peaks widen; weak bands are filled with breath. Nothing is drawn towards a neutral vowel.
    """
    if dose == 0.0:
        return sound.copy()
    spectra, length = _spectra(sound)
    power = np.abs(spectra) ** 2
    bank = _bank()
    bands = power @ bank + 1e-12
    hop_s = _HOP / RATE_HZ
    rise, fall = np.exp(-hop_s / (0.035 * dose)), np.exp(-hop_s / (0.10 * dose))
    flowing = np.empty_like(bands)
    level = bands[0]
    for at, now in enumerate(bands):
        keep = np.where(now > level, rise, fall)
        level = keep * level + (1 - keep) * now
        flowing[at] = level
    wide = flowing.copy()
    wide[:, 1:-1] = 0.25 * flowing[:, :-2] + 0.5 * flowing[:, 1:-1] + 0.25 * flowing[:, 2:]
    target = flowing ** (1 - dose) * wide**dose
    gain = np.clip(np.sqrt(target / bands), 0.05, 12.0)
    spread = bank / (bank.sum(axis=1, keepdims=True) + 1e-9)
    breath = np.random.default_rng(0).standard_normal(spectra.shape) * np.sqrt(
        np.maximum(target - bands, 0.0) @ spread.T * dose * 0.15 / _BANDS
    )
    out = _sound(spectra * (gain @ spread.T) + breath, length)
    return np.asarray(out * (np.std(sound) / (np.std(out) + 1e-9)), np.float32)


def without(sound: Sound, start_s: float, end_s: float) -> Sound:
    """The sound with a stretch cut out and its edges joined over 10 ms."""
    a, b, edge = int(start_s * RATE_HZ), int(end_s * RATE_HZ), 160
    head, tail = sound[:a].copy(), sound[b:].copy()
    if len(head) < edge or len(tail) < edge:
        return np.concatenate([head, tail])
    slope = np.linspace(0, 1, edge, dtype=np.float32)
    joined = head[-edge:] * (1 - slope) + tail[:edge] * slope
    return np.concatenate([head[:-edge], joined, tail[edge:]])


def _spectra(sound: Sound) -> tuple[NDArray[np.complex128], int]:
    padded = np.pad(sound.astype(np.float64), (_SIZE, _SIZE))
    starts = np.arange(0, len(padded) - _SIZE, _HOP)
    framed = padded[starts[:, None] + np.arange(_SIZE)] * np.hanning(_SIZE + 1)[:-1]
    return np.fft.rfft(framed, axis=1), len(sound)


def _sound(spectra: NDArray[np.complex128], length: int) -> Sound:
    window = np.hanning(_SIZE + 1)[:-1]
    out = np.zeros(len(spectra) * _HOP + _SIZE)
    weight = np.zeros_like(out)
    for number, frame in enumerate(np.fft.irfft(spectra, n=_SIZE, axis=1)):
        at = number * _HOP
        out[at : at + _SIZE] += frame * window
        weight[at : at + _SIZE] += window**2
    whole = out / np.maximum(weight, 1e-3)
    return np.asarray(whole[_SIZE : _SIZE + length], np.float32)


def _bank() -> NDArray[np.float64]:
    hertz = np.fft.rfftfreq(_SIZE, 1 / RATE_HZ)
    mel = 1127 * np.log(1 + hertz / 700)
    centres = np.linspace(mel[2], mel[-1], _BANDS)
    return np.maximum(0.0, 1 - np.abs(mel[:, None] - centres) / (centres[1] - centres[0]))
