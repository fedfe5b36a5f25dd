"""What both live microphones have in common: 16 kHz blocks, their times, and the wait for sound."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from firmware_service.capture.blocks import BLOCK_SAMPLES, RATE_HZ, BlockMaker
from firmware_service.ports import Clock, MicrophoneLost
from firmware_service.types import AudioBlock

READ_S = 0.032
"""As long as a block, so that a read waits for one block at most."""
SILENT_S = 2.0
"""A microphone that gives no samples at all for so long is gone."""
_LOST_S = 0.05
_LOOK_S = 0.004


class HeardBlocks:
    """Makes blocks of what a microphone at `rate_hz` gives.

    `captured_at` counts samples from the first block, and jumps when sound was lost (the clock is
    50 ms ahead).
    """

    def __init__(self, rate_hz: float, clock: Clock) -> None:
        self._clock = clock
        self._maker = BlockMaker(rate_hz)
        self._ready: deque[NDArray[np.float32]] = deque()
        self._seq = 0
        self._next_at: float | None = None

    def feed(self, sound: NDArray[np.float32]) -> None:
        """Take float32 [n, channels], just heard."""
        self._ready.extend(self._maker.feed(sound))

    def take(self) -> AudioBlock | None:
        """The next whole block, None when there is none yet."""
        if not self._ready:
            return None
        block = AudioBlock(self._seq, self._captured_at(), self._ready.popleft(), RATE_HZ)
        self._seq += 1
        return block

    def _captured_at(self) -> float:
        """When the first sample of the block that is next was heard."""
        heard_at = self._clock.now() - len(self._ready) * BLOCK_SAMPLES / RATE_HZ
        if self._next_at is None or heard_at - self._next_at > _LOST_S:
            self._next_at = heard_at
        captured_at = self._next_at
        self._next_at = captured_at + BLOCK_SAMPLES / RATE_HZ
        return captured_at


def wait_for_sound(available: Callable[[], int], wanted: int, name: str) -> None:
    """Return once `wanted` samples can be read without waiting.

    Raises:
        MicrophoneLost: no new sample came for `SILENT_S`, as after unplugging.
    """
    most, heard_at = -1, time.monotonic()
    while (now_there := available()) < wanted:
        if now_there != most:
            most, heard_at = now_there, time.monotonic()
        elif time.monotonic() - heard_at > SILENT_S:
            raise MicrophoneLost(f"{name} gives no more sound; check its cable")
        time.sleep(_LOOK_S)


def one_line(error: Exception) -> str:
    """What a library complains of, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
