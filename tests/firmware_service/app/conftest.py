"""A whole screen in memory: the real models and machine, a simulated patient, a desk that keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

import pytest

from firmware_service.app.conductor import Conductor, Listeners
from firmware_service.app.instruments import Instruments, open_instruments
from firmware_service.app.replay import Replay
from firmware_service.capture.clock import ManualClock
from firmware_service.panel.light import LogLight
from firmware_service.panel.speaker import LogSpeaker
from firmware_service.ports import Press
from firmware_service.screen.journal import Record
from firmware_service.screen.protocol import Prompt
from firmware_service.screen.session import Session
from firmware_service.screen.summary import Issue, build_report
from firmware_service.settings import Settings
from firmware_service.simulate.camera import SimulatedCamera
from firmware_service.simulate.microphone import SimulatedMicrophone
from firmware_service.simulate.patient import SimulatedPatient
from firmware_service.types import RiskSignal, Task
from firmware_service.wire.v1 import Report

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class KeptDesk:
    """Keeps what the screen says."""

    def __init__(self, instruments: Instruments) -> None:
        self._facts = instruments.facts
        self.signals: list[RiskSignal] = []
        self.reports: list[Report] = []

    def state(self, screen_id: str, state: str, task: Task | None, attempt: int | None) -> None:
        pass

    def signal(self, _screen_id: str, signal: RiskSignal) -> None:
        self.signals.append(signal)

    def report(self, session: Session) -> None:
        self.reports.append(build_report(session, self._facts, Issue(START, None, True)))


class KeptJournal:
    """Keeps the journals of open screens in memory."""

    def __init__(self) -> None:
        self.open: dict[str, list[Record]] = {}

    def append(self, screen_id: str, record: Record) -> None:
        self.open.setdefault(screen_id, []).append(record)

    def close(self, screen_id: str) -> None:
        del self.open[screen_id]


class Play:
    """One simulated patient and one screen; `until` runs it on."""

    def __init__(self, name: str, rate_hz: float) -> None:
        self.instruments = open_instruments(Settings(), simulated=True)
        self.patient = SimulatedPatient.load(name)
        self.clock = ManualClock(START)
        self.desk = KeptDesk(self.instruments)
        self.journal = KeptJournal()
        self.light = LogLight()
        self.speaker = LogSpeaker(self.clock)
        self.conductor = Conductor(
            clock=self.clock,
            speaker=self.speaker,
            light=self.light,
            desk=self.desk,
            journal=self.journal,
            listeners=Listeners(self._said, self._arms, self.instruments.face.forget),
        )
        self.replay = Replay(
            conductor=self.conductor,
            stage=self.instruments.face,
            speech_model=self.instruments.speech,
            clock=self.clock,
            camera=SimulatedCamera(self.patient, rate_hz),
            microphone=SimulatedMicrophone(self.patient),
        )

    def whole(self) -> Report:
        self.conductor.press(Press.SHORT)
        self.replay.run(lambda: self.conductor.reported)
        return self.desk.reports[-1]

    def _said(self, prompt: Prompt, until: float) -> None:
        if prompt.value in set(Task):
            self.patient.asked(Task(prompt.value), until)

    def _arms(self) -> None:
        self.conductor.enter_arms_at(self.clock.now() + 10.0, self.patient.arms)


@pytest.fixture(scope="session")
def play() -> Callable[[str], Play]:
    """A play of the named patient, run once however many tests ask for it."""

    @cache
    def made(name: str) -> Play:
        found = Play(name, rate_hz=8.0)
        found.whole()
        return found

    return made
