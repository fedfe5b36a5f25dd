"""What the command line and the report files read; the board will read it here too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from firmware_service.wire.terms import Level, ReportStatus
from firmware_service.wire.v1 import ReceiptKind, Report, SignalBody
from hospital_service.store.tables import (
    messages,
    moment,
    quarantine,
    receipts,
    screens,
    signals,
    units,
)


@dataclass(frozen=True, slots=True)
class ScreenRow:
    """One screen as the ED knows it now; overall and status are None before a report came."""

    screen_id: str
    agency: str
    unit: str
    first_at: datetime
    last_at: datetime
    state: str | None
    overall: Level | None
    status: ReportStatus | None
    report_version: int | None
    seen_by_role: str | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredReport:
    """The newest report of a screen: what was sent, to the byte, and read."""

    message_id: str
    canonical: bytes
    report: Report


@dataclass(frozen=True, slots=True)
class PlannedReceipt:
    """A receipt that waits to be sent, and the unit it goes to."""

    agency: str
    unit: str
    receipt_id: int
    message_id: str
    screen_id: str
    at: datetime
    by_role: str | None


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """One kind of message that was refused, how often, and why."""

    reason: str
    detail: str
    topic: str
    size: int
    first_at: datetime
    last_at: datetime
    times: int


@dataclass(frozen=True, slots=True)
class UnitRow:
    """What a unit last said about its link."""

    agency: str
    unit: str
    state: str
    session: int
    heard_at: datetime


class Reading:
    """The reads of one view; made by `Store.reading`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def screens(self, limit: int = 50) -> Sequence[ScreenRow]:
        """The screens heard of last, newest first."""
        return self._screens(limit, None)

    def screen(self, screen_id: str) -> ScreenRow | None:
        """One screen, or None."""
        found = self._screens(1, screen_id)
        return found[0] if found else None

    def signals(self, screen_id: str) -> Sequence[SignalBody]:
        """The newest word on each finding of a screen."""
        rows = self._connection.execute(
            select(signals.c.body)
            .where(signals.c.screen_id == screen_id)
            .order_by(signals.c.finding)
        )
        return [SignalBody.model_validate_json(row.body, extra="ignore") for row in rows]

    def report(self, screen_id: str) -> StoredReport | None:
        """The newest version of a screen's report, or None before one came."""
        row = self._connection.execute(
            select(screens.c.report, screens.c.report_message_id).where(
                screens.c.screen_id == screen_id, screens.c.report.is_not(None)
            )
        ).one_or_none()
        if row is None:
            return None
        return StoredReport(row.report_message_id, row.report, Report.read(row.report))

    def reports_without_files(self) -> Sequence[str]:
        """The screens whose newest report has no files yet, oldest first."""
        rows = self._connection.execute(
            select(screens.c.screen_id)
            .where(screens.c.report.is_not(None))
            .where(
                or_(
                    screens.c.files_message_id.is_(None),
                    screens.c.files_message_id != screens.c.report_message_id,
                )
            )
            .order_by(screens.c.first_at)
        )
        return [row.screen_id for row in rows]

    def latest_message_id(self, screen_id: str) -> str | None:
        """The message that a clinician sees: the report, or else the last that came."""
        reported = self.report(screen_id)
        if reported is not None:
            return reported.message_id
        return self._connection.scalar(
            select(messages.c.message_id)
            .where(messages.c.screen_id == screen_id)
            .order_by(messages.c.id.desc())
            .limit(1)
        )

    def planned_receipts(self) -> Sequence[PlannedReceipt]:
        """The "seen" receipts not yet sent, oldest first."""
        rows = self._connection.execute(
            select(receipts, screens.c.agency, screens.c.unit)
            .join(screens, screens.c.screen_id == receipts.c.screen_id)
            .where(receipts.c.kind == ReceiptKind.SEEN.value, receipts.c.sent_at.is_(None))
            .order_by(receipts.c.id)
        )
        return [
            PlannedReceipt(
                row.agency,
                row.unit,
                row.id,
                row.message_id,
                row.screen_id,
                moment(row.at),
                row.by_role,
            )
            for row in rows
        ]

    def quarantine(self, limit: int = 50) -> Sequence[QuarantineRow]:
        """What was refused last, newest first."""
        rows = self._connection.execute(
            select(quarantine).order_by(quarantine.c.last_at.desc()).limit(limit)
        )
        return [
            QuarantineRow(
                row.reason,
                row.detail,
                row.topic,
                row.size,
                moment(row.first_at),
                moment(row.last_at),
                row.times,
            )
            for row in rows
        ]

    def units(self) -> Sequence[UnitRow]:
        """Every unit that was ever heard, by name."""
        rows = self._connection.execute(select(units).order_by(units.c.agency, units.c.unit))
        return [
            UnitRow(row.agency, row.unit, row.state, row.session, moment(row.heard_at))
            for row in rows
        ]

    def messages_stored(self) -> int:
        """How many messages are kept."""
        return self._connection.scalar(select(func.count()).select_from(messages)) or 0

    def _screens(self, limit: int, screen_id: str | None) -> Sequence[ScreenRow]:
        query = select(screens).order_by(screens.c.last_at.desc()).limit(limit)
        if screen_id is not None:
            query = query.where(screens.c.screen_id == screen_id)
        return [
            ScreenRow(
                screen_id=row.screen_id,
                agency=row.agency,
                unit=row.unit,
                first_at=moment(row.first_at),
                last_at=moment(row.last_at),
                state=row.state,
                overall=Level(row.overall) if row.overall else None,
                status=ReportStatus(row.status) if row.status else None,
                report_version=row.report_version,
                seen_by_role=row.seen_by_role,
                seen_at=moment(row.seen_at) if row.seen_at else None,
            )
            for row in self._connection.execute(query)
        ]
