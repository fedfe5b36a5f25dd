"""The features of a study: the whole catalogue of a file, and the asymmetries a classifier sees.

A signed column of the catalogue is positive when the patient's left looks the weaker. For the
classifier every face is folded, so that a palsy of either side looks the same: the side whose mouth
corner hangs lower counts as the patient's left.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware_service.measure.catalogue import CATALOGUE_COLUMNS, Catalogue
from firmware_service.measure.events import EventKind, FaceEvent


@dataclass(frozen=True, slots=True)
class Asymmetry:
    """A signed difference between the sides: its column, the words for it, and its unit."""

    column: str
    words: str
    unit: str


FOLDED_BY: Final = "mouth_height_difference_mm"
_SIGNED: Final = ("difference_mm", "deviation_mm", "tilt_deg")
_SAME_AGAIN: Final = frozenset({"mouth_tilt_deg", "eye_tilt_deg"})
"""Height differences said as an angle: beside them the weights could not be read."""
_MOVEMENTS: Final = {
    EventKind.SMILE: "smile",
    EventKind.BROW_RAISE: "brow_raise",
    EventKind.EYE_CLOSURE: "eye_closure",
}


def _asymmetry(column: str) -> Asymmetry:
    name, unit = column.rsplit("_", 1)
    words = name.removesuffix("_difference").replace("_", " ")
    words = words.removesuffix(" out") + " to midline" if words.endswith(" out") else words
    return Asymmetry(column, words, unit)


ASYMMETRIES: Final = (
    *(_asymmetry(column) for column in CATALOGUE_COLUMNS if column.endswith(_SIGNED)),
    *(
        Asymmetry(f"{name}_asymmetry", f"{kind.value} movement", "(R − L) / (R + L)")
        for kind, name in _MOVEMENTS.items()
    ),
)
"""Every signed feature: what is plotted."""
CLASSIFIED: Final = tuple(one for one in ASYMMETRIES if one.column not in _SAME_AGAIN)
"""What the classifier may see."""


def face_values(face: Catalogue) -> dict[str, float | None]:
    """The catalogue by column; None where it was not measured."""
    return {
        column: value if math.isfinite(value) else None
        for column, value in zip(CATALOGUE_COLUMNS, face, strict=True)
    }


def movement_values(events: Mapping[EventKind, FaceEvent]) -> dict[str, float | None]:
    """How far each side went in each kind of movement; None for a movement that was not made."""
    values: dict[str, float | None] = {}
    for kind, name in _MOVEMENTS.items():
        event = events.get(kind)
        both = 0.0 if event is None else event.right_mm + event.left_mm
        values[f"{name}_right_mm"] = None if event is None else event.right_mm
        values[f"{name}_left_mm"] = None if event is None else event.left_mm
        values[f"{name}_asymmetry"] = (
            None if event is None or both <= 0 else (event.right_mm - event.left_mm) / both
        )
    return values


def fold(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """The asymmetries with the side whose mouth corner hangs lower as the patient's left."""
    lower = values[FOLDED_BY]
    sign = -1.0 if lower is not None and lower < 0 else 1.0
    return {
        one.column: None if (value := values[one.column]) is None else sign * value
        for one in ASYMMETRIES
    }
