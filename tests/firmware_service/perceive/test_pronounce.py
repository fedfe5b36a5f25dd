from __future__ import annotations

import pytest

from firmware_service.measure.phrase import PHONES
from firmware_service.perceive.pronounce import own_words, spoken_words
from firmware_service.simulate.voice import Phrase


@pytest.mark.parametrize("phrase", list(Phrase))
def test_the_screens_phrases_need_no_other_dictionary(phrase: Phrase) -> None:
    assert all(word in own_words("en") for word in phrase.lower().split())
    assert spoken_words(phrase) is not None


def test_punctuation_case_and_apostrophes_do_not_matter() -> None:
    plain = spoken_words("you can't teach an old dog new tricks")
    assert plain == spoken_words("You can’t teach an old dog, new tricks!")
    assert plain is not None
    assert [ways[0].text for ways in plain][:2] == ["you", "can't"]


def test_the_likeliest_way_comes_first() -> None:
    found = spoken_words("the")
    assert found is not None
    assert [[PHONES[p] for p in way.phones] for way in found[0]] == [["DH", "AH"], ["DH", "IY"]]


def test_unknown_words_and_nothing_are_not_guessed() -> None:
    assert spoken_words("the zxqvy is blue") is None
    assert spoken_words("…") is None
    assert spoken_words("hola", language="xx") is None
