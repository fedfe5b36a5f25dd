"""What is forged, replayed, garbled or foreign is set aside with its reason, and stops nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ulid import ULID

from firmware_service.wire.codec import decode, encode
from firmware_service.wire.envelope import MAX_PAYLOAD_BYTES
from firmware_service.wire.keys import SealingKey
from hospital_service.embedded_broker import EmbeddedBroker
from hospital_service.events import Refused, Repeated, Stored
from tests.hospital_service.ambulance import Ambulance, Pen, until
from tests.hospital_service.conftest import Site

Message = tuple[str, bytes]


def _topic() -> str:
    return f"stroke/v1/demo-agency/medic-7/screen/{ULID()}/signal"


def _sealed(pen: Pen) -> Message:
    return pen.seal(pen.signal(str(ULID())))


def _stranger(site: Site, _pen: Pen) -> Message:
    return _sealed(site.pen("medic-8", trusted=False))


def _revoked(site: Site, _pen: Pen) -> Message:
    (site.units_dir / "revoked").mkdir()
    pen = site.pen("medic-9")
    (site.units_dir / "medic-9.pub").rename(site.units_dir / "revoked" / "medic-9.pub")
    return _sealed(pen)


def _forged(_site: Site, pen: Pen) -> Message:
    topic, payload = _sealed(pen)
    fields = decode(payload)
    assert isinstance(fields, dict)
    assert isinstance(fields["sequence"], int)
    fields["sequence"] += 1
    return topic, encode(fields)


def _impostor(site: Site, pen: Pen) -> Message:
    other = site.pen("medic-6")
    other.key = pen.key
    return _sealed(other)


def _moved(_site: Site, pen: Pen) -> Message:
    return _topic(), _sealed(pen)[1]


def _to_another_hospital(_site: Site, pen: Pen) -> Message:
    stray = Pen(SealingKey.generate().recipient_key, pen.unit)
    stray.key = pen.key
    return _sealed(stray)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_stranger, "UnknownSender"),
        (_revoked, "RevokedSender"),
        (_forged, "Forged"),
        (_impostor, "Forged"),
        (_moved, "WrongTopic"),
        (_to_another_hospital, "WrongRecipient"),
        (lambda *_: (_topic(), b""), "CodecError"),
        (lambda *_: (_topic(), b"\xff\x00\xfe" * 50), "CodecError"),
        (lambda *_: (_topic(), b'{"v":1,"v":1}'), "CodecError"),
        (lambda *_: (_topic(), b'{"v":2}'), "UnknownVersion"),
        (lambda *_: (_topic(), b"[" * 5000), "CodecError"),
        (lambda *_: (_topic(), b" " * (MAX_PAYLOAD_BYTES + 1)), "TooLarge"),
    ],
)
def test_refused_with_its_reason_and_the_next_one_is_stored(
    site: Site,
    broker: EmbeddedBroker,
    ambulance: Ambulance,
    make: Callable[[Site, Pen], Message],
    reason: str,
) -> None:
    bad = make(site, ambulance.pen)
    service = site.open(site.settings(broker))
    ambulance.publish(*bad)
    ambulance.publish(*bad)
    good = ambulance.pen.signal(str(ULID()))
    ambulance.send(good)
    assert until(lambda: ambulance.receipted(good) == 1)
    refused = [event for event in site.events if isinstance(event, Refused)]
    assert [event.reason for event in refused] == [reason, reason]
    assert len(ambulance.receipts) == 1
    with service.store.reading() as reading:
        (row,) = reading.quarantine()
        assert reading.messages_stored() == 1
    assert (row.reason, row.topic, row.size, row.times) == (reason, bad[0], len(bad[1]), 2)


def test_a_replay_with_another_body_is_refused_and_gets_no_receipt(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance
) -> None:
    site.open(site.settings(broker))
    pen = ambulance.pen
    first, second = pen.signal(str(ULID())), pen.signal(str(ULID()))
    stolen_id = second.model_copy(update={"message_id": first.message_id})
    ambulance.publish(*pen.seal(first, sequence=7))
    ambulance.publish(*pen.seal(second, sequence=7))
    ambulance.publish(*pen.seal(stolen_id, sequence=8))
    last = pen.signal(str(ULID()))
    ambulance.publish(*pen.seal(last, sequence=9))
    assert until(lambda: ambulance.receipted(last) == 1)
    assert [event.reason for event in site.events if isinstance(event, Refused)] == ["Replayed"] * 2
    assert ambulance.receipted(first) == 1
    assert ambulance.receipted(second) == 0


def test_the_same_message_sealed_anew_is_a_duplicate(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance
) -> None:
    site.open(site.settings(broker))
    signal = ambulance.pen.signal(str(ULID()))
    ambulance.send(signal)
    ambulance.send(signal)
    assert until(lambda: ambulance.receipted(signal) == 2)
    assert until(lambda: (site.count(Stored), site.count(Repeated)) == (1, 1))
    assert site.count(Refused) == 0


def test_a_unit_cannot_speak_into_the_screen_of_another(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance
) -> None:
    other = Ambulance(broker, site.pen("medic-8"), site.keys.signing.verify_key)
    service = site.open(site.settings(broker))
    screen_id = str(ULID())
    mine = ambulance.pen.report(screen_id)
    ambulance.send(mine)
    assert until(lambda: ambulance.receipted(mine) == 1)
    other.send(other.pen.report(screen_id, version=9))
    assert until(lambda: site.count(Refused) == 1)
    with service.store.reading() as reading:
        row = reading.screen(screen_id)
    assert row is not None
    assert (row.unit, row.report_version) == ("medic-7", 1)
    assert other.receipts == []
    other.leave()


def test_a_key_put_into_the_folder_counts_without_a_restart(
    site: Site, broker: EmbeddedBroker
) -> None:
    site.open(site.settings(broker))
    pen = site.pen("medic-8", trusted=False)
    ambulance = Ambulance(broker, pen, site.keys.signing.verify_key)
    signal = pen.signal(str(ULID()))
    ambulance.send(signal)
    assert until(lambda: site.count(Refused) == 1)
    pen.key.verify_key.save(site.units_dir / "medic-8.pub")
    ambulance.send(signal)
    assert until(lambda: ambulance.receipted(signal) == 1)
    ambulance.leave()
