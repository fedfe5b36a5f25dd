"""Whose keys count here: the receiver's own, and a folder with the public key of every unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware_service.wire.envelope import TrustedSender
from firmware_service.wire.errors import KeyFileError
from firmware_service.wire.keys import SealingKey, SigningKey, VerifyKey
from firmware_service.wire.topics import NAME_PATTERN
from hospital_service.errors import KeysError

SIGNING = "signing.key.pem"
SEALING = "sealing.key.pem"
REVOKED = "revoked"
_NAME = re.compile(NAME_PATTERN)


@dataclass(frozen=True, slots=True)
class HospitalKeys:
    """What signs our receipts and what opens messages; the first sealing key is the current one."""

    signing: SigningKey
    sealing: Sequence[SealingKey]

    @classmethod
    def load(cls, folder: Path) -> HospitalKeys:
        """The keys in `folder`; `sealing-<anything>.key.pem` are earlier ones that still open.

        Raises:
            KeysError: one is missing, readable by others, or not a key of its sort.
        """
        earlier = sorted(folder.glob("sealing-*.key.pem"))
        try:
            return cls(
                SigningKey.load(folder / SIGNING),
                tuple(SealingKey.load(path) for path in (folder / SEALING, *earlier)),
            )
        except KeyFileError as error:
            raise KeysError(f"{error}; `stroke-hospital keys` makes missing ones") from error

    @classmethod
    def load_or_make(cls, folder: Path) -> HospitalKeys:
        """As `load`, making the keys that are missing, and writing both public halves beside them.

        Raises:
            KeysError: the folder cannot be written, or a key in it is wrong.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not (folder / SIGNING).exists():
                SigningKey.generate().save(folder / SIGNING)
            if not (folder / SEALING).exists():
                SealingKey.generate().save(folder / SEALING)
            keys = cls.load(folder)
            keys.signing.verify_key.save(folder / "signing.pub.pem")
            keys.sealing[0].recipient_key.save(folder / "sealing.pub.pem")
        except (OSError, KeyFileError) as error:
            raise KeysError(f"{folder}: keys cannot be made there: {error}") from error
        return keys


class TrustedUnits:
    """The folder of unit keys, read again whenever it changes.

    `<unit>.pub` (or `<unit>.<anything>.pub`, `….pub.pem`) is trusted for that unit; the same below
    `revoked/` is known and refused. A file that is no key is left out and named in `problems`.
    """

    def __init__(self, folder: Path, agency: str) -> None:
        self._folder = folder
        self._agency = agency
        self._read: Sequence[tuple[str, int, int]] | None = None
        self._by_id: dict[str, TrustedSender] = {}
        self.problems: Sequence[str] = ()

    def lookup(self, key_id: str) -> TrustedSender | None:
        """The owner of this key, or None when nobody here vouches for it."""
        self._refresh()
        return self._by_id.get(key_id)

    def all(self) -> Sequence[TrustedSender]:
        """Every key that is known, trusted or revoked, by unit."""
        self._refresh()
        return sorted(self._by_id.values(), key=lambda sender: (sender.unit or "", sender.revoked))

    def _refresh(self) -> None:
        there = [_trace(path) for path in _key_files(self._folder, self._folder / REVOKED)]
        if there == self._read:
            return
        problems: list[str] = []
        found = self._senders(self._folder, problems, revoked=False)
        self._by_id = found | self._senders(self._folder / REVOKED, problems, revoked=True)
        self.problems = problems
        self._read = there

    def _senders(
        self, folder: Path, problems: list[str], *, revoked: bool
    ) -> dict[str, TrustedSender]:
        found: dict[str, TrustedSender] = {}
        for path in _key_files(folder):
            unit = path.name.split(".")[0]
            if not _NAME.match(unit):
                problems.append(f"{path}: {unit!r} is no unit's name; use a-z, 0-9 and '-'")
                continue
            try:
                key = VerifyKey.load(path)
            except KeyFileError as error:
                problems.append(str(error))
                continue
            found[key.id] = TrustedSender(self._agency, unit, None, key, revoked)
        return found


def _key_files(*folders: Path) -> Sequence[Path]:
    return [
        path
        for folder in folders
        for path in sorted((*folder.glob("*.pub"), *folder.glob("*.pub.pem")))
    ]


def _trace(path: Path) -> tuple[str, int, int]:
    """What changes when the file does, also when it is written over in its place."""
    try:
        stat = path.stat()
    except OSError:
        return str(path), 0, 0
    return str(path), stat.st_ino, stat.st_mtime_ns
