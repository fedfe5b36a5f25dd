"""Left against right: heights at rest, movement from rest in a task, never a zero for a gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_service.types import Region, RegionResult, Task, WhyNot


@dataclass(frozen=True, slots=True)
class MovementGates:
    """What counts as a movement; all of the better side.

    `min_smile_mm`, `min_brow_mm` and `min_ala_mm` are movements in mm, `min_closure` is the
    fraction of the resting lid opening that must close. `hold` is the fraction of the movement's
    peak from which a frame belongs to the held movement. `index_floor_mm` keeps the index of a
    movement that has hardly begun near 0.
    """

    min_smile_mm: float
    min_brow_mm: float
    min_ala_mm: float
    min_closure: float
    hold: float
    index_floor_mm: float


def asymmetry_index(left_mm: float, right_mm: float, floor_mm: float) -> float:
    """(right − left) over the sum of both sizes, −1…+1; > 0 when the patient's left has less."""
    total = max(abs(left_mm) + abs(right_mm), floor_mm)
    return float(np.clip((right_mm - left_mm) / total, -1.0, 1.0)) if total > 0.0 else 0.0


def measured(region: Region, left_mm: float, right_mm: float, floor_mm: float) -> RegionResult:
    """A usable region from its two sides in mm."""
    return RegionResult(
        region=region,
        left_mm=left_mm,
        right_mm=right_mm,
        difference_mm=right_mm - left_mm,
        index=asymmetry_index(left_mm, right_mm, floor_mm),
        usable=True,
    )


def least_movement_mm(region: Region, gates: MovementGates, resting_fissure_mm: float) -> float:
    """The movement of the better side from which this region's task counts as performed."""
    match region:
        case Region.MOUTH:
            return gates.min_smile_mm
        case Region.EYE:
            return gates.min_closure * resting_fissure_mm
        case Region.BROW:
            return gates.min_brow_mm
        case Region.NOSE:
            return gates.min_ala_mm


def at_rest(region: Region, levels_mm: NDArray[np.float64], gates: MovementGates) -> RegionResult:
    """A region's median heights; `levels_mm` is [n, 2], left first, n ≥ 1.

    For the eye the sides are lid openings, and the sign says only which eye is wider: a palsied
    eye is the wider one, a drooping lid the narrower. It never names the weaker side at rest.
    """
    left, right = np.median(levels_mm, axis=0).tolist()
    return measured(region, left, right, gates.index_floor_mm)


def moved(
    region: Region, movements_mm: NDArray[np.float64], least_mm: float, gates: MovementGates
) -> RegionResult:
    """A region's held movement; `movements_mm` is [n, 2] from rest, left first, n ≥ 1.

    The hold is every frame in which the better side reaches `gates.hold` of its 95th percentile;
    both sides are the medians over that hold. Refused as not performed when the better side stays
    below `least_mm`.
    """
    better = movements_mm.max(axis=1)
    peak = float(np.percentile(better, 95))
    held = movements_mm[better >= gates.hold * peak]
    left, right = np.median(held, axis=0).tolist()
    if peak <= 0.0 or max(left, right) < least_mm:
        return RegionResult.refused(region, WhyNot.NOT_PERFORMED)
    return measured(region, left, right, gates.index_floor_mm)


def is_movement(task: Task) -> bool:
    """Whether the task is measured against the person's own rest."""
    return task.is_face and task is not Task.REST
