"""Slurring by a known dose: the articulators undershoot, so sounds run into each other.

A simulation for tests, after what dysarthria does (formant undershoot, vowels drawn to the middle,
imprecise consonants; Kent and Kim 2003), not a recording of a patient. Timing stays as spoken: rate
and pauses are another axis.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]

_WINDOW_S, _HOP_S = 0.032, 0.004
_LIFTER = 28
"""Cepstral coefficients kept as the vocal tract's envelope at 16 kHz; the rest is the voice."""
_BLUR_S = 0.055
"""Standard deviation, at dose 1, of the envelope's smoothing in time."""
_CENTRALISE = 0.45
"""At dose 1, how far each envelope is drawn to the speaker's mean."""
_CONSONANT_DB = 12.0
"""At dose 1, how much weaker the noise above `_CONSONANT_HZ` gets."""
_CONSONANT_HZ = 2500.0
_MAX_CHANGE = np.log(10 ** (30 / 20))


def slurred(sound: Sound, rate_hz: int, dose: float) -> Sound:
    """The sound, float32 [n], with articulation blurred by `dose` 0 (as it was) … 1 (hardly clear).

    Raises:
        ValueError: the dose is outside 0…1.
    """
    if not 0.0 <= dose <= 1.0:
        raise ValueError(f"slurring dose {dose} is outside 0…1")
    if dose == 0.0:
        return sound.copy()
    size, hop = int(_WINDOW_S * rate_hz), int(_HOP_S * rate_hz)
    window = np.hanning(size + 1)[:-1]
    padded = np.pad(sound.astype(np.float64), (size, size))
    starts = np.arange(0, len(padded) - size, hop)
    spectra = np.fft.rfft(padded[starts[:, None] + np.arange(size)] * window, axis=1)
    envelope = _envelope(spectra, size)
    power = (np.abs(spectra) ** 2).sum(axis=1)
    spoken = power > 1e-3 * np.percentile(power, 95)
    blurred = _smoothed(envelope, dose * _BLUR_S / _HOP_S, spoken)
    middle = envelope[spoken].mean(axis=0)
    loudness = blurred.mean(axis=1, keepdims=True) - middle.mean()
    target = blurred + dose * _CENTRALISE * (middle + loudness - blurred)
    hertz = np.fft.rfftfreq(size, 1 / rate_hz)
    weaken = 1 / (1 + np.exp(-(hertz - _CONSONANT_HZ) / 300))
    target -= dose * _CONSONANT_DB / 20 * np.log(10) * weaken
    change = np.where(spoken[:, None], target - envelope, 0.0)
    change = np.clip(change, -_MAX_CHANGE, _MAX_CHANGE)
    frames = np.fft.irfft(spectra * np.exp(change), n=size, axis=1) * window
    out, weight = np.zeros(len(padded)), np.zeros(len(padded))
    for start, frame in zip(starts, frames, strict=True):
        out[start : start + size] += frame
        weight[start : start + size] += window**2
    out = (out / np.maximum(weight, 1e-6))[size:-size]
    louder = np.sqrt(np.mean(sound.astype(np.float64) ** 2) / max(np.mean(out**2), 1e-12))
    return np.asarray(np.clip(out * louder, -1, 1), dtype=np.float32)


def _envelope(spectra: NDArray[np.complex128], size: int) -> NDArray[np.float64]:
    """The log spectral envelope of each frame by cepstral liftering."""
    floor = 1e-5 * np.abs(spectra).max()
    cepstra = np.fft.irfft(np.log(np.abs(spectra) + floor), n=size, axis=1)
    cepstra[:, _LIFTER : size - _LIFTER] = 0.0
    return np.asarray(np.fft.rfft(cepstra, axis=1).real)


def _smoothed(
    envelope: NDArray[np.float64], sigma: float, spoken: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Each band smoothed along time over spoken frames only, so that pauses stay pauses."""
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(sigma, 1e-6)) ** 2)
    weight = np.convolve(spoken.astype(np.float64), kernel, mode="same")
    out = envelope.copy()
    for band in range(envelope.shape[1]):
        total = np.convolve(envelope[:, band] * spoken, kernel, mode="same")
        out[:, band] = np.where(weight > 1e-9, total / np.maximum(weight, 1e-9), envelope[:, band])
    return out
