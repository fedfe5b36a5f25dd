"""kill -9 in the middle of appending, and a disk without room."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_service.deliver.lanes import Lane
from firmware_service.deliver.outbox import SqliteOutbox
from firmware_service.deliver.outbox_file import OutboxFull
from firmware_service.wire import examples
from tests.firmware_service.deliver.people import People, report_of, state_of

KILLS = 25


def append_until_killed(path: Path, people: People, first: int, said: int) -> None:
    """The child: says the id only once append has returned."""
    outbox = SqliteOutbox(path, people.sealer, ballast_bytes=64 * 1024)
    for n in range(first, first + 10_000):
        document = examples.signal(n) if n % 2 else report_of(n)
        outbox.append(document)
        sequence = outbox.after(0)[-1].sequence
        os.write(said, f"{document.message_id}={sequence}\n".encode())
        if n % 5 == 0:
            outbox.delete_stored(document.message_id)
            os.write(said, f"-{document.message_id}\n".encode())


def kill_while_appending(path: Path, people: People, first: int, after_s: float) -> list[str]:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            append_until_killed(path, people, first, write)
        finally:
            os._exit(1)
    os.close(write)
    with os.fdopen(read) as said:
        lines = [said.readline().strip()]
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        lines += said.read().split()
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    return lines


# Other tests' native threads make Python 3.12 warn of the fork; this child touches none of them.
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_what_was_saved_survives_kill_9_and_no_sequence_comes_twice(
    tmp_path: Path, people: People
) -> None:
    chance = random.Random(5)  # noqa: S311 - when to kill
    path = tmp_path / "outbox.db"
    owed: set[str] = set()
    by_sequence: dict[int, str] = {}
    saved = 0
    for round_ in range(KILLS):
        lines = kill_while_appending(path, people, 1 + round_ * 100, chance.uniform(0, 0.06))
        added = [line.split("=") for line in lines if not line.startswith("-")]
        for message_id, sequence in added:
            assert by_sequence.setdefault(int(sequence), message_id) == message_id
        owed |= {message_id for message_id, _ in added}
        owed -= {line[1:] for line in lines if line.startswith("-")}
        saved += len(added)
        outbox = SqliteOutbox(path, people.sealer, ballast_bytes=64 * 1024)
        assert outbox.set_aside is None
        rows = outbox.after(0)
        # The last append, or the last deletion, may have been committed and not yet said.
        surplus = {row.message_id for row in rows} - owed
        missing = owed - {row.message_id for row in rows}
        assert missing <= {added[-1][0]}, "saved and gone"
        assert len(surplus) <= 1
        for row in rows:
            payload = outbox.payload(row.sequence)
            assert payload is not None
            people.read(row.topic, payload)
            assert by_sequence.setdefault(row.sequence, row.message_id) == row.message_id
        owed = {row.message_id for row in rows}
        outbox.close()
    assert saved > KILLS


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a small file system needs root; test_a_full_file_… covers the rest")
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this container may not mount; test_a_full_file_… covers the rest")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave: int = 0) -> Path:
    """Take all the room on the disk but `leave` bytes."""
    filler = folder / "somebody-elses-log"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    if leave:
        os.truncate(filler, filler.stat().st_size - leave)
    return filler


def test_a_full_disk_takes_alerts_from_the_ballast_and_recovers(
    small_disk: Path, people: People
) -> None:
    outbox = SqliteOutbox(small_disk / "outbox.db", people.sealer, ballast_bytes=256 * 1024)
    ballast = small_disk / "outbox.db.ballast"
    assert ballast.stat().st_size == 256 * 1024
    filler = fill(small_disk)

    outbox.append(examples.signal(1))
    assert not ballast.exists(), "the disk was full and the alert is saved"
    fill(small_disk)
    saved = [examples.message_id(1)]
    with pytest.raises(OutboxFull, match="free some space"):  # noqa: PT012 - which one is open
        for n in range(2, 500):
            outbox.append(examples.signal(n))
            saved.append(examples.message_id(n))
    assert [row.message_id for row in outbox.after(0)] == saved
    dropped = outbox.dropped_trends
    outbox.append(state_of(900))
    assert outbox.dropped_trends == dropped + 1, "a trend is dropped aloud, not raised"

    filler.unlink()
    outbox.append(examples.signal(950))
    saved.append(examples.message_id(950))
    for message_id in saved:
        assert outbox.delete_stored(message_id)
    assert ballast.stat().st_size == 256 * 1024, "taken back once nothing waits"
    outbox.close()


def test_receipts_free_room_on_a_full_disk(small_disk: Path, people: People) -> None:
    """The deadlock with SQLite's defaults: no room to note the receipt that would make room."""
    outbox = SqliteOutbox(small_disk / "outbox.db", people.sealer, ballast_bytes=128 * 1024)
    for n in range(40):
        outbox.append(report_of(n))
    fill(small_disk)
    for n in range(40):
        assert outbox.delete_stored(examples.message_id(n))
    for n in range(100, 130):
        outbox.append(examples.signal(n))
    assert outbox.depth()[Lane.ALERT] == 30
    outbox.close()


def test_it_opens_on_a_full_disk(small_disk: Path, people: People) -> None:
    outbox = SqliteOutbox(small_disk / "outbox.db", people.sealer, ballast_bytes=128 * 1024)
    outbox.append(examples.signal(1))
    epoch = outbox.epoch
    outbox.close()
    fill(small_disk)
    again = SqliteOutbox(small_disk / "outbox.db", people.sealer, ballast_bytes=128 * 1024)
    assert again.epoch == epoch
    again.append(examples.signal(2))
    assert len(again.after(0)) == 2
    again.close()


def test_a_full_file_gives_up_trends_for_an_alert(tmp_path: Path, people: People) -> None:
    """The same without a mount: SQLite itself says that it is full."""
    outbox = SqliteOutbox(tmp_path / "outbox.db", people.sealer, ballast_bytes=4096)
    for n in range(20):
        screen = examples.SCREEN_ID[:-2] + f"{n:02d}"
        outbox.append(state_of(n, screen))
    pages = outbox._file.db.execute("PRAGMA page_count").fetchone()[0]
    outbox._file.db.execute(f"PRAGMA max_page_count = {pages}")
    for n in range(100, 110):
        outbox.append(examples.signal(n))
    assert outbox.depth() == {Lane.ALERT: 10, Lane.REPORT: 0, Lane.TREND: 0}
    assert not (tmp_path / "outbox.db.ballast").exists()
    with pytest.raises(OutboxFull):  # noqa: PT012 - which one is open
        for n in range(200, 400):
            outbox.append(report_of(n))
    kept = outbox.depth()
    outbox._file.db.execute(f"PRAGMA max_page_count = {pages * 10}")
    outbox.append(examples.signal(500))
    assert outbox.depth()[Lane.ALERT] == 11
    assert outbox.depth()[Lane.REPORT] == kept[Lane.REPORT]
    outbox.close()
