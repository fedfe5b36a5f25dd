"""From what arrived to what is stored: verify, commit, receipt, and only then acknowledge.

A batch is one transaction. Whatever cannot be trusted or read is quarantined with its reason and
acknowledged, so that one bad message never holds up the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeAlias

from sqlalchemy.exc import SQLAlchemyError

from firmware_service.wire.envelope import Opened, open_sealed, read_opened
from firmware_service.wire.errors import WireError
from firmware_service.wire.replay import Verdict
from firmware_service.wire.v1 import Receipt, ReceiptKind, ScreenDocument, UnitStatus
from hospital_service.events import Event, Listener, Refused, Repeated, Stored, UnitHeard
from hospital_service.letters import Arrived, Delivery
from hospital_service.store.repository import Store
from hospital_service.store.writing import Refusal, Writing
from hospital_service.trust import HospitalKeys, TrustedUnits
from hospital_service.voice import Saying, Voice


class Line(Protocol):
    """What ingest needs of the link."""

    def publish(self, saying: Saying) -> object:
        """Hand a message over; lost when there is no connection."""
        ...

    def acknowledge(self, delivery: Delivery) -> None:
        """Tell the broker that this delivery is dealt with."""
        ...


@dataclass(frozen=True, slots=True)
class _Verified:
    """A message that says what it may say."""

    arrived: Arrived
    opened: Opened
    document: ScreenDocument | UnitStatus


@dataclass(frozen=True, slots=True)
class _Rejected:
    """A message that is not believed."""

    arrived: Arrived
    refusal: Refusal


_Judged: TypeAlias = _Verified | _Rejected


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What happened to one message, and the receipt that goes out for it."""

    event: Event | None
    receipt: Receipt | None = None
    unit: str = ""


def _utc() -> datetime:
    return datetime.now(UTC)


class Ingest:
    """Takes messages in, one batch at a time, on one thread."""

    def __init__(
        self,
        *,
        store: Store,
        keys: HospitalKeys,
        units: TrustedUnits,
        voice: Voice,
        listener: Listener,
        now: Callable[[], datetime] = _utc,
    ) -> None:
        self._store = store
        self._keys = keys
        self._units = units
        self._voice = voice
        self._listener = listener
        self._now = now

    def take(self, batch: Sequence[Arrived], line: Line) -> None:
        """Judge, commit, receipt and acknowledge these messages, in this order.

        Raises:
            StoreError: nothing could be written; nothing was acknowledged, all of it comes again.
        """
        judged = [self._judge(arrived) for arrived in batch]
        for one, outcome in zip(judged, self._commit(judged), strict=True):
            if outcome.receipt is not None:
                line.publish(self._voice.receipt(outcome.receipt, outcome.unit))
            line.acknowledge(one.arrived.delivery)
            if outcome.event is not None:
                self._listener(outcome.event)

    def _judge(self, arrived: Arrived) -> _Judged:
        try:
            opened = open_sealed(
                arrived.payload,
                topic=arrived.topic,
                senders=self._units.lookup,
                recipients=self._keys.sealing,
            )
            document = read_opened(opened)
        except WireError as error:
            return _reject(arrived, type(error).__name__, str(error))
        except Exception as error:  # noqa: BLE001 - a stranger's bytes must never stop the ED
            return _reject(arrived, "Unreadable", f"{type(error).__name__}: {error}")
        if not isinstance(document, ScreenDocument | UnitStatus):
            return _reject(arrived, "UnknownKind", f"{opened.header.schema_} is not for a hospital")
        return _Verified(arrived, opened, document)

    def _commit(self, judged: Sequence[_Judged]) -> Sequence[_Outcome]:
        """One transaction for all; if the database refuses a value, one for each."""
        try:
            with self._store.writing() as writing:
                return [self._write(writing, one) for one in judged]
        except SQLAlchemyError as error:
            if len(judged) > 1:
                return [outcome for one in judged for outcome in self._commit([one])]
            arrived = judged[0].arrived
            unfit = _reject(arrived, "NotStorable", str(getattr(error, "orig", error)))
            with self._store.writing() as writing:
                return [self._write(writing, unfit)]

    def _write(self, writing: Writing, one: _Judged) -> _Outcome:
        at = self._now()
        match one:
            case _Rejected(refusal=refusal):
                return self._refuse(writing, refusal, at)
            case _Verified(opened=opened, document=UnitStatus() as status):
                return self._hear(writing, opened, status, at)
            case _Verified(arrived=arrived, opened=opened, document=ScreenDocument() as document):
                verdict = writing.keep(opened, document, at)
                if verdict is Verdict.CONFLICT:
                    detail = (
                        f"message {document.message_id}: its sequence, id or screen belongs to "
                        "another message"
                    )
                    conflict = Refusal.of("Replayed", detail, arrived.topic, arrived.payload)
                    return self._refuse(writing, conflict, at)
                return self._receipt(writing, document, verdict, at)
        raise AssertionError(one)

    def _receipt(
        self, writing: Writing, document: ScreenDocument, verdict: Verdict, at: datetime
    ) -> _Outcome:
        receipt = Receipt(
            receipt=ReceiptKind.STORED,
            message_id=document.message_id,
            screen_id=document.screen_id,
            site=self._voice.site,
            at=at,
        )
        if verdict is Verdict.DUPLICATE:
            writing.log_receipt_again(receipt)
            return _Outcome(Repeated(document), receipt, document.unit)
        writing.log_receipt(receipt)
        latency_s = (at - document.issued_at).total_seconds() if document.clock_synced else None
        return _Outcome(Stored(document, at, latency_s), receipt, document.unit)

    def _hear(self, writing: Writing, opened: Opened, status: UnitStatus, at: datetime) -> _Outcome:
        header = opened.header
        if header.unit is None or not writing.hear_unit(header, status, at):
            return _Outcome(None)
        return _Outcome(UnitHeard(header.agency, header.unit, status.state, status.session))

    def _refuse(self, writing: Writing, refusal: Refusal, at: datetime) -> _Outcome:
        writing.refuse(refusal, at)
        return _Outcome(Refused(refusal.reason, refusal.detail, refusal.topic, refusal.size))


def _reject(arrived: Arrived, reason: str, detail: str) -> _Rejected:
    return _Rejected(arrived, Refusal.of(reason, detail, arrived.topic, arrived.payload))
