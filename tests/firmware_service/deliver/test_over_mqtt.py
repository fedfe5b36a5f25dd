"""The whole device side over a real broker: threads, a broker that dies, mutual TLS."""

from __future__ import annotations

import datetime as dt
import getpass
import ipaddress
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from firmware_service.deliver.mqtt import MqttOptions, PahoBroker, Tls
from firmware_service.deliver.outbox import SqliteOutbox
from firmware_service.deliver.receipts import ReceiptDesk
from firmware_service.deliver.sender import Delivery, Sender
from firmware_service.deliver.sender_thread import SenderThread
from firmware_service.deliver.status import SessionCounter, UnitPresence
from firmware_service.ports import BrokerError, Inbound
from firmware_service.screen.events import DeliveryStage
from firmware_service.wire import examples
from firmware_service.wire.topics import hospital_filters, parse
from firmware_service.wire.v1 import ScreenDocument, UnitStatus
from hospital_service.embedded_broker import EmbeddedBroker
from tests.firmware_service.deliver.people import AGENCY, UNIT, People, StoppedClock, report_of

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


def until(condition: Callable[[], bool], patience_s: float = 15.0) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


def options(server: EmbeddedBroker, name: str) -> MqttOptions:
    return MqttOptions(
        server.host,
        server.port,
        name,
        username=name,
        protocol="3.1.1" if server.kind == "amqtt" else "5",
        reconnect_min_s=0.05,
        reconnect_max_s=0.3,
    )


def test_written_while_the_broker_is_dead_stored_when_it_is_back(
    tmp_path: Path, people: People, outbox: SqliteOutbox, clock: StoppedClock
) -> None:
    told: list[Delivery] = []
    faults: list[Exception] = []
    stored: set[str] = set()
    presence = UnitPresence(people.unit, SessionCounter(tmp_path / "session"), clock)
    statuses: list[int] = []
    with EmbeddedBroker.start(tmp_path / "broker") as server:
        hospital = PahoBroker(options(server, "hospital"))

        def hear(message: Inbound) -> None:
            document = people.read(message.topic, message.payload)
            if isinstance(document, UnitStatus):
                statuses.append(document.session)
            elif isinstance(document, ScreenDocument):
                stored.add(document.message_id)
                hospital.begin_publish(*people.receipt(document.message_id))

        for topic_filter in hospital_filters(AGENCY):
            hospital.subscribe(topic_filter, hear)
        hospital.connect()
        unit = PahoBroker(options(server, UNIT), greet=presence.greet)
        trusted = {people.hospital.key.id: people.hospital.trusted}
        desk = ReceiptDesk(AGENCY, UNIT, trusted.get)
        thread = SenderThread(Sender(outbox, unit, desk, clock, told.append), faults.append)
        unit.connect()
        thread.start()
        until(lambda: unit.connected and hospital.connected)

        start = time.monotonic()
        outbox.append(examples.signal(1))
        until(lambda: DeliveryStage.STORED in {delivery.stage for delivery in told})
        assert time.monotonic() - start < 2.0
        server.kill()
        until(lambda: not unit.connected)
        for n in range(2, 12):
            outbox.append(examples.signal(n) if n % 2 else report_of(n))
        server.restart()
        until(lambda: outbox.after(0) == [])
        assert stored == {examples.message_id(n) for n in range(1, 12)}
        assert len(set(statuses)) >= 2, "each connection greets with its own session"
        assert statuses == sorted(statuses)
        assert faults == []
        assert thread.beats > 0
        thread.stop()
        unit.close()
        hospital.close()


def test_a_fault_of_the_sender_is_handed_on(outbox: SqliteOutbox, clock: StoppedClock) -> None:
    def broken(_: Delivery) -> None:
        raise RuntimeError("the light is gone")

    faults: list[Exception] = []
    unit = PahoBroker(MqttOptions("127.0.0.1", 1, UNIT))
    sender = Sender(outbox, unit, ReceiptDesk(AGENCY, UNIT, lambda _: None), clock, broken)
    thread = SenderThread(sender, faults.append)
    outbox.append(examples.signal(1))
    thread.start()
    until(lambda: bool(faults))
    assert "the light is gone" in str(faults[0])
    thread.stop()


def make_certificate(
    name: str, folder: Path, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
    )
    certificate = builder.sign(issuer[1] if issuer else key, hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / f"{name}.key").write_bytes(private)
    return certificate, key


@pytest.fixture
def tls_port(tmp_path: Path) -> Iterator[int]:
    if MOSQUITTO is None:
        pytest.skip("mosquitto is not installed: sudo apt install mosquitto")
    ca = make_certificate("ca", tmp_path, None)
    for name in ("broker", UNIT):
        make_certificate(name, tmp_path, ca)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    (tmp_path / "mosquitto.conf").write_text(
        f"listener {port} 127.0.0.1\nuser {getpass.getuser()}\n"
        "set_tcp_nodelay true\nallow_anonymous false\n"
        f"cafile {tmp_path}/ca.pem\ncertfile {tmp_path}/broker.pem\nkeyfile {tmp_path}/broker.key\n"
        "require_certificate true\nuse_identity_as_username true\n"
    )
    process = subprocess.Popen(
        [MOSQUITTO, "-c", str(tmp_path / "mosquitto.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    until(listens)
    yield port
    process.terminate()
    process.wait()


def test_mutual_tls(tls_port: int, tmp_path: Path) -> None:
    tls = Tls(tmp_path / "ca.pem", tmp_path / f"{UNIT}.pem", tmp_path / f"{UNIT}.key")
    assert tls.context().minimum_version is ssl.TLSVersion.TLSv1_2
    unit = PahoBroker(MqttOptions("127.0.0.1", tls_port, UNIT, tls=tls))
    heard: list[Inbound] = []
    unit.subscribe("t/x", heard.append)
    unit.connect()
    until(lambda: unit.connected)
    assert unit.publish("t/x", b"x" * 50_000)
    until(lambda: len(heard) == 1)
    unit.close()

    nobody = PahoBroker(MqttOptions("127.0.0.1", tls_port, "nobody", tls=Tls(tmp_path / "ca.pem")))
    nobody.connect()
    until(lambda: nobody.beats > 0 or nobody.faults > 0)
    time.sleep(0.3)
    assert not nobody.connected
    nobody.close()


# paho drops its socket unclosed when the handshake fails; it is gone with the exception.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_broker_of_another_ca_is_refused(tls_port: int, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    make_certificate("ca", tmp_path / "other", None)
    tls = Tls(tmp_path / "other" / "ca.pem")
    unit = PahoBroker(MqttOptions("127.0.0.1", tls_port, UNIT, tls=tls))
    unit.connect()
    until(lambda: unit.faults > 0)
    assert unit.last_fault is not None
    assert "CERTIFICATE_VERIFY_FAILED" in unit.last_fault
    assert not unit.connected
    unit.close()


def test_it_goes_on_trying_after_a_night_without_a_broker() -> None:
    with socket.socket() as closed:  # bound and not listening: every connection is refused
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        unit = PahoBroker(
            MqttOptions("127.0.0.1", port, UNIT, reconnect_min_s=0.0, reconnect_max_s=0.0)
        )
        unit.connect()
        until(lambda: unit.faults > 1100, 60.0)
        unit.close()


def test_tls_files_that_are_missing_are_named(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="cannot be used"):
        Tls(tmp_path / "missing.pem").context()


def test_the_topics_of_the_hospital_are_the_ones_that_units_use() -> None:
    for topic_filter in hospital_filters(AGENCY):
        parse(topic_filter.replace("+", UNIT, 1).replace("+", examples.SCREEN_ID))
