"""What the threads put into the mailbox; the one that runs the service reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from hospital_service.events import FilesFailed, FilesWritten


@dataclass(frozen=True, slots=True)
class Delivery:
    """What must be acknowledged, and on which connection it came."""

    connection: int
    mid: int
    qos: int


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message, as it came."""

    topic: str
    payload: bytes
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Connected, and every subscription granted."""

    protocol: str


@dataclass(frozen=True, slots=True)
class LinkDown:
    """Cut off, or not connected at all; we keep trying."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The broker refused a message of ours."""

    reason: str


@dataclass(frozen=True, slots=True)
class WorkerFailed:
    """A thread ended by an error that trying again does not heal; the process ends with it."""

    worker: str
    error: Exception


Letter: TypeAlias = (
    Arrived | LinkUp | LinkDown | NotTaken | WorkerFailed | FilesWritten | FilesFailed
)
