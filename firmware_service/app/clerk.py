"""What the screen says goes to the desk and into the journal; what cannot be saved is kept."""

from __future__ import annotations

from typing import Protocol

import structlog

from firmware_service.ports import DeviceError
from firmware_service.screen import effects as do
from firmware_service.screen.journal import Record
from firmware_service.screen.session import Session
from firmware_service.types import RiskSignal, Task

log = structlog.get_logger()

RETRY_S = 10.0


class Desk(Protocol):
    """Takes what the screen has to say to the hospital, and keeps it until the hospital has it."""

    def state(self, screen_id: str, state: str, task: Task | None, attempt: int | None) -> None:
        """Tell where the screen stands."""
        ...

    def signal(self, screen_id: str, signal: RiskSignal) -> None:
        """Send one finding; it is on disk when this returns."""
        ...

    def report(self, session: Session) -> None:
        """Send the report; it is on disk when this returns."""
        ...


class Journal(Protocol):
    """Keeps the open screen on disk, so that a restart can still report it."""

    def append(self, screen_id: str, record: Record) -> None:
        """Put this record on disk before returning."""
        ...

    def close(self, screen_id: str) -> None:
        """Remove the journal of this screen."""
        ...


class Clerk:
    """Never stops a screen: a failure to save is logged, and a report is tried again.

    A report that is not saved keeps its journal, so that even a restart sends it.
    """

    def __init__(self, desk: Desk, journal: Journal) -> None:
        self._desk = desk
        self._journal = journal
        self._unsaved: dict[str, Session] = {}
        self._retry_at = 0.0

    @property
    def owes(self) -> bool:
        """Whether a report is not on disk yet."""
        return bool(self._unsaved)

    def publish(
        self, effect: do.PublishState | do.PublishSignal | do.PublishReport, now: float
    ) -> None:
        """Hand over to the desk."""
        try:
            match effect:
                case do.PublishState():
                    self._desk.state(effect.screen_id, effect.state, effect.task, effect.attempt)
                case do.PublishSignal():
                    self._desk.signal(effect.screen_id, effect.signal)
                case do.PublishReport():
                    self._desk.report(effect.session)
        except (DeviceError, ValueError) as error:
            log.error("not saved", what=type(effect).__name__, why=str(error))  # noqa: TRY400
            if isinstance(effect, do.PublishReport):
                self._unsaved[effect.session.opening.screen_id] = effect.session
                self._retry_at = now + RETRY_S

    def keep(self, effect: do.JournalAppend | do.JournalClose) -> None:
        """Write to the journal, or remove it if its report is saved."""
        try:
            match effect:
                case do.JournalAppend():
                    self._journal.append(effect.screen_id, effect.record)
                case do.JournalClose() if effect.screen_id not in self._unsaved:
                    self._journal.close(effect.screen_id)
        except DeviceError as error:
            log.error("journal failed", why=str(error))  # noqa: TRY400 - its words are the remedy

    def retry(self, now: float) -> bool:
        """Try again what could not be saved; whether anything was saved by this."""
        if not self._unsaved or now < self._retry_at:
            return False
        self._retry_at = now + RETRY_S
        waiting, self._unsaved = self._unsaved, {}
        for screen_id, session in waiting.items():
            self.publish(do.PublishReport(session), now)
            self.keep(do.JournalClose(screen_id))
        return len(self._unsaved) < len(waiting)
