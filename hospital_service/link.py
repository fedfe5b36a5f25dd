"""The receiver's line to the broker: one thread that runs paho, and letters to the mailbox.

The session is persistent and every acknowledgement is ours: what is not committed is not
acknowledged, and comes again. A broker that does not answer to MQTT 5 is asked in 3.1.1.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, TypeAlias

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from hospital_service.errors import BrokerUnavailable, SettingsError
from hospital_service.letters import (
    Arrived,
    Delivery,
    Letter,
    LinkDown,
    LinkUp,
    NotTaken,
    WorkerFailed,
)
from hospital_service.settings import BrokerSettings
from hospital_service.voice import Saying

SESSION_EXPIRY_S = 7 * 24 * 3600
IN_FLIGHT = 200
ANSWER_LIMIT_S = 3.0
CONNECT_LIMIT_S = 5.0
RETRY_S = (0.2, 5.0)
POLL_S = 0.25


Statuses: TypeAlias = Callable[[], tuple[Saying, Saying]]

_FOR_A_PERSON = frozenset(
    {"Bad user name or password", "Not authorized", "Client identifier not valid", "Banned"}
)
"""What trying again does not heal."""

_VERSIONS = {"5": MQTTProtocolVersion.MQTTv5, "3.1.1": MQTTProtocolVersion.MQTTv311}


@dataclass(frozen=True, slots=True)
class Handed:
    """A message on its way to the broker."""

    info: paho.MQTTMessageInfo
    refused: AbstractSet[int]

    @property
    def taken(self) -> bool | None:
        """Whether the broker took it; None before it answered."""
        return self.info.mid not in self.refused if self.info.is_published() else None


class Link:
    """Connects until stopped. `statuses` gives the birth and the will of each new connection."""

    def __init__(
        self,
        settings: BrokerSettings,
        *,
        client_id: str,
        filters: Sequence[str],
        statuses: Statuses,
        mailbox: queue.Queue[Letter],
    ) -> None:
        self._settings = settings
        self._client_id = client_id
        self._filters = filters
        self._statuses = statuses
        self._mailbox = mailbox
        self._client: paho.Client | None = None
        self._birth: Saying | None = None
        self._will: Saying | None = None
        self._connection = 0
        self._answered = False
        self._up = threading.Event()
        self._refused: set[int] = set()
        self._settled: str | None = None  # the protocol that this broker has answered to
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self) -> None:
        """Begin connecting."""
        self._thread.start()

    def stop(self, limit_s: float = 3.0) -> None:
        """Say that the receiver goes offline, and leave; the broker keeps our session."""
        client, will = self._client, self._will
        if client is not None and will is not None and self._up.is_set():
            farewell = client.publish(will.topic, will.payload, qos=1, retain=True)
            deadline = time.monotonic() + limit_s
            while self._up.is_set() and not farewell.is_published() and time.monotonic() < deadline:
                time.sleep(0.01)
            self._stopping.set()
            client.disconnect()
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(limit_s)

    def publish(self, saying: Saying) -> Handed | None:
        """Hand a message over at QoS 1; None while there is no connection."""
        client = self._client
        if client is None or not self._up.is_set():
            return None
        info = client.publish(saying.topic, saying.payload, qos=1)
        return Handed(info, self._refused) if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def acknowledge(self, delivery: Delivery) -> None:
        """PUBACK, if the connection that delivered it still stands; else it comes again."""
        client = self._client
        if client is not None and self._up.is_set() and delivery.connection == self._connection:
            client.ack(delivery.mid, delivery.qos)

    # The thread

    def _run(self) -> None:
        try:
            for protocol in self._protocols():
                if self._stopping.is_set():
                    return
                self._speak(protocol)
        except Exception as error:  # noqa: BLE001 - whatever ends this thread must end the service
            self._post(WorkerFailed("mqtt", error))

    def _protocols(self) -> Iterator[str]:
        asked = self._settings.protocol
        candidates = ["5", "3.1.1"] if asked == "auto" else [asked]
        for candidate in itertools.cycle(candidates):
            yield self._settled or candidate

    def _speak(self, protocol: str) -> None:
        """Serve connections in this protocol until stopped or the broker does not know it."""
        client = self._new_client(protocol)
        self._client = client
        wait_s = RETRY_S[0]
        try:
            while not self._stopping.is_set():
                refused = self._connect(client)
                if refused is None:
                    reason = self._serve(client)
                    self._up.clear()
                    if self._stopping.is_set():
                        return
                    self._post(LinkDown(reason))
                    if self._answered:
                        self._settled = protocol
                        wait_s = RETRY_S[0]
                    elif self._settings.protocol == "auto" and self._settled is None:
                        return
                else:
                    self._post(LinkDown(refused))
                self._stopping.wait(wait_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
                wait_s = min(wait_s * 2, RETRY_S[1])
        finally:
            self._client = None
            _close(client)

    def _connect(self, client: paho.Client) -> str | None:
        """Open the socket and send CONNECT; the reason when it cannot be opened."""
        self._birth, self._will = self._statuses()
        client.will_set(self._will.topic, self._will.payload, qos=1, retain=True)
        self._answered = False
        self._connection += 1
        try:
            client.reconnect()
        except OSError as error:
            where = f"{self._settings.host}:{self._settings.port}"
            return f"broker {where} cannot be reached ({error.strerror or error})"
        return None

    def _serve(self, client: paho.Client) -> str:
        """Run the connection until it ends; says why."""
        deadline = time.monotonic() + ANSWER_LIMIT_S
        while True:
            try:
                code = client.loop(POLL_S)
            except BrokerUnavailable:
                raise
            except Exception as error:
                if self._answered:
                    raise
                return f"the broker's answer makes no sense ({type(error).__name__})"
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
                return paho.error_string(code).rstrip(".").lower()
            if not self._answered and time.monotonic() > deadline:
                return f"the broker does not answer within {ANSWER_LIMIT_S:.0f} s"
            if self._stopping.is_set() and not self._up.is_set():
                return "stopped"

    def _new_client(self, protocol: str) -> paho.Client:
        version = _VERSIONS[protocol]
        five = version == MQTTProtocolVersion.MQTTv5
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            clean_session=None if five else False,
            protocol=version,
            manual_ack=True,
        )
        settings = self._settings
        if settings.username is not None:
            client.username_pw_set(settings.username, _password(settings))
        if settings.ca_file is not None:
            client.tls_set_context(_tls(settings))
        client.connect_timeout = CONNECT_LIMIT_S
        client.max_inflight_messages_set(IN_FLIGHT)
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_message = self._arrived
        client.on_publish = self._published
        client.on_socket_open = _no_delay
        # With this set, paho leaves all writing to our thread; otherwise `publish` from another
        # thread writes to the socket itself and two halves of packets may mix.
        client.on_socket_register_write = lambda *_: None
        properties = None
        if five:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = SESSION_EXPIRY_S
            properties.ReceiveMaximum = IN_FLIGHT
        client.connect_async(
            settings.host,
            settings.port,
            keepalive=settings.keepalive_s,
            clean_start=False if five else paho.MQTT_CLEAN_START_FIRST_ONLY,
            properties=properties,
        )
        return client

    # Called by paho, in the thread

    def _connected(
        self, client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _more: object
    ) -> None:
        if str(reason) in _FOR_A_PERSON:
            raise BrokerUnavailable(
                f"broker {self._settings.host}:{self._settings.port} refuses us: {reason}; "
                "check user name, password and certificate"
            )
        if reason.is_failure:
            return  # the broker hangs up, and we try again
        self._answered = True
        self._up.set()  # what waited in our session may come before the SUBACK
        client.subscribe([(topic, 1) for topic in self._filters])

    def _subscribed(
        self,
        client: paho.Client,
        _data: object,
        _mid: int,
        reasons: list[ReasonCode],
        _more: object,
    ) -> None:
        for topic, reason in zip(self._filters, reasons, strict=True):
            if reason.is_failure:
                raise BrokerUnavailable(
                    f"the broker refuses the subscription to {topic}: {reason}; check its ACL"
                )
        if self._birth is not None:
            client.publish(self._birth.topic, self._birth.payload, qos=1, retain=True)
        five = client.protocol == MQTTProtocolVersion.MQTTv5
        self._post(LinkUp("5" if five else "3.1.1"))

    def _arrived(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "(not UTF-8)"
        delivery = Delivery(self._connection, message.mid, message.qos)
        self._post(Arrived(topic, bytes(message.payload), delivery))

    def _published(
        self, _client: paho.Client, _data: object, mid: int, reason: ReasonCode, _more: object
    ) -> None:
        if reason.is_failure:
            self._refused.add(mid)
            # Never wait here: paho holds a lock that the mailbox's reader may want.
            with contextlib.suppress(queue.Full):
                self._mailbox.put_nowait(NotTaken(str(reason)))
        else:
            self._refused.discard(mid)

    def _post(self, letter: Letter) -> None:
        """Wait for room: while the mailbox is full, the broker waits too."""
        while True:
            try:
                self._mailbox.put(letter, timeout=POLL_S)
            except queue.Full:
                if self._stopping.is_set():
                    return
            else:
                return


def _no_delay(_client: paho.Client, _data: object, connection: Any) -> None:  # noqa: ANN401 - TLS or not
    """A receipt and its PUBACK are two small writes; Nagle would hold the second for 40 ms."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _close(client: paho.Client) -> None:
    """Free the sockets now and not when the client is collected."""
    client._reset_sockets()  # noqa: SLF001 - paho offers no other way to close its socket pair


def _password(settings: BrokerSettings) -> str | None:
    if settings.password_file is None:
        return None
    try:
        return settings.password_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(
            f"{settings.password_file}: the broker password cannot be read ({error.strerror})"
        ) from error


def _tls(settings: BrokerSettings) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.certificate_file is not None:
        context.load_cert_chain(settings.certificate_file, settings.certificate_key_file)
    return context
