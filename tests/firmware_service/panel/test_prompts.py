"""Every key has words in every language, short enough to be understood in a moving ambulance."""

from __future__ import annotations

import pytest
from babel.messages.pofile import read_po

from firmware_service.panel.errors import NoSuchPrompt
from firmware_service.panel.prompts import (
    ARMS_SAID,
    ENGLISH,
    LOCALE,
    Announcement,
    Language,
    spoken_s,
    words_of,
)
from firmware_service.screen.protocol import ADVICE, STANDARD, Prompt
from firmware_service.types import ArmDrift

TRANSLATED = [language for language in Language if language is not Language.ENGLISH]


def test_every_prompt_and_announcement_has_words() -> None:
    assert set(ENGLISH) == {*Prompt, *Announcement}


@pytest.mark.parametrize("prompt", [*Prompt, *Announcement])
def test_every_prompt_is_one_or_two_short_sentences(prompt: Prompt | Announcement) -> None:
    words = words_of(prompt)
    assert words.endswith(".")
    assert len(words.split()) <= 12
    assert 0.5 < spoken_s(prompt) < 5.0


@pytest.mark.parametrize("language", Language)
def test_no_two_prompts_sound_the_same(language: Language) -> None:
    assert len({words_of(prompt, language) for prompt in ENGLISH}) == len(ENGLISH)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_is_translated(language: Language) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "prompts.po").open("rb") as file:
        catalogue = read_po(file)
    written = {message.context: message for message in catalogue if message.id}
    assert {key.value: words for key, words in ENGLISH.items()} == {
        str(key): message.id for key, message in written.items()
    }
    for key, message in written.items():
        assert message.string, key
        assert not message.fuzzy, key
        assert message.string[-1] in ".。", key
        assert words_of(str(key), language) == message.string  # the .mo is made of this .po


def test_a_language_tells_its_own_name() -> None:
    assert words_of(Announcement.LANGUAGE, Language.GERMAN) == "Deutsch."
    assert words_of(Announcement.LANGUAGE, Language.MANDARIN) == "中文。"


def test_every_answer_about_the_arms_is_read_back() -> None:
    assert set(ARMS_SAID) == set(ArmDrift) - {ArmDrift.NOT_DONE}
    assert words_of(ARMS_SAID[ArmDrift.LEFT]) == "The patient's left arm."
    assert words_of(ARMS_SAID[ArmDrift.RIGHT], Language.SPANISH) == "El brazo derecho del paciente."


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
