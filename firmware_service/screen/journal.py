"""The journal of one screen: a checksummed JSON line a fact, so that a restart loses nothing.

A line that is cut short or damaged ends the reading; everything before it counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias
from zlib import crc32

from pydantic import TypeAdapter, ValidationError

from firmware_service.screen.events import Opening
from firmware_service.screen.session import Attempt, Session
from firmware_service.types import ArmDrift, ReportStatus


@dataclass(frozen=True, slots=True)
class Opened:
    """A screen began."""

    opening: Opening
    protocol: str
    started: float
    kind: Literal["opened"] = "opened"


@dataclass(frozen=True, slots=True)
class Judged:
    """An attempt was judged, usable or not."""

    at: float
    attempt: Attempt
    frames_read: int
    frames_skipped: int
    kind: Literal["judged"] = "judged"


@dataclass(frozen=True, slots=True)
class ArmsEntered:
    """The arms were entered, or their time ran out."""

    at: float
    drift: ArmDrift
    kind: Literal["arms"] = "arms"


@dataclass(frozen=True, slots=True)
class Ended:
    """The screen ended; its report may or may not have reached the outbox."""

    at: float
    status: ReportStatus
    kind: Literal["ended"] = "ended"


Record: TypeAlias = Opened | Judged | ArmsEntered | Ended

_RECORDS: TypeAdapter[Record] = TypeAdapter(Record)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a journal holds: the session, ended; `damage` says what could not be read."""

    session: Session
    damage: str | None


def encode(record: Record) -> bytes:
    """One line: CRC-32 in eight hex digits, a space, JSON, a newline."""
    body = _RECORDS.dump_json(record)
    return b"%08x %b\n" % (crc32(body), body)


def decode(line: bytes) -> Record | None:
    """The record of one line, without its newline; None when it is cut short or damaged."""
    checksum, _, body = line.partition(b" ")
    if checksum != b"%08x" % crc32(body):
        return None
    try:
        return _RECORDS.validate_json(body)
    except ValidationError:
        return None


def recover(journal: bytes) -> Recovered | None:
    """The session that a journal tells of, or None when not even its first line can be read.

    A screen that was still going on comes back as INTERRUPTED, ended at its last record.
    """
    lines = journal.split(b"\n")
    records: list[Record] = []
    damage = None
    for number, line in enumerate(lines[:-1], start=1):
        record = decode(line)
        if record is None:
            damage = f"journal line {number} is damaged; it and what follows are left out"
            break
        records.append(record)
    else:
        if lines[-1]:
            damage = f"journal line {len(lines)} is cut short and left out"
    if not records or not isinstance(records[0], Opened):
        return None
    return Recovered(_replay(records[0], records[1:]), damage)


def _replay(opened: Opened, records: list[Record]) -> Session:
    session = Session(opened.opening, opened.protocol, opened.started)
    ended, status = opened.started, ReportStatus.INTERRUPTED
    for record in records:
        match record:
            case Judged():
                session = session.with_attempt(
                    record.attempt, record.frames_read, record.frames_skipped
                )
                ended = record.at
            case ArmsEntered():
                session = replace(session, arms=record.drift)
                ended = record.at
            case Ended():
                ended, status = record.at, record.status
            case Opened():
                break
    return replace(session, ended=ended, status=status)
