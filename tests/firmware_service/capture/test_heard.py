"""The wait for sound: patient with a slow microphone, short with one that was unplugged."""

from __future__ import annotations

import time
from itertools import count

import numpy as np
import pytest

from firmware_service.capture import heard
from firmware_service.capture.clock import SystemClock
from firmware_service.capture.heard import HeardBlocks, wait_for_sound
from firmware_service.ports import MicrophoneLost


def test_sound_that_comes_slowly_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard, "SILENT_S", 0.1)
    samples = count(0, 2)
    wait_for_sound(lambda: next(samples), 100, "microphone 'slow'")  # 50 looks: over 0.2 s


def test_a_microphone_that_gives_nothing_more_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard, "SILENT_S", 0.1)
    before = time.monotonic()
    with pytest.raises(MicrophoneLost, match="microphone 'unplugged' gives no more sound"):
        wait_for_sound(lambda: 7, 512, "microphone 'unplugged'")
    assert time.monotonic() - before < 2.0


def test_blocks_wait_until_they_are_whole() -> None:
    blocks = HeardBlocks(16_000, SystemClock())
    blocks.feed(np.zeros((500, 2), np.float32))
    assert blocks.take() is None
    blocks.feed(np.zeros((600, 2), np.float32))
    first, second = blocks.take(), blocks.take()
    assert first is not None
    assert second is not None
    assert (first.seq, second.seq, len(second.samples)) == (0, 1, 512)
    assert second.captured_at - first.captured_at == pytest.approx(0.032)
    assert blocks.take() is None
