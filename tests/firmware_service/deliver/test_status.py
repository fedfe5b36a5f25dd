"""Session numbers only rise, birth and will are signed, and only signed news of the ED counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from ulid import ULID

from firmware_service.deliver.memory import MemoryHub
from firmware_service.deliver.status import EdWatch, SessionCounter, UnitPresence
from firmware_service.wire import examples
from firmware_service.wire.envelope import SigningIdentity, open_sealed, read_opened, seal
from firmware_service.wire.keys import SigningKey
from firmware_service.wire.topics import EdStatusTopic, UnitStatusTopic
from firmware_service.wire.v1 import EdStatus, LinkState, UnitStatus
from tests.firmware_service.deliver.people import AGENCY, SITE, UNIT, People, StoppedClock

ED_TOPIC = str(EdStatusTopic(AGENCY, SITE))


def test_sessions_rise_over_restarts_lost_files_and_clocks_set_back(tmp_path: Path) -> None:
    path = tmp_path / "session"
    seen = [SessionCounter(path).next(1000.0) for _ in range(3)]
    assert seen == [1000, 1001, 1002]
    assert SessionCounter(path).next(5.0) == 1003
    path.unlink()
    assert SessionCounter(path).next(2000.0) == 2000
    path.write_text("not a number")
    assert SessionCounter(path).next(3000.0) == 3000


def test_a_disk_that_takes_nothing_does_not_stop_the_greeting(tmp_path: Path) -> None:
    counter = SessionCounter(tmp_path / "missing" / "session")
    assert [counter.next(1000.0) for _ in range(3)] == [1000, 1001, 1002]


def test_each_greeting_is_a_new_session_signed_by_the_unit(
    tmp_path: Path, people: People, clock: StoppedClock
) -> None:
    presence = UnitPresence(people.unit, SessionCounter(tmp_path / "session"), clock)
    first, second = presence.greet(), presence.greet()
    trusted = {people.unit.key.id: people.unit.trusted}

    def read(payload: bytes) -> UnitStatus:
        status = read_opened(open_sealed(payload, topic=first.topic, senders=trusted.get))
        assert isinstance(status, UnitStatus)
        return status

    assert first.topic == str(UnitStatusTopic(AGENCY, UNIT))
    assert read(first.birth).state is LinkState.ONLINE
    assert read(first.birth).since == clock.utc()
    assert read(first.will).state is LinkState.OFFLINE
    assert read(first.will).since is None
    assert read(first.birth).session == read(first.will).session
    assert read(second.birth).session == read(first.birth).session + 1


def test_a_hospital_has_no_units_presence(tmp_path: Path, people: People) -> None:
    with pytest.raises(ValueError, match="only a unit"):
        UnitPresence(people.hospital, SessionCounter(tmp_path / "session"), StoppedClock())


def ed_says(who: SigningIdentity, state: LinkState, session: int) -> bytes:
    return seal(
        EdStatus(state=state, session=session, since=None),
        topic=ED_TOPIC,
        sender=who,
        epoch=str(ULID()),
        sequence=1,
        message_id=str(ULID()),
        issued_at=examples.AT,
    )


def test_ed_online_follows_only_signed_and_newer_news(people: People) -> None:
    hub = MemoryHub()
    hospital, unit = hub.client("hospital"), hub.client("unit")
    hospital.connect()
    hospital.publish(ED_TOPIC, ed_says(people.hospital, LinkState.ONLINE, 5), retain=True)
    changes: list[bool] = []
    trusted = {people.hospital.key.id: people.hospital.trusted}
    watch = EdWatch(unit, AGENCY, trusted.get, changes.append)

    def online() -> bool | None:
        return watch.online

    assert online() is None
    unit.connect()
    assert online() is True

    impostor = SigningIdentity.of_site(AGENCY, SITE, SigningKey.generate())
    for payload in (
        ed_says(impostor, LinkState.OFFLINE, 9),
        ed_says(people.hospital, LinkState.OFFLINE, 4),
        b"offline",
    ):
        hospital.publish(ED_TOPIC, payload)
        assert online() is True
    hospital.publish(ED_TOPIC, ed_says(people.hospital, LinkState.OFFLINE, 5))
    assert online() is False
    hospital.publish(ED_TOPIC, ed_says(people.hospital, LinkState.ONLINE, 5))
    assert online() is False, "an ended session does not come back"
    hospital.publish(ED_TOPIC, ed_says(people.hospital, LinkState.ONLINE, 6))
    assert online() is True
    assert changes == [True, False, True]
