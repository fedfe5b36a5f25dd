"""A ward: a real broker, a real hospital process, keys on both sides, and a device to start."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from firmware_service.wire.keys import SigningKey
from hospital_service.embedded_broker import EmbeddedBroker
from hospital_service.trust import HospitalKeys

UNIT, SITE, AGENCY = "medic-1", "test-ed", "test-agency"


class Process:
    """A child process whose lines can be waited for."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self._popen = subprocess.Popen(
            [sys.executable, "-m", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._new: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._readers = [
            threading.Thread(target=self._read_lines, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read_lines(self) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            self.lines.append(line.rstrip("\n"))
            self._new.put(self.lines[-1])
        self._new.put(None)

    def _read_errors(self) -> None:
        assert self._popen.stderr is not None
        self.errors += [line.rstrip("\n") for line in self._popen.stderr]

    def wait_for(self, text: str, seconds: float = 60.0) -> str:
        """The first line not yet waited for that holds this text."""
        give_up = time.monotonic() + seconds
        while (left := give_up - time.monotonic()) > 0:
            try:
                line = self._new.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                raise AssertionError(f"ended without {text!r}: {self.lines} {self.errors}")
            if text in line:
                return line
        raise AssertionError(f"no {text!r} in {seconds} s: {self.lines} {self.errors}")

    def end(self, seconds: float = 90.0) -> int:
        """Wait for the end; the exit code."""
        code = self._popen.wait(seconds)
        for reader in self._readers:
            reader.join()
        for stream in (self._popen.stdout, self._popen.stderr):
            assert stream is not None
            stream.close()
        return code

    def kill(self) -> None:
        """End it as a power cut would."""
        self._popen.kill()
        self.end()

    def stop(self) -> None:
        """Ask it to end."""
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGTERM)
            self.end()


@dataclass
class Ward:
    """One unit, one hospital, one broker."""

    folder: Path
    broker: EmbeddedBroker
    processes: list[Process] = field(default_factory=list)

    @property
    def out(self) -> Path:
        return self.folder / "received"

    @property
    def outbox(self) -> Path:
        return self.folder / "device" / "outbox.sqlite3"

    def hospital(self) -> Process:
        """A hospital service that has subscribed."""
        words = ["hospital_service.cli", "serve", "--print"]
        for option, value in {
            "agency": AGENCY,
            "site": SITE,
            "state": self.folder / "hospital",
            "keys": self.folder / "hospital-keys",
            "units": self.folder / "units",
            "out": self.out,
            "port": self.broker.port,
        }.items():
            words += [f"--{option}", str(value)]
        started = self._start(words, {})
        started.wait_for("ready")
        return started

    def device(self, *words: str) -> Process:
        """The device's command with this unit's settings."""
        environment = {
            "STROKE_AGENCY": AGENCY,
            "STROKE_UNIT": UNIT,
            "STROKE_SITE": SITE,
            "STROKE_STATE_DIR": str(self.folder / "device"),
            "STROKE_SIGNING_KEY_FILE": str(self.folder / "unit.key.pem"),
            "STROKE_HOSPITAL_KEYS_DIR": str(self.folder / "known"),
            "STROKE_BROKER__PORT": str(self.broker.port),
            "STROKE_BROKER__USERNAME": UNIT,
            "STROKE_BROKER__PROTOCOL": "5" if self.broker.kind == "mosquitto" else "3.1.1",
        }
        return self._start(["firmware_service.cli", *words], environment)

    def _start(self, words: list[str], environment: dict[str, str]) -> Process:
        self.processes.append(Process(words, environment))
        return self.processes[-1]


def _make_keys(folder: Path) -> None:
    known = folder / "known" / SITE
    units = folder / "units"
    for path in (known, units):
        path.mkdir(parents=True)
    hospital = HospitalKeys.load_or_make(folder / "hospital-keys")
    hospital.signing.verify_key.save(known / "signing.pub.pem")
    hospital.sealing[0].recipient_key.save(known / "sealing.pub.pem")
    unit = SigningKey.generate()
    unit.save(folder / "unit.key.pem")
    unit.verify_key.save(units / f"{UNIT}.pub.pem")


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    """A ward that is cleared away afterwards."""
    _make_keys(tmp_path)
    with EmbeddedBroker.start(tmp_path / "broker") as broker:
        made = Ward(tmp_path, broker)
        try:
            yield made
        finally:
            for process in reversed(made.processes):
                process.stop()


@pytest.fixture
def report_of() -> Callable[[Ward], Path]:
    """The one report file that the hospital wrote."""

    def found(ward: Ward) -> Path:
        (report,) = ward.out.glob("report-*.json")
        return report

    return found
