"""One line a thing, for a person at a terminal: when, what, and how long it took."""

from __future__ import annotations

from datetime import datetime

from firmware_service.wire.terms import Level
from firmware_service.wire.v1 import (
    LinkState,
    Report,
    ScreenDocument,
    ScreenState,
    Signal,
    SignalBody,
)
from hospital_service.events import (
    Event,
    FilesFailed,
    FilesWritten,
    LinkLost,
    Ready,
    ReceiptRefused,
    Refused,
    Repeated,
    SeenSent,
    Stored,
    UnitHeard,
)


def line_of(event: Event, now: datetime) -> str:
    """The line for this event; `now` is printed as local time of day."""
    at = f"{now.astimezone():%H:%M:%S.%f}"[:-3]
    if isinstance(event, Ready):
        # The first word is a contract: whoever starts the receiver waits for it.
        return f"ready {at} broker {event.host}:{event.port}, MQTT {event.protocol}"
    return f"{at}  {_told(event)}"


def signal_words(body: SignalBody) -> str:
    """A finding as the ED reads it; UNKNOWN never looks like a negative."""
    words = f"{body.finding.value} {_level(body.level)}"
    if body.weaker_side is not None:
        words += f", weaker {body.weaker_side.value}"
    if body.score is not None:
        words += f", score {body.score:.2f}"
        if body.interval is not None:
            words += f" ({body.interval[0]:.2f}–{body.interval[1]:.2f})"
    return words + (f": {'; '.join(body.because)}" if body.because else "")


def report_words(report: Report) -> str:
    """A report in one line; its summary begins with the level."""
    words = f"version {report.version}, {report.status.value}"
    return f"{words}: {report.summary}" + (" (simulated patient)" if report.simulated else "")


def _told(event: Event) -> str:  # noqa: PLR0911 - one flat case an event
    match event:
        case Ready(protocol=protocol):
            return f"LINK    up, MQTT {protocol}"
        case LinkLost(reason=reason):
            return f"LINK    down: {reason}; trying again"
        case Stored(document=document, latency_s=latency_s):
            return f"{_document(document)}  [{document.unit}, {_latency(latency_s)}]"
        case Repeated(document=document):
            return f"AGAIN   message {document.message_id} was stored before; receipted again"
        case Refused(reason=reason, detail=detail):
            return f"REFUSED {reason}: {detail}"
        case UnitHeard(unit=unit, state=state):
            return f"UNIT    {unit} is {state.value}" + (
                "" if state is LinkState.ONLINE else "; what it measures waits in its outbox"
            )
        case SeenSent(unit=unit, screen_id=screen_id, role=role):
            return f"SEEN    screen {screen_id} by {role}; {unit} is told"
        case ReceiptRefused(reason=reason):
            return f"TROUBLE the broker refuses our receipts: {reason}; check its ACL"
        case FilesWritten(paths=paths):
            return f"FILES   {', '.join(str(path) for path in paths)}"
        case FilesFailed(screen_id=screen_id, why=why):
            return f"TROUBLE files of screen {screen_id} cannot be written: {why}"


def _document(document: ScreenDocument) -> str:
    match document:
        case Signal(signal=body):
            return f"SIGNAL  {signal_words(body)}"
        case Report():
            return f"REPORT  {report_words(document)}"
        case ScreenState(state=state, task=task, attempt=attempt):
            words = f"STATE   {state}" + (f", {task.value}" if task else "")
            return words + (f", attempt {attempt}" if attempt else "")
    return f"MESSAGE {type(document).__name__} on screen {document.screen_id}"


def _level(level: Level) -> str:
    return level.value.upper()


def _latency(latency_s: float | None) -> str:
    if latency_s is None:
        return "unit clock not set"
    return f"{latency_s * 1000:.0f} ms" if abs(latency_s) < 10 else f"{latency_s:.0f} s"
