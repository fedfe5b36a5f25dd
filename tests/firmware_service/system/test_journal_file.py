"""The journal on disk: what was appended is there after any cut, and gone once it was closed."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from firmware_service.screen import effects as do
from firmware_service.screen.journal import Record, encode
from firmware_service.screen.states import ArmEntry
from firmware_service.system.journal_file import JournalError, JournalFolder
from firmware_service.types import Task
from tests.firmware_service.screen.hand import Hand, left_droop, opening

SCREEN = opening(1).screen_id


def records() -> list[Record]:
    hand = Hand(left_droop)
    hand.press()
    hand.look()
    hand.until(ArmEntry)
    return [e.record for e in hand.effects if isinstance(e, do.JournalAppend)]


def test_an_open_screen_is_found_again_by_the_next_run(tmp_path: Path) -> None:
    journals = JournalFolder(tmp_path / "journals")
    for record in records():
        journals.append(SCREEN, record)
    (left,) = JournalFolder(tmp_path / "journals").leftovers()
    assert left.screen_id == SCREEN
    assert left.recovered is not None
    assert left.recovered.damage is None
    assert len(left.recovered.session.attempts) == 5


def test_a_closed_screen_leaves_nothing(tmp_path: Path) -> None:
    journals = JournalFolder(tmp_path)
    journals.append(SCREEN, records()[0])
    journals.close(SCREEN)
    journals.close(SCREEN)
    assert list(tmp_path.iterdir()) == []
    assert JournalFolder(tmp_path).leftovers() == ()


def test_a_leftover_can_be_closed_by_the_run_that_found_it(tmp_path: Path) -> None:
    JournalFolder(tmp_path).append(SCREEN, records()[0])
    journals = JournalFolder(tmp_path)
    (left,) = journals.leftovers()
    journals.close(left.screen_id)
    assert journals.leftovers() == ()


def test_a_file_cut_at_every_byte_gives_the_records_before_the_cut(tmp_path: Path) -> None:
    written = records()[:3]
    path = tmp_path / f"{SCREEN}.journal"
    whole = b"".join(map(encode, written))
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        (left,) = JournalFolder(tmp_path).leftovers()
        lines = whole[:cut].count(b"\n")
        if lines == 0:
            assert left.recovered is None
        else:
            assert left.recovered is not None
            tasks = [a.result.task for a in left.recovered.session.attempts]
            assert tasks == [Task.REST, Task.SMILE][: lines - 1]


def test_a_killed_process_loses_no_record_it_was_told_is_safe(tmp_path: Path) -> None:
    program = f"""
        import os, pathlib, signal
        from firmware_service.system.journal_file import JournalFolder
        from tests.firmware_service.system.test_journal_file import SCREEN, records
        journals = JournalFolder(pathlib.Path({str(tmp_path)!r}))
        for record in records()[:4]:
            journals.append(SCREEN, record)
        os.kill(os.getpid(), signal.SIGKILL)
    """
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], check=False, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL
    (left,) = JournalFolder(tmp_path).leftovers()
    assert left.recovered is not None
    assert len(left.recovered.session.attempts) == 3


def test_a_full_disk_is_told_and_what_was_written_before_stays_whole(tmp_path: Path) -> None:
    written = records()
    journals = JournalFolder(tmp_path)
    journals.append(SCREEN, written[0])
    room = len(encode(written[0])) + 100
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(JournalError, match=f"journal of screen {SCREEN}.*free space"):
            journals.append(SCREEN, written[1])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    journals.append(SCREEN, written[2])
    (left,) = JournalFolder(tmp_path).leftovers()
    assert left.recovered is not None
    assert left.recovered.damage is None
    assert [a.result.task for a in left.recovered.session.attempts] == [Task.SMILE]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match=r"journal folder .*file"):
        JournalFolder(tmp_path / "file" / "journals")


def test_journals_are_for_the_device_alone(tmp_path: Path) -> None:
    JournalFolder(tmp_path / "journals").append(SCREEN, records()[0])
    (path,) = (tmp_path / "journals").iterdir()
    assert path.stat().st_mode & 0o077 == 0
