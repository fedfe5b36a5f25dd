"""From what the screen says to rows in the outbox: identity and time are added here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypedDict

from ulid import ULID

from firmware_service.ports import Clock, Outbox
from firmware_service.screen.session import Session
from firmware_service.screen.summary import DeviceFacts, Issue, build_report, signal_body
from firmware_service.types import RiskSignal, Task
from firmware_service.wire import v1


class _Heading(TypedDict):
    message_id: str
    screen_id: str
    agency: str
    unit: str
    issued_at: datetime
    clock_synced: bool


class OutboxDesk:
    """Writes every document under this unit's name and commits it to the outbox.

    `clock` dates what is sent. `capture_now` reads the capture clock that the session was timed by;
    None when there is no such clock any more (after a restart) or it is a recording's.
    """

    def __init__(
        self,
        outbox: Outbox,
        clock: Clock,
        facts: DeviceFacts,
        capture_now: Callable[[], float] | None,
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._facts = facts
        self._capture_now = capture_now

    def state(self, screen_id: str, state: str, task: Task | None, attempt: int | None) -> None:
        """Tell where the screen stands.

        Raises:
            OutboxError: it could not be saved.
        """
        self._outbox.append(
            v1.ScreenState(
                **self._heading(screen_id),
                state=state,
                task=task,
                attempt=attempt,
            )
        )

    def signal(self, screen_id: str, signal: RiskSignal) -> None:
        """Commit one finding.

        Raises:
            OutboxError: it could not be saved.
        """
        self._outbox.append(
            v1.Signal(
                **self._heading(screen_id),
                signal=signal_body(signal),
            )
        )

    def report(self, session: Session) -> None:
        """Commit the report of an ended session; the same session twice is one message.

        Raises:
            OutboxError: it could not be saved.
        """
        now = None if self._capture_now is None else self._capture_now()
        issue = Issue(self._clock.utc(), now, self._clock.synced)
        self._outbox.append(build_report(session, self._facts, issue))

    def _heading(self, screen_id: str) -> _Heading:
        return {
            "message_id": str(ULID()),
            "screen_id": screen_id,
            "agency": self._facts.agency,
            "unit": self._facts.unit,
            "issued_at": self._clock.utc(),
            "clock_synced": self._clock.synced,
        }
