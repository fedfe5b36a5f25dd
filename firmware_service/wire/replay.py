"""The replay rule: a sender's (epoch, sequence) is used once, for one payload.

Sequences need not rise, because priority lanes re-order; the receiver keeps the digest of what
it stored under each key and asks here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from firmware_service.wire.envelope import Opened
from firmware_service.wire.header import Header


class Verdict(StrEnum):
    """What the receiver does with a verified message."""

    NEW = "new"
    """Store it, then receipt it."""

    DUPLICATE = "duplicate"
    """A retry of what is stored: receipt it again, store nothing."""

    CONFLICT = "conflict"
    """The same sequence with another body: refuse, quarantine, send no receipt."""


class ReplayKey(NamedTuple):
    """What must be unique in the receiver's store."""

    agency: str
    sender: str
    epoch: str
    sequence: int

    @classmethod
    def of(cls, header: Header) -> ReplayKey:
        """The key under which this message is remembered."""
        sender = header.unit or f"ed/{header.site}"
        return cls(header.agency, sender, header.epoch, header.sequence)


def judge(opened: Opened, stored_digest: bytes | None) -> Verdict:
    """Decide on a message, given the digest stored under its `ReplayKey`, or None."""
    if stored_digest is None:
        return Verdict.NEW
    return Verdict.DUPLICATE if stored_digest == opened.digest else Verdict.CONFLICT
