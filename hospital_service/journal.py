"""Every event as one structured log line: what happened, never who and never what was measured."""

from __future__ import annotations

import structlog

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

log = structlog.get_logger()


def log_event(event: Event) -> None:
    """Write the line; what needs a person is a warning or an error."""
    match event:
        case Ready(host=host, port=port, protocol=protocol):
            log.info("ready", host=host, port=port, protocol=protocol)
        case LinkLost(reason=reason):
            log.warning("link lost", reason=reason)
        case Stored(document=document, latency_s=latency_s):
            log.info(
                "stored",
                kind=getattr(document, "kind", None),
                message_id=document.message_id,
                screen_id=document.screen_id,
                unit=document.unit,
                latency_ms=None if latency_s is None else round(latency_s * 1000, 1),
            )
        case Repeated(document=document):
            log.info("receipted again", message_id=document.message_id, unit=document.unit)
        case Refused(reason=reason, detail=detail, topic=topic, size=size):
            log.warning("quarantined", reason=reason, detail=detail, topic=topic, size=size)
        case UnitHeard(unit=unit, state=state, session=session):
            log.info("unit status", unit=unit, state=state.value, session=session)
        case SeenSent(unit=unit, screen_id=screen_id, role=role):
            log.info("seen sent", unit=unit, screen_id=screen_id, role=role)
        case ReceiptRefused(reason=reason):
            log.error("broker refuses receipts", reason=reason)
        case FilesWritten(screen_id=screen_id, paths=paths):
            log.info("files written", screen_id=screen_id, files=[path.name for path in paths])
        case FilesFailed(screen_id=screen_id, why=why):
            log.error("files not written", screen_id=screen_id, why=why)
