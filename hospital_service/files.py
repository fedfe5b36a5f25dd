"""The files of a report: its canonical JSON, the one-page PDF and the CSV tables."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Sequence
from pathlib import Path

from hospital_service.events import FilesFailed, FilesWritten
from hospital_service.letters import Letter, WorkerFailed
from hospital_service.store.reading import StoredReport
from hospital_service.store.repository import Store

MODE = 0o640
"""A report is a patient's: for the receiver and its group only."""


def write_files(stored: StoredReport, folder: Path) -> tuple[Path, ...]:
    """Write every file of this report, each whole or not at all; returns their paths.

    Raises:
        OSError: the folder cannot be written.
    """
    # Drawing loads fonts and NumPy; a receiver that writes no files goes without them.
    from firmware_service.report.pdf import one_page  # noqa: PLC0415
    from firmware_service.report.tables import Measured, functional_csv, symmetry_csv  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    report = stored.report
    measured = [Measured.from_report(report)]
    stem = f"report-{report.screen_id}"
    contents = {
        f"{stem}.json": stored.canonical,
        f"{stem}.pdf": one_page(report),
        f"{stem}-symmetry.csv": symmetry_csv(measured),
        f"{stem}-functional.csv": functional_csv(measured),
    }
    return tuple(_write(folder / name, content) for name, content in contents.items())


def _write(path: Path, content: bytes) -> Path:
    unfinished = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return unfinished.replace(path)


class FileWriter:
    """A thread that writes what the database says is missing, also after a crash.

    A report that cannot be written is told once and left until the next start or version.
    """

    def __init__(self, store: Store, folder: Path, mailbox: queue.Queue[Letter]) -> None:
        self._store = store
        self._folder = folder
        self._mailbox = mailbox
        self._given_up: set[str] = set()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="files", daemon=True)

    def start(self) -> None:
        """Begin with what an earlier run left."""
        self._wake.set()
        self._thread.start()

    def wake(self) -> None:
        """A report has been stored."""
        self._wake.set()

    def stop(self, limit_s: float = 5.0) -> None:
        """Finish the file at hand and end."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(limit_s)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._wake.wait()
                self._wake.clear()
                self._write_missing()
        except Exception as error:  # noqa: BLE001 - whatever ends this thread must end the service
            self._mailbox.put(WorkerFailed("files", error))

    def _write_missing(self) -> None:
        for screen_id in self._missing():
            if self._stopping.is_set():
                return
            self._write(screen_id)

    def _missing(self) -> Sequence[str]:
        with self._store.reading() as reading:
            return reading.reports_without_files()

    def _write(self, screen_id: str) -> None:
        with self._store.reading() as reading:
            stored = reading.report(screen_id)
        if stored is None or stored.message_id in self._given_up:
            return
        try:
            paths = write_files(stored, self._folder)
        except Exception as error:  # noqa: BLE001 - one report that cannot be drawn stops no other
            self._given_up.add(stored.message_id)
            self._mailbox.put(FilesFailed(screen_id, f"{type(error).__name__}: {error}"))
            return
        with self._store.writing() as writing:
            writing.files_written(screen_id, stored.message_id)
        self._mailbox.put(FilesWritten(screen_id, paths))
