"""What the outbox keeps, gives up, and never gives out twice."""

from __future__ import annotations

import json
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ulid import ULID

from firmware_service.deliver import outbox as outbox_module
from firmware_service.deliver.lanes import Lane, consign
from firmware_service.deliver.outbox import SqliteOutbox
from firmware_service.deliver.outbox_file import OutboxBusy
from firmware_service.ports import OutboxError
from firmware_service.wire import examples
from firmware_service.wire.v1 import ScreenDocument
from tests.firmware_service.deliver.people import People, report_of, state_of

COMMON = set(ScreenDocument.model_fields)


def test_what_is_appended_can_be_read_by_the_hospital_alone(
    outbox: SqliteOutbox, people: People
) -> None:
    documents: list[ScreenDocument] = [examples.signal(), report_of(5), state_of(6)]
    for document in documents:
        outbox.append(document)
    rows = outbox.after(0)
    assert [row.lane for row in rows] == [Lane.ALERT, Lane.REPORT, Lane.TREND]
    for row, document in zip(rows, documents, strict=True):
        payload = outbox.payload(row.sequence)
        assert payload is not None
        assert people.read(row.topic, payload) == document
        fields = json.loads(payload)
        assert (fields["epoch"], fields["sequence"]) == (outbox.epoch, row.sequence)


def test_nothing_of_the_patient_is_in_the_files(tmp_path: Path, people: People) -> None:
    outbox = SqliteOutbox(tmp_path / "outbox.db", people.sealer)
    outbox.append(examples.signal())
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert examples.message_id(2).encode() in written
    for word in (b"mouth corner", b"raised", b"weaker"):
        assert word not in written
    payload = outbox.payload(1)
    assert payload is not None
    assert payload[:200] in written
    outbox.delete_stored(examples.message_id(2))
    outbox.close()
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert payload[:200] not in left
    assert examples.SCREEN_ID.encode() not in left
    assert (tmp_path / "outbox.db").stat().st_mode & 0o077 == 0


def test_rows_survive_and_keep_their_bytes(tmp_path: Path, people: People) -> None:
    first = SqliteOutbox(tmp_path / "outbox.db", people.sealer)
    first.append(examples.signal())
    payload = first.payload(1)
    first.mark_sent([1])
    epoch = first.epoch
    first.close()
    second = SqliteOutbox(tmp_path / "outbox.db", people.sealer)
    assert second.epoch == epoch
    assert second.payload(1) == payload
    assert [row.sent for row in second.after(0)] == [True]
    second.close()


def test_a_sequence_is_never_given_out_twice(tmp_path: Path, people: People) -> None:
    seen: list[int] = []
    for n in range(5):
        outbox = SqliteOutbox(tmp_path / "outbox.db", people.sealer)
        outbox.append(examples.signal(10 + n))
        seen += [row.sequence for row in outbox.after(0)]
        assert outbox.delete_stored(examples.message_id(10 + n))
        outbox.close()
    assert seen == [1, 2, 3, 4, 5]
    other = SqliteOutbox(tmp_path / "another.db", people.sealer)
    outbox = SqliteOutbox(tmp_path / "outbox.db", people.sealer)
    assert other.epoch != outbox.epoch
    other.close()
    outbox.close()


def test_only_a_receipt_deletes_and_twice_is_harmless(outbox: SqliteOutbox) -> None:
    outbox.append(examples.signal())
    outbox.mark_sent([1])
    assert len(outbox.after(0)) == 1
    assert outbox.delete_stored(examples.message_id(77)) is False
    assert outbox.delete_stored(examples.message_id(2)) is True
    assert outbox.delete_stored(examples.message_id(2)) is False
    assert outbox.after(0) == []
    assert outbox.payload(1) is None


def test_the_same_document_is_saved_once(outbox: SqliteOutbox) -> None:
    outbox.append(examples.signal())
    payload = outbox.payload(1)
    outbox.append(examples.signal())
    assert [row.sequence for row in outbox.after(0)] == [1]
    assert outbox.payload(1) == payload


def test_what_was_delivered_is_not_sent_again_after_a_restart(
    tmp_path: Path, people: People
) -> None:
    outbox = SqliteOutbox(tmp_path / "outbox.db", people.sealer)
    outbox.append(report_of(1))
    outbox.delete_stored(examples.message_id(1))
    outbox.close()
    again = SqliteOutbox(tmp_path / "outbox.db", people.sealer)
    again.append(report_of(1))
    assert again.after(0) == []
    assert again.delivered_before() == [report_of(1)]
    assert again.delivered_before() == []
    again.close()


def test_the_memory_of_what_was_delivered_is_bounded(
    outbox: SqliteOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "REMEMBERED", 3)
    for n in range(1, 6):
        outbox.append(report_of(n))
        outbox.delete_stored(examples.message_id(n))
    for n in range(1, 6):
        outbox.append(report_of(n))
    again = [row.message_id for row in outbox.after(0)]
    assert again == [examples.message_id(n) for n in (1, 2)]


def test_a_newer_state_replaces_the_older_of_the_same_screen(outbox: SqliteOutbox) -> None:
    other_screen = str(ULID())
    for n, screen in ((1, examples.SCREEN_ID), (2, other_screen), (3, examples.SCREEN_ID)):
        outbox.append(state_of(n, screen))
    kept = [row.message_id for row in outbox.after(0)]
    assert kept == [examples.message_id(2), examples.message_id(3)]


def test_states_grow_stale_and_nothing_else_does(outbox: SqliteOutbox) -> None:
    outbox.append(examples.signal())
    outbox.append(report_of(5))
    outbox.append(state_of(6))
    assert outbox.expire(examples.AT + timedelta(seconds=89)) == 0
    assert outbox.expire(examples.AT + timedelta(days=4000)) == 1
    assert outbox.depth() == {Lane.ALERT: 1, Lane.REPORT: 1, Lane.TREND: 0}


def test_at_the_cap_the_oldest_trends_go_and_never_an_alert(tmp_path: Path, people: People) -> None:
    outbox = SqliteOutbox(
        tmp_path / "outbox.db", people.sealer, max_bytes=120_000, ballast_bytes=4096
    )
    for n in range(200):
        outbox.append(state_of(n, str(ULID())))
    trends = [row.sequence for row in outbox.after(0)]
    assert outbox.dropped_trends > 0
    assert trends == list(range(201 - len(trends), 201)), "the newest are kept"
    for n in range(300, 420):
        outbox.append(examples.signal(n))
    assert outbox.depth() == {Lane.ALERT: 120, Lane.REPORT: 0, Lane.TREND: 0}
    dropped = outbox.dropped_trends
    outbox.append(state_of(999, str(ULID())))
    assert outbox.depth()[Lane.TREND] == 0
    assert outbox.dropped_trends == dropped + 1
    outbox.close()


def test_two_programs_cannot_hold_it(outbox: SqliteOutbox, people: People, tmp_path: Path) -> None:
    outbox.append(examples.signal())
    with pytest.raises(OutboxBusy, match="held by another program"):
        SqliteOutbox(tmp_path / "outbox.db", people.sealer)


def test_a_damaged_file_is_kept_aside_and_a_new_epoch_begins(
    tmp_path: Path, people: People
) -> None:
    path = tmp_path / "outbox.db"
    first = SqliteOutbox(path, people.sealer)
    for n in range(30):
        first.append(examples.signal(100 + n))
    first.close()
    whole = path.read_bytes()
    for damage in (b"this is no database" * 100, whole[:8192] + bytes(8192) + whole[16384:]):
        path.write_bytes(damage)
        second = SqliteOutbox(path, people.sealer)
        assert second.set_aside is not None
        assert second.set_aside.read_bytes() == damage
        assert second.epoch != first.epoch
        second.append(examples.signal())
        assert len(second.after(0)) == 1
        second.close()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, people: People) -> None:
    with pytest.raises(OutboxError, match=r"missing/outbox\.db"):
        SqliteOutbox(tmp_path / "missing" / "outbox.db", people.sealer)


def test_what_cannot_be_sealed_is_an_outbox_error_and_costs_no_sequence(
    outbox: SqliteOutbox,
) -> None:
    foreign = examples.signal().model_copy(update={"unit": "medic-8"})
    with pytest.raises(OutboxError, match="medic-8"):
        outbox.append(foreign)
    outbox.append(examples.signal())
    assert [row.sequence for row in outbox.after(0)] == [1]


def test_a_kind_without_a_rule_is_refused() -> None:
    with pytest.raises(ValueError, match="add a rule"):
        consign(ScreenDocument.model_validate(examples.state().model_dump(include=COMMON)))


def test_many_threads_may_append(outbox: SqliteOutbox) -> None:
    def work(start: int) -> None:
        for n in range(start, start + 20):
            outbox.append(examples.signal(n))

    threads = [threading.Thread(target=work, args=(1000 + 100 * k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(row.sequence for row in outbox.after(0)) == list(range(1, 81))


def test_the_file_is_durable_by_its_settings(outbox: SqliteOutbox) -> None:
    def pragma(name: str) -> object:
        return outbox._file.db.execute(f"PRAGMA {name}").fetchone()[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("wal_autocheckpoint") == 16
    assert pragma("secure_delete") == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["alert", "state", "stored", "reopen"]), max_size=25))
def test_any_order_of_use_keeps_exactly_what_was_not_receipted(
    tmp_path_factory: pytest.TempPathFactory, actions: list[str]
) -> None:
    people, path = People(), tmp_path_factory.mktemp("outbox") / "outbox.db"
    outbox = SqliteOutbox(path, people.sealer, ballast_bytes=4096)
    owed: set[str] = set()
    latest_state: set[str] = set()
    sequences: set[int] = set()
    for n, action in enumerate(actions):
        if action == "alert":
            outbox.append(examples.signal(n))
            owed.add(examples.message_id(n))
        elif action == "state":
            outbox.append(state_of(n))
            latest_state = {examples.message_id(n)}
        elif action == "stored" and owed:
            outbox.delete_stored(owed.pop())
        elif action == "reopen":
            outbox.close()
            outbox = SqliteOutbox(path, people.sealer, ballast_bytes=4096)
        rows = outbox.after(0)
        assert {row.message_id for row in rows} == owed | latest_state
        new = {row.sequence for row in rows} - sequences
        assert len(new) == (action in {"alert", "state"})
        assert all(sequence > max(sequences, default=0) for sequence in new)
        sequences |= new
    outbox.close()


def test_sqlite_is_new_enough_for_strict_tables_and_returning() -> None:
    assert sqlite3.sqlite_version_info >= (3, 37)
