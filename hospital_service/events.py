"""What the receiver tells whoever listens: the log, the terminal, later the board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from firmware_service.wire.v1 import LinkState, ScreenDocument


@dataclass(frozen=True, slots=True)
class Ready:
    """Connected and subscribed: from now on nothing is missed."""

    host: str
    port: int
    protocol: str


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The broker is gone; we keep trying."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A message is committed and receipted.

    `latency_s` runs from the unit's issue to the commit, None while the unit's clock is not set.
    """

    document: ScreenDocument
    at: datetime
    latency_s: float | None


@dataclass(frozen=True, slots=True)
class Repeated:
    """A message that was stored before came again, and was receipted again."""

    document: ScreenDocument


@dataclass(frozen=True, slots=True)
class Refused:
    """A message was quarantined."""

    reason: str
    detail: str
    topic: str
    size: int


@dataclass(frozen=True, slots=True)
class UnitHeard:
    """A unit came online or went away."""

    agency: str
    unit: str
    state: LinkState
    session: int


@dataclass(frozen=True, slots=True)
class SeenSent:
    """A unit's broker has the word that a clinician saw the screen."""

    unit: str
    screen_id: str
    role: str | None


@dataclass(frozen=True, slots=True)
class ReceiptRefused:
    """The broker does not let us answer the units; its access list needs a person."""

    reason: str


@dataclass(frozen=True, slots=True)
class FilesWritten:
    """The files of a screen's newest report are on disk."""

    screen_id: str
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class FilesFailed:
    """The files of a report could not be written; the report itself is stored."""

    screen_id: str
    why: str


Event: TypeAlias = (
    Ready
    | LinkLost
    | Stored
    | Repeated
    | Refused
    | UnitHeard
    | SeenSent
    | ReceiptRefused
    | FilesWritten
    | FilesFailed
)
Listener: TypeAlias = Callable[[Event], None]
