"""Words stay readable in PDF's built-in font, and the sides are never confused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_service.report.words import PAGE_ENCODING, printable, weaker_by_difference
from firmware_service.wire.terms import Side


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at least ≥ 3 mm", "at least >= 3 mm"),
        ("−2.1 mm ± 0.3 · 15° – 20°", "-2.1 mm ± 0.3 · 15° – 20°"),
        ("Kraków, Gdańsk", "Kraków, Gdansk"),
        ("two\nlines\tand  spaces ", "two lines and spaces"),
        ("left\u202eright\u200b", "leftright"),
        ("漢字", "??"),
    ],
)
def test_signs_without_a_place_in_the_font_are_replaced(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_any_text_can_be_drawn_on_one_line(text: str) -> None:
    shown = printable(text)
    shown.encode(PAGE_ENCODING)
    assert "\n" not in shown
    assert printable(shown) == shown


def test_a_positive_difference_is_a_weaker_left() -> None:
    assert weaker_by_difference(2.0) is Side.LEFT
    assert weaker_by_difference(-2.0) is Side.RIGHT
