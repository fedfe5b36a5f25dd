"""What slurring leaves in the sound itself: slower movement, less contrast, weaker hiss.

Measured on log-mel bands from which each band's own mean is taken, so that loudness, microphone and
the colour of a voice cancel. The modulation spectrum tells dysarthria from healthy speech
(Liss, LeGendre and Lotto 2010); the vowel space shrinks in it (Kent and Kim 2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.phrase import PHONES, VOWELS, Alignment

FRAMES_A_STEP: Final = 2
FRAMES_PER_S: Final = 100.0
_HISS: Final = frozenset(["CH", "F", "JH", "S", "SH", "T", "TH", "Z", "ZH"])
_HIGH_BANDS: Final = slice(26, 40)
"""From 2.6 kHz up."""
_CEPSTRA: Final = 13
_FLOOR: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Articulators:
    """One take; logarithms, less is worse. NaN where the phrase has no such sounds.

    `modulation`: power of the spectrum's movement at 8–20 Hz over that at 1–6 Hz. `glide`: how far
    it moves in 30 ms over how far it ranges. `edges`: its movement where phones meet over that
    within phones. `contrast`: its range. `hiss`: high bands in fricatives and bursts over those in
    vowels. `vowels`: how far vowels lie from their common middle.
    """

    modulation: float
    glide: float
    edges: float
    contrast: float
    hiss: float
    vowels: float


def articulators(mels: NDArray[np.float32], alignment: Alignment) -> Articulators:
    """Measure one take.

    Args:
        mels: [frames, 40], natural logarithms, every 10 ms.
        alignment: the phrase in steps of two frames.
    """
    first, last = alignment.segments[0].start, alignment.segments[-1].end
    part = mels[first * FRAMES_A_STEP : last * FRAMES_A_STEP].astype(np.float64)
    shapes = part @ _cosines()
    moved = np.linalg.norm(shapes[3:] - shapes[:-3], axis=1)
    spread = float(np.sqrt(shapes.var(axis=0).sum()))
    return Articulators(
        modulation=_modulation(shapes),
        glide=_log(float(moved.mean()) / max(spread, _FLOOR)),
        edges=_edges(shapes, alignment, first),
        contrast=_log(float(part.std(axis=0).mean())),
        hiss=_hiss(mels, alignment),
        vowels=_vowel_space(mels, alignment),
    )


@cache
def _cosines() -> NDArray[np.float64]:
    """[40, 12]: the mel cepstrum without its mean, orthonormal."""
    k = np.arange(1, _CEPSTRA)
    return np.asarray(np.sqrt(2 / 40) * np.cos(np.pi * (np.arange(40)[:, None] + 0.5) * k / 40))


def _log(value: float) -> float:
    return float(np.log(max(value, _FLOOR)))


def _modulation(shapes: NDArray[np.float64]) -> float:
    window = np.hanning(len(shapes))[:, None]
    size = max(256, 1 << (len(shapes) - 1).bit_length())
    power = (np.abs(np.fft.rfft((shapes - shapes.mean(axis=0)) * window, size, axis=0)) ** 2).sum(1)
    hertz = np.fft.rfftfreq(size, 1.0 / FRAMES_PER_S)
    fast = power[(hertz >= 8.0) & (hertz <= 20.0)].sum()
    slow = power[(hertz >= 1.0) & (hertz <= 6.0)].sum()
    return float(np.log(fast + _FLOOR) - np.log(slow + _FLOOR))


def _edges(shapes: NDArray[np.float64], alignment: Alignment, first: int) -> float:
    """Movement over 40 ms around each edge, over the mean of all movement."""
    moved = np.zeros(len(shapes))
    moved[2:-2] = np.linalg.norm(shapes[4:] - shapes[:-4], axis=1)
    at = [(s.start - first) * FRAMES_A_STEP for s in alignment.segments[1:]]
    near = [moved[max(a - 3, 0) : a + 4].max() for a in at if a < len(moved)]
    return _log(float(np.mean(near))) if near else float("nan")


def _frames(
    mels: NDArray[np.float32], alignment: Alignment, names: frozenset[str]
) -> list[NDArray[np.float64]]:
    """The mean spectrum of each phone of these names."""
    return [
        mels[s.start * FRAMES_A_STEP : s.end * FRAMES_A_STEP].mean(axis=0, dtype=np.float64)
        for s in alignment.segments
        if PHONES[s.phone] in names and s.start * FRAMES_A_STEP < len(mels)
    ]


def _hiss(mels: NDArray[np.float32], alignment: Alignment) -> float:
    hisses = _frames(mels, alignment, _HISS)
    vowels = _frames(mels, alignment, VOWELS)
    if not hisses or not vowels:
        return float("nan")
    high = [np.mean([x[_HIGH_BANDS].mean() for x in found]) for found in (hisses, vowels)]
    return float(high[0] - high[1])


def _vowel_space(mels: NDArray[np.float32], alignment: Alignment) -> float:
    vowels = [x @ _cosines() for x in _frames(mels, alignment, VOWELS)]
    if len(vowels) < 3:
        return float("nan")
    return _log(float(np.linalg.norm(np.array(vowels) - np.mean(vowels, axis=0), axis=1).mean()))
