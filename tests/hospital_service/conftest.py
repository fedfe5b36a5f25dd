from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hospital_service.embedded_broker import EmbeddedBroker
from hospital_service.events import Event, Ready
from hospital_service.service import Service
from hospital_service.settings import Settings, load
from hospital_service.trust import HospitalKeys
from tests.hospital_service.ambulance import Ambulance, Pen, until


class Site:
    """A hospital's folders and keys, and services that run there in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = HospitalKeys.load_or_make(folder / "keys")
        self.units_dir = folder / "units"
        self.units_dir.mkdir(parents=True)
        self.events: list[Event] = []
        self._running: list[tuple[Service, threading.Thread]] = []

    def pen(self, unit: str = "medic-7", *, trusted: bool = True) -> Pen:
        pen = Pen(self.keys.sealing[0].recipient_key, unit)
        if trusted:
            pen.key.verify_key.save(self.units_dir / f"{unit}.pub")
        return pen

    def settings(self, broker: EmbeddedBroker, **overrides: str) -> Settings:
        return load(None, {}, dict(self.options(broker), **overrides))

    def options(self, broker: EmbeddedBroker) -> dict[str, str]:
        return {
            "state_dir": str(self.folder / "state"),
            "keys_dir": str(self.folder / "keys"),
            "units_dir": str(self.units_dir),
            "broker.host": broker.host,
            "broker.port": str(broker.port),
            "broker.username": "ed",
            "broker.protocol": "auto" if broker.kind == "mosquitto" else "3.1.1",
        }

    def open(self, settings: Settings) -> Service:
        """A service that has subscribed."""
        service = Service(settings, [self.events.append])
        thread = threading.Thread(target=service.run, daemon=True)
        thread.start()
        self._running.append((service, thread))
        ready = self.count(Ready)
        assert until(lambda: self.count(Ready) > ready - 1 and self.count(Ready) > 0)
        return service

    def shut(self) -> None:
        for service, thread in self._running:
            service.stop()
            thread.join(10)
            assert not thread.is_alive()
        self._running.clear()

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def count(self, kind: type[Event]) -> int:
        return len(self.of(kind))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "site")
    yield site
    site.shut()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.start(tmp_path / "broker") as broker:
        yield broker


@pytest.fixture
def ambulance(site: Site, broker: EmbeddedBroker) -> Iterator[Ambulance]:
    ambulance = Ambulance(broker, site.pen(), site.keys.signing.verify_key)
    yield ambulance
    ambulance.leave()
