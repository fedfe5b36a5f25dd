"""Which files to analyse, in which order, and what each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """What a file holds, told by its ending."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


_ENDINGS = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"), Kind.IMAGE),
    **dict.fromkeys((".mp4", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".m4v"), Kind.VIDEO),
    **dict.fromkeys((".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aac"), Kind.AUDIO),
}


def kind_of(path: Path) -> Kind | None:
    """What the file's ending promises, or None for an ending that is not known."""
    return _ENDINGS.get(path.suffix.lower())


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """The paths in the order given; a directory gives its known files, sorted, at any depth."""
    for path in paths:
        if path.is_dir():
            yield from (
                found
                for found in sorted(path.rglob("*"))
                if found.is_file() and kind_of(found) is not None
            )
        else:
            yield path
