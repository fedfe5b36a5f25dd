"""Colour, pattern and sound of every state, each enough to tell the results apart."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_service.panel.chimes import NOTES, ChimingLight, chime
from firmware_service.panel.light import (
    COLOURS,
    LOOKS,
    Colour,
    LogLight,
    Pattern,
    brightness,
)
from firmware_service.panel.spoken import RATE_HZ
from firmware_service.perceive.onnx_speech import SileroVad
from firmware_service.perceive.registry import Registry
from firmware_service.ports import Lamp
from firmware_service.settings import Settings
from firmware_service.types import AudioBlock

SECONDS = np.arange(0.0, 12.0, 0.01)


def course(pattern: Pattern) -> list[float]:
    return [brightness(pattern, second) for second in SECONDS]


def flashes(pattern: Pattern, *, within_s: float) -> int:
    lit = [level > 0.5 for level in course(pattern)[: round(within_s * 100)]]
    return sum(now and not before for before, now in itertools.pairwise([False, *lit]))


def test_every_lamp_differs_in_colour_or_pattern_and_results_in_pattern_alone() -> None:
    looks = {(LOOKS[lamp].colour, LOOKS[lamp].pattern) for lamp in Lamp}
    assert len(looks) == len(Lamp)
    results = {LOOKS[x].pattern for x in (Lamp.RAISED, Lamp.NOT_RAISED, Lamp.NOT_ASSESSABLE)}
    assert len(results) == 3


def test_no_two_patterns_look_the_same_even_where_pins_cannot_dim() -> None:
    switched = {tuple(level >= 0.5 for level in course(pattern)) for pattern in Pattern}
    assert len(switched) == len(Pattern)


def test_patterns_do_what_their_names_say() -> None:
    assert set(course(Pattern.STEADY)) == {1.0}
    assert flashes(Pattern.DOUBLE_BLINK, within_s=1.5) == 2
    assert flashes(Pattern.TRIPLE_BLINK, within_s=1.9) == 3
    assert flashes(Pattern.FAST_BLINK, within_s=3.0) >= 3 * flashes(
        Pattern.SLOW_BLINK, within_s=3.0
    )
    assert np.abs(np.diff(course(Pattern.BREATHING))).max() < 0.02


def test_no_pattern_flashes_so_fast_that_it_could_provoke_a_seizure() -> None:
    for pattern in Pattern:
        in_one_second = max(
            flashes_between(course(pattern), start) for start in range(0, len(SECONDS) - 100, 10)
        )
        assert in_one_second <= 3, pattern  # WCAG 2.2, 2.3.1


def flashes_between(levels: list[float], start: int) -> int:
    lit = [level > 0.5 for level in levels[start : start + 100]]
    return sum(now and not before for before, now in itertools.pairwise([False, *lit]))


def test_colours_stay_apart_on_pins_that_cannot_dim() -> None:
    assert len({tuple(part >= 0.5 for part in COLOURS[colour]) for colour in Colour}) == len(Colour)


def test_every_state_sounds_different() -> None:
    assert set(NOTES) == set(Lamp)
    assert len(set(NOTES.values())) == len(Lamp)


@pytest.mark.parametrize("lamp", Lamp)
def test_a_chime_is_short_soft_ended_and_not_clipped(lamp: Lamp) -> None:
    sound = chime(lamp)
    assert sound.dtype == np.float32
    assert 0.05 < len(sound) / RATE_HZ < 1.0
    assert 0.2 < np.abs(sound).max() < 0.5
    assert np.abs(sound[[0, -1]]).max() < 0.01


def test_recording_begins_with_the_shortest_sound() -> None:
    assert len(chime(Lamp.RECORDING)) == min(len(chime(lamp)) for lamp in Lamp)


class Heard:
    """Keeps the lengths of what was played."""

    def __init__(self) -> None:
        self.samples: list[int] = []

    def play(self, sound: NDArray[np.float32]) -> float:
        self.samples.append(len(sound))
        return 0.0


def test_a_change_of_the_light_is_heard_once() -> None:
    log, heard = LogLight(), Heard()
    light = ChimingLight(log, heard)
    for lamp in (Lamp.READY, Lamp.READY, Lamp.AIMING):
        light.show(lamp)
    assert log.shown == [Lamp.READY, Lamp.AIMING]
    assert heard.samples == [len(chime(Lamp.READY)), len(chime(Lamp.AIMING))]


def test_no_chime_is_taken_for_speech() -> None:
    """The phrase's window opens with the chime of recording."""
    model = SileroVad(Registry.load(Settings().models_dir))
    for lamp in Lamp:
        model.reset()
        sound = np.concatenate([chime(lamp), np.zeros(RATE_HZ // 2, np.float32)])
        assert max(model.hear(AudioBlock(0, 0.0, sound, RATE_HZ))) < 0.4, lamp
