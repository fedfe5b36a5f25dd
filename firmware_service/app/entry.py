"""What the one button means now: a press of the screen, a step of the arm answer, a language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from firmware_service.panel.dial import ARM_ANSWERS, LANGUAGES, Dial, confirmed, turn
from firmware_service.panel.prompts import ARMS_SAID, Announcement, Language
from firmware_service.ports import Clock, Press, Speaker
from firmware_service.screen.states import ArmEntry, Idle, State
from firmware_service.types import ArmDrift


class Screen(Protocol):
    """Where presses and answers go: the conductor."""

    @property
    def state(self) -> State:
        """The machine's state."""
        ...

    def press(self, press: Press) -> None:
        """The button was pressed."""
        ...

    def enter_arms(self, drift: ArmDrift) -> None:
        """The paramedic has entered what the arms did."""
        ...


class Voice(Speaker, Protocol):
    """A speaker that can fall silent and change its language."""

    language: Language

    def cut(self) -> None:
        """Fall silent at once and forget what was still to be said."""
        ...


class ButtonEntry:
    """One owner, the conductor's thread: `pressed` for every press, `tick` as time passes.

    In the arm step presses choose the answer; a long press takes the choice back, and cancels the
    screen when nothing is chosen. Held long while idle, the device asks for its language the same
    way; `on_language` hears what was confirmed.
    """

    def __init__(
        self,
        screen: Screen,
        voice: Voice,
        clock: Clock,
        on_language: Callable[[Language], None] = lambda _language: None,
    ) -> None:
        self._screen = screen
        self._voice = voice
        self._clock = clock
        self._on_language = on_language
        self._arms = Dial(len(ARM_ANSWERS))
        self._languages: Dial | None = None
        self._language = voice.language

    def pressed(self, press: Press) -> None:
        """The button was pressed."""
        self._forget_what_has_passed()
        match self._screen.state:
            case ArmEntry() if press is not Press.LONG or self._arms.chosen is not None:
                self._turn_arms(press)
            case Idle() if press is Press.LONG:
                self._ask_language()
            case Idle() if self._languages is not None:
                self._turn_languages(self._languages, press)
            case _:
                self._screen.press(press)

    def tick(self) -> None:
        """Time has passed: a pause confirms."""
        self._forget_what_has_passed()
        now = self._clock.now()
        if (arm := confirmed(self._arms, now)) is not None:
            self._arms = Dial(len(ARM_ANSWERS))
            self._voice.say(Announcement.ENTERED)
            self._screen.enter_arms(ARM_ANSWERS[arm])
        if self._languages is None or (chosen := confirmed(self._languages, now)) is None:
            return
        self._languages = None
        self._language = LANGUAGES[chosen]
        self._voice.say(Announcement.ENTERED)
        self._on_language(self._language)

    def _forget_what_has_passed(self) -> None:
        """An answer belongs to the step in which it was chosen."""
        if not isinstance(self._screen.state, ArmEntry):
            self._arms = Dial(len(ARM_ANSWERS))
        if self._languages is not None and not isinstance(self._screen.state, Idle):
            self._languages = None
            self._voice.language = self._language

    def _turn_arms(self, press: Press) -> None:
        self._arms = turn(self._arms, press)
        self._voice.cut()
        if self._arms.chosen is not None:
            self._arms = self._read_back(self._arms, ARMS_SAID[ARM_ANSWERS[self._arms.chosen]])

    def _ask_language(self) -> None:
        """Begin with the language in use, or go back to it when asked already."""
        self._voice.language = self._language
        self._voice.cut()
        dial = Dial(len(LANGUAGES), LANGUAGES.index(self._language))
        self._languages = self._read_back(dial, Announcement.LANGUAGE)

    def _turn_languages(self, dial: Dial, press: Press) -> None:
        dial = turn(dial, press)
        if dial.chosen is None:
            return
        self._voice.language = LANGUAGES[dial.chosen]
        self._voice.cut()
        self._languages = self._read_back(dial, Announcement.LANGUAGE)

    def _read_back(self, dial: Dial, said: Announcement) -> Dial:
        return replace(dial, heard_at=self._clock.now() + self._voice.say(said))
