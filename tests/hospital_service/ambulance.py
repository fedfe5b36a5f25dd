"""The other end of the line: a unit that seals, publishes and collects receipts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from ulid import ULID

from firmware_service.wire.envelope import (
    SigningIdentity,
    TrustedSender,
    open_sealed,
    read_opened,
    seal,
)
from firmware_service.wire.keys import RecipientKey, SigningKey, VerifyKey
from firmware_service.wire.terms import ArmDrift, Finding, Level, ReportStatus, Side
from firmware_service.wire.topics import (
    ScreenPart,
    ScreenTopic,
    UnitStatusTopic,
    ed_status_filter,
    receipt_filter,
)
from firmware_service.wire.v1 import (
    EdStatus,
    LinkState,
    Receipt,
    Report,
    ScreenDocument,
    ScreenState,
    Signal,
    SignalBody,
    UnitStatus,
)
from hospital_service.embedded_broker import EmbeddedBroker

AGENCY = "demo-agency"
SITE = "demo-ed"
PARTS = {Signal: ScreenPart.SIGNAL, Report: ScreenPart.REPORT, ScreenState: ScreenPart.STATE}


def until(condition: Callable[[], bool], limit_s: float = 15.0) -> bool:
    """Wait until the condition holds; False when it never does."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def finding(
    level: Level = Level.RAISED, side: Side | None = Side.LEFT, score: float | None = 0.8
) -> SignalBody:
    return SignalBody(
        finding=Finding.FACE,
        weaker_side=side,
        level=level,
        score=score,
        interval=(0.7, 0.9) if score is not None else None,
        because=("mouth corner lifts 4.1 mm less",),
        thresholds_version="test",
    )


class Pen:
    """Writes and seals what one unit says, with its own sequence."""

    def __init__(self, hospital: RecipientKey, unit: str = "medic-7") -> None:
        self.unit = unit
        self.key = SigningKey.generate()
        self.epoch = str(ULID())
        self.sequence = 0
        self._hospital = hospital

    def _base(self, screen_id: str) -> dict[str, Any]:
        return {
            "message_id": str(ULID()),
            "screen_id": screen_id,
            "agency": AGENCY,
            "unit": self.unit,
            "issued_at": datetime.now(UTC),
            "clock_synced": True,
        }

    def signal(self, screen_id: str, body: SignalBody | None = None) -> Signal:
        return Signal(**self._base(screen_id), signal=body or finding())

    def state(self, screen_id: str, state: str) -> ScreenState:
        return ScreenState(**self._base(screen_id), state=state)

    def report(
        self, screen_id: str, *, version: int = 1, summary: str = "RAISED: face weaker on the left."
    ) -> Report:
        base = self._base(screen_id)
        return Report(
            **base,
            version=version,
            status=ReportStatus.COMPLETE,
            started_at=base["issued_at"],
            ended_at=base["issued_at"],
            overall=Level.RAISED,
            summary=summary,
            signals=(finding(),),
            tasks=(),
            arms=ArmDrift.NOT_DONE,
            scales=(),
            not_assessed=("arms: not done",),
            millimetre_scale="iris 11.7 mm",
            software="test",
            face_model="test",
            models={},
            thresholds_version="test",
            frames_skipped=0,
            frames_read=0,
            simulated=True,
        )

    def seal(self, document: ScreenDocument, sequence: int | None = None) -> tuple[str, bytes]:
        """Topic and payload; the sequence is the next one unless given."""
        if sequence is None:
            self.sequence += 1
            sequence = self.sequence
        part = PARTS[type(document)]
        topic = str(ScreenTopic(document.agency, document.unit, document.screen_id, part))
        payload = seal(
            document,
            topic=topic,
            sender=SigningIdentity.of_unit(AGENCY, self.unit, self.key),
            epoch=self.epoch,
            sequence=sequence,
            recipients=[self._hospital],
        )
        return topic, payload

    def status(self, state: LinkState, session: int) -> tuple[str, bytes]:
        """Topic and payload of a birth or will."""
        self.sequence += 1
        topic = str(UnitStatusTopic(AGENCY, self.unit))
        now = datetime.now(UTC)
        payload = seal(
            UnitStatus(state=state, session=session, since=now),
            topic=topic,
            sender=SigningIdentity.of_unit(AGENCY, self.unit, self.key),
            epoch=self.epoch,
            sequence=self.sequence,
            message_id=str(ULID()),
            issued_at=now,
        )
        return topic, payload


class Ambulance:
    """A unit on the line. Receipts that the hospital's key did not sign fail the test."""

    def __init__(self, broker: EmbeddedBroker, pen: Pen, hospital: VerifyKey) -> None:
        self.pen = pen
        self.receipts: list[Receipt] = []
        self.ed: list[EdStatus] = []
        self._hospital = hospital
        self._subscribed = threading.Event()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=pen.unit,
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
        )
        self._client.username_pw_set(pen.unit)
        self._client.on_message = self._receive
        self._client.on_connect = self._connected
        self._client.on_socket_open = self._opened
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.reconnect_delay_set(1, 1)
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        assert self._subscribed.wait(5)

    def _opened(self, _client: paho.Client, _data: object, connection: Any) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _connected(self, client: paho.Client, *_: Any) -> None:
        client.subscribe(
            [(receipt_filter(AGENCY, self.pen.unit), 1), (ed_status_filter(AGENCY), 1)]
        )

    def _receive(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        opened = open_sealed(bytes(message.payload), topic=message.topic, senders=self._trusted)
        if isinstance(document := read_opened(opened), EdStatus):
            self.ed.append(document)
        else:
            assert isinstance(document, Receipt)
            self.receipts.append(document)

    def _trusted(self, key_id: str) -> TrustedSender | None:
        known = TrustedSender(AGENCY, None, SITE, self._hospital)
        return known if key_id == self._hospital.id else None

    def receipted(self, document: ScreenDocument) -> int:
        """How many receipts have come for this message."""
        return sum(receipt.message_id == document.message_id for receipt in self.receipts)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Hand over, without waiting."""
        self._client.publish(topic, payload, qos=1, retain=retain)

    def send(self, document: ScreenDocument) -> None:
        self.publish(*self.pen.seal(document))

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
