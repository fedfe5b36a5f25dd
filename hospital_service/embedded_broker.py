"""A broker of our own on the loopback, for the demo and the tests.

mosquitto where it is installed, otherwise amqtt, which is pure Python and speaks MQTT 3.1.1 only.
Nobody is authenticated: whoever reaches the loopback may publish, and the envelope's signature is
what is trusted. A hospital runs a broker of its own instead.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from hospital_service.errors import BrokerUnavailable

Kind = Literal["mosquitto", "amqtt"]

HOST = "127.0.0.1"
MAX_PACKET_BYTES = 1_048_576
START_LIMIT_S = 15.0
STOP_LIMIT_S = 5.0

# autosave_interval 1 with autosave_on_changes: Debian's default would lose the acknowledged
# messages of the last 30 minutes with the process.
_MOSQUITTO_CONF = """\
listener {port} {host}
user {user}
allow_anonymous true
set_tcp_nodelay true
max_packet_size {max_packet}
max_queued_messages 100000
persistence true
persistence_location {folder}/
autosave_on_changes true
autosave_interval 1
log_dest stderr
log_type error
log_type warning
"""

# amqtt keeps the session of a client that is away only when the client gave a user name.
_AMQTT_CONF = """\
listeners:
  default:
    type: tcp
    bind: {host}:{port}
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin:
    allow_anonymous: false
"""


class EmbeddedBroker:
    """A broker in a child process; a context manager that stops it on the way out."""

    host = HOST

    def __init__(self, folder: Path, port: int, kind: Kind) -> None:
        self.folder = folder
        self.port = port
        self.kind = kind
        self._process: subprocess.Popen[bytes] | None = None

    @classmethod
    def start(cls, folder: Path, port: int = 0, prefer: Kind | None = None) -> EmbeddedBroker:
        """A running broker that keeps its files in `folder`; port 0 takes a free one.

        Clients give any user name: amqtt wants one, mosquitto does not mind.

        Raises:
            BrokerUnavailable: neither broker is installed, or the one chosen does not start.
        """
        folder.mkdir(parents=True, exist_ok=True)
        broker = cls(folder.resolve(), port or _free_port(), _choose(prefer))
        broker.restart()
        return broker

    def restart(self) -> None:
        """Start again on the same port with the same folder, stopping what still runs.

        Raises:
            BrokerUnavailable: the port is taken, or it ends at once or does not listen in 15 s.
        """
        self.stop()
        if _listens(self.port):
            raise BrokerUnavailable(
                f"{self.kind} was not started: port {self.port} is taken by another program"
            )
        log_path = self.folder / "broker.log"
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
            )
        deadline = time.monotonic() + START_LIMIT_S
        while not _listens(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise BrokerUnavailable(
                    f"{self.kind} did not start on port {self.port}: {_last_line(log_path)}"
                )
            time.sleep(0.02)

    def stop(self) -> None:
        """End the broker cleanly; calling it twice is allowed."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """End the broker as a power cut would."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _command(self) -> list[str]:
        template = _MOSQUITTO_CONF if self.kind == "mosquitto" else _AMQTT_CONF
        conf = self.folder / f"{self.kind}.conf"
        conf.write_text(
            template.format(
                host=HOST,
                port=self.port,
                folder=self.folder,
                user=getpass.getuser(),
                max_packet=MAX_PACKET_BYTES,
            ),
            encoding="utf-8",
        )
        if self.kind == "mosquitto":
            return [_mosquitto() or "mosquitto", "-c", str(conf)]
        return [sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(conf)]


def _choose(prefer: Kind | None) -> Kind:
    installed: dict[Kind, bool] = {
        "mosquitto": _mosquitto() is not None,
        "amqtt": find_spec("amqtt") is not None,
    }
    for kind, there in installed.items():
        if there and prefer in {None, kind}:
            return kind
    remedies = {"mosquitto": "sudo apt install mosquitto", "amqtt": "pip install amqtt"}
    wanted = [prefer] if prefer else list(remedies)
    raise BrokerUnavailable(
        f"no broker to start: {' and '.join(wanted)} not found; "
        + " or ".join(remedies[kind] for kind in wanted)
    )


def _mosquitto() -> str | None:
    """The program, also where Debian puts it outside an ordinary user's PATH."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    return shutil.which("mosquitto", path=path)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
