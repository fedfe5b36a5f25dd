"""The labelled folder: which file has which label, and whom it shows.

One sub-folder for each label, pictures and videos in it at any depth. Files of one person must
never stand on both sides of a split, so every file needs a person:

1. `persons.csv` in the labelled folder (columns path, person; sex, age and ethnicity if known), or
2. the folder between label and file: `palsy/MEIER/smile.jpg` shows MEIER, or
3. the file's name up to the first `_`: `palsy/001_left.jpg` shows 001.

The same name under two labels is the same person.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firmware_service.analyse.files import Kind, kind_of, walk
from firmware_service.study.errors import FolderInvalid

PERSONS_FILE: Final = "persons.csv"
HEALTHY_NAMES: Final = ("healthy", "control", "controls", "normal", "normals")
RULE_FILE: Final = "persons.csv names the person of every file"
RULE_NAMES: Final = (
    "the folder between label and file names the person, else the file's name up to the first '_'; "
    "the same name under two labels is the same person"
)
PARTICULARS: Final = ("sex", "age", "ethnicity")


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """One picture or video; `name` is its path inside the labelled folder."""

    path: Path
    name: str
    label: str
    person: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class LabelledFolder:
    """What there is to study. `healthy` is the label of the people without a palsy.

    `refused` are files that cannot take part, with the reason; `particulars` what `persons.csv`
    says of each person (sex, age, ethnicity; only what is not empty); `rule` tells how a file's
    person was found.
    """

    files: tuple[LabelledFile, ...]
    labels: tuple[str, ...]
    healthy: str
    rule: str
    refused: Mapping[str, str]
    particulars: Mapping[str, Mapping[str, str]]

    @property
    def affected(self) -> str:
        """The label or labels of the others, as words."""
        return " + ".join(label for label in self.labels if label != self.healthy)


def read_folder(folder: Path, healthy: str | None) -> LabelledFolder:
    """Find the labels, the files and their people.

    Args:
        folder: the labelled folder.
        healthy: the label of the healthy; by default the one that is called so.

    Raises:
        FolderInvalid: no folder, fewer than two labels, none of them healthy, or a `persons.csv`
            that cannot be read.
    """
    if not folder.is_dir():
        raise FolderInvalid(f"{folder}: no such folder")
    found = {
        label.name: [path for path in walk([label]) if kind_of(path) in {Kind.IMAGE, Kind.VIDEO}]
        for label in sorted(folder.iterdir())
        if label.is_dir() and not label.name.startswith(".")
    }
    found = {label: paths for label, paths in found.items() if paths}
    if len(found) < 2:
        raise FolderInvalid(
            f"{folder}: want a sub-folder of pictures or videos for each of at least two labels, "
            f"such as healthy/ and palsy/; found {', '.join(found) or 'none'}"
        )
    named = _persons(folder)
    files, refused = [], {}
    for label, path, name in _each(folder, found):
        person = named[name].get("person", "") if name in named else ""
        if named and not person:
            refused[name] = f"not in {PERSONS_FILE}"
            continue
        kind = kind_of(path)
        if kind is not None:
            files.append(LabelledFile(path, name, label, person or _person(folder, path), kind))
    here = {file.name for file in files}
    refused |= {name: "no such file" for name in named if name not in here | set(refused)}
    return LabelledFolder(
        files=tuple(files),
        labels=tuple(found),
        healthy=_healthy(tuple(found), healthy),
        rule=RULE_FILE if named else RULE_NAMES,
        refused=refused,
        particulars={
            row["person"]: {key: row[key] for key in PARTICULARS if row.get(key)}
            for row in named.values()
        },
    )


def _each(folder: Path, found: Mapping[str, list[Path]]) -> Iterator[tuple[str, Path, str]]:
    for label, paths in found.items():
        for path in paths:
            yield label, path, path.relative_to(folder).as_posix()


def _person(folder: Path, path: Path) -> str:
    between = path.relative_to(folder).parts[1:-1]
    return between[0] if between else path.stem.split("_", 1)[0]


def _persons(folder: Path) -> dict[str, dict[str, str]]:
    """The rows of persons.csv by path; empty when there is none."""
    table = folder / PERSONS_FILE
    if not table.exists():
        return {}
    try:
        text = table.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FolderInvalid(f"{table}: cannot be read as UTF-8 text ({error})") from None
    rows = csv.DictReader(text.splitlines())
    if not {"path", "person"} <= set(rows.fieldnames or ()):
        raise FolderInvalid(f"{table}: the first line must name the columns path and person")
    clean = [
        {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
        for row in rows
    ]
    return {row["path"]: row for row in clean if row["path"]}


def _healthy(labels: tuple[str, ...], chosen: str | None) -> str:
    if chosen is not None:
        if chosen not in labels:
            raise FolderInvalid(f"--healthy {chosen}: no such label; there are {', '.join(labels)}")
        return chosen
    called = [label for label in labels if label.lower() in HEALTHY_NAMES]
    if len(called) != 1:
        raise FolderInvalid(
            f"which label is healthy? there are {', '.join(labels)}; say --healthy LABEL"
        )
    return called[0]
