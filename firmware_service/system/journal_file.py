"""The journals of open screens on disk: each record is safe before the next thing happens."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from firmware_service.ports import DeviceError
from firmware_service.screen.journal import Record, Recovered, encode, recover

SUFFIX = ".journal"
ASIDE_SUFFIX = ".set-aside"


class JournalError(DeviceError):
    """A journal could not be written or removed; the screen itself can go on."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """A journal that an earlier run left; `recovered` is None when it says nothing readable."""

    screen_id: str
    recovered: Recovered | None


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JournalError(
            f"{what}: {error.strerror}; check the disk and its free space"
        ) from error


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


class JournalFolder:
    """One file per open screen, appended to and flushed to the medium record by record."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, int] = {}
        with _told(f"journal folder {folder}"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def append(self, screen_id: str, record: Record) -> None:
        """Put this record on disk; once this returns, no power cut loses it.

        Raises:
            JournalError: it could not be written; what was written before is still whole.
        """
        with _told(f"journal of screen {screen_id}"):
            fd = self._descriptor(screen_id)
            whole = os.fstat(fd).st_size
            try:
                _write_all(fd, encode(record))
                os.fsync(fd)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(fd, whole)
                raise

    def close(self, screen_id: str) -> None:
        """Remove the journal of this screen, if there is one.

        Raises:
            JournalError: it could not be removed.
        """
        fd = self._open.pop(screen_id, None)
        with _told(f"journal of screen {screen_id}"):
            if fd is not None:
                os.close(fd)
            self._path(screen_id).unlink(missing_ok=True)
            self._sync_folder()

    def set_aside(self, screen_id: str) -> None:
        """Keep a journal that gives no report, out of the way of the next start.

        Raises:
            JournalError: it could not be renamed.
        """
        with _told(f"journal of screen {screen_id}"):
            path = self._path(screen_id)
            path.rename(path.with_suffix(ASIDE_SUFFIX))
            self._sync_folder()

    def leftovers(self) -> tuple[Leftover, ...]:
        """What earlier runs left, oldest first; call it before the first screen.

        Raises:
            JournalError: the folder or a file could not be read.
        """
        with _told(f"journal folder {self._folder}"):
            return tuple(
                Leftover(path.stem, recover(path.read_bytes()))
                for path in sorted(self._folder.glob(f"*{SUFFIX}"))
            )

    def _descriptor(self, screen_id: str) -> int:
        if screen_id not in self._open:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._open[screen_id] = os.open(self._path(screen_id), flags, 0o600)
            self._sync_folder()
        return self._open[screen_id]

    def _path(self, screen_id: str) -> Path:
        return self._folder / f"{screen_id}{SUFFIX}"

    def _sync_folder(self) -> None:
        """Make a new or removed name itself safe, not only what is in the file."""
        fd = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
