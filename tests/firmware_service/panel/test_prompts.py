"""Every key has words, short enough to be understood in a moving ambulance."""

from __future__ import annotations

import pytest

from firmware_service.panel.errors import NoSuchPrompt
from firmware_service.panel.light import LOOKS
from firmware_service.panel.prompts import spoken_s, words_of
from firmware_service.ports import Lamp
from firmware_service.screen.protocol import ADVICE, STANDARD, Prompt


@pytest.mark.parametrize("prompt", Prompt)
def test_every_prompt_is_one_or_two_short_sentences(prompt: Prompt) -> None:
    words = words_of(prompt)
    assert words.endswith(".")
    assert len(words.split()) <= 12
    assert 0.5 < spoken_s(prompt) < 5.0


def test_no_two_prompts_sound_the_same() -> None:
    assert len({words_of(prompt) for prompt in Prompt}) == len(Prompt)


def test_a_hint_says_what_to_do() -> None:
    assert words_of(ADVICE[next(w for w in ADVICE if w == "face too small")]) == (
        "Please move closer."
    )


def test_a_standard_screen_of_a_cooperative_patient_takes_at_most_a_minute() -> None:
    said = sum(spoken_s(step.prompt) for step in STANDARD.steps) + spoken_s(Prompt.POSITION)
    recorded = sum(step.record_s for step in STANDARD.steps)
    entered = STANDARD.arm_hold_s + spoken_s(Prompt.ENTER_ARMS) + 2.0
    assert said + recorded + entered + STANDARD.steady_s <= 60.0


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(NoSuchPrompt, match="sing-a-song"):
        words_of("sing-a-song")


def test_every_lamp_differs_in_colour_or_pattern_and_results_in_pattern_alone() -> None:
    looks = {(LOOKS[lamp].colour, LOOKS[lamp].pattern) for lamp in Lamp}
    assert len(looks) == len(Lamp)
    results = {LOOKS[x].pattern for x in (Lamp.RAISED, Lamp.NOT_RAISED, Lamp.NOT_ASSESSABLE)}
    assert len(results) == 3
