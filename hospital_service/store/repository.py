"""The database behind one door: a writing is one transaction, a reading never waits for it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from hospital_service.errors import StoreError
from hospital_service.store.reading import Reading
from hospital_service.store.tables import metadata
from hospital_service.store.writing import Writing

BUSY_LIMIT_MS = 5000


class Store:
    """SQLite by default (WAL, synchronous FULL), or whatever the URL names."""

    def __init__(self, url: str) -> None:
        """Open the database and make what tables are missing.

        Raises:
            StoreError: it cannot be opened.
        """
        try:
            self._engine = _engine(url)
            with self._engine.begin() as connection:
                metadata.create_all(connection)
        except (SQLAlchemyError, ImportError, OSError) as error:
            raise StoreError(f"database {_shown(url)} cannot be opened: {_cause(error)}") from error

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """One transaction: committed and on disk on leaving, nothing of it kept on an error.

        Raises:
            StoreError: the disk is full, the file is locked, the server is gone.
        """
        try:
            with self._engine.begin() as connection:
                yield Writing(connection)
        except OperationalError as error:
            raise self._failed("written", error) from error

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A consistent view of what is committed.

        Raises:
            StoreError: the disk fails, the server is gone.
        """
        try:
            with self._engine.connect().execution_options(stroke_reading=True) as connection:
                yield Reading(connection)
        except OperationalError as error:
            raise self._failed("read", error) from error

    def _failed(self, what: str, error: OperationalError) -> StoreError:
        shown = _shown(self._engine.url.render_as_string())
        return StoreError(f"database {shown} cannot be {what}: {_cause(error)}")

    def close(self) -> None:
        """Close every connection; calling it twice is allowed."""
        self._engine.dispose()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        _make_private(Path(parsed.database))
    engine = create_engine(parsed, connect_args={"timeout": BUSY_LIMIT_MS / 1000})

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver opens no transaction; `_begun` does
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    # A writing takes the write lock at once: one that turns from reading to writing half-way is
    # refused by SQLite without waiting.
    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        reading = connection.get_execution_options().get("stroke_reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _make_private(path: Path) -> None:
    """Make the file before SQLite does, readable by its owner only; -wal and -shm follow it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _shown(url: str) -> str:
    """The URL without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return url


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
