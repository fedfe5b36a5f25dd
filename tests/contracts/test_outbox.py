"""What every `Outbox` promises to the screen that appends to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from firmware_service.deliver.outbox import Sealer, SqliteOutbox
from firmware_service.ports import Outbox, OutboxError
from firmware_service.wire import examples
from firmware_service.wire.envelope import SigningIdentity, open_sealed, read_opened
from firmware_service.wire.keys import SealingKey, SigningKey
from firmware_service.wire.v1 import Document

ED = SealingKey.generate()
MEDIC = SigningIdentity.of_unit(examples.AGENCY, examples.UNIT, SigningKey.generate())


def sqlite(folder: Path) -> SqliteOutbox:
    return SqliteOutbox(folder / "outbox.db", Sealer(MEDIC, [ED.recipient_key]))


def waiting_in(folder: Path) -> list[Document]:
    """What another process finds afterwards, opened with the hospital's key."""
    outbox = sqlite(folder)
    found = []
    for row in outbox.after(0):
        payload = outbox.payload(row.sequence)
        assert payload is not None
        trusted = {MEDIC.key.id: MEDIC.trusted}
        found.append(
            read_opened(open_sealed(payload, topic=row.topic, senders=trusted.get, recipients=[ED]))
        )
    outbox.close()
    return found


@pytest.fixture(params=[sqlite])
def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Outbox:
    make: Callable[[Path], Outbox] = request.param
    return make(tmp_path)


class TestOutbox:
    def test_what_was_appended_is_there_for_who_comes_after(
        self, outbox: Outbox, tmp_path: Path
    ) -> None:
        outbox.append(examples.signal())
        outbox.append(examples.report())
        outbox.close()
        assert waiting_in(tmp_path) == [examples.signal(), examples.report()]

    def test_the_same_document_waits_once(self, outbox: Outbox, tmp_path: Path) -> None:
        outbox.append(examples.report())
        outbox.append(examples.report())
        outbox.close()
        assert waiting_in(tmp_path) == [examples.report()]

    def test_what_it_cannot_keep_is_said(self, outbox: Outbox, tmp_path: Path) -> None:
        with pytest.raises(OutboxError):
            outbox.append(examples.signal().model_copy(update={"agency": "another"}))
        outbox.close()
        assert waiting_in(tmp_path) == []

    def test_closing_twice_is_allowed(self, outbox: Outbox) -> None:
        outbox.close()
        outbox.close()
