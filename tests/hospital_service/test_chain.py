"""From a unit's publish to a row on disk and a signed receipt, on both brokers."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from ulid import ULID

from firmware_service.wire.terms import Level
from firmware_service.wire.v1 import LinkState, ReceiptKind, Report, Signal
from hospital_service.embedded_broker import EmbeddedBroker, Kind
from hospital_service.events import FilesWritten, Repeated, SeenSent, Stored, UnitHeard
from hospital_service.seen import mark_seen
from hospital_service.store.repository import Store
from tests.hospital_service.ambulance import SITE, Ambulance, until
from tests.hospital_service.conftest import Site


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_a_screen_arrives_and_is_receipted(tmp_path: Path, site: Site, kind: Kind) -> None:
    with EmbeddedBroker.start(tmp_path / "broker", prefer=kind) as broker:
        ambulance = Ambulance(broker, site.pen(), site.keys.signing.verify_key)
        site.open(site.settings(broker, out_dir=str(tmp_path / "out")))
        screen_id = str(ULID())
        signal, report = ambulance.pen.signal(screen_id), ambulance.pen.report(screen_id)
        ambulance.send(signal)
        ambulance.send(report)
        assert until(lambda: len(ambulance.receipts) == 2)
        assert [receipt.message_id for receipt in ambulance.receipts] == [
            signal.message_id,
            report.message_id,
        ]
        assert {receipt.receipt for receipt in ambulance.receipts} == {ReceiptKind.STORED}
        assert {receipt.screen_id for receipt in ambulance.receipts} == {screen_id}
        assert until(lambda: site.count(Stored) == 2)
        stored = [event for event in site.events if isinstance(event, Stored)]
        assert [type(event.document) for event in stored] == [Signal, Report]
        assert all(event.latency_s is not None and 0 < event.latency_s < 5 for event in stored)

        assert until(lambda: site.count(FilesWritten) == 1)
        (written,) = (event for event in site.events if isinstance(event, FilesWritten))
        assert {path.suffix for path in written.paths} == {".json", ".pdf", ".csv"}
        assert all(screen_id in path.name for path in written.paths)
        assert Report.read(written.paths[0].read_bytes()) == report
        assert written.paths[1].read_bytes().startswith(b"%PDF")
        ambulance.leave()
        site.shut()

    database = tmp_path / "site" / "state" / "hospital.sqlite3"
    assert database.stat().st_mode & 0o077 == 0
    with sqlite3.connect(database) as plain:
        rows = plain.execute("SELECT kind, message_id FROM messages ORDER BY id").fetchall()
        mode = plain.execute("PRAGMA journal_mode").fetchone()
    plain.close()
    assert rows == [("signal", signal.message_id), ("report", report.message_id)]
    assert mode == ("wal",)


def test_what_comes_while_the_receiver_is_away_is_stored_when_it_is_back(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance
) -> None:
    site.open(site.settings(broker))
    site.shut()
    waiting = [ambulance.pen.signal(str(ULID())) for _ in range(100)]
    for signal in waiting:
        ambulance.send(signal)
    site.open(site.settings(broker))
    assert until(lambda: all(ambulance.receipted(signal) == 1 for signal in waiting))
    assert until(lambda: site.count(Stored) == 100)


def test_a_duplicate_is_receipted_again_and_stored_once(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance
) -> None:
    service = site.open(site.settings(broker))
    signal = ambulance.pen.signal(str(ULID()))
    topic, payload = ambulance.pen.seal(signal)
    for _ in range(3):
        ambulance.publish(topic, payload)
    assert until(lambda: ambulance.receipted(signal) == 3)
    assert until(lambda: (site.count(Stored), site.count(Repeated)) == (1, 2))
    with service.store.reading() as reading:
        assert reading.messages_stored() == 1


def test_seen_is_told_to_the_unit_and_survives_a_receiver_that_is_down(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance
) -> None:
    settings = site.settings(broker)
    service = site.open(settings)
    report = ambulance.pen.report(str(ULID()))
    ambulance.send(report)
    assert until(lambda: ambulance.receipted(report) == 1)
    site.shut()
    store = Store(settings.database_url)
    at = report.issued_at
    assert mark_seen(store, report.screen_id, role="physician", site=SITE, at=at)
    assert not mark_seen(store, report.screen_id, role="physician", site=SITE, at=at)
    store.close()
    service = site.open(settings)
    assert until(lambda: ambulance.receipted(report) == 2)
    seen = ambulance.receipts[-1]
    assert seen.receipt is ReceiptKind.SEEN
    assert seen.by_role == "physician"
    assert until(lambda: site.count(SeenSent) == 1)
    with service.store.reading() as reading:
        row = reading.screen(report.screen_id)
        assert reading.planned_receipts() == []
    assert row is not None
    assert row.seen_by_role == "physician"
    assert row.overall is Level.RAISED


def test_a_late_will_does_not_kill_the_newer_session(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance
) -> None:
    service = site.open(site.settings(broker))
    will = ambulance.pen.status(LinkState.OFFLINE, 1)
    for topic, payload in (
        ambulance.pen.status(LinkState.ONLINE, 1),
        ambulance.pen.status(LinkState.ONLINE, 2),
        will,
    ):
        ambulance.publish(topic, payload, retain=True)
    after = ambulance.pen.signal(str(ULID()))
    ambulance.send(after)
    assert until(lambda: ambulance.receipted(after) == 1)
    heard = [event for event in site.events if isinstance(event, UnitHeard)]
    assert [(event.state, event.session) for event in heard] == [
        (LinkState.ONLINE, 1),
        (LinkState.ONLINE, 2),
    ]
    with service.store.reading() as reading:
        (unit,) = reading.units()
    assert (unit.state, unit.session) == ("online", 2)
