"""What the owner of the session does when the disk fails, and whose receipt it believes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from firmware_service.app.conductor import Conductor
from firmware_service.capture.clock import ManualClock
from firmware_service.panel.light import LogLight
from firmware_service.panel.speaker import LogSpeaker
from firmware_service.ports import Lamp, OutboxError, Press
from firmware_service.screen.events import DeliveryStage
from firmware_service.screen.session import Session
from firmware_service.types import RiskSignal, Task

from .conftest import KeptJournal


class Desk:
    """Keeps the ids of the reports, or has no room for any."""

    def __init__(self) -> None:
        self.full = False
        self.reported: list[str] = []

    def state(self, screen_id: str, state: str, task: Task | None, attempt: int | None) -> None:
        pass

    def signal(self, screen_id: str, signal: RiskSignal) -> None:
        pass

    def report(self, session: Session) -> None:
        if self.full:
            raise OutboxError("disk full")
        self.reported.append(session.opening.screen_id)


class Bench:
    """A conductor without camera or microphone input, which ticks alone carry to the report."""

    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 3, 1, tzinfo=UTC))
        self.desk, self.journal, self.light = Desk(), KeptJournal(), LogLight()
        self.conductor = Conductor(
            clock=self.clock,
            speaker=LogSpeaker(self.clock),
            light=self.light,
            desk=self.desk,
            journal=self.journal,
        )

    def screen(self) -> None:
        self.conductor.press(Press.SHORT)
        while not self.conductor.reported:
            self._pass()

    def go_idle(self) -> None:
        while not self.conductor.idle:
            self._pass()

    def _pass(self) -> None:
        assert self.clock.now() < 1000.0, self.conductor.state
        self.clock.advance(0.1)
        self.conductor.tick()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_report_that_cannot_be_saved_stays_a_fault_and_keeps_its_journal(bench: Bench) -> None:
    bench.desk.full = True
    bench.screen()
    assert bench.light.shown[-1] is Lamp.NOT_ASSESSABLE
    bench.go_idle()
    assert bench.light.shown[-1] is Lamp.FAULT
    assert len(bench.journal.open) == 1


def test_a_report_is_saved_as_soon_as_there_is_room_again(bench: Bench) -> None:
    bench.desk.full = True
    bench.screen()
    bench.go_idle()
    bench.desk.full = False
    owed = next(iter(bench.journal.open))
    for _ in range(150):
        bench._pass()
    assert bench.desk.reported == [owed]
    assert bench.journal.open == {}
    assert bench.light.shown[-1] is Lamp.QUEUED


def test_a_report_that_is_saved_leaves_the_device_ready(bench: Bench) -> None:
    bench.screen()
    bench.go_idle()
    assert bench.light.shown[-1] is Lamp.READY
    assert bench.journal.open == {}


def test_only_the_last_screens_own_report_counts_as_delivered(bench: Bench) -> None:
    bench.screen()
    (mine,) = bench.desk.reported
    bench.conductor.delivered("01JANOTHERSCREEN0000000000", DeliveryStage.STORED)
    assert bench.conductor.delivery is None
    bench.conductor.delivered(mine, DeliveryStage.STORED)
    assert bench.conductor.delivery is DeliveryStage.STORED
    bench.go_idle()
    assert bench.conductor.delivery is DeliveryStage.STORED
    bench.conductor.press(Press.SHORT)
    assert bench.conductor.delivery is None
