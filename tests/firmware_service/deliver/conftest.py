"""An ambulance with an outbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_service.deliver.outbox import SqliteOutbox
from tests.firmware_service.deliver.people import People, StoppedClock


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def outbox(tmp_path: Path, people: People) -> Iterator[SqliteOutbox]:
    made = SqliteOutbox(tmp_path / "outbox.db", people.sealer, ballast_bytes=64 * 1024)
    yield made
    made.close()
