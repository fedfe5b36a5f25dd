"""One attempt at one face task, judged from its readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.asymmetry import (
    MovementGates,
    asymmetry_index,
    at_rest,
    is_movement,
    least_movement_mm,
    moved,
)
from firmware_service.measure.baseline import RestingFace, resting_face
from firmware_service.measure.features import MEASURED_IN, level_mm, movement_mm
from firmware_service.measure.function import FunctionGates, function_of
from firmware_service.measure.quality import is_frozen
from firmware_service.measure.trend import region_trend
from firmware_service.measure.window import (
    FaceGates,
    MeasuredFrame,
    feature_medians,
    measure_frames,
    persons_head,
    too_little,
    window_quality,
)
from firmware_service.types import (
    AsymmetrySample,
    FaceReading,
    Function,
    Region,
    RegionResult,
    Task,
    TaskResult,
    Trend,
    WhyNot,
)

__all__ = ["FaceGates", "JudgedFace", "judge_face_task"]


@dataclass(frozen=True, slots=True)
class JudgedFace:
    """A judged task, its samples frame by frame, and the resting face when the task was REST."""

    result: TaskResult
    samples: tuple[AsymmetrySample, ...]
    rest: RestingFace | None


def judge_face_task(  # noqa: PLR0917 - a window has this many inputs
    task: Task,
    attempt: int,
    window: tuple[float, float],
    readings: Sequence[FaceReading],
    size: tuple[int, int],
    rest: RestingFace | None,
    gates: FaceGates,
    skipped: int = 0,
    detail: FunctionGates | None = None,
) -> JudgedFace:
    """Judge one attempt at a task that the camera judges.

    Args:
        task: what the patient was asked to do.
        attempt: 1 for the first try.
        window: (start, end) on the capture clock, s; readings outside it are not looked at.
        readings: what the face stage read, in order.
        size: (width, height) of the pictures, px.
        rest: the resting face; movements cannot be judged without it.
        gates: what a window must hold.
        skipped: pictures that were never read, for want of time.
        detail: what the function (speed, onset, repetitions) is told by; without it there is none.

    REST reports heights per side (for the eye its opening) and returns a new resting face; the
    other tasks report held movements from rest. A region that was covered, not seen often enough or
    not moved is refused alone, with its reason; the task is usable when the region that it is for
    is (REST: when any region is).

    Raises:
        ValueError: the task is not one that the camera judges.
    """
    if task not in MEASURED_IN:
        message = f"{task} is not judged from the face; give one that is, as rest or smile"
        raise ValueError(message)
    inside = [reading for reading in readings if window[0] <= reading.captured_at <= window[1]]
    head = persons_head(inside, size, rest, gates)
    frozen = is_frozen(inside, gates.frozen_s)
    frames = [] if frozen else measure_frames(inside, size, head, gates)
    regions: list[RegionResult] = []
    samples: list[AsymmetrySample] = []
    trends: list[Trend] = []
    function: Function | None = None
    for region in MEASURED_IN[task]:
        seen = [frame for frame in frames if region in frame.seen]
        refusal = WhyNot.FROZEN_PICTURE if frozen else too_little(region, len(seen), inside, gates)
        if refusal is None and is_movement(task) and (rest is None or region not in rest.known):
            refusal = WhyNot.NO_BASELINE
        if refusal is not None:
            regions.append(RegionResult.refused(region, refusal))
            continue
        sides = _sides_mm(task, region, seen, rest)
        regions.append(_judge_region(task, region, sides, rest, gates.movement))
        if regions[-1].usable:
            samples += _samples(task, region, seen, sides, gates.movement)
            times = [frame.captured_at for frame in seen]
            line = region_trend(region, times, sides[:, 1] - sides[:, 0], gates.block_s)
            trends += [] if line is None else [line]
            if detail and rest and is_movement(task) and region is MEASURED_IN[task][0]:
                function = function_of(task, seen, sides, rest, (gates.movement, detail))
    new_rest = None
    if task is Task.REST:
        new_rest = resting_face(
            [frame.features for frame in frames],
            [
                frozenset(r.region for r in regions if r.usable and r.region in frame.seen)
                for frame in frames
            ],
            head,
            gates.min_frames,
        )
    usable, why_not = _verdict(task, regions)
    result = TaskResult(
        task=task,
        attempt=attempt,
        window=window,
        regions=tuple(regions),
        trends=tuple(trends),
        speech=None,
        quality=window_quality(inside, len(frames), skipped, frozen=frozen),
        frames=len(inside),
        usable_frames=len(frames),
        usable=usable,
        why_not=why_not,
        function=function,
        features=feature_medians(_held(task, frames, samples, gates.movement)),
    )
    return JudgedFace(result, tuple(samples), new_rest)


def _sides_mm(
    task: Task, region: Region, seen: Sequence[MeasuredFrame], rest: RestingFace | None
) -> NDArray[np.float64]:
    """[n, 2] mm, left first: heights for REST, movement from rest otherwise."""
    if task is Task.REST or rest is None:
        return np.array([[level_mm(region, side) for side in f.features] for f in seen])
    return np.array(
        [
            [
                movement_mm(region, side, still, task)
                for side, still in zip(frame.features, rest.features, strict=True)
            ]
            for frame in seen
        ]
    )


def _held(
    task: Task,
    frames: Sequence[MeasuredFrame],
    samples: Sequence[AsymmetrySample],
    gates: MovementGates,
) -> Sequence[MeasuredFrame]:
    """The frames that the task's features are taken over: all at rest, else those of the hold."""
    if task is Task.REST:
        return frames
    about = MEASURED_IN[task][0]
    better = {s.captured_at: max(s.left, s.right) for s in samples if s.region is about}
    if not better:
        return ()
    least = gates.hold * float(np.percentile(list(better.values()), 95))
    return [frame for frame in frames if better.get(frame.captured_at, -np.inf) >= least]


def _judge_region(
    task: Task,
    region: Region,
    sides: NDArray[np.float64],
    rest: RestingFace | None,
    gates: MovementGates,
) -> RegionResult:
    if task is Task.REST or rest is None:
        return at_rest(region, sides, gates)
    fissure = max(side.fissure_mm for side in rest.features)
    return moved(region, sides, least_movement_mm(region, gates, fissure), gates)


def _samples(
    task: Task,
    region: Region,
    seen: Sequence[MeasuredFrame],
    sides: NDArray[np.float64],
    gates: MovementGates,
) -> list[AsymmetrySample]:
    return [
        AsymmetrySample(
            captured_at=frame.captured_at,
            task=task,
            region=region,
            left=left,
            right=right,
            index=asymmetry_index(left, right, gates.index_floor_mm),
            confidence=frame.confidence,
        )
        for frame, (left, right) in zip(seen, sides.tolist(), strict=True)
    ]


def _verdict(task: Task, regions: Sequence[RegionResult]) -> tuple[bool, WhyNot | None]:
    seen = [region.usable for region in regions]
    usable = any(seen) if task is Task.REST else seen[0]
    return usable, None if usable else regions[0].why_not
