"""After a restart: every screen whose journal is still open is reported as interrupted."""

from __future__ import annotations

import structlog

from firmware_service.app.conductor import Desk
from firmware_service.system.journal_file import JournalFolder

log = structlog.get_logger()


def report_interrupted(journals: JournalFolder, desk: Desk) -> int:
    """Send what earlier runs left, then remove it; returns how many screens there were.

    Raises:
        JournalError: a journal cannot be read or removed.
        OutboxError: a report cannot be saved; its journal stays.
    """
    leftovers = journals.leftovers()
    for leftover in leftovers:
        if leftover.recovered is None:
            log.error("journal unreadable", screen_id=leftover.screen_id)
        else:
            desk.report(leftover.recovered.session)
            log.warning(
                "interrupted screen reported",
                screen_id=leftover.screen_id,
                damage=leftover.recovered.damage,
            )
        journals.close(leftover.screen_id)
    return len(leftovers)
