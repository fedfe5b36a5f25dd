import threading
import time
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from hospital_service.embedded_broker import EmbeddedBroker, Kind
from hospital_service.errors import BrokerUnavailable


def _client(name: str) -> paho.Client:
    client = paho.Client(
        CallbackAPIVersion.VERSION2,
        client_id=name,
        clean_session=False,
        protocol=MQTTProtocolVersion.MQTTv311,
    )
    client.username_pw_set("tester")
    return client


def _receive(broker: EmbeddedBroker, *, messages: int) -> list[bytes]:
    """Connect as the receiver, subscribe, and wait for this many messages."""
    got: list[bytes] = []
    subscribed = threading.Event()

    def connected(client: paho.Client, *_: Any) -> None:
        client.subscribe("ward/#", qos=1)

    client = _client("receiver")
    client.on_message = lambda *arguments: got.append(arguments[2].payload)
    client.on_connect = connected
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(broker.host, broker.port)
    client.loop_start()
    assert subscribed.wait(5)
    deadline = time.monotonic() + 5
    while len(got) < messages and time.monotonic() < deadline:
        time.sleep(0.01)
    client.disconnect()
    client.loop_stop()
    return got


@pytest.mark.parametrize("kind", ["mosquitto", "amqtt"])
def test_a_message_sent_while_the_subscriber_is_away_is_kept(tmp_path: Path, kind: Kind) -> None:
    with EmbeddedBroker.start(tmp_path, prefer=kind) as broker:
        assert broker.kind == kind
        assert _receive(broker, messages=0) == []
        sender = _client("sender")
        sender.connect(broker.host, broker.port)
        sender.loop_start()
        sender.publish("ward/7", b"hello", qos=1).wait_for_publish(5)
        sender.disconnect()
        sender.loop_stop()
        assert _receive(broker, messages=1) == [b"hello"]


def test_restart_keeps_the_port_after_a_kill(tmp_path: Path) -> None:
    with EmbeddedBroker.start(tmp_path) as broker:
        port = broker.port
        broker.kill()
        broker.kill()
        broker.restart()
        assert broker.port == port
        client = _client("again")
        assert client.connect(broker.host, port) == paho.MQTT_ERR_SUCCESS
        client.disconnect()


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with (
        EmbeddedBroker.start(tmp_path / "first", prefer="mosquitto") as broker,
        pytest.raises(BrokerUnavailable, match=r"port \d+ is taken") as caught,
    ):
        EmbeddedBroker.start(tmp_path / "second", port=broker.port, prefer="mosquitto")
    assert "\n" not in str(caught.value)


def test_no_broker_names_both_remedies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hospital_service.embedded_broker._mosquitto", lambda: None)
    monkeypatch.setattr("hospital_service.embedded_broker.find_spec", lambda _: None)
    with pytest.raises(BrokerUnavailable, match=r"apt install mosquitto or pip install amqtt"):
        EmbeddedBroker.start(tmp_path)
