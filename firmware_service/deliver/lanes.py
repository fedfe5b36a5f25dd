"""Who goes first: what lane a document takes, what replaces what, and what grows stale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from firmware_service.wire.topics import ScreenPart, ScreenTopic
from firmware_service.wire.v1 import Report, ScreenDocument, ScreenState, Signal


class Lane(IntEnum):
    """A lower number goes first; only TREND may ever be dropped."""

    ALERT = 0
    REPORT = 1
    TREND = 2


WINDOW = {Lane.ALERT: 20, Lane.REPORT: 4, Lane.TREND: 2}
"""How many may be unacknowledged at once, small below ALERT so that an alert never queues long."""

EXPIRY_S = {Lane.ALERT: 86_400, Lane.REPORT: 86_400, Lane.TREND: 90}
"""How long an MQTT 5 broker may hold a message for an absent hospital; the outbox resends."""

STATE_LIFE = timedelta(seconds=90)
"""Where a screen stood is of no use to the board after this."""


@dataclass(frozen=True, slots=True)
class Consignment:
    """How one document travels; the newest of those with the same `replaces` is enough."""

    topic: ScreenTopic
    lane: Lane
    replaces: str | None
    expires_at: datetime | None


def consign(document: ScreenDocument) -> Consignment:
    """The lane, topic and life of a document.

    Raises:
        ValueError: no rule says how this kind travels.
    """
    match document:
        case Signal():
            part, lane, replaces, expires_at = ScreenPart.SIGNAL, Lane.ALERT, None, None
        case Report():
            part, lane, replaces, expires_at = ScreenPart.REPORT, Lane.REPORT, None, None
        case ScreenState():
            part, lane = ScreenPart.STATE, Lane.TREND
            replaces = f"{document.screen_id}/{part}"
            expires_at = document.issued_at + STATE_LIFE
        case _:
            raise ValueError(f"{type(document).__name__}: add a rule to lanes.consign")
    topic = ScreenTopic(document.agency, document.unit, document.screen_id, part)
    return Consignment(topic, lane, replaces, expires_at)
