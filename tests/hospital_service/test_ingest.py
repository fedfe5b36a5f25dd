"""A batch is one transaction, and no message in it can spoil the others."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, text
from ulid import ULID

from firmware_service.wire.v1 import Receipt
from hospital_service.events import Event, Refused, Stored
from hospital_service.ingest import Ingest
from hospital_service.letters import Arrived, Delivery
from hospital_service.store.repository import Store
from hospital_service.trust import TrustedUnits
from hospital_service.voice import Saying, Voice
from tests.hospital_service.ambulance import AGENCY, SITE
from tests.hospital_service.conftest import Site


class Tape:
    """A line that writes down what was done on it, in order."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def publish(self, saying: Saying) -> None:
        self.done.append(f"receipt {saying.topic.split('/')[5]}")

    def acknowledge(self, delivery: Delivery) -> None:
        self.done.append(f"ack {delivery.mid}")


def test_a_value_that_the_database_refuses_is_quarantined_alone(tmp_path: Path, site: Site) -> None:
    url = f"sqlite:///{tmp_path / 'ed.sqlite3'}"
    store = Store(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER unfit BEFORE INSERT ON messages WHEN NEW.kind = 'state' "
                "BEGIN SELECT RAISE(ABORT, 'unfit'); END"
            )
        )
    engine.dispose()
    pen = site.pen()
    documents = [pen.signal(str(ULID())), pen.state(str(ULID()), "aiming"), pen.signal(str(ULID()))]
    batch = [
        Arrived(*pen.seal(document), Delivery(1, mid, 1)) for mid, document in enumerate(documents)
    ]
    events: list[Event] = []
    tape = Tape()
    ingest = Ingest(
        store=store,
        keys=site.keys,
        units=TrustedUnits(site.units_dir, AGENCY),
        voice=Voice(AGENCY, SITE, site.keys.signing),
        listener=events.append,
    )
    ingest.take(batch, tape)
    first, _, last = (document.screen_id for document in documents)
    assert tape.done == [f"receipt {first}", "ack 0", "ack 1", f"receipt {last}", "ack 2"]
    assert [type(event) for event in events] == [Stored, Refused, Stored]
    with store.reading() as reading:
        (row,) = reading.quarantine()
        assert reading.messages_stored() == 2
    assert row.reason == "NotStorable"
    store.close()


def test_a_hospitals_own_words_are_no_news_to_it(tmp_path: Path, site: Site) -> None:
    pen = site.pen()
    store = Store(f"sqlite:///{tmp_path / 'ed.sqlite3'}")
    voice = Voice(AGENCY, SITE, site.keys.signing)
    document = pen.report(str(ULID()))
    said = voice.receipt(
        Receipt(
            receipt="stored",
            message_id=document.message_id,
            screen_id=document.screen_id,
            site=SITE,
            at=document.issued_at,
        ),
        pen.unit,
    )
    events: list[Event] = []
    ingest = Ingest(
        store=store,
        keys=site.keys,
        units=TrustedUnits(site.units_dir, AGENCY),
        voice=voice,
        listener=events.append,
    )
    ingest.take([Arrived(said.topic, said.payload, Delivery(1, 1, 1))], Tape())
    (event,) = events
    assert isinstance(event, Refused)
    assert event.reason == "UnknownSender"
    store.close()
