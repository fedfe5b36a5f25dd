"""Who is there: our own birth and will, and whether the emergency department is online."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import structlog
from ulid import ULID

from firmware_service.deliver.greeting import Greeting
from firmware_service.ports import Broker, Clock, Inbound
from firmware_service.wire.envelope import (
    SenderLookup,
    SigningIdentity,
    open_sealed,
    read_opened,
    seal,
)
from firmware_service.wire.errors import WireError
from firmware_service.wire.presence import supersedes
from firmware_service.wire.topics import EdStatusTopic, UnitStatusTopic, ed_status_filter
from firmware_service.wire.v1 import EdStatus, LinkState, UnitStatus

log = structlog.get_logger()


class SessionCounter:
    """Session numbers that rise for ever, kept in a file of one line.

    A number is at least the seconds since 1970, so that a lost file does not start again below
    what the hospital has seen.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = 0

    def next(self, utc_s: float) -> int:
        """A number above every one before, on the disk before it is used if the disk has room."""
        with contextlib.suppress(OSError, ValueError):
            self._last = max(self._last, int(self._path.read_text()))
        self._last = max(self._last + 1, int(utc_s))
        try:
            self._keep()
        except OSError as error:  # a full disk must not keep us from the broker
            log.warning("session number not kept", why=error.strerror)
        return self._last

    def _keep(self) -> None:
        part = self._path.with_name(self._path.name + ".part")
        with part.open("w") as file:
            file.write(f"{self._last}\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path)


class UnitPresence:
    """Makes the greeting for each new connection; hand `greet` to the broker."""

    def __init__(self, identity: SigningIdentity, counter: SessionCounter, clock: Clock) -> None:
        if identity.unit is None:
            raise ValueError("only a unit has a unit's presence")
        self._identity = identity
        self._topic = str(UnitStatusTopic(identity.agency, identity.unit))
        self._counter = counter
        self._clock = clock

    def greet(self) -> Greeting:
        """A signed birth and a signed will with the next session number."""
        session = self._counter.next(self._clock.utc().timestamp())
        epoch = str(ULID())
        return Greeting(
            self._topic,
            self._say(LinkState.ONLINE, session, epoch, 1),
            self._say(LinkState.OFFLINE, session, epoch, 2),
        )

    def _say(self, state: LinkState, session: int, epoch: str, sequence: int) -> bytes:
        now = self._clock.utc()
        # A will is written before its time, so it cannot know since when.
        since = now if state is LinkState.ONLINE else None
        return seal(
            UnitStatus(state=state, session=session, since=since),
            topic=self._topic,
            sender=self._identity,
            epoch=epoch,
            sequence=sequence,
            message_id=str(ULID()),
            issued_at=now,
        )


class EdWatch:
    """Whether any receiver of our agency says, signed, that it is online."""

    def __init__(
        self,
        broker: Broker,
        agency: str,
        hospitals: SenderLookup,
        on_change: Callable[[bool], None],
    ) -> None:
        self._hospitals = hospitals
        self._on_change = on_change
        self._known: dict[str, EdStatus] = {}
        self._lock = threading.Lock()
        broker.subscribe(ed_status_filter(agency), self._hear)

    @property
    def online(self) -> bool | None:
        """None until any receiver has been heard of."""
        with self._lock:
            states = [status.state for status in self._known.values()]
        return LinkState.ONLINE in states if states else None

    def _hear(self, message: Inbound) -> None:
        try:
            opened = open_sealed(message.payload, topic=message.topic, senders=self._hospitals)
            status = read_opened(opened)
        except WireError as error:
            log.warning("status refused", why=str(error))
            return
        if not isinstance(status, EdStatus) or not isinstance(opened.topic, EdStatusTopic):
            return
        before = self.online
        with self._lock:
            if supersedes(self._known.get(opened.topic.site), status):
                self._known[opened.topic.site] = status
        after = self.online
        if after is not None and after != before:
            self._on_change(after)
