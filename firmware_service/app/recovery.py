"""After a restart: every screen whose journal is still open is reported as interrupted."""

from __future__ import annotations

import structlog

from firmware_service.app.clerk import Desk
from firmware_service.system.journal_file import JournalFolder, Leftover

log = structlog.get_logger()


def report_interrupted(journals: JournalFolder, desk: Desk) -> int:
    """Send what earlier runs left, then remove it; returns how many screens there were.

    A journal that gives no report is set aside, so that it cannot keep the device from starting.

    Raises:
        JournalError: a journal cannot be read or removed.
        OutboxError: a report cannot be saved; its journal stays.
    """
    leftovers = journals.leftovers()
    for leftover in leftovers:
        if _reported(leftover, desk):
            journals.close(leftover.screen_id)
        else:
            journals.set_aside(leftover.screen_id)
    return len(leftovers)


def _reported(leftover: Leftover, desk: Desk) -> bool:
    recovered = leftover.recovered
    if recovered is None:
        log.error("journal unreadable", screen_id=leftover.screen_id)
        return False
    try:
        desk.report(recovered.session)
    except ValueError as error:  # a number that the wire does not carry; its words would show it
        why = type(error).__name__
        log.error("journal gives no report", screen_id=leftover.screen_id, why=why)  # noqa: TRY400
        return False
    log.warning(
        "interrupted screen reported", screen_id=leftover.screen_id, damage=recovered.damage
    )
    return True
