"""Which retained status counts: a late will must not kill a newer session."""

from __future__ import annotations

from firmware_service.wire.v1 import EdStatus, LinkState, UnitStatus


def supersedes(known: UnitStatus | EdStatus | None, new: UnitStatus | EdStatus) -> bool:
    """Whether `new` says more than what is known about the same sender.

    A newer session always does; within one session only the end does, because a session that has
    ended does not come back.
    """
    if known is None or new.session > known.session:
        return True
    return new.session == known.session and new.state is LinkState.OFFLINE
