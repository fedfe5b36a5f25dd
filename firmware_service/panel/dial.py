"""Choosing one of a few answers with one button, in gloves and in the dark. Pure.

Each press steps to the next answer, which the voice reads back at once; a pause confirms the one
heard last. So nothing is counted in the head, a press too many goes round again, and eyes stay on
the patient. Where several answers are at hand this is single-switch step scanning, as people use it
who can move nothing but one switch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from firmware_service.panel.prompts import Language
from firmware_service.ports import Press
from firmware_service.types import ArmDrift

CONFIRM_S: Final = 2.5
"""How long after the read-back a pause confirms."""

ARM_ANSWERS: Final = (
    ArmDrift.NONE,
    ArmDrift.LEFT,
    ArmDrift.RIGHT,
    ArmDrift.BOTH,
    ArmDrift.CANNOT_TEST,
)
LANGUAGES: Final = tuple(Language)
STEPS: Final = {Press.SHORT: 1, Press.DOUBLE: 2, Press.LONG: 0}
"""Two quick presses are two steps: while something is chosen, nothing is repeated."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Which of `answers` is chosen, None before the first press, and when its read-back ends."""

    answers: int
    chosen: int | None = None
    heard_at: float = 0.0


def turn(dial: Dial, press: Press) -> Dial:
    """The dial after this press, from the last answer on to the first; long goes back to none."""
    steps = STEPS[press]
    if steps == 0:
        return replace(dial, chosen=None)
    before = -1 if dial.chosen is None else dial.chosen
    return replace(dial, chosen=(before + steps) % dial.answers)


def confirmed(dial: Dial, now: float) -> int | None:
    """The answer that a pause has confirmed, by its number; None while there is none."""
    if dial.chosen is None or now < dial.heard_at + CONFIRM_S:
        return None
    return dial.chosen
