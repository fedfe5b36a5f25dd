"""Every `Broker` adapter keeps the same promises: in memory, over mosquitto, over amqtt."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from firmware_service.deliver.greeting import Greeting
from firmware_service.deliver.memory import MemoryBroker, MemoryHub
from firmware_service.deliver.mqtt import MqttOptions, PahoBroker
from firmware_service.ports import Broker, Inbound
from hospital_service.embedded_broker import EmbeddedBroker

HAS_MOSQUITTO = shutil.which("mosquitto") or Path("/usr/sbin/mosquitto").exists()
PATIENCE_S = 10.0


class Bench(Protocol):
    """One kind of broker, and how to make clients for it."""

    def client(self, name: str, greet: Callable[[], Greeting] | None = None) -> Broker: ...

    def break_link(self, client: Broker) -> None: ...

    def down(self) -> None: ...

    def up(self) -> None: ...


class MemoryBench:
    def __init__(self) -> None:
        self.hub = MemoryHub()

    def client(self, name: str, greet: Callable[[], Greeting] | None = None) -> Broker:
        return self.hub.client(name, greet)

    def break_link(self, client: Broker) -> None:
        assert isinstance(client, MemoryBroker)
        client.drop()

    def down(self) -> None:
        self.hub.go_down()

    def up(self) -> None:
        self.hub.come_up()


@dataclass
class MqttBench:
    server: EmbeddedBroker
    clients: list[PahoBroker] = field(default_factory=list)

    def client(self, name: str, greet: Callable[[], Greeting] | None = None) -> Broker:
        options = MqttOptions(
            self.server.host,
            self.server.port,
            client_id=name,
            username=name,
            protocol="3.1.1" if self.server.kind == "amqtt" else "5",
            reconnect_min_s=0.05,
            reconnect_max_s=0.2,
        )
        self.clients.append(PahoBroker(options, greet=greet))
        return self.clients[-1]

    def break_link(self, client: Broker) -> None:
        """Shut the socket without a goodbye, as a lost link does."""
        assert isinstance(client, PahoBroker)
        assert client._client is not None
        sock = client._client.socket()
        assert isinstance(sock, socket.socket)
        sock.shutdown(socket.SHUT_RDWR)

    def down(self) -> None:
        self.server.stop()

    def up(self) -> None:
        self.server.restart()


@pytest.fixture(params=["memory", "mosquitto", "amqtt"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    if request.param == "memory":
        yield MemoryBench()
        return
    if request.param == "mosquitto" and not HAS_MOSQUITTO:
        pytest.skip("mosquitto is not installed: sudo apt install mosquitto")
    with ExitStack() as stack:
        server = stack.enter_context(EmbeddedBroker.start(tmp_path, prefer=request.param))
        made = MqttBench(server)
        yield made
        for client in made.clients:
            client.close()


def until(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.005)


def connected(bench: Bench, name: str, greet: Callable[[], Greeting] | None = None) -> Broker:
    client = bench.client(name, greet)
    client.connect()
    until(lambda: client.connected)
    return client


def greeting(session: int) -> Greeting:
    return Greeting("t/status", f"birth {session}".encode(), f"will {session}".encode())


class TestBroker:
    def test_a_publish_is_acknowledged_and_arrives_whole(self, bench: Bench) -> None:
        ambulance, hospital = connected(bench, "ambulance"), connected(bench, "hospital")
        heard: list[Inbound] = []
        hospital.subscribe("t/+/signal", heard.append)
        payload = bytes(range(256)) * 200
        assert ambulance.publish("t/1/signal", payload, expiry_s=60)
        until(lambda: len(heard) == 1)
        assert heard == [Inbound("t/1/signal", payload, retained=False)]

    def test_only_what_was_asked_for_arrives(self, bench: Bench) -> None:
        ambulance, hospital = connected(bench, "ambulance"), connected(bench, "hospital")
        heard: list[Inbound] = []
        hospital.subscribe("t/+/signal", heard.append)
        assert ambulance.publish("t/1/other", b"no")
        assert ambulance.publish("t/1/2/signal", b"no")
        assert ambulance.publish("t/1/signal", b"yes")
        until(lambda: len(heard) >= 1)
        assert [message.payload for message in heard] == [b"yes"]

    def test_many_in_flight_are_all_acknowledged(self, bench: Bench) -> None:
        ambulance, hospital = connected(bench, "ambulance"), connected(bench, "hospital")
        heard: list[Inbound] = []
        hospital.subscribe("t/#", heard.append)
        flights = [ambulance.begin_publish("t/x", str(n).encode()) for n in range(100)]
        assert all(flight.result(PATIENCE_S) for flight in flights)
        until(lambda: len(heard) == 100)
        assert {message.payload for message in heard} == {str(n).encode() for n in range(100)}

    def test_not_connected_is_a_plain_no(self, bench: Bench) -> None:
        client = bench.client("ambulance")
        assert not client.connected
        assert client.publish("t/x", b"1") is False
        assert client.begin_publish("t/x", b"1").result(0) is False
        client.close()

    def test_a_wildcard_cannot_be_published_to(self, bench: Bench) -> None:
        client = connected(bench, "ambulance")
        for topic in ("t/+", "t/#", ""):
            assert client.publish(topic, b"1") is False
        assert client.publish("t/x", b"1") is True

    def test_retained_is_kept_for_who_comes_later_and_marked(self, bench: Bench) -> None:
        early = connected(bench, "early")
        assert early.publish("t/status", b"old", retain=True)
        assert early.publish("t/status", b"new", retain=True)
        heard: list[Inbound] = []
        late = connected(bench, "late")
        late.subscribe("t/status", heard.append)
        until(lambda: len(heard) == 1)
        assert heard == [Inbound("t/status", b"new", retained=True)]

    def test_a_fault_in_a_listener_stops_nobody(self, bench: Bench) -> None:
        ambulance, hospital = connected(bench, "ambulance"), connected(bench, "hospital")
        heard: list[Inbound] = []

        def faulty(_message: Inbound) -> None:
            raise RuntimeError("a bug in a listener")

        hospital.subscribe("t/x", faulty)
        hospital.subscribe("t/x", heard.append)
        for n in range(3):
            assert ambulance.publish("t/x", str(n).encode())
        until(lambda: len(heard) == 3)
        assert hospital.connected

    def test_a_session_keeps_what_came_while_its_client_was_cut_off(self, bench: Bench) -> None:
        ambulance, hospital = connected(bench, "ambulance"), connected(bench, "hospital")
        heard: list[Inbound] = []
        hospital.subscribe("t/#", heard.append)
        bench.break_link(hospital)
        assert ambulance.publish("t/x", b"meanwhile")
        hospital.connect()
        until(lambda: len(heard) >= 1)
        assert {message.payload for message in heard} == {b"meanwhile"}

    def test_clients_and_subscriptions_come_back_with_the_broker(self, bench: Bench) -> None:
        ambulance, hospital = connected(bench, "ambulance"), connected(bench, "hospital")
        heard: list[Inbound] = []
        hospital.subscribe("t/#", heard.append)
        bench.down()
        until(lambda: not ambulance.connected and not hospital.connected)
        assert ambulance.publish("t/x", b"lost") is False
        bench.up()
        until(lambda: ambulance.connected and hospital.connected)
        until(lambda: ambulance.publish("t/x", b"back") and bool(heard))
        assert b"lost" not in {message.payload for message in heard}

    def test_birth_will_and_birth_again(self, bench: Bench) -> None:
        """The will is said when the link breaks; the next connection has its own greeting."""
        watcher = connected(bench, "watcher")
        heard: list[bytes] = []
        watcher.subscribe("t/status", lambda message: heard.append(message.payload))
        sessions = iter(range(1, 100))
        unit = connected(bench, "unit", lambda: greeting(next(sessions)))
        until(lambda: heard == [b"birth 1"])
        bench.break_link(unit)
        unit.connect()
        until(lambda: {b"birth 1", b"will 1", b"birth 2"} <= set(heard))
        unit.close()
        until(lambda: heard[-1] == b"will 2")
        assert not unit.connected

    def test_closing_twice_and_before_connecting_is_allowed(self, bench: Bench) -> None:
        client = connected(bench, "ambulance")
        client.close()
        client.close()
        assert not client.connected
        bench.client("never").close()


def test_the_mqtt_thread_has_its_name_and_ends(tmp_path: Path) -> None:
    with EmbeddedBroker.start(tmp_path) as server:
        options = MqttOptions(server.host, server.port, "a", username="a", protocol="3.1.1")
        client = PahoBroker(options)
        client.connect()
        until(lambda: client.connected)
        assert "mqtt" in {thread.name for thread in threading.enumerate()}
        beats = client.beats
        until(lambda: client.beats > beats)
        client.close()
        assert "mqtt" not in {thread.name for thread in threading.enumerate()}


def test_mqtt_5_falls_back_to_3_1_1_where_the_broker_has_no_5(tmp_path: Path) -> None:
    with EmbeddedBroker.start(tmp_path, prefer="amqtt") as server:
        options = MqttOptions(
            server.host, server.port, "a", username="a", keepalive_s=1, reconnect_min_s=0.05
        )
        client = PahoBroker(options)
        client.connect()
        until(lambda: client.connected, 20)
        assert client.protocol == "3.1.1"
        assert client.publish("t/x", b"1", expiry_s=5)
        client.close()
