"""The sender, driven step by step against a broker that loses, repeats and goes away."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from firmware_service.deliver.lanes import WINDOW, Lane
from firmware_service.deliver.memory import MemoryBroker, MemoryHub
from firmware_service.deliver.outbox import SqliteOutbox
from firmware_service.deliver.receipts import ReceiptDesk
from firmware_service.deliver.sender import Delivery, Sender
from firmware_service.ports import Inbound
from firmware_service.screen.events import DeliveryStage
from firmware_service.wire import examples
from firmware_service.wire.envelope import SigningIdentity
from firmware_service.wire.keys import SigningKey
from firmware_service.wire.topics import hospital_filters
from firmware_service.wire.v1 import ReceiptKind, ScreenDocument
from tests.firmware_service.deliver.people import (
    AGENCY,
    UNIT,
    People,
    StoppedClock,
    report_of,
    state_of,
)


@dataclass
class Hospital:
    """Stores each message once, receipts every copy."""

    people: People
    broker: MemoryBroker
    receipts: bool = True
    arrived: list[str] = field(default_factory=list)
    payloads: dict[str, set[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.broker.connect()
        for topic_filter in hospital_filters(AGENCY):
            self.broker.subscribe(topic_filter, self.hear)

    def hear(self, message: Inbound) -> None:
        document = self.people.read(message.topic, message.payload)
        assert isinstance(document, ScreenDocument)
        self.arrived.append(document.message_id)
        self.payloads.setdefault(document.message_id, set()).add(message.payload)
        if self.receipts:
            self.broker.begin_publish(*self.people.receipt(document.message_id))


@dataclass
class Ambulance:
    """A sender on an outbox, with its own time."""

    outbox: SqliteOutbox
    people: People
    hub: MemoryHub
    clock: StoppedClock
    now: float = 1000.0
    told: list[Delivery] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.broker = self.hub.client(UNIT)
        trusted = {self.people.hospital.key.id: self.people.hospital.trusted}
        desk = ReceiptDesk(AGENCY, UNIT, trusted.get)
        self.sender = Sender(self.outbox, self.broker, desk, self.clock, self.told.append, seed=1)
        self.broker.connect()

    def step(self) -> float:
        self.hub.advance(self.now)
        return self.sender.step(self.now)

    def run(self, seconds: float) -> int:
        """Step whenever the sender asks for it; returns how often."""
        end, steps = self.now + seconds, 0
        while self.now < end:
            wake = self.step()
            steps += 1
            self.now = max(self.now + 0.01, min(wake, self.now + 0.25))
        self.step()
        return steps

    def stages(self, n: int) -> list[DeliveryStage]:
        wanted = examples.message_id(n)
        return [delivery.stage for delivery in self.told if delivery.message_id == wanted]


@pytest.fixture
def hub() -> MemoryHub:
    return MemoryHub()


@pytest.fixture
def hospital(people: People, hub: MemoryHub) -> Hospital:
    return Hospital(people, hub.client("hospital"))


@pytest.fixture
def ambulance(
    outbox: SqliteOutbox, people: People, hub: MemoryHub, clock: StoppedClock
) -> Ambulance:
    return Ambulance(outbox, people, hub, clock)


def test_from_queued_to_stored(ambulance: Ambulance, hospital: Hospital) -> None:
    ambulance.outbox.append(examples.signal(1))
    ambulance.run(0.1)
    assert ambulance.stages(1) == [
        DeliveryStage.QUEUED,
        DeliveryStage.SENT,
        DeliveryStage.STORED,
    ] or ambulance.stages(1) == [DeliveryStage.QUEUED, DeliveryStage.STORED]
    assert hospital.arrived == [examples.message_id(1)]
    assert ambulance.outbox.after(0) == []


def test_acknowledged_is_not_stored(ambulance: Ambulance, hospital: Hospital) -> None:
    hospital.receipts = False
    ambulance.outbox.append(examples.signal(1))
    ambulance.run(1)
    assert ambulance.stages(1) == [DeliveryStage.QUEUED, DeliveryStage.SENT]
    assert [row.sent for row in ambulance.outbox.after(0)] == [True]


def test_seen_by_a_clinician_is_told_apart(ambulance: Ambulance, hospital: Hospital) -> None:
    ambulance.outbox.append(examples.signal(1))
    ambulance.run(0.1)
    hospital.broker.publish(*hospital.people.receipt(examples.message_id(1), ReceiptKind.SEEN))
    ambulance.run(0.1)
    assert ambulance.stages(1)[-1] is DeliveryStage.SEEN
    assert ambulance.told[-1].screen_id == examples.SCREEN_ID


def test_seen_alone_deletes_nothing(ambulance: Ambulance, hospital: Hospital) -> None:
    hospital.receipts = False
    ambulance.outbox.append(examples.signal(1))
    ambulance.run(0.1)
    hospital.broker.publish(*hospital.people.receipt(examples.message_id(1), ReceiptKind.SEEN))
    ambulance.run(0.1)
    assert len(ambulance.outbox.after(0)) == 1


def test_a_forged_receipt_deletes_nothing(ambulance: Ambulance, hospital: Hospital) -> None:
    hospital.receipts = False
    ambulance.outbox.append(examples.signal(1))
    impostor = SigningIdentity.of_site(AGENCY, examples.SITE, SigningKey.generate())
    topic, good = hospital.people.receipt(examples.message_id(2))
    for payload in (
        hospital.people.receipt(examples.message_id(1), by=impostor)[1],
        good.replace(b'"sequence":1,', b'"sequence":3,'),
        b"stored",
        b"",
    ):
        hospital.broker.publish(topic, payload)
    hospital.broker.publish(topic.replace(examples.SCREEN_ID, examples.message_id(9)), good)
    ambulance.run(0.1)
    assert len(ambulance.outbox.after(0)) == 1
    assert ambulance.sender.refused_receipts == 5


def test_alerts_go_before_reports_before_trends(ambulance: Ambulance, hospital: Hospital) -> None:
    ambulance.outbox.append(state_of(30))
    ambulance.outbox.append(report_of(20))
    ambulance.outbox.append(examples.signal(10))
    ambulance.run(0.1)
    assert hospital.arrived == [examples.message_id(n) for n in (10, 20, 30)]


def test_no_more_in_flight_than_the_window(ambulance: Ambulance, hospital: Hospital) -> None:
    ambulance.hub.delay_s = 0.5
    for n in range(100, 150):
        ambulance.outbox.append(examples.signal(n))
    for n in range(200, 210):
        ambulance.outbox.append(report_of(n))
    ambulance.step()
    ambulance.hub.advance(ambulance.now + 0.6)
    assert len(hospital.arrived) == WINDOW[Lane.ALERT] + WINDOW[Lane.REPORT]
    ambulance.run(10)
    assert sorted(set(hospital.arrived)) == sorted(
        examples.message_id(n) for n in (*range(100, 150), *range(200, 210))
    )
    assert ambulance.outbox.after(0) == []


def test_an_alert_overtakes_a_window_full_of_reports(
    ambulance: Ambulance, hospital: Hospital
) -> None:
    ambulance.hub.delay_s = 5.0
    for n in range(200, 210):
        ambulance.outbox.append(report_of(n))
    ambulance.step()
    ambulance.outbox.append(examples.signal(1))
    ambulance.step()
    ambulance.hub.advance(ambulance.now + 5.1)
    assert examples.message_id(1) in hospital.arrived


def test_a_window_that_is_full_does_not_spin(ambulance: Ambulance, hospital: Hospital) -> None:
    ambulance.hub.delay_s = 8.0
    for n in range(100, 150):
        ambulance.outbox.append(examples.signal(n))
    wake = ambulance.step()
    assert wake > ambulance.now + 1
    assert hospital.arrived == []


def test_the_broker_away_and_back(ambulance: Ambulance, hospital: Hospital) -> None:
    ambulance.hub.go_down()
    for n in range(1, 6):
        ambulance.outbox.append(examples.signal(n))
    ambulance.run(30)
    assert hospital.arrived == []
    assert all(ambulance.stages(n) == [DeliveryStage.QUEUED] for n in range(1, 6))
    ambulance.hub.come_up()
    ambulance.run(0.2)
    assert hospital.arrived == [examples.message_id(n) for n in range(1, 6)]
    assert ambulance.outbox.after(0) == []


def test_cut_off_in_flight_is_sent_again_at_once_with_the_same_bytes(
    ambulance: Ambulance, hospital: Hospital
) -> None:
    ambulance.hub.delay_s = 0.5
    ambulance.outbox.append(examples.signal(1))
    ambulance.step()
    ambulance.hub.go_down()
    ambulance.step()
    ambulance.hub.come_up()
    ambulance.run(1.2)
    assert hospital.arrived == [examples.message_id(1)]
    assert ambulance.outbox.after(0) == []


def test_without_a_receipt_it_is_sent_again_less_and_less_often(
    ambulance: Ambulance, hospital: Hospital
) -> None:
    hospital.receipts = False
    ambulance.outbox.append(examples.signal(1))
    ambulance.run(60)
    in_a_minute = len(hospital.arrived)
    ambulance.run(3600)
    in_an_hour = len(hospital.arrived) - in_a_minute
    assert 3 <= in_a_minute <= 6
    assert 3600 / 300 - 1 <= in_an_hour <= 3600 / 150 + 1
    assert [len(copies) for copies in hospital.payloads.values()] == [1], "always the same bytes"
    hospital.receipts = True
    ambulance.sender.hurry()
    ambulance.run(0.1)
    assert ambulance.outbox.after(0) == []


def test_a_new_sender_goes_on_where_the_old_one_was_killed(
    ambulance: Ambulance, hospital: Hospital, tmp_path: Path, clock: StoppedClock
) -> None:
    hospital.receipts = False
    ambulance.outbox.append(examples.signal(1))
    ambulance.run(1)
    ambulance.broker.close()
    ambulance.outbox.close()
    hospital.receipts = True
    reopened = SqliteOutbox(tmp_path / "outbox.db", ambulance.people.sealer)
    again = Ambulance(reopened, ambulance.people, ambulance.hub, clock)
    again.run(1)
    assert reopened.after(0) == []
    assert again.stages(1)[0] is DeliveryStage.SENT
    assert [len(copies) for copies in hospital.payloads.values()] == [1]
    reopened.close()


def test_a_report_that_was_delivered_before_the_crash_is_told_as_stored(
    ambulance: Ambulance, hospital: Hospital
) -> None:
    ambulance.outbox.append(report_of(1))
    ambulance.run(0.1)
    ambulance.outbox.append(report_of(1))
    ambulance.run(0.1)
    assert hospital.arrived == [examples.message_id(1)]
    assert ambulance.stages(1)[-2:] == [DeliveryStage.STORED, DeliveryStage.STORED]


def test_a_replaced_and_a_stale_state_are_not_sent(
    ambulance: Ambulance, hospital: Hospital, clock: StoppedClock
) -> None:
    ambulance.hub.go_down()
    ambulance.outbox.append(state_of(1))
    ambulance.run(0.5)
    ambulance.outbox.append(state_of(2))
    ambulance.run(0.5)
    ambulance.hub.come_up()
    ambulance.run(0.5)
    assert hospital.arrived == [examples.message_id(2)]
    ambulance.hub.go_down()
    ambulance.outbox.append(state_of(3))
    ambulance.run(0.5)
    clock.pass_s(100)
    ambulance.run(6)
    ambulance.hub.come_up()
    ambulance.run(1)
    assert hospital.arrived == [examples.message_id(2)]


@pytest.mark.parametrize("seed", range(5))
def test_chaos_loses_nothing(
    seed: int, outbox: SqliteOutbox, people: People, clock: StoppedClock
) -> None:
    """A third of everything lost, a third doubled, the broker away now and then."""
    hub = MemoryHub(seed=seed, loss=0.3, duplicates=0.3, delay_s=0.2)
    hospital = Hospital(people, hub.client("hospital"))
    ambulance = Ambulance(outbox, people, hub, clock)
    wanted = set()
    for n in range(1, 61):
        document = examples.signal(n) if n % 3 else report_of(n)
        ambulance.outbox.append(document)
        wanted.add(document.message_id)
        if n % 20 == 0:
            hub.go_down()
        ambulance.run(0.5)
        if n % 20 == 4:
            hub.come_up()
    hub.come_up()
    ambulance.run(3600)
    assert set(hospital.arrived) == wanted
    assert all(len(copies) == 1 for copies in hospital.payloads.values())
    assert outbox.after(0) == []
    stored = [d.message_id for d in ambulance.told if d.stage is DeliveryStage.STORED]
    assert sorted(stored) == sorted(wanted), "told once each"


def test_a_long_backlog_is_sent_without_reading_it_again_each_step(
    ambulance: Ambulance, hospital: Hospital
) -> None:
    for n in range(1, 151):
        ambulance.outbox.append(examples.signal(n))
    steps = ambulance.run(5)
    assert len(hospital.arrived) == 150
    assert ambulance.outbox.after(0) == []
    assert steps < 200
