"""An ambulance and a hospital with their keys, and documents to send."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from firmware_service.deliver.outbox import Sealer
from firmware_service.wire import examples, v1
from firmware_service.wire.envelope import SigningIdentity, open_sealed, read_opened, seal
from firmware_service.wire.keys import SealingKey, SigningKey
from firmware_service.wire.topics import ReceiptTopic

AGENCY, UNIT, SITE = examples.AGENCY, examples.UNIT, examples.SITE


@dataclass
class People:
    """Who signs, who reads."""

    unit: SigningIdentity = field(
        default_factory=lambda: SigningIdentity.of_unit(AGENCY, UNIT, SigningKey.generate())
    )
    hospital: SigningIdentity = field(
        default_factory=lambda: SigningIdentity.of_site(AGENCY, SITE, SigningKey.generate())
    )
    ed_key: SealingKey = field(default_factory=SealingKey.generate)
    said: int = 0

    @property
    def sealer(self) -> Sealer:
        return Sealer(self.unit, (self.ed_key.recipient_key,))

    def read(self, topic: str, payload: bytes) -> v1.Document:
        senders = {self.unit.key.id: self.unit.trusted}
        return read_opened(
            open_sealed(payload, topic=topic, senders=senders.get, recipients=[self.ed_key])
        )

    def receipt(
        self,
        message_id: str,
        kind: v1.ReceiptKind = v1.ReceiptKind.STORED,
        by: SigningIdentity | None = None,
    ) -> tuple[str, bytes]:
        self.said += 1
        topic = str(ReceiptTopic(AGENCY, UNIT, examples.SCREEN_ID))
        document = examples.receipt().model_copy(update={"message_id": message_id, "receipt": kind})
        payload = seal(
            document,
            topic=topic,
            sender=by or self.hospital,
            epoch=examples.message_id(9000),
            sequence=self.said,
            message_id=examples.message_id(9000 + self.said),
            issued_at=examples.AT,
        )
        return topic, payload


@dataclass
class StoppedClock:
    """The time of day stands until a test moves it."""

    at: datetime = examples.AT
    synced: bool = True

    def now(self) -> float:
        return 0.0

    def utc(self) -> datetime:
        return self.at

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def state_of(n: int, screen: str = examples.SCREEN_ID) -> v1.ScreenState:
    return examples.state().model_copy(
        update={"message_id": examples.message_id(n), "screen_id": screen}
    )


def report_of(n: int) -> v1.Report:
    return examples.report().model_copy(update={"message_id": examples.message_id(n)})
