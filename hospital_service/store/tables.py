"""The tables, in SQL that SQLite and PostgreSQL both speak. Times are UTC, as ISO 8601 text.

Text sorts like time because every value is written by `iso` with the same width and offset.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# SQLite numbers rows by itself only for INTEGER, which has 64 bits there anyway.
_Id = BigInteger().with_variant(Integer, "sqlite")

messages = Table(
    "messages",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("message_id", Text, nullable=False, unique=True),
    Column("agency", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("screen_id", Text, nullable=False, index=True),
    Column("payload_sha256", LargeBinary, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("issued_at", Text, nullable=False),
    Column("clock_synced", Boolean, nullable=False),
    Column("received_at", Text, nullable=False),
    UniqueConstraint("agency", "unit", "epoch", "sequence"),
)

screens = Table(
    "screens",
    metadata,
    Column("screen_id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("first_at", Text, nullable=False),
    Column("last_at", Text, nullable=False),
    Column("state", Text),
    Column("state_epoch", Text),
    Column("state_sequence", BigInteger),
    Column("overall", Text),
    Column("status", Text),
    Column("report", LargeBinary),
    Column("report_message_id", Text),
    Column("report_version", Integer),
    Column("report_epoch", Text),
    Column("report_sequence", BigInteger),
    Column("files_message_id", Text),
    Column("seen_by_role", Text),
    Column("seen_at", Text),
)
Index("screens_by_time", screens.c.last_at)

signals = Table(
    "signals",
    metadata,
    Column("screen_id", Text, ForeignKey("screens.screen_id"), primary_key=True),
    Column("finding", Text, primary_key=True),
    Column("level", Text, nullable=False),
    Column("weaker_side", Text),
    Column("score", Float),
    Column("body", LargeBinary, nullable=False),
    Column("epoch", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("screen_id", Text, nullable=False, index=True),
    Column("at", Text, nullable=False),
    Column("by_role", Text),
    Column("sent_at", Text),
    Column("times_sent", Integer, nullable=False),
    UniqueConstraint("kind", "message_id", "by_role"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("first_at", Text, nullable=False),
    Column("last_at", Text, nullable=False),
    Column("times", Integer, nullable=False),
    UniqueConstraint("sha256", "topic", "reason"),
)

units = Table(
    "units",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("session", BigInteger, nullable=False),
    Column("since", Text),
    Column("heard_at", Text, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)


def iso(moment: datetime) -> str:
    """UTC to the microsecond, always 27 characters."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """The time that `iso` wrote."""
    return datetime.fromisoformat(text)
