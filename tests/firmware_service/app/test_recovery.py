"""What an earlier run left is reported, and what gives no report does not stop the next start."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_service.app.recovery import report_interrupted
from firmware_service.ports import OutboxError
from firmware_service.screen.journal import Opened
from firmware_service.screen.session import Session
from firmware_service.system.journal_file import JournalFolder
from firmware_service.types import ReportStatus, RiskSignal, Task
from tests.firmware_service.screen.hand import opening


class Desk:
    """Keeps the sessions, or refuses them with this error."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.sessions: list[Session] = []
        self._refusal = refusal

    def state(self, screen_id: str, state: str, task: Task | None, attempt: int | None) -> None:
        pass

    def signal(self, screen_id: str, signal: RiskSignal) -> None:
        pass

    def report(self, session: Session) -> None:
        if self._refusal is not None:
            raise self._refusal
        self.sessions.append(session)


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """The folder of a run that was cut off in its first screen."""
    first = opening()
    JournalFolder(tmp_path).append(first.screen_id, Opened(first, "standard", 5.0))
    return tmp_path


def test_a_screen_that_was_cut_off_is_reported_and_its_journal_removed(left: Path) -> None:
    desk = Desk()
    assert report_interrupted(JournalFolder(left), desk) == 1
    assert [session.status for session in desk.sessions] == [ReportStatus.INTERRUPTED]
    assert list(left.iterdir()) == []


def test_a_journal_that_gives_no_report_is_kept_out_of_the_way(left: Path) -> None:
    (left / "unreadable.journal").write_bytes(b"nothing of this can be read\n")
    report_interrupted(JournalFolder(left), Desk(ValueError("more than the wire carries")))
    kept = {path.name for path in left.iterdir()}
    assert kept == {f"{opening().screen_id}.set-aside", "unreadable.set-aside"}
    assert report_interrupted(JournalFolder(left), Desk()) == 0


def test_a_full_outbox_leaves_the_journal_for_the_next_start(left: Path) -> None:
    with pytest.raises(OutboxError):
        report_interrupted(JournalFolder(left), Desk(OutboxError("disk full")))
    assert report_interrupted(JournalFolder(left), Desk()) == 1
