"""A clinician has seen a screen: written down at once, and told to the unit by the service."""

from __future__ import annotations

from datetime import datetime

from firmware_service.wire.v1 import Receipt, ReceiptKind
from hospital_service.errors import HospitalError
from hospital_service.store.repository import Store


class NoSuchScreen(HospitalError):
    """Nothing was received about this screen."""


def mark_seen(store: Store, screen_id: str, *, role: str, site: str, at: datetime) -> bool:
    """Acknowledge a screen as this role (never a name); False when that role had done so before.

    Raises:
        NoSuchScreen: nothing was received about it.
    """
    with store.reading() as reading:
        message_id = reading.latest_message_id(screen_id)
    if message_id is None:
        raise NoSuchScreen(f"screen {screen_id} is not here; `stroke-hospital show` lists them")
    receipt = Receipt(
        receipt=ReceiptKind.SEEN,
        message_id=message_id,
        screen_id=screen_id,
        site=site,
        at=at,
        by_role=role,
    )
    with store.writing() as writing:
        return writing.plan_receipt(receipt)
