"""Late, doubled and superseding messages: the ED shows the newest word, whatever came last."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ulid import ULID

from firmware_service.wire.envelope import Opened, TrustedSender, open_sealed
from firmware_service.wire.keys import SealingKey
from firmware_service.wire.replay import Verdict
from firmware_service.wire.terms import Level
from firmware_service.wire.v1 import LinkState, ScreenDocument, UnitStatus
from hospital_service.errors import StoreError
from hospital_service.seen import NoSuchScreen, mark_seen
from hospital_service.store import writing as writing_module
from hospital_service.store.repository import Store
from hospital_service.store.writing import Refusal
from tests.hospital_service.ambulance import AGENCY, Pen, finding

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = SealingKey.generate()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'ed.sqlite3'}")
    yield store
    store.close()


@pytest.fixture
def pen() -> Pen:
    return Pen(KEY.recipient_key)


def _opened(pen: Pen, topic: str, payload: bytes) -> Opened:
    sender = TrustedSender(AGENCY, pen.unit, None, pen.key.verify_key)
    return open_sealed(payload, topic=topic, senders=lambda _: sender, recipients=[KEY])


def _keep(store: Store, pen: Pen, document: ScreenDocument, sequence: int) -> Verdict:
    with store.writing() as writing:
        return writing.keep(_opened(pen, *pen.seal(document, sequence)), document, NOW)


def _hear(store: Store, pen: Pen, state: LinkState, session: int) -> bool:
    opened = _opened(pen, *pen.status(state, session))
    with store.writing() as writing:
        return writing.hear_unit(opened.header, UnitStatus.read(opened.document), NOW)


@pytest.mark.parametrize("order", list(itertools.permutations([1, 2, 3])))
def test_the_highest_version_stands_in_whatever_order_they_come(
    store: Store, pen: Pen, order: tuple[int, ...]
) -> None:
    screen_id = str(ULID())
    for version in order:
        report = pen.report(screen_id, version=version, summary=f"version {version}")
        assert _keep(store, pen, report, sequence=version) is Verdict.NEW
    with store.reading() as reading:
        stored = reading.report(screen_id)
        assert reading.messages_stored() == 3
    assert stored is not None
    assert (stored.report.version, stored.report.summary) == (3, "version 3")


def test_of_one_version_the_newer_message_stands(store: Store, pen: Pen) -> None:
    screen_id = str(ULID())
    _keep(store, pen, pen.report(screen_id, summary="second"), sequence=6)
    _keep(store, pen, pen.report(screen_id, summary="first"), sequence=5)
    with store.reading() as reading:
        stored = reading.report(screen_id)
    assert stored is not None
    assert stored.report.summary == "second"


def test_a_late_signal_does_not_undo_a_newer_one_or_the_report(store: Store, pen: Pen) -> None:
    screen_id = str(ULID())
    raised, calm = finding(Level.RAISED), finding(Level.NOT_RAISED, side=None, score=0.1)
    _keep(store, pen, pen.signal(screen_id, raised), sequence=4)
    _keep(store, pen, pen.signal(screen_id, calm), sequence=3)
    with store.reading() as reading:
        assert reading.signals(screen_id) == [raised]
    _keep(store, pen, pen.signal(screen_id, calm), sequence=5)
    with store.reading() as reading:
        assert reading.signals(screen_id) == [calm]
    _keep(store, pen, pen.report(screen_id), sequence=9)  # its signals say raised
    _keep(store, pen, pen.signal(screen_id, calm), sequence=8)
    with store.reading() as reading:
        assert reading.signals(screen_id) == [raised]


def test_a_signal_that_was_not_measured_stays_without_a_score(store: Store, pen: Pen) -> None:
    screen_id = str(ULID())
    unknown = finding(Level.UNKNOWN, side=None, score=None)
    _keep(store, pen, pen.signal(screen_id, unknown), sequence=1)
    with store.reading() as reading:
        assert reading.signals(screen_id) == [unknown]
        row = reading.screen(screen_id)
    assert row is not None
    assert (row.overall, row.status) == (None, None)


def test_a_late_state_does_not_turn_the_screen_back(store: Store, pen: Pen) -> None:
    screen_id = str(ULID())
    _keep(store, pen, pen.state(screen_id, "recording smile"), sequence=2)
    _keep(store, pen, pen.state(screen_id, "positioning"), sequence=1)
    with store.reading() as reading:
        row = reading.screen(screen_id)
    assert row is not None
    assert row.state == "recording smile"


def test_a_unit_that_began_anew_is_believed_over_its_old_numbers(store: Store, pen: Pen) -> None:
    screen_id = str(ULID())
    _keep(store, pen, pen.state(screen_id, "before the crash"), sequence=50)
    pen.epoch = str(ULID())
    _keep(store, pen, pen.state(screen_id, "after the crash"), sequence=1)
    with store.reading() as reading:
        row = reading.screen(screen_id)
    assert row is not None
    assert row.state == "after the crash"


@pytest.mark.parametrize(
    ("said", "believed", "stands"),
    [
        ([(LinkState.ONLINE, 3), (LinkState.OFFLINE, 3)], [True, True], "offline"),
        ([(LinkState.ONLINE, 3), (LinkState.OFFLINE, 2)], [True, False], "online"),
        ([(LinkState.OFFLINE, 3), (LinkState.ONLINE, 4)], [True, True], "online"),
        ([(LinkState.OFFLINE, 3), (LinkState.ONLINE, 3)], [True, False], "offline"),
        ([(LinkState.ONLINE, 3), (LinkState.ONLINE, 3)], [True, False], "online"),
    ],
)
def test_unit_status(
    store: Store,
    pen: Pen,
    said: list[tuple[LinkState, int]],
    believed: list[bool],
    stands: str,
) -> None:
    assert [_hear(store, pen, *one) for one in said] == believed
    with store.reading() as reading:
        (unit,) = reading.units()
    assert unit.state == stands


def test_an_error_leaves_nothing_of_the_transaction(store: Store, pen: Pen) -> None:
    document = pen.report(str(ULID()))
    opened = _opened(pen, *pen.seal(document))

    def fail_half_way() -> None:
        with store.writing() as writing:
            writing.keep(opened, document, NOW)
            raise KeyError("in the middle")

    with pytest.raises(KeyError):
        fail_half_way()
    with store.reading() as reading:
        assert reading.messages_stored() == 0
        assert reading.screens() == []


def test_the_quarantine_keeps_only_the_newest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing_module, "QUARANTINE_ROWS", 5)
    with store.writing() as writing:
        for n in range(12):
            writing.refuse(Refusal.of("CodecError", "x", "stroke/x", bytes([n])), NOW)
        writing.refuse(Refusal.of("CodecError", "x", "stroke/x", bytes([11])), NOW)
    with store.reading() as reading:
        rows = reading.quarantine()
    assert len(rows) == 5
    assert sorted(row.times for row in rows) == [1, 1, 1, 1, 2]


def test_seen_needs_a_screen_and_each_role_counts_once(store: Store, pen: Pen) -> None:
    with pytest.raises(NoSuchScreen, match="stroke-hospital show"):
        mark_seen(store, str(ULID()), role="nurse", site="demo-ed", at=NOW)
    report = pen.report(str(ULID()))
    _keep(store, pen, report, sequence=1)
    for role, first in (("nurse", True), ("physician", True), ("nurse", False)):
        assert mark_seen(store, report.screen_id, role=role, site="demo-ed", at=NOW) is first
    with store.reading() as reading:
        assert [one.by_role for one in reading.planned_receipts()] == ["nurse", "physician"]
        row = reading.screen(report.screen_id)
    assert row is not None
    assert row.seen_by_role == "nurse"


def test_numbers_are_never_given_twice_also_over_a_restart(tmp_path: Path) -> None:
    given = []
    for _ in range(3):
        store = Store(f"sqlite:///{tmp_path / 'ed.sqlite3'}")
        with store.writing() as writing:
            given += [writing.count("session"), writing.count("session", at_least=4)]
        store.close()
    assert given == [1, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("url", ["sqlite:////proc/nowhere/ed.sqlite3", "no url", "nosql://x/y"])
def test_a_database_that_cannot_be_opened_is_one_line(url: str) -> None:
    with pytest.raises(StoreError, match="cannot be opened") as caught:
        Store(url)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "ed.sqlite3"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(f"sqlite:///{path}")


def test_a_read_that_fails_is_told_like_a_write(tmp_path: Path) -> None:
    path = tmp_path / "ed.sqlite3"
    store = Store(f"sqlite:///{path}")
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE receipts")
    database.close()
    with pytest.raises(StoreError, match="cannot be read"), store.reading() as reading:
        reading.planned_receipts()
    store.close()
