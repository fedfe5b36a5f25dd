"""The one button through a whole screen: answers about the arms, the language, all by voice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firmware_service.app.conductor import Conductor
from firmware_service.app.entry import ButtonEntry
from firmware_service.app.panel import remember_language, remembered_language
from firmware_service.capture.clock import ManualClock
from firmware_service.panel.dial import CONFIRM_S
from firmware_service.panel.light import LogLight
from firmware_service.panel.prompts import Announcement, Language
from firmware_service.panel.speaker import LogSpeaker
from firmware_service.ports import Clock, Press
from firmware_service.screen.journal import Record
from firmware_service.screen.session import Session
from firmware_service.screen.states import ArmEntry, Finish, Idle, Positioning
from firmware_service.types import ArmDrift, ReportStatus, RiskSignal, Task


class KeptVoice(LogSpeaker):
    """Keeps what was said, and in which language."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.language = Language.ENGLISH
        self.heard: list[tuple[Language, str]] = []

    def say(self, prompt: str) -> float:
        self.heard.append((self.language, prompt))
        return super().say(prompt)

    def cut(self) -> None:
        self.heard.append((self.language, "(cut)"))


class Kept:
    """A desk and a journal that keep the last report."""

    def __init__(self) -> None:
        self.session: Session | None = None

    def state(self, screen_id: str, state: str, task: Task | None, attempt: int | None) -> None:
        pass

    def signal(self, screen_id: str, signal: RiskSignal) -> None:
        pass

    def report(self, session: Session) -> None:
        self.session = session

    def append(self, screen_id: str, record: Record) -> None:
        pass

    def close(self, screen_id: str) -> None:
        pass


class Ambulance:
    """A device whose camera finds nobody, so that only time and the button move it."""

    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
        self.voice = KeptVoice(self.clock)
        self.kept = Kept()
        self.conductor = Conductor(
            clock=self.clock,
            speaker=self.voice,
            light=LogLight(),
            desk=self.kept,
            journal=self.kept,
        )
        self.chosen: list[Language] = []
        self.entry = ButtonEntry(self.conductor, self.voice, self.clock, self.chosen.append)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            self.clock.advance(0.05)
            self.conductor.tick()
            self.entry.tick()

    def wait_for(self, done: Callable[[], bool]) -> None:
        give_up = self.clock.now() + 200.0
        while not done() and self.clock.now() < give_up:
            self.wait(0.05)
        assert done()

    def at_the_arms(self) -> None:
        self.entry.pressed(Press.SHORT)
        self.wait_for(lambda: isinstance(self.conductor.state, ArmEntry))
        self.voice.heard.clear()

    def at(self, state: type[object]) -> bool:
        return isinstance(self.conductor.state, state)

    def arms(self) -> ArmDrift | None:
        return None if self.kept.session is None else self.kept.session.arms

    def said(self) -> list[str]:
        return [prompt for _, prompt in self.voice.heard if prompt != "(cut)"]


@pytest.fixture
def ambulance() -> Ambulance:
    return Ambulance()


def test_presses_choose_the_answer_and_a_pause_enters_it(ambulance: Ambulance) -> None:
    ambulance.at_the_arms()
    for _ in range(3):
        ambulance.entry.pressed(Press.SHORT)
        ambulance.wait(1.0)
    assert ambulance.said() == [
        Announcement.ARMS_NONE, Announcement.ARMS_LEFT, Announcement.ARMS_RIGHT
    ]  # fmt: skip
    assert ambulance.at(ArmEntry)
    ambulance.wait(5.0)
    assert ambulance.said()[3] == Announcement.ENTERED
    assert ambulance.arms() is ArmDrift.RIGHT


def test_no_answer_is_entered_while_it_is_still_being_read_back(ambulance: Ambulance) -> None:
    ambulance.at_the_arms()
    ambulance.entry.pressed(Press.DOUBLE)
    ambulance.wait(CONFIRM_S)
    assert ambulance.arms() is None
    ambulance.wait(3.0)
    assert ambulance.arms() is ArmDrift.LEFT


def test_a_long_press_takes_the_answer_back_and_a_second_cancels(ambulance: Ambulance) -> None:
    ambulance.at_the_arms()
    ambulance.entry.pressed(Press.SHORT)
    ambulance.entry.pressed(Press.LONG)
    ambulance.wait(6.0)
    assert ambulance.at(ArmEntry)
    ambulance.entry.pressed(Press.LONG)
    assert ambulance.kept.session is not None
    assert ambulance.kept.session.status is ReportStatus.CANCELLED


def test_an_answer_begun_and_abandoned_is_not_kept_for_the_next_patient(
    ambulance: Ambulance,
) -> None:
    ambulance.at_the_arms()
    ambulance.entry.pressed(Press.SHORT)
    ambulance.conductor.press(Press.LONG)
    ambulance.wait_for(lambda: isinstance(ambulance.conductor.state, Idle))
    ambulance.at_the_arms()
    ambulance.wait(5.0)
    assert ambulance.at(ArmEntry)


def test_elsewhere_a_press_is_a_press_of_the_screen(ambulance: Ambulance) -> None:
    ambulance.entry.pressed(Press.SHORT)
    assert ambulance.at(Positioning)
    ambulance.entry.pressed(Press.LONG)
    assert ambulance.at(Finish)


def test_held_while_idle_it_asks_for_the_language_in_that_language(ambulance: Ambulance) -> None:
    ambulance.entry.pressed(Press.LONG)
    ambulance.entry.pressed(Press.SHORT)
    ambulance.entry.pressed(Press.SHORT)
    assert [x for x in ambulance.voice.heard if x[1] == Announcement.LANGUAGE] == [
        (Language.ENGLISH, "language"),
        (Language.SPANISH, "language"),
        (Language.GERMAN, "language"),
    ]
    assert ambulance.chosen == []
    ambulance.wait(6.0)
    assert ambulance.chosen == [Language.GERMAN]
    assert ambulance.voice.heard[-1] == (Language.GERMAN, Announcement.ENTERED)
    ambulance.entry.pressed(Press.SHORT)
    assert ambulance.at(Positioning)
    assert ambulance.voice.heard[-1][0] is Language.GERMAN


def test_held_again_the_language_stays_as_it_was(ambulance: Ambulance) -> None:
    ambulance.entry.pressed(Press.LONG)
    ambulance.entry.pressed(Press.DOUBLE)
    ambulance.entry.pressed(Press.LONG)
    ambulance.wait(8.0)
    assert ambulance.voice.language is Language.ENGLISH


def test_the_language_is_remembered_over_a_restart(tmp_path: Path) -> None:
    assert remembered_language(tmp_path) is None
    remember_language(tmp_path, Language.FRENCH)
    remember_language(tmp_path, Language.TURKISH)
    assert remembered_language(tmp_path) is Language.TURKISH
    (tmp_path / "language").write_text("klingon")
    assert remembered_language(tmp_path) is None
    remember_language(tmp_path / "no such folder", Language.FRENCH)
