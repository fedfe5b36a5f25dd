"""Blocks lose nothing, however the sound arrives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_service.capture.blocks import BLOCK_SAMPLES, BlockMaker
from tests.firmware_service.capture.recordings import tone


def made(maker: BlockMaker, pieces: list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]) -> (
    np.ndarray[tuple[int, ...], np.dtype[np.float32]]
):  # fmt: skip
    blocks = [block for piece in pieces for block in maker.feed(piece[:, None])]
    assert {len(block) for block in blocks} <= {BLOCK_SAMPLES}
    return np.concatenate([*blocks, *maker.finish()])


@settings(max_examples=30, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 22_050), max_size=12),
    rate_hz=st.sampled_from([16_000, 22_050, 48_000]),
)
def test_the_size_of_the_pieces_does_not_matter(cuts: list[int], rate_hz: int) -> None:
    sound = tone(300, 1.0, rate_hz)
    whole = made(BlockMaker(rate_hz), [sound])
    pieces = made(BlockMaker(rate_hz), np.split(sound, sorted(cuts)))
    assert pieces == pytest.approx(whole, abs=1e-5)


def test_what_is_above_the_new_band_is_not_folded_into_it() -> None:
    heard = made(BlockMaker(48_000), [tone(15_000, 1.0, 48_000)])
    assert np.abs(heard[1000:-1000]).max() < 0.002


def test_sound_beyond_full_scale_is_held_at_full_scale() -> None:
    heard = made(BlockMaker(16_000), [tone(300, 0.2, 16_000, level=3.0)])
    assert np.abs(heard).max() == 1.0
