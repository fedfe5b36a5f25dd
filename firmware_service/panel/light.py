"""How each state looks: colour and pattern both, so that no state rests on colour alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TextIO

from firmware_service.ports import Lamp


class Colour(StrEnum):
    """The colours that the light can show."""

    WHITE = "white"
    BLUE = "blue"
    RED = "red"
    AMBER = "amber"
    CYAN = "cyan"
    MAGENTA = "magenta"


class Pattern(StrEnum):
    """How the light moves."""

    STEADY = "steady"
    BREATHING = "breathing"
    SLOW_BLINK = "slow blink"
    FAST_BLINK = "fast blink"
    DOUBLE_BLINK = "double blink"
    TRIPLE_BLINK = "triple blink"


@dataclass(frozen=True, slots=True)
class Look:
    """How one state of the light looks, and what it means to the paramedic."""

    colour: Colour
    pattern: Pattern
    words: str


LOOKS: dict[Lamp, Look] = {
    Lamp.READY: Look(Colour.WHITE, Pattern.BREATHING, "ready"),
    Lamp.AIMING: Look(Colour.BLUE, Pattern.SLOW_BLINK, "aiming, listen to the voice"),
    Lamp.RECORDING: Look(Colour.BLUE, Pattern.STEADY, "recording"),
    Lamp.RETAKE: Look(Colour.AMBER, Pattern.DOUBLE_BLINK, "once more"),
    Lamp.RAISED: Look(Colour.RED, Pattern.FAST_BLINK, "RAISED: a sign of stroke was found"),
    Lamp.NOT_RAISED: Look(
        Colour.WHITE, Pattern.DOUBLE_BLINK, "not raised: stroke is not ruled out"
    ),
    Lamp.NOT_ASSESSABLE: Look(Colour.AMBER, Pattern.STEADY, "not assessable, examine by hand"),
    Lamp.QUEUED: Look(Colour.AMBER, Pattern.BREATHING, "report saved, waiting for the network"),
    Lamp.SENT: Look(Colour.CYAN, Pattern.SLOW_BLINK, "report sent"),
    Lamp.HOSPITAL_HAS_IT: Look(Colour.CYAN, Pattern.STEADY, "the ED has the report"),
    Lamp.SEEN: Look(Colour.CYAN, Pattern.DOUBLE_BLINK, "a clinician has seen the report"),
    Lamp.FAULT: Look(Colour.MAGENTA, Pattern.TRIPLE_BLINK, "fault, part of the screen left out"),
}

COLOURS: dict[Colour, tuple[float, float, float]] = {
    Colour.WHITE: (1.0, 1.0, 1.0),
    Colour.BLUE: (0.0, 0.0, 1.0),
    Colour.RED: (1.0, 0.0, 0.0),
    Colour.AMBER: (1.0, 0.5, 0.0),
    Colour.CYAN: (0.0, 1.0, 1.0),
    Colour.MAGENTA: (1.0, 0.0, 1.0),
}
"""Red, green and blue of each colour, 0…1; rounded up, as on pins that cannot dim, all differ."""

BREATH_S = 4.0
_DARK = 0.1
_FLASHES: dict[Pattern, tuple[float, int, float]] = {
    Pattern.SLOW_BLINK: (1.5, 1, 0.75),
    Pattern.FAST_BLINK: (0.4, 1, 0.2),
    Pattern.DOUBLE_BLINK: (1.6, 2, 0.2),
    Pattern.TRIPLE_BLINK: (2.0, 3, 0.2),
}
"""Of each blinking pattern: the seconds until it repeats, its flashes, the seconds of each.

At most three flashes a second, so that no light provokes a seizure (WCAG 2.2, 2.3.1).
"""


def brightness(pattern: Pattern, seconds: float) -> float:
    """How bright the light is, 0…1, this long after it began to show the pattern."""
    if pattern is Pattern.STEADY:
        return 1.0
    if pattern is Pattern.BREATHING:
        return _DARK + (1.0 - _DARK) * (0.5 + 0.5 * math.cos(2 * math.pi * seconds / BREATH_S))
    every_s, flashes, flash_s = _FLASHES[pattern]
    slot = int((seconds % every_s) / flash_s)
    return 1.0 if slot % 2 == 0 and slot // 2 < flashes else 0.0


_ANSI: dict[Colour, str] = {
    Colour.WHITE: "97",
    Colour.BLUE: "94",
    Colour.RED: "91",
    Colour.AMBER: "33",
    Colour.CYAN: "96",
    Colour.MAGENTA: "95",
}


class TerminalLight:
    """Writes a line whenever the light changes, coloured if the output is a terminal."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._coloured = out.isatty()
        self._shown: Lamp | None = None

    def show(self, lamp: Lamp) -> None:
        """Write what the light looks like now; the same state again writes nothing."""
        if lamp is self._shown:
            return
        self._shown = lamp
        look = LOOKS[lamp]
        text = f"● {look.colour}, {look.pattern}: {look.words}"
        if self._coloured:
            text = f"\x1b[{_ANSI[look.colour]}m{text}\x1b[0m"
        print(text, file=self._out, flush=True)


class LogLight:
    """Keeps every change of the light, for tests and replays."""

    def __init__(self) -> None:
        self.shown: list[Lamp] = []

    def show(self, lamp: Lamp) -> None:
        """Keep this state; the same state again keeps nothing."""
        if not self.shown or self.shown[-1] is not lamp:
            self.shown.append(lamp)
