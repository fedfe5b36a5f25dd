"""What a face did unasked: smiles, brow raises and eye closures, with each side's movement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.asymmetry import MovementGates, least_movement_mm
from firmware_service.measure.baseline import RestingFace
from firmware_service.measure.features import movement_mm
from firmware_service.measure.function import FunctionGates, function_of
from firmware_service.measure.window import MeasuredFrame, feature_medians
from firmware_service.types import FeatureMedian, Function, Region, Task


class EventKind(StrEnum):
    """What was done."""

    SMILE = "smile"
    BROW_RAISE = "brow raise"
    EYE_CLOSURE = "eye closure"


KIND_OF: Final = {
    Region.MOUTH: EventKind.SMILE,
    Region.BROW: EventKind.BROW_RAISE,
    Region.EYE: EventKind.EYE_CLOSURE,
}


TASK_OF: Final = {
    EventKind.SMILE: Task.SMILE,
    EventKind.BROW_RAISE: Task.BROWS,
    EventKind.EYE_CLOSURE: Task.EYES,
}
"""The task that asks for the same movement."""
_LEAD_S: Final = 0.5
"""How long before an event its onset is looked for."""


@dataclass(frozen=True, slots=True)
class EventGates:
    """An event lasts at least `min_s`; it begins and ends at `edge` of the movement it needs."""

    min_s: float
    edge: float


@dataclass(frozen=True, slots=True)
class FaceEvent:
    """One movement: when (s on the capture clock), and how far each side went from rest, mm.

    `function` tells how it was done, `features` the catalogue while it was held.
    """

    kind: EventKind
    region: Region
    start_s: float
    end_s: float
    left_mm: float
    right_mm: float
    function: Function | None = None
    features: tuple[FeatureMedian, ...] = ()


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with the frames in which it was held."""

    event: FaceEvent
    held: tuple[MeasuredFrame, ...]


def _steadied(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of each value and its two neighbours."""
    padded = np.concatenate((values[:1], values, values[-1:]))
    return np.asarray(np.median(np.stack((padded[:-2], padded[1:-1], padded[2:])), axis=0))


def _spans(active: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and one-past-last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], active, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def find_events(
    frames: Sequence[MeasuredFrame],
    rest: RestingFace,
    movement: MovementGates,
    gates: EventGates,
    detail: FunctionGates,
) -> tuple[Happening, ...]:
    """Every smile, brow raise and eye closure in these frames, by their start.

    The better side must move as far as the task would ask for; each side's movement is the median
    over the frames in which the better side holds it.
    """
    fissure = max(side.fissure_mm for side in rest.features)
    found: list[Happening] = []
    for region, kind in KIND_OF.items():
        seen = [frame for frame in frames if region in frame.seen]
        if region not in rest.known or len(seen) < 3:
            continue
        least = least_movement_mm(region, movement, fissure)
        sides = np.array(
            [
                [
                    movement_mm(region, side, still)
                    for side, still in zip(frame.features, rest.features, strict=True)
                ]
                for frame in seen
            ]
        )
        better = _steadied(sides.max(axis=1))
        for first, after in _spans(better >= gates.edge * least):
            start_s, end_s = seen[first].captured_at, seen[after - 1].captured_at
            peak = float(np.percentile(better[first:after], 95))
            if peak < least or end_s - start_s < gates.min_s:
                continue
            at = first + np.flatnonzero(better[first:after] >= movement.hold * peak)
            left, right = np.median(sides[at], axis=0).tolist()
            held = tuple(seen[i] for i in at)
            lead = first
            while lead > 0 and seen[lead - 1].captured_at >= start_s - _LEAD_S:
                lead -= 1
            function = function_of(
                TASK_OF[kind], seen[lead:after], sides[lead:after], rest, (movement, detail)
            )
            features = feature_medians(held)
            event = FaceEvent(kind, region, start_s, end_s, left, right, function, features)
            found.append(Happening(event, held))
    return tuple(sorted(found, key=lambda happening: happening.event.start_s))
