"""Only a hospital's signature takes a document out of the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_service.ports import Inbound
from firmware_service.wire.envelope import SenderLookup, open_sealed, read_opened
from firmware_service.wire.errors import Malformed, WrongTopic
from firmware_service.wire.topics import ReceiptTopic, parse, receipt_filter
from firmware_service.wire.v1 import Receipt


@dataclass(frozen=True, slots=True)
class ReceiptDesk:
    """Reads the receipts for one unit; `hospitals` are the keys it believes.

    A receipt that comes twice says the same thing twice, so no replay rule is needed here.
    """

    agency: str
    unit: str
    hospitals: SenderLookup

    @property
    def topic_filter(self) -> str:
        """Where the receipts come in."""
        return receipt_filter(self.agency, self.unit)

    def read(self, message: Inbound) -> Receipt:
        """The receipt, if a hospital that we trust signed it for this unit.

        Raises:
            WireError: it did not, or the message is no receipt.
        """
        topic = parse(message.topic, agency=self.agency, unit=self.unit)
        if not isinstance(topic, ReceiptTopic):
            raise WrongTopic(f"{message.topic} is not a receipt's topic")
        receipt = read_opened(
            open_sealed(message.payload, topic=message.topic, senders=self.hospitals)
        )
        if not isinstance(receipt, Receipt):
            raise Malformed(f"{message.topic}: not a receipt")
        return receipt
