"""The journal's lines survive the disk, and a restart gets back what was measured."""

from __future__ import annotations

import pytest

from firmware_service.screen import effects as do
from firmware_service.screen.events import ArmEntered
from firmware_service.screen.journal import ArmsEntered, Opened, decode, encode, recover
from firmware_service.screen.scoring import assess
from firmware_service.screen.states import ArmEntry, Judging
from firmware_service.types import ArmDrift, Finding, Level, ReportStatus, Task
from tests.firmware_service.screen.hand import Hand, left_droop, opening


def droop_up_to_the_arms() -> Hand:
    hand = Hand(left_droop)
    hand.press()
    hand.look()
    hand.until(ArmEntry)
    return hand


def test_every_record_of_a_screen_reads_back_as_it_was_written() -> None:
    hand = droop_up_to_the_arms()
    hand.give(ArmEntered(ArmDrift.LEFT))
    records = [e.record for e in hand.effects if isinstance(e, do.JournalAppend)]
    assert len(records) == 8
    for record in records:
        line = encode(record)
        assert line.count(b"\n") == 1
        assert decode(line.removesuffix(b"\n")) == record


def test_a_restart_reports_what_was_measured_as_interrupted() -> None:
    hand = droop_up_to_the_arms()
    found = recover(hand.disk)
    assert found is not None
    assert found.damage is None
    session = found.session
    assert session.status is ReportStatus.INTERRUPTED
    assert session.opening == opening(1)
    assert [a.result.task for a in session.attempts] == [
        Task.REST, Task.SMILE, Task.BROWS, Task.EYES, Task.PHRASE,
    ]  # fmt: skip
    assert session.frames_read == 500
    levels = {s.finding: s.level for s in assess(session)}
    assert levels[Finding.FACE] is Level.RAISED
    assert levels[Finding.ARM] is Level.UNKNOWN


def test_a_screen_that_had_ended_comes_back_as_it_ended() -> None:
    hand = Hand(left_droop)
    ended = hand.whole_screen()
    written = b"".join(encode(e.record) for e in hand.effects if isinstance(e, do.JournalAppend))
    found = recover(written)
    assert found is not None
    assert found.session.status is ended.status
    assert (found.session.ended, found.session.attempts) == (ended.ended, ended.attempts)
    assert found.session.arms is ended.arms


def test_a_journal_cut_at_any_byte_gives_all_the_records_before_the_cut() -> None:
    hand = Hand(left_droop)
    hand.press()
    hand.look()
    hand.until(Judging, task=Task.SMILE)
    hand.step()
    whole = hand.disk
    ends = [i + 1 for i, byte in enumerate(whole) if byte == ord("\n")]
    assert len(ends) == 3
    for cut in range(len(whole) + 1):
        found = recover(whole[:cut])
        lines = sum(end <= cut for end in ends)
        if lines == 0:
            assert found is None
            continue
        assert found is not None
        assert len(found.session.attempts) == lines - 1
        assert (found.damage is None) == (cut in ends)


def test_a_flipped_byte_ends_the_reading_there() -> None:
    lines = droop_up_to_the_arms().disk.splitlines(keepends=True)
    broken = bytearray(lines[2])
    broken[len(broken) // 2] ^= 1
    found = recover(b"".join([*lines[:2], bytes(broken), *lines[3:]]))
    assert found is not None
    assert len(found.session.attempts) == 1
    assert found.damage == "journal line 3 is damaged; it and what follows are left out"


def test_a_changed_number_is_found_out_though_the_line_still_reads() -> None:
    line = encode(ArmsEntered(125.0, ArmDrift.LEFT))
    assert decode(line.replace(b"125", b"725").removesuffix(b"\n")) is None


@pytest.mark.parametrize("journal", [b"", b"\n", b"not a journal\n", b"\xff\x00\n"])
def test_what_is_no_journal_gives_nothing(journal: bytes) -> None:
    assert recover(journal) is None


def test_a_journal_that_does_not_begin_with_its_opening_gives_nothing() -> None:
    assert recover(encode(ArmsEntered(1.0, ArmDrift.LEFT))) is None
    assert recover(encode(Opened(opening(), "standard", 1.0))) is not None
