"""What the hospital says, signed: receipts to the units, and "the ED is online"."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime

from ulid import ULID

from firmware_service.wire.envelope import SigningIdentity, seal
from firmware_service.wire.keys import SigningKey
from firmware_service.wire.topics import EdStatusTopic, ReceiptTopic
from firmware_service.wire.v1 import Document, EdStatus, LinkState, Receipt


@dataclass(frozen=True, slots=True)
class Saying:
    """A payload and where it goes."""

    topic: str
    payload: bytes


class Voice:
    """One receiver's signed speech. Each run is a new epoch, so its sequences begin at 1."""

    def __init__(self, agency: str, site: str, key: SigningKey) -> None:
        self.agency = agency
        self.site = site
        self._identity = SigningIdentity.of_site(agency, site, key)
        self._epoch = str(ULID())
        self._sequence = 0
        self._lock = threading.Lock()

    def receipt(self, receipt: Receipt, unit: str) -> Saying:
        """A receipt for one of the unit's screens; it holds no patient data and is not sealed."""
        topic = ReceiptTopic(self.agency, unit, receipt.screen_id)
        return self._say(str(topic), receipt, receipt.at)

    def status(
        self, state: LinkState, session: int, at: datetime, since: datetime | None
    ) -> Saying:
        """The retained birth or will of this receiver."""
        topic = EdStatusTopic(self.agency, self.site)
        return self._say(str(topic), EdStatus(state=state, session=session, since=since), at)

    def _say(self, topic: str, document: Document, at: datetime) -> Saying:
        with self._lock:
            self._sequence += 1
            sequence = self._sequence
        payload = seal(
            document,
            topic=topic,
            sender=self._identity,
            epoch=self._epoch,
            sequence=sequence,
            message_id=str(ULID()),
            issued_at=at,
        )
        return Saying(topic, payload)
