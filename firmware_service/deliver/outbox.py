"""The outbox: sealed rows that leave only when the hospital has signed for them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from ulid import ULID

from firmware_service.deliver.lanes import Lane, consign
from firmware_service.deliver.outbox_file import BALLAST_BYTES, OutboxFile, OutboxFull
from firmware_service.ports import OutboxError
from firmware_service.wire.envelope import SigningIdentity, seal
from firmware_service.wire.errors import WireError
from firmware_service.wire.keys import RecipientKey
from firmware_service.wire.v1 import ScreenDocument

log = structlog.get_logger()

MAX_BYTES = 64 * 1024 * 1024

_SCHEMA = """
CREATE TABLE IF NOT EXISTS counter (
    only INTEGER PRIMARY KEY CHECK (only = 1), epoch TEXT NOT NULL, sequence INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS waiting (
    sequence INTEGER PRIMARY KEY,
    lane INTEGER NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    screen_id TEXT NOT NULL,
    topic TEXT NOT NULL,
    replaces TEXT,
    expires_at REAL,
    sent INTEGER NOT NULL DEFAULT 0,
    payload BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS delivered (
    n INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE
) STRICT;
INSERT OR IGNORE INTO counter VALUES (1, '{epoch}', 0);
"""

REMEMBERED = 1000
"""How many delivered ids are known, so that a restart does not send a report a second time."""

_DELETE_OLDEST_TREND = """
DELETE FROM waiting
WHERE sequence = (SELECT sequence FROM waiting WHERE lane = ? ORDER BY sequence LIMIT 1)
"""

_REMEMBER = """
INSERT OR IGNORE INTO delivered (message_id)
SELECT message_id FROM waiting WHERE message_id = ? AND lane < ?
"""

_FORGET_OLDEST = "DELETE FROM delivered WHERE n <= (SELECT max(n) FROM delivered) - ?"


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row without its payload."""

    sequence: int
    lane: Lane
    message_id: str
    screen_id: str
    topic: str
    sent: bool


@dataclass(frozen=True, slots=True)
class Sealer:
    """Who signs what goes into the outbox, and whom it is sealed to."""

    identity: SigningIdentity
    recipients: Sequence[RecipientKey]

    def seal(self, document: ScreenDocument, topic: str, epoch: str, sequence: int) -> bytes:
        """The payload, the same for every retry."""
        return seal(
            document,
            topic=topic,
            sender=self.identity,
            epoch=epoch,
            sequence=sequence,
            recipients=self.recipients,
        )


class SqliteOutbox:
    """The `Outbox` port on one SQLite file; every method may be called from any thread.

    `epoch` names this file's numbering: a new file has a new one, so a (epoch, sequence) is never
    given out twice. `dropped_trends` counts what was given up for want of room.
    """

    def __init__(
        self,
        path: Path,
        sealer: Sealer,
        *,
        max_bytes: int = MAX_BYTES,
        ballast_bytes: int = BALLAST_BYTES,
    ) -> None:
        """Open or create.

        Raises:
            OutboxBusy: another program holds it.
            OutboxError: the file cannot be opened or created.
        """
        self._sealer = sealer
        self._max_bytes = max_bytes
        self._lock = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        self._delivered_before: list[ScreenDocument] = []
        self.dropped_trends = 0
        self._file = OutboxFile(path, _SCHEMA.format(epoch=ULID()), ballast_bytes)
        self.epoch: str = self._file.db.execute("SELECT epoch FROM counter").fetchone()[0]

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged file was moved to when this one was opened."""
        return self._file.set_aside

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every append, from the thread that appended."""
        self._listeners.append(listener)

    def append(self, document: ScreenDocument) -> None:
        """Seal and commit; what has the same `replaces` and waits still is replaced.

        What waits already, or was delivered lately, is not saved again.

        Raises:
            OutboxFull: no room; never raised for a trend, which is dropped and counted instead.
            OutboxError: SQLite failed otherwise, or the document cannot be sealed.
        """
        precious = consign(document).lane is not Lane.TREND
        with self._lock:
            try:
                self._file.with_room(
                    lambda: self._insert(document),
                    ballast=precious,
                    last_resort=self._drop_trends if precious else None,
                )
            except WireError as error:
                raise OutboxError(f"{document.message_id} cannot be sealed: {error}") from error
            except OutboxFull:
                if precious:
                    raise
                self.dropped_trends += 1
                log.warning("trend dropped, disk full", so_far=self.dropped_trends)
                return
        for listener in self._listeners:
            listener()

    def _insert(self, document: ScreenDocument) -> None:
        way = consign(document)
        with self._file.transaction() as db:
            if _is_in(db, "waiting", document.message_id):
                return
            if _is_in(db, "delivered", document.message_id):
                self._delivered_before.append(document)
                return
            epoch, sequence = db.execute(
                "UPDATE counter SET sequence = sequence + 1 RETURNING epoch, sequence"
            ).fetchone()
            topic = str(way.topic)
            payload = self._sealer.seal(document, topic, epoch, sequence)
            if way.replaces is not None:
                db.execute("DELETE FROM waiting WHERE replaces = ?", (way.replaces,))
            if not self._make_room(db, len(payload)) and way.lane is Lane.TREND:
                self.dropped_trends += 1
                log.warning("trend dropped, outbox at its cap", so_far=self.dropped_trends)
                return
            db.execute(
                "INSERT INTO waiting (sequence, lane, message_id, screen_id, topic, replaces,"
                " expires_at, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    sequence,
                    way.lane.value,
                    document.message_id,
                    document.screen_id,
                    topic,
                    way.replaces,
                    None if way.expires_at is None else way.expires_at.timestamp(),
                    payload,
                ),
            )

    def _make_room(self, db: sqlite3.Connection, size: int) -> bool:
        """Drop the oldest trends until `size` more bytes fit under the cap."""
        while self._file.used_bytes + size > self._max_bytes:
            gone = db.execute(_DELETE_OLDEST_TREND, (Lane.TREND.value,)).rowcount
            if gone == 0:
                return False
            self.dropped_trends += gone
        return True

    def mark_sent(self, sequences: Iterable[int]) -> None:
        """The broker has acknowledged these."""
        rows = [(sequence,) for sequence in sequences]

        def write() -> None:
            with self._file.transaction() as db:
                db.executemany("UPDATE waiting SET sent = 1 WHERE sequence = ?", rows)

        with self._lock:
            self._file.with_room(write)

    def delete_stored(self, message_id: str) -> bool:
        """The hospital has signed that it stored this; False when it was gone already."""

        def write() -> int:
            with self._file.transaction() as db:
                db.execute(_REMEMBER, (message_id, Lane.TREND.value))
                db.execute(_FORGET_OLDEST, (REMEMBERED,))
                return db.execute(
                    "DELETE FROM waiting WHERE message_id = ?", (message_id,)
                ).rowcount

        with self._lock:
            gone = self._file.with_room(write)
            if not self._file.db.execute("SELECT 1 FROM waiting LIMIT 1").fetchone():
                self._file.tidy()
        return gone > 0

    def expire(self, utc: datetime) -> int:
        """Delete the trends that have grown stale; returns how many."""

        def write() -> int:
            with self._file.transaction() as db:
                return db.execute(
                    "DELETE FROM waiting WHERE expires_at <= ?", (utc.timestamp(),)
                ).rowcount

        with self._lock:
            return self._file.with_room(write)

    def after(self, sequence: int) -> list[Waiting]:
        """What waits with a higher sequence than this, in the order of appending."""
        with self._lock:
            rows = self._file.db.execute(
                "SELECT sequence, lane, message_id, screen_id, topic, sent FROM waiting"
                " WHERE sequence > ? ORDER BY sequence",
                (sequence,),
            ).fetchall()
        return [Waiting(row[0], Lane(row[1]), row[2], row[3], row[4], bool(row[5])) for row in rows]

    def payload(self, sequence: int) -> bytes | None:
        """The sealed bytes, or None when the row has been replaced, expired or receipted."""
        with self._lock:
            row = self._file.db.execute(
                "SELECT payload FROM waiting WHERE sequence = ?", (sequence,)
            ).fetchone()
        return None if row is None else bytes(row[0])

    def delivered_before(self) -> list[ScreenDocument]:
        """What was appended since the last call though the hospital has it already."""
        with self._lock:
            found, self._delivered_before = self._delivered_before, []
        return found

    def depth(self) -> dict[Lane, int]:
        """How many wait in each lane."""
        with self._lock:
            rows = self._file.db.execute(
                "SELECT lane, count(*) FROM waiting GROUP BY lane"
            ).fetchall()
        return dict.fromkeys(Lane, 0) | {Lane(lane): count for lane, count in rows}

    def close(self) -> None:
        """Let go of the file; calling it twice is allowed."""
        with self._lock:
            self._file.close()

    def _drop_trends(self) -> None:
        with self._file.transaction() as db:
            gone = db.execute("DELETE FROM waiting WHERE lane = ?", (Lane.TREND.value,)).rowcount
            self.dropped_trends += gone


def _is_in(db: sqlite3.Connection, table: str, message_id: str) -> bool:
    query = f"SELECT 1 FROM {table} WHERE message_id = ?"  # noqa: S608 - our own two names
    return db.execute(query, (message_id,)).fetchone() is not None
