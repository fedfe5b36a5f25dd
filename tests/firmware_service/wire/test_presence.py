"""A late will cannot kill a newer session, and a session that ended does not come back."""

from __future__ import annotations

from firmware_service.wire.presence import supersedes
from firmware_service.wire.v1 import LinkState, UnitStatus


def status(session: int, state: LinkState) -> UnitStatus:
    return UnitStatus(state=state, session=session, since=None)


def test_presence() -> None:
    on5, off5 = status(5, LinkState.ONLINE), status(5, LinkState.OFFLINE)
    on6, off4 = status(6, LinkState.ONLINE), status(4, LinkState.OFFLINE)
    assert supersedes(None, off5)
    assert supersedes(on5, off5)
    assert supersedes(off5, on6)
    assert not supersedes(on5, off4)
    assert not supersedes(on6, off5)
    assert not supersedes(off5, on5)
