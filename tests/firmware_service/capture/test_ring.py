"""The ring: newest wins, skips are counted, a view stays whole, nobody waits for ever."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from firmware_service.capture.ring import FrameRing
from firmware_service.ports import CameraLost
from firmware_service.types import Frame


def frame(seq: int) -> Frame:
    return Frame(seq, seq / 30, np.full((4, 6, 3), seq % 251, np.uint8))


def test_the_newest_wins_and_each_skip_is_counted() -> None:
    ring = FrameRing(4, 6, rate_hz=30)
    for seq in range(5):
        ring.put(frame(seq))
    taken = ring.take(0)
    assert taken is not None
    assert (taken.seq, taken.captured_at, taken.image[0, 0, 0]) == (4, 4 / 30, 4)
    assert ring.skipped == 4
    assert ring.take(0.01) is None
    ring.put(frame(5))
    ring.take(0)
    assert ring.skipped == 4


def test_a_taken_picture_stays_whole_for_two_seconds_and_cannot_be_written() -> None:
    ring = FrameRing(4, 6, rate_hz=30)
    assert ring.slots == 60
    ring.put(frame(7))
    taken = ring.take(0)
    assert taken is not None
    for seq in range(8, 8 + ring.slots - 1):
        ring.put(frame(seq))
    assert (taken.image == 7).all()
    with pytest.raises(ValueError, match="read-only"):
        taken.image[0, 0, 0] = 1


def test_the_camera_may_reuse_its_own_buffer() -> None:
    ring = FrameRing(4, 6, rate_hz=30)
    camera = frame(1)
    ring.put(camera)
    camera.image[:] = 99
    taken = ring.take(0)
    assert taken is not None
    assert (taken.image == 1).all()


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        FrameRing(4, 8, rate_hz=30).put(frame(0))


def test_the_reader_gets_the_last_frame_and_then_the_cause() -> None:
    ring = FrameRing(4, 6, rate_hz=30)
    ring.put(frame(0))
    ring.close(CameraLost("camera 0 gives no more pictures"))
    taken = ring.take(1)
    assert taken is not None
    assert taken.seq == 0
    with pytest.raises(CameraLost, match="camera 0"):
        ring.take(1)


def test_closing_wakes_a_waiting_reader() -> None:
    ring = FrameRing(4, 6, rate_hz=30)
    threading.Timer(0.05, ring.close).start()
    started = time.monotonic()
    assert ring.take(5) is None
    assert time.monotonic() - started < 2
    assert ring.closed


def test_a_fast_writer_and_a_slow_reader_agree_on_every_frame() -> None:
    ring = FrameRing(4, 6, rate_hz=30)
    count = 2000

    def write() -> None:
        for seq in range(count):
            ring.put(frame(seq))
        ring.close()

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[int] = []
    while not (ring.closed and seen and seen[-1] == count - 1):
        taken = ring.take(1)
        if taken is not None:
            seen.append(taken.seq)
    writer.join()
    assert seen == sorted(set(seen))
    assert len(seen) + ring.skipped == count
