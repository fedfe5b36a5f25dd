"""How a movement was done: how often, how fast, from when on, and what else moved with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.asymmetry import MovementGates
from firmware_service.measure.baseline import RestingFace
from firmware_service.measure.features import MEASURED_IN
from firmware_service.measure.window import MeasuredFrame
from firmware_service.types import Function, Region, Task

Series = NDArray[np.float64]

_AGAIN: Final = 0.35
"""Below this share of the peak a movement has been let go."""


@dataclass(frozen=True, slots=True)
class FunctionGates:
    """What a movement must hold: `onset` is the share of a side's own reach at which it begins.

    A lag is told from `min_rate_hz` frames a second on, of sides that move `min_side_mm` or more;
    speeds are slopes over `speed_s` seconds.
    """

    onset: float
    min_rate_hz: float
    min_side_mm: float
    speed_s: float


def function_of(
    task: Task,
    frames: Sequence[MeasuredFrame],
    sides_mm: Series,
    rest: RestingFace,
    gates: tuple[MovementGates, FunctionGates],
) -> Function:
    """What can be told of a performed movement.

    Args:
        task: what was asked for.
        frames: those in which the task's own region was seen, n ≥ 1.
        sides_mm: [n, 2] mm from rest, left first.
        rest: the resting face.
        gates: what counts as movement, and as its beginning.
    """
    movement, detail = gates
    times = np.array([frame.captured_at for frame in frames])
    better = sides_mm.max(axis=1)
    peak = float(np.percentile(better, 95))
    held = better >= movement.hold * peak
    reach = np.median(sides_mm[held], axis=0)
    speeds = _peak_speeds(times, sides_mm, detail.speed_s)
    fastest = max(speeds) if speeds else 0.0
    with_it = [frame for frame, is_held in zip(frames, held.tolist(), strict=True) if is_held]
    eyes = _closure(with_it, rest) if MEASURED_IN[task][0] is Region.EYE else (None,) * 4
    narrowing, mouth = _what_moved_with_it(task, with_it, rest)
    return Function(
        repetitions=_repetitions(better, peak, movement.hold),
        excursion_ratio=float(reach.min() / reach.max()) if reach.max() > 0.0 else None,
        left_speed_mm_s=speeds[0] if speeds else None,
        right_speed_mm_s=speeds[1] if speeds else None,
        speed_ratio=min(speeds) / fastest if speeds and fastest > 0.0 else None,
        onset_lag_s=_onset_lag_s(times, sides_mm, detail),
        left_closure=eyes[0],
        right_closure=eyes[1],
        left_gap_mm=eyes[2],
        right_gap_mm=eyes[3],
        left_narrowing=narrowing[0],
        right_narrowing=narrowing[1],
        left_mouth_mm=mouth[0],
        right_mouth_mm=mouth[1],
    )


def _repetitions(better: Series, peak: float, hold: float) -> int:
    """How often the movement was made: reached, let go, reached again."""
    count, is_up = 0, False
    for value in better.tolist():
        if not is_up and value >= hold * peak:
            count, is_up = count + 1, True
        elif is_up and value < _AGAIN * peak:
            is_up = False
    return count


def _peak_speeds(times: Series, sides_mm: Series, over_s: float) -> tuple[float, float] | None:
    """The fastest each side went towards the movement, mm/s: slopes over about `over_s`."""
    if len(times) < 3:
        return None
    ahead = np.searchsorted(times, times + over_s - 1e-6)
    at = np.flatnonzero(ahead < len(times))
    if at.size == 0:
        return None
    later = ahead[at]
    slopes = (sides_mm[later] - sides_mm[at]) / (times[later] - times[at])[:, None]
    left, right = np.maximum(slopes, 0.0).max(axis=0).tolist()
    return left, right


def _onset_lag_s(times: Series, sides_mm: Series, gates: FunctionGates) -> float | None:
    """Left onset − right onset, s; None at a low rate, or where a side hardly moves."""
    if len(times) < 3 or 1.0 / float(np.median(np.diff(times))) < gates.min_rate_hz:
        return None
    onsets = []
    for side in sides_mm.T:
        reach = float(np.percentile(side, 95))
        over = np.flatnonzero(side >= gates.onset * reach)
        if reach < gates.min_side_mm or over.size == 0 or over[0] == 0:
            return None
        last, first = int(over[0]) - 1, int(over[0])
        share = (gates.onset * reach - side[last]) / (side[first] - side[last])
        onsets.append(float(times[last] + share * (times[first] - times[last])))
    return onsets[0] - onsets[1]


def _closure(
    held: Sequence[MeasuredFrame], rest: RestingFace
) -> tuple[float | None, float | None, float, float]:
    """Closed share of left and right, then the gap left open at left and right, mm."""
    gaps = np.median([[side.fissure_mm for side in frame.features] for frame in held], axis=0)
    closed = [
        1.0 - float(gap) / still.fissure_mm if still.fissure_mm > 0.0 else None
        for gap, still in zip(gaps, rest.features, strict=True)
    ]
    return closed[0], closed[1], float(gaps[0]), float(gaps[1])


def _what_moved_with_it(
    task: Task, held: Sequence[MeasuredFrame], rest: RestingFace
) -> tuple[tuple[float | None, float | None], tuple[float | None, float | None]]:
    """Narrowing of the lids while the mouth moved, mm of the mouth while the eyes closed."""
    nothing = (None, None)
    about = MEASURED_IN[task][0]
    if about is Region.MOUTH and Region.EYE in rest.known:
        seen = [frame for frame in held if Region.EYE in frame.seen]
        if seen:
            closed = _closure(seen, rest)
            return (closed[0], closed[1]), nothing
    if about is Region.EYE and Region.MOUTH in rest.known:
        seen = [frame for frame in held if Region.MOUTH in frame.seen]
        if seen:
            went = np.median(
                [
                    [(side.corner_height_mm, side.corner_out_mm) for side in frame.features]
                    for frame in seen
                ],
                axis=0,
            ) - [(side.corner_height_mm, side.corner_out_mm) for side in rest.features]
            left, right = np.hypot(went[:, 0], went[:, 1]).tolist()
            return nothing, (left, right)
    return nothing, nothing
