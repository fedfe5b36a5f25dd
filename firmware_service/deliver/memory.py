"""A broker in memory that loses, delays and repeats by seed, for tests of what must survive that.

It keeps sessions, retained messages and wills as a broker does. With `delay_s` nothing moves until
`advance` is called, so a test decides when the network has caught up.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from paho.mqtt.client import topic_matches_sub

from firmware_service.deliver.greeting import Greeting
from firmware_service.ports import Inbound


@dataclass(slots=True)
class _Session:
    """What the broker keeps for one client id, connected or not."""

    filters: list[str] = field(default_factory=list)
    queue: list[Inbound] = field(default_factory=list)
    client: MemoryBroker | None = None


class MemoryHub:
    """The network and the broker behind every `MemoryBroker`.

    `loss` is the chance that a publish, or its acknowledgement, is lost; `duplicates` the chance
    that a delivery happens twice; `delay_s` how long a publish takes.
    """

    def __init__(
        self, *, seed: int = 0, loss: float = 0.0, duplicates: float = 0.0, delay_s: float = 0.0
    ) -> None:
        self.loss = loss
        self.duplicates = duplicates
        self.delay_s = delay_s
        self.up = True
        self._random = random.Random(seed)  # noqa: S311 - for faults, not for secrets
        self._now = 0.0
        self._order = itertools.count()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._sessions: dict[str, _Session] = {}
        self._retained: dict[str, bytes] = {}

    def client(self, client_id: str, greet: Callable[[], Greeting] | None = None) -> MemoryBroker:
        """A client, not yet connected."""
        return MemoryBroker(self, client_id, greet)

    def advance(self, now: float) -> None:
        """Let the time pass until `now`, and everything arrive that is due."""
        self._now = now
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()

    def go_down(self) -> None:
        """The broker stops; its sessions and retained messages survive."""
        self.up = False
        self._due.clear()
        for session in self._sessions.values():
            if session.client is not None:
                session.client.drop()

    def come_up(self) -> None:
        """The broker is back, and every client that wants to be connected is."""
        self.up = True
        for session in list(self._sessions.values()):
            if session.client is not None:
                session.client.connect()

    def join(self, client: MemoryBroker) -> list[Inbound]:
        """A client connects; returns what waited for it."""
        session = self._sessions.setdefault(client.client_id, _Session())
        session.client = client
        waited, session.queue = session.queue, []
        return waited

    def leave(self, client: MemoryBroker) -> None:
        """A client goes for good; its session stays."""
        self._sessions[client.client_id].client = None

    def subscribe(self, client: MemoryBroker, topic_filter: str) -> list[Inbound]:
        """Returns the retained messages that match."""
        session = self._sessions[client.client_id]
        if topic_filter not in session.filters:
            session.filters.append(topic_filter)
        return [
            Inbound(topic, payload, retained=True)
            for topic, payload in self._retained.items()
            if topic_matches_sub(topic_filter, topic)
        ]

    def carry(
        self, topic: str, payload: bytes, acknowledged: Future[bool], *, retain: bool
    ) -> None:
        """Bring a publish to the broker and its acknowledgement back, or lose one of them."""
        if not self.up or self._random.random() < self.loss:
            return

        def arrive() -> None:
            self.route(topic, payload, retain=retain)
            if self._random.random() >= self.loss and not acknowledged.done():
                acknowledged.set_result(True)

        if self.delay_s > 0:
            heapq.heappush(self._due, (self._now + self.delay_s, next(self._order), arrive))
        else:
            arrive()

    def route(self, topic: str, payload: bytes, *, retain: bool) -> None:
        """Hand a message to every session that wants it."""
        if retain:
            self._retained[topic] = payload
        message = Inbound(topic, payload, retained=False)
        for session in list(self._sessions.values()):
            if not any(topic_matches_sub(wanted, topic) for wanted in session.filters):
                continue
            for _ in range(1 + (self._random.random() < self.duplicates)):
                if session.client is not None and session.client.connected:
                    session.client.deliver(message)
                else:
                    session.queue.append(message)


class MemoryBroker:
    """The `Broker` port on a `MemoryHub`; everything happens in the caller's thread."""

    def __init__(
        self, hub: MemoryHub, client_id: str, greet: Callable[[], Greeting] | None
    ) -> None:
        self.client_id = client_id
        self.listener_faults = 0
        self._hub = hub
        self._greet = greet
        self._greeting: Greeting | None = None
        self._subscriptions: list[tuple[str, Callable[[Inbound], None]]] = []
        self._connected = False
        self._flights: list[Future[bool]] = []

    def connect(self) -> None:
        """Connect, if the broker is up; it comes back by itself when the broker does."""
        waited = self._hub.join(self)
        if self._connected or not self._hub.up:
            return
        self._connected = True
        for topic_filter, listener in self._subscriptions:
            for message in self._hub.subscribe(self, topic_filter):
                self._call(listener, message)
        if self._greet is not None:
            self._greeting = self._greet()
            self._hub.route(self._greeting.topic, self._greeting.birth, retain=True)
        for message in waited:
            self.deliver(message)

    @property
    def connected(self) -> bool:
        """Whether the session is up now."""
        return self._connected

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expiry_s: int | None = None
    ) -> bool:
        """Publish; an acknowledgement that is not there at once counts as missing."""
        flight = self.begin_publish(topic, payload, retain=retain, expiry_s=expiry_s)
        return flight.done() and flight.result()

    def begin_publish(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool = False,
        expiry_s: int | None = None,  # noqa: ARG002 - nothing expires in memory
    ) -> Future[bool]:
        """Publish without waiting."""
        flight: Future[bool] = Future()
        if not self._connected or not topic or "+" in topic or "#" in topic:
            flight.set_result(False)
            return flight
        self._flights = [waiting for waiting in self._flights if not waiting.done()]
        self._flights.append(flight)
        self._hub.carry(topic, payload, flight, retain=retain)
        return flight

    def subscribe(self, topic_filter: str, listener: Callable[[Inbound], None]) -> None:
        """Call `listener` for every message that matches, now and after each reconnect."""
        self._subscriptions.append((topic_filter, listener))
        if self._connected:
            for message in self._hub.subscribe(self, topic_filter):
                self._call(listener, message)

    def deliver(self, message: Inbound) -> None:
        """The broker hands over a message."""
        for topic_filter, listener in self._subscriptions:
            if topic_matches_sub(topic_filter, message.topic):
                self._call(listener, message)

    def drop(self) -> None:
        """The connection breaks; the broker says the will, if it still can."""
        self._connected = False
        flights, self._flights = self._flights, []
        for flight in flights:
            if not flight.done():
                flight.set_result(False)
        if self._greeting is not None and self._hub.up:
            self._hub.route(self._greeting.topic, self._greeting.will, retain=True)

    def close(self) -> None:
        """Say goodbye and stop."""
        if self._connected:
            self.drop()
            self._hub.leave(self)

    def _call(self, listener: Callable[[Inbound], None], message: Inbound) -> None:
        try:
            listener(message)
        except Exception:  # noqa: BLE001 - a listener's fault must not end the connection
            self.listener_faults += 1
