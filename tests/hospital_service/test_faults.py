"""The receiver and the broker are killed in mid-stream: nothing is lost, nothing stored twice."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pytest
from ulid import ULID

from firmware_service.wire.v1 import LinkState, Signal
from hospital_service.embedded_broker import EmbeddedBroker
from hospital_service.events import LinkLost, Ready
from hospital_service.store.repository import Store
from tests.hospital_service.ambulance import Ambulance, until
from tests.hospital_service.conftest import Site

MESSAGES = 240
OPTIONS = {
    "state_dir": "--state",
    "keys_dir": "--keys",
    "units_dir": "--units",
    "broker.host": "--host",
    "broker.port": "--port",
    "broker.username": "--username",
    "broker.protocol": "--protocol",
}


Serve = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def serve(site: Site, broker: EmbeddedBroker) -> Iterator[Serve]:
    """Starts real processes, each of which has said that it is ready."""
    started: list[subprocess.Popen[str]] = []

    def start(*, largest_file_bytes: int = resource.RLIM_INFINITY) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "hospital_service.cli", "serve"]
        for key, value in site.options(broker).items():
            command += [OPTIONS[key], value]
        with (site.folder / "serve.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        started.append(process)
        limits = (largest_file_bytes, resource.RLIM_INFINITY)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready ")
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _end(process: subprocess.Popen[str], number: signal.Signals) -> int:
    os.kill(process.pid, number)
    return process.wait(10)


@pytest.mark.parametrize("kill_broker", [False, True])
def test_kill_nine_in_mid_stream_loses_and_doubles_nothing(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance, serve: Serve, *, kill_broker: bool
) -> None:
    receiver = serve()

    def kill() -> None:
        until(lambda: len(ambulance.receipts) > 20)
        receiver.kill()
        if kill_broker:
            broker.kill()
            broker.restart()

    killer = threading.Thread(target=kill)
    killer.start()
    sent: dict[str, Signal] = {}
    sealed: dict[str, tuple[str, bytes]] = {}
    for _ in range(MESSAGES):
        document = ambulance.pen.signal(str(ULID()))
        sent[document.message_id] = document
        sealed[document.message_id] = ambulance.pen.seal(document)
        ambulance.publish(*sealed[document.message_id])
        time.sleep(0.001)
    killer.join()
    receiver.wait()
    assert receiver.returncode == -signal.SIGKILL
    assert 20 < len(ambulance.receipts) < MESSAGES
    receiver = serve()

    def unreceipted() -> set[str]:
        return sent.keys() - {receipt.message_id for receipt in ambulance.receipts}

    if kill_broker:  # what was with the broker may be gone; an outbox sends what has no receipt
        until(lambda: not unreceipted(), 3.0)
        for message_id in unreceipted():
            ambulance.publish(*sealed[message_id])
    assert until(lambda: not unreceipted())
    assert _end(receiver, signal.SIGTERM) == 0
    _assert_stored_once(site, broker, sent.values())


def _assert_stored_once(site: Site, broker: EmbeddedBroker, sent: Collection[Signal]) -> None:
    store = Store(site.settings(broker).database_url)
    with store.reading() as reading:
        assert reading.messages_stored() == len(sent)
        assert {row.screen_id for row in reading.screens(limit=2 * len(sent))} == {
            document.screen_id for document in sent
        }
        assert reading.quarantine() == []
    store.close()


def test_a_disk_that_takes_no_more_ends_the_receiver_and_acknowledges_nothing(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance, serve: Serve
) -> None:
    _end(serve(), signal.SIGTERM)  # leaves the tables in the database and an empty log
    receiver = serve(largest_file_bytes=96 * 1024)
    sent = [ambulance.pen.signal(str(ULID())) for _ in range(MESSAGES)]
    for document in sent:
        ambulance.send(document)
    receiver.wait(30)
    assert receiver.returncode == 1
    last_words = (site.folder / "serve.log").read_text().splitlines()[-1]
    assert last_words.endswith("hospital.sqlite3 cannot be written: disk I/O error")
    assert len(ambulance.receipts) < MESSAGES
    receiver = serve()
    assert until(lambda: all(ambulance.receipted(document) for document in sent))
    assert _end(receiver, signal.SIGTERM) == 0
    _assert_stored_once(site, broker, sent)


def test_the_link_comes_back_after_the_broker(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance
) -> None:
    site.open(site.settings(broker))
    broker.kill()
    assert until(lambda: site.count(LinkLost) > 0)
    broker.restart()
    assert until(lambda: site.count(Ready) == 2)
    document = ambulance.pen.signal(str(ULID()))
    ambulance.send(document)
    assert until(lambda: ambulance.receipted(document) == 1)


def test_auto_falls_back_to_three_one_one(tmp_path: Path, site: Site) -> None:
    with EmbeddedBroker.start(tmp_path / "amqtt", prefer="amqtt") as broker:
        site.open(site.settings(broker, **{"broker.protocol": "auto"}))
        (ready,) = (event for event in site.events if isinstance(event, Ready))
        assert ready.protocol == "3.1.1"
        site.shut()


def test_the_ed_is_online_while_it_runs_and_offline_however_it_ends(
    site: Site, broker: EmbeddedBroker, ambulance: Ambulance, serve: Serve
) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        receiver = serve()
        assert until(lambda: bool(ambulance.ed) and ambulance.ed[-1].state is LinkState.ONLINE)
        _end(receiver, number)
        assert until(lambda: ambulance.ed[-1].state is LinkState.OFFLINE)
    first, ended, second, died = (status.session for status in ambulance.ed)
    assert first == ended < second == died
    late = Ambulance(broker, site.pen("medic-8"), site.keys.signing.verify_key)
    assert until(lambda: len(late.ed) == 1)
    assert late.ed[0].state is LinkState.OFFLINE
    late.leave()
