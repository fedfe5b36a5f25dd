"""The `Broker` port over paho-mqtt: MQTT 5, or 3.1.1 where the broker has no 5.

One thread named "mqtt" does all reading and writing. Every connection gets a fresh paho client, so
nothing is resent behind the outbox's back and the will can name the session. A fault in a listener
is counted and told; it never ends the thread.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from firmware_service.deliver.greeting import Greeting
from firmware_service.deliver.mqtt_options import MqttOptions, Protocol, Tls
from firmware_service.deliver.retry import Backoff
from firmware_service.ports import BrokerError, Inbound

__all__ = ["MqttOptions", "PahoBroker", "Tls"]

log = structlog.get_logger()

_VERSION = {"5": MQTTProtocolVersion.MQTTv5, "3.1.1": MQTTProtocolVersion.MQTTv311}


class PahoBroker:
    """The live `Broker`; `greet` is asked for a birth and a will at every connection.

    `beats` rises while the thread lives, for the watchdog; `faults` counts what listeners and the
    network threw, `last_fault` says the latest in words.
    """

    def __init__(
        self, options: MqttOptions, *, greet: Callable[[], Greeting] | None = None
    ) -> None:
        self.beats = 0
        self.faults = 0
        self.last_fault: str | None = None
        self._options = options
        self._greet = greet
        self._greeting: Greeting | None = None
        self._tls = None if options.tls is None else options.tls.context()
        self._protocol: Protocol = options.protocol
        self._random = random.Random()  # noqa: S311 - jitter, not secrets
        self._lock = threading.Lock()
        self._client: paho.Client | None = None
        self._accepted = False
        self._answered = False
        self._flights: dict[int, Future[bool]] = {}
        self._early: dict[int, bool] = {}
        self._subscriptions: list[tuple[str, Callable[[Inbound], None]]] = []
        self._connected = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    # The port

    def connect(self) -> None:
        """Start connecting and keep reconnecting until closed."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
            self._thread.start()

    @property
    def connected(self) -> bool:
        """Whether the session is up now."""
        return self._connected.is_set()

    @property
    def protocol(self) -> Protocol:
        """What is spoken, or will be tried next."""
        return self._protocol

    def publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expiry_s: int | None = None
    ) -> bool:
        """Publish and wait for the acknowledgement; False when refused or not answered."""
        flight = self.begin_publish(topic, payload, retain=retain, expiry_s=expiry_s)
        try:
            return flight.result(self._options.ack_timeout_s)
        except FutureTimeout:
            return False

    def begin_publish(
        self, topic: str, payload: bytes, *, retain: bool = False, expiry_s: int | None = None
    ) -> Future[bool]:
        """Publish without waiting: True once acknowledged, False when refused or cut off."""
        flight: Future[bool] = Future()
        client = self._client
        if client is None or not self.connected or not topic:
            flight.set_result(False)
            return flight
        properties = None
        if self._protocol == "5" and expiry_s is not None:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.MessageExpiryInterval = expiry_s
        try:
            sent = client.publish(topic, payload, qos=1, retain=retain, properties=properties)
        except ValueError as error:
            self._fault("publish", error)
            flight.set_result(False)
            return flight
        if sent.rc not in {MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN}:
            flight.set_result(False)
            return flight
        with self._lock:
            early = self._early.pop(sent.mid, None)
            if early is None and client is self._client:
                self._flights[sent.mid] = flight
                return flight
        flight.set_result(bool(early))
        return flight

    def subscribe(self, topic_filter: str, listener: Callable[[Inbound], None]) -> None:
        """Call `listener` from the mqtt thread for every message that matches.

        Raises:
            BrokerError: the broker is there and refuses the filter, or does not answer.
        """
        with self._lock:
            self._subscriptions.append((topic_filter, listener))
        client = self._client
        if client is None or not self.connected:
            return
        granted: Future[bool] = Future()
        _, mid = client.subscribe(topic_filter, qos=1)
        with self._lock:
            early = self._early.pop(mid, None) if mid is not None else False
            if early is None and mid is not None:
                self._flights[mid] = granted
        if early is None:
            try:
                early = granted.result(self._options.ack_timeout_s)
            except FutureTimeout:
                early = False
        if not early and self.connected:
            raise BrokerError(f"the broker refuses a subscription to {topic_filter}; check its ACL")

    def close(self) -> None:
        """Say goodbye and stop; calling it twice is allowed."""
        greeting = self._greeting
        if self.connected and greeting is not None:
            self.publish(greeting.topic, greeting.will, retain=True)
        self._closing.set()
        client = self._client
        if client is not None:
            client.disconnect()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(self._options.connect_timeout_s + 2)

    # The thread

    def _run(self) -> None:
        failures = 0
        backoff = Backoff(self._options.reconnect_min_s, self._options.reconnect_max_s)
        while not self._closing.is_set():
            self._accepted = self._answered = False
            try:
                self._one_connection()
            except Exception as error:  # noqa: BLE001 - the thread outlives every fault
                self._fault("connection", error)
            finally:
                self._cut()
            self._try_the_other_protocol()
            failures = 0 if self._accepted else failures + 1
            self._closing.wait(backoff.wait_s(failures + 1, self._random))

    def _one_connection(self) -> None:
        client = self._new_client()
        expiry = None
        if self._protocol == "5":
            expiry = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            expiry.SessionExpiryInterval = self._options.session_expiry_s
        client.connect(
            self._options.host,
            self._options.port,
            keepalive=self._options.keepalive_s,
            clean_start=False if self._protocol == "5" else paho.MQTT_CLEAN_START_FIRST_ONLY,
            properties=expiry,
        )
        with self._lock:
            self._client = client
        self._answered = True
        deadline = time.monotonic() + self._options.connect_timeout_s
        while client.loop(timeout=0.5) == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self.beats += 1
            if self._closing.is_set() and not client.is_connected():
                break
            if not self._accepted and time.monotonic() > deadline:
                self._answered = False
                break

    def _try_the_other_protocol(self) -> None:
        """A broker that hangs up on MQTT 5 before accepting it may have 3.1.1 only."""
        if self._options.protocol == "5" and self._answered and not self._accepted:
            self._protocol = "3.1.1" if self._protocol == "5" else "5"

    def _new_client(self) -> paho.Client:
        options = self._options
        is_5 = self._protocol == "5"
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=options.client_id,
            clean_session=None if is_5 else False,
            protocol=_VERSION[self._protocol],
            reconnect_on_failure=False,
        )
        client.connect_timeout = options.connect_timeout_s
        client.max_inflight_messages_set(options.window)
        if options.username is not None:
            client.username_pw_set(options.username, options.password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        if self._greet is not None:
            self._greeting = self._greet()
            client.will_set(self._greeting.topic, self._greeting.will, qos=1, retain=True)
        client.on_socket_open = self._tune
        # With this set, paho leaves writing to the thread that calls loop().
        client.on_socket_register_write = lambda *_: None
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _tune(self, _client: paho.Client, _userdata: object, sock: Any) -> None:  # noqa: ANN401
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            timeout_ms = self._options.keepalive_s * 1000
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, timeout_ms)

    def _on_connect(
        self,
        client: paho.Client,
        _userdata: object,
        _flags: paho.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            self._fault("connect", BrokerError(f"the broker refuses us: {reason}"))
            client.disconnect()
            return
        self._accepted = True
        with self._lock:
            filters = {topic_filter for topic_filter, _ in self._subscriptions}
        mids = [client.subscribe(topic_filter, qos=1)[1] for topic_filter in sorted(filters)]
        if self._greeting is not None:
            birth = client.publish(self._greeting.topic, self._greeting.birth, qos=1, retain=True)
            mids.append(birth.mid)
        with self._lock:
            self._flights |= {mid: Future() for mid in mids if mid is not None}
        self._connected.set()
        log.info("broker connected", protocol=self._protocol)

    def _on_publish(
        self,
        _client: paho.Client,
        _userdata: object,
        mid: int,
        reason: ReasonCode,
        _properties: Properties,
    ) -> None:
        if reason.is_failure:
            self._fault("publish", BrokerError(f"the broker refuses a message: {reason}"))
        self._settle(mid, accepted=not reason.is_failure)

    def _on_subscribe(
        self,
        _client: paho.Client,
        _userdata: object,
        mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        refused = any(reason.is_failure for reason in reasons)
        if refused:
            self._fault("subscribe", BrokerError("the broker refuses a subscription"))
        self._settle(mid, accepted=not refused)

    def _on_message(
        self, _client: paho.Client, _userdata: object, message: paho.MQTTMessage
    ) -> None:
        inbound = Inbound(message.topic, bytes(message.payload), message.retain)
        with self._lock:
            subscriptions = list(self._subscriptions)
        for topic_filter, listener in subscriptions:
            if paho.topic_matches_sub(topic_filter, inbound.topic):
                try:
                    listener(inbound)
                except Exception as error:  # noqa: BLE001 - a listener must not end the thread
                    self._fault("listener", error)

    def _settle(self, mid: int, *, accepted: bool) -> None:
        with self._lock:
            flight = self._flights.pop(mid, None)
            if flight is None:
                self._early[mid] = accepted
                return
        flight.set_result(accepted)

    def _cut(self) -> None:
        """The connection is over; what was in flight is the outbox's again."""
        if self._connected.is_set():
            log.info("broker disconnected")
        self._connected.clear()
        with self._lock:
            self._client = None
            flights = list(self._flights.values())
            self._flights.clear()
            self._early.clear()
        for flight in flights:
            flight.set_result(False)

    def _fault(self, where: str, error: Exception) -> None:
        self.faults += 1
        self.last_fault = f"{where}: {error}"
        log.warning("broker fault", where=where, why=str(error))
