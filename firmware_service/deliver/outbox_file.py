"""The outbox's file: what survives a power cut, a full disk and a damaged block.

Write-ahead log with synchronous=FULL, so a commit that returned survives a power cut; a checkpoint
every 16 pages keeps the log small; the file is held exclusively, so two programs can never give
out the same sequence. With SQLite's defaults a full disk blocks the outbox for good, because even
a delete needs room in the log: the ballast file is that room.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import structlog

from firmware_service.ports import OutboxError

log = structlog.get_logger()
T = TypeVar("T")

BALLAST_BYTES = 4 * 1024 * 1024

_PRAGMAS = (
    "locking_mode=EXCLUSIVE",
    "journal_mode=WAL",
    "synchronous=FULL",
    "wal_autocheckpoint=16",
    "secure_delete=ON",
)

_FULL = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
    }
)


class OutboxBusy(OutboxError):
    """Another program holds the outbox."""


class OutboxFull(OutboxError):
    """The disk has no room left, even after giving up the ballast and every trend."""


class OutboxFile:
    """One SQLite file with its ballast beside it; its owner does the locking between threads.

    `set_aside` is where a damaged file was moved to, else None; a new one then took its place.
    """

    def __init__(self, path: Path, schema: str, ballast_bytes: int) -> None:
        """Open or create, and run `schema`.

        Raises:
            OutboxBusy: another program holds it.
            OutboxError: it cannot be opened or created.
        """
        self.path = path
        self.set_aside: Path | None = None
        self._ballast = path.with_name(path.name + ".ballast")
        self._ballast_bytes = ballast_bytes
        self.db = self._open(schema)
        self._restore_ballast()

    def _open(self, schema: str) -> sqlite3.Connection:
        try:
            return self._connect(schema)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise OutboxBusy(f"{self.path}: held by another program; stop that one") from error
            if error.sqlite_errorcode not in _FULL:
                raise OutboxError(f"{self.path}: cannot be opened ({error})") from error
            log.warning("disk full at start, ballast given up")
            self._ballast.unlink(missing_ok=True)
        except sqlite3.DatabaseError as error:
            self.set_aside = self._move_aside()
            log.warning(
                "outbox damaged, a new one begins", why=str(error), kept=self.set_aside.name
            )
        try:
            return self._connect(schema)
        except sqlite3.Error as error:
            raise OutboxError(f"{self.path}: cannot be opened ({error})") from error

    def _connect(self, schema: str) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=1.0)
        try:
            self.path.chmod(0o600)
            for pragma in _PRAGMAS:
                db.execute(f"PRAGMA {pragma}").fetchall()
            _refuse_damage(db)
            db.executescript(schema)
        except BaseException:
            db.close()
            raise
        return db

    def _move_aside(self) -> Path:
        n = 1
        while (aside := self.path.with_name(f"{self.path.name}.damaged-{n}")).exists():
            n += 1
        self.path.rename(aside)
        for suffix in ("-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)
        return aside

    @property
    def used_bytes(self) -> int:
        """What the rows take in the file, free pages not counted."""
        pages, free, size = (
            self.db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        used: int = (pages - free) * size
        return used

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; committed and on the disk when the block ends."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
            self.db.execute("COMMIT")
        except BaseException:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise

    def with_room(
        self,
        write: Callable[[], T],
        *,
        ballast: bool = True,
        last_resort: Callable[[], None] | None = None,
    ) -> T:
        """Run a write; on a full disk empty the log, then free the ballast, then `last_resort`.

        Raises:
            OutboxFull: all of it did not help.
            OutboxError: SQLite failed otherwise.
        """
        remedies = [self._checkpoint]
        if ballast:
            remedies.append(self._release_ballast)
        if last_resort is not None:
            remedies.append(last_resort)
        while True:
            try:
                return write()
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode not in _FULL:
                    raise OutboxError(f"{self.path}: {error}") from error
                if not remedies:
                    raise OutboxFull(f"{self.path}: disk full; free some space") from error
            with contextlib.suppress(sqlite3.OperationalError):
                remedies.pop(0)()

    def tidy(self) -> None:
        """Leave no old bytes in the log, and take the ballast back; for when nothing waits."""
        self._checkpoint()
        self._restore_ballast()

    def close(self) -> None:
        """Let go of the file; calling it twice is allowed."""
        self.db.close()

    def _checkpoint(self) -> None:
        with contextlib.suppress(sqlite3.OperationalError):
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _release_ballast(self) -> None:
        log.warning("disk full, ballast given up")
        self._ballast.unlink(missing_ok=True)
        self._checkpoint()

    def _restore_ballast(self) -> None:
        if self._ballast.exists():
            return
        try:
            with self._ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._ballast_bytes)
        except OSError as error:
            log.warning("no room for ballast", why=error.strerror)
            self._ballast.unlink(missing_ok=True)


def _refuse_damage(db: sqlite3.Connection) -> None:
    verdict = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
