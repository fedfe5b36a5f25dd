"""Sound as the phone network sees it: 40 log-mel bands every 10 ms, the speaker's colour removed.

The 100 Hz high-pass is part of the filter bank. Loudness and a microphone's frequency response
cancel: every band is measured against its own mean over the frames in which somebody speaks (over
all frames, noise would decide what the mean is).
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE_HZ: Final = 16_000
BANDS: Final = 40
WINDOW: Final = 400
HOP: Final = 160
FFT: Final = 512
LOW_HZ, HIGH_HZ = 60.0, 7600.0
HIGH_PASS_HZ: Final = 100.0
LIMIT: Final = 8.0
"""Largest distance from a band's mean, in natural logarithms of power (35 dB)."""
_FLOOR: Final = 1e-12
GUARD: Final = 6
"""Frames on either side of speech that count neither as speech nor as noise."""
LEAST_NOISE: Final = 15
LEAST_AUDIBLE: Final = 0.02


@cache
def window() -> NDArray[np.float32]:
    """The periodic Hann window of 25 ms."""
    turns = np.arange(WINDOW) / WINDOW
    return np.asarray(0.5 - 0.5 * np.cos(2.0 * np.pi * turns), np.float32)


@cache
def filter_bank() -> NDArray[np.float32]:
    """Triangles on the mel scale (HTK's), float32 [257, 40], a Butterworth high-pass included."""
    mel = np.linspace(_mel(LOW_HZ), _mel(HIGH_HZ), BANDS + 2)
    edges = 700.0 * (np.exp(mel / 1127.0) - 1.0)
    hertz = np.fft.rfftfreq(FFT, 1.0 / RATE_HZ)[:, None]
    rising = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    passed = hertz**4 / (hertz**4 + HIGH_PASS_HZ**4)
    return np.asarray(triangles * passed, np.float32)


def frames_of(samples: int) -> int:
    """How many frames of 25 ms fit into so many samples."""
    return 0 if samples < WINDOW else 1 + (samples - WINDOW) // HOP


def log_mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Natural logarithms of the bands' power: float32 [frames, 40]; `samples` in −1…1 at 16 kHz."""
    count = frames_of(samples.size)
    if count == 0:
        return np.zeros((0, BANDS), np.float32)
    framed = np.lib.stride_tricks.sliding_window_view(samples, WINDOW)[::HOP][:count]
    spectra = np.fft.rfft(framed * window(), FFT, axis=1)
    power = spectra.real**2 + spectra.imag**2
    return np.asarray(np.log(power @ filter_bank() + _FLOOR), np.float32)


def normalised(mels: NDArray[np.float32], active: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Each band minus its mean over the active frames, kept within ± `LIMIT`.

    Args:
        mels: [frames, 40] of `log_mel`.
        active: [frames], True where somebody speaks.

    Raises:
        ValueError: nobody speaks in any frame.
    """
    if not bool(active.any()):
        raise ValueError("no frame is active: find speech before measuring it")
    return np.asarray(np.clip(mels - mels[active].mean(axis=0), -LIMIT, LIMIT), np.float32)


def audible(mels: NDArray[np.float32], active: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How much of each band's power is speech: [40], 0…1; 1 where there is no silence to compare.

    Args:
        mels: [frames, 40] of `log_mel`.
        active: [frames], True where somebody speaks.
    """
    near = np.convolve(active, np.ones(2 * GUARD + 1), "same") > 0
    if int((~near).sum()) < LEAST_NOISE:
        return np.ones(mels.shape[1])
    power = np.exp(mels.astype(np.float64))
    share = 1.0 - power[~near].mean(axis=0) / power[active].mean(axis=0)
    return np.asarray(np.clip(share, LEAST_AUDIBLE, 1.0))


def _mel(hertz: float) -> float:
    return float(1127.0 * np.log(1.0 + hertz / 700.0))
