"""What ingest and a clinician write. Every rule about order is a condition inside the SQL.

Newer is decided by the unit's own (epoch, sequence): the clock of an ambulance may be wrong, and
its lanes re-order. Another epoch is a unit that began anew, and then what comes last is newer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from firmware_service.wire.codec import encode
from firmware_service.wire.envelope import Header, Opened
from firmware_service.wire.replay import ReplayKey, Verdict, judge
from firmware_service.wire.v1 import (
    LinkState,
    Receipt,
    Report,
    ScreenDocument,
    ScreenState,
    Signal,
    SignalBody,
    UnitStatus,
)
from hospital_service.store.tables import (
    counters,
    iso,
    messages,
    quarantine,
    receipts,
    screens,
    signals,
    units,
)

QUARANTINE_ROWS = 10_000
"""The oldest refusals go beyond this, so that a flood of rubbish cannot fill the disk."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A message that was not stored, and why; its content is not kept, only its hash."""

    reason: str
    detail: str
    topic: str
    size: int
    sha256: bytes

    @classmethod
    def of(cls, reason: str, detail: str, topic: str, payload: bytes) -> Refusal:
        """The refusal of this payload."""
        digest = hashlib.sha256(payload).digest()
        return cls(reason, detail[:300], topic[:200], len(payload), digest)


class Writing:
    """The writes of one transaction; made by `Store.writing`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, opened: Opened, document: ScreenDocument, at: datetime) -> Verdict:
        """Store a verified message once and let it take its place in its screen."""
        header = opened.header
        if not self._screen_is_of(document, at):
            return Verdict.CONFLICT
        row = {
            "message_id": document.message_id,
            "agency": header.agency,
            "unit": document.unit,
            "key_id": header.key_id,
            "epoch": header.epoch,
            "sequence": header.sequence,
            "kind": header.schema_,
            "screen_id": document.screen_id,
            "payload_sha256": opened.digest,
            "document": opened.document,
            "issued_at": iso(document.issued_at),
            "clock_synced": document.clock_synced,
            "received_at": iso(at),
        }
        if not self._insert_or_ignore(messages, row):
            return self._known(opened, document)
        match document:
            case ScreenState():
                self._place_state(document, header)
            case Signal():
                self._place_signal(document.screen_id, document.signal, header)
            case Report():
                self._place_report(document, opened)
        return Verdict.NEW

    def log_receipt(self, receipt: Receipt) -> None:
        """Note the first receipt for a stored message, as it is being sent."""
        self._insert_or_ignore(receipts, _receipt_row(receipt, sent=True))

    def log_receipt_again(self, receipt: Receipt) -> None:
        """Note that a receipt which is logged or planned is being sent."""
        self._connection.execute(
            update(receipts)
            .where(receipts.c.kind == receipt.receipt.value)
            .where(receipts.c.message_id == receipt.message_id)
            .where(or_(receipts.c.by_role == receipt.by_role, receipts.c.by_role.is_(None)))
            .values(times_sent=receipts.c.times_sent + 1, sent_at=iso(receipt.at))
        )

    def plan_receipt(self, receipt: Receipt) -> bool:
        """Leave a "seen" receipt for the service to send; False when it was planned before."""
        self._connection.execute(
            update(screens)
            .where(screens.c.screen_id == receipt.screen_id)
            .where(screens.c.seen_at.is_(None))
            .values(seen_by_role=receipt.by_role, seen_at=iso(receipt.at))
        )
        return self._insert_or_ignore(receipts, _receipt_row(receipt, sent=False))

    def refuse(self, refusal: Refusal, at: datetime) -> None:
        """Quarantine: the same rubbish again only counts up."""
        row = {
            "reason": refusal.reason,
            "detail": refusal.detail,
            "topic": refusal.topic,
            "size": refusal.size,
            "sha256": refusal.sha256,
            "first_at": iso(at),
            "last_at": iso(at),
            "times": 1,
        }
        if not self._insert_or_ignore(quarantine, row):
            self._connection.execute(
                update(quarantine)
                .where(quarantine.c.sha256 == refusal.sha256)
                .where(quarantine.c.topic == refusal.topic)
                .where(quarantine.c.reason == refusal.reason)
                .values(times=quarantine.c.times + 1, last_at=iso(at))
            )
            return
        newest = select(func.max(quarantine.c.id)).scalar_subquery()
        self._connection.execute(
            delete(quarantine).where(quarantine.c.id <= newest - QUARANTINE_ROWS)
        )

    def hear_unit(self, header: Header, status: UnitStatus, at: datetime) -> bool:
        """Take a unit's birth or will; False for one that says nothing new.

        The rule is `wire.presence.supersedes`, as a condition of the database.
        """
        values: dict[str, object] = {
            "state": status.state.value,
            "session": status.session,
            "since": iso(status.since) if status.since else None,
            "heard_at": iso(at),
        }
        key: dict[str, object] = {"agency": header.agency, "unit": header.unit}
        if self._insert_or_ignore(units, key | values):
            return True
        ended = and_(
            units.c.session == status.session,
            units.c.state != LinkState.OFFLINE.value,
            literal(status.state is LinkState.OFFLINE),
        )
        taken = self._connection.execute(
            update(units)
            .where(units.c.agency == header.agency, units.c.unit == header.unit)
            .where(or_(units.c.session < status.session, ended))
            .values(values)
        )
        return taken.rowcount == 1

    def files_written(self, screen_id: str, message_id: str) -> None:
        """Note that the files of this report are on disk."""
        self._connection.execute(
            update(screens)
            .where(screens.c.screen_id == screen_id)
            .values(files_message_id=message_id)
        )

    def count(self, name: str, *, at_least: int = 1) -> int:
        """The next number of this name, never given twice, and not below `at_least`."""
        self._insert_or_ignore(counters, {"name": name, "value": 0})
        risen = counters.c.value + 1
        self._connection.execute(
            update(counters)
            .where(counters.c.name == name)
            .values(value=case((risen < at_least, at_least), else_=risen))
        )
        return int(
            self._connection.execute(
                select(counters.c.value).where(counters.c.name == name)
            ).scalar_one()
        )

    def _screen_is_of(self, document: ScreenDocument, at: datetime) -> bool:
        """Whether the screen is this unit's; a new one becomes so."""
        row = {
            "screen_id": document.screen_id,
            "agency": document.agency,
            "unit": document.unit,
            "first_at": iso(at),
            "last_at": iso(at),
        }
        if self._insert_or_ignore(screens, row):
            return True
        mine = self._connection.execute(
            update(screens)
            .where(screens.c.screen_id == document.screen_id)
            .where(screens.c.agency == document.agency, screens.c.unit == document.unit)
            .values(last_at=iso(at))
        )
        return mine.rowcount == 1

    def _known(self, opened: Opened, document: ScreenDocument) -> Verdict:
        """A retry, a replay with another body, or the same message sealed anew."""
        key = ReplayKey.of(opened.header)
        stored = self._connection.execute(
            select(messages.c.payload_sha256)
            .where(messages.c.agency == key.agency, messages.c.unit == key.sender)
            .where(messages.c.epoch == key.epoch, messages.c.sequence == key.sequence)
        ).scalar_one_or_none()
        if stored is not None:
            return judge(opened, stored)
        same = self._connection.execute(
            select(messages.c.document)
            .where(messages.c.message_id == document.message_id)
            .where(messages.c.agency == key.agency, messages.c.unit == key.sender)
        ).scalar_one_or_none()
        return Verdict.DUPLICATE if same == opened.document else Verdict.CONFLICT

    def _place_state(self, document: ScreenState, header: Header) -> None:
        self._connection.execute(
            update(screens)
            .where(screens.c.screen_id == document.screen_id)
            .where(_older(screens.c.state_epoch, screens.c.state_sequence, header))
            .values(state=document.state, state_epoch=header.epoch, state_sequence=header.sequence)
        )

    def _place_signal(self, screen_id: str, body: SignalBody, header: Header) -> None:
        values: dict[str, object] = {
            "level": body.level.value,
            "weaker_side": body.weaker_side.value if body.weaker_side else None,
            "score": body.score,
            "body": encode(body.model_dump(mode="json")),
            "epoch": header.epoch,
            "sequence": header.sequence,
        }
        key: dict[str, object] = {"screen_id": screen_id, "finding": body.finding.value}
        if not self._insert_or_ignore(signals, key | values):
            self._connection.execute(
                update(signals)
                .where(signals.c.screen_id == screen_id, signals.c.finding == body.finding.value)
                .where(_older(signals.c.epoch, signals.c.sequence, header))
                .values(values)
            )

    def _place_report(self, document: Report, opened: Opened) -> None:
        """A higher version supersedes; of one version, the newer message does."""
        header = opened.header
        same_version = and_(
            screens.c.report_version == document.version,
            _older(screens.c.report_epoch, screens.c.report_sequence, header),
        )
        taken = self._connection.execute(
            update(screens)
            .where(screens.c.screen_id == document.screen_id)
            .where(
                or_(
                    screens.c.report_version.is_(None),
                    screens.c.report_version < document.version,
                    same_version,
                )
            )
            .values(
                overall=document.overall.value,
                status=document.status.value,
                report=opened.document,
                report_message_id=document.message_id,
                report_version=document.version,
                report_epoch=header.epoch,
                report_sequence=header.sequence,
            )
        )
        if taken.rowcount == 1:
            for body in document.signals:
                self._place_signal(document.screen_id, body, header)

    def _insert_or_ignore(self, table: Table, row: Mapping[str, object]) -> bool:
        """Whether the row is new; an existing one with any of its unique keys is left alone."""
        statement = _insert(table, self._connection.dialect.name, tuple(row))
        return self._connection.execute(statement, row).rowcount == 1


@cache
def _insert(table: Table, dialect: str, columns: tuple[str, ...]) -> Insert:
    """Made once: building a statement costs more than running it."""
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    values: dict[str, object] = {name: bindparam(name) for name in columns}
    return insert(table).values(values).on_conflict_do_nothing()


def _older(
    epoch: ColumnElement[str], sequence: ColumnElement[int], header: Header
) -> ColumnElement[bool]:
    """Whether what is stored came before this message."""
    return or_(epoch.is_(None), epoch != header.epoch, sequence < header.sequence)


def _receipt_row(receipt: Receipt, *, sent: bool) -> dict[str, object]:
    return {
        "kind": receipt.receipt.value,
        "message_id": receipt.message_id,
        "screen_id": receipt.screen_id,
        "at": iso(receipt.at),
        "by_role": receipt.by_role,
        "sent_at": iso(receipt.at) if sent else None,
        "times_sent": 1 if sent else 0,
    }
