"""One button, five answers: stepping, going round, taking back, and the pause that confirms."""

from __future__ import annotations

from dataclasses import replace

import pytest

from firmware_service.panel.dial import ARM_ANSWERS, CONFIRM_S, Dial, confirmed, turn
from firmware_service.ports import Press
from firmware_service.types import ArmDrift

ARMS = Dial(len(ARM_ANSWERS))


def chosen(*presses: Press) -> ArmDrift | None:
    dial = ARMS
    for press in presses:
        dial = turn(dial, press)
    return None if dial.chosen is None else ARM_ANSWERS[dial.chosen]


@pytest.mark.parametrize(
    ("count", "answer"), list(enumerate([*ARM_ANSWERS, ArmDrift.NONE], start=1))
)
def test_each_press_steps_to_the_next_answer_and_round(count: int, answer: ArmDrift) -> None:
    assert chosen(*[Press.SHORT] * count) is answer


def test_two_quick_presses_are_two_steps() -> None:
    assert chosen(Press.DOUBLE) is ArmDrift.LEFT
    assert chosen(Press.DOUBLE, Press.DOUBLE, Press.SHORT) is ArmDrift.CANNOT_TEST


def test_a_long_press_takes_the_choice_back() -> None:
    assert chosen(Press.SHORT, Press.SHORT, Press.LONG) is None
    assert chosen(Press.SHORT, Press.LONG, Press.SHORT) is ArmDrift.NONE


def test_nothing_is_confirmed_before_a_press_or_before_it_was_read_back() -> None:
    assert confirmed(ARMS, 1e6) is None
    dial = replace(turn(ARMS, Press.SHORT), heard_at=10.0)
    assert confirmed(dial, 10.0 + CONFIRM_S - 0.01) is None
    assert confirmed(dial, 10.0 + CONFIRM_S) == 0
