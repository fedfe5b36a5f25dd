"""Sound of any rate and channel count, made into the blocks that the speech stage hears."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

RATE_HZ = 16_000
BLOCK_SAMPLES = 512  # the voice detector's chunk: 32 ms


class BlockMaker:
    """Averages the channels, resamples to 16 kHz (soxr, high quality) and cuts blocks of 512.

    Sound that does not yet fill a block waits for the next call; nothing is lost or repeated.
    """

    def __init__(self, rate_hz: float) -> None:
        self._resampler = (
            None if rate_hz == RATE_HZ else soxr.ResampleStream(rate_hz, RATE_HZ, num_channels=1)
        )
        self._waiting = np.empty(BLOCK_SAMPLES, np.float32)
        self._filled = 0

    def feed(self, sound: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
        """Every block that `sound` [n, channels] completes, each float32 [512] in −1…1."""
        yield from self._cut(self._resampled(sound.mean(axis=1, dtype=np.float32), last=False))

    def finish(self) -> Iterator[NDArray[np.float32]]:
        """The blocks still inside; the last one holds what is left, so it may be shorter."""
        yield from self._cut(self._resampled(np.empty(0, np.float32), last=True))
        if self._filled:
            yield np.clip(self._waiting[: self._filled], -1.0, 1.0)
            self._filled = 0

    def _resampled(self, mono: NDArray[np.float32], *, last: bool) -> NDArray[np.float32]:
        if self._resampler is None:
            return mono
        resampled: NDArray[np.float32] = self._resampler.resample_chunk(mono, last=last)
        return resampled

    def _cut(self, mono: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
        start = 0
        while start < len(mono):
            taken = min(BLOCK_SAMPLES - self._filled, len(mono) - start)
            self._waiting[self._filled : self._filled + taken] = mono[start : start + taken]
            self._filled += taken
            start += taken
            if self._filled == BLOCK_SAMPLES:
                self._filled = 0
                yield np.clip(self._waiting, -1.0, 1.0)
