"""What the pictures and videos gave, as the same two tables that a screen leaves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from firmware_service.analyse.estimates import clip_estimates
from firmware_service.measure.clip import ClipJudgement
from firmware_service.measure.events import TASK_OF, FaceEvent
from firmware_service.measure.still import StillJudgement
from firmware_service.report.tables import (
    ESTIMATES_FILE,
    FEATURES_FILE,
    FUNCTIONAL_FILE,
    SYMMETRY_FILE,
    Measured,
    estimates_csv,
    features_csv,
    functional_csv,
    symmetry_csv,
)
from firmware_service.screen.summary import feature_measures, function_measure
from firmware_service.types import RegionResult, Task, WhyNot
from firmware_service.wire.v1 import RegionMeasure, TaskMeasure


def of_still(path: Path, judged: StillJudgement) -> Measured:
    """A picture: its heights stand in the table of the face at rest, whatever the face does."""
    rest = _task(Task.REST, 1, (0.0, 0.0), judged.regions, judged.why_not, (1, int(judged.usable)))
    rest = rest.model_copy(update={"features": feature_measures(judged.features)})
    return Measured(str(path), [rest], "one picture")


def of_clip(path: Path, judged: ClipJudgement) -> Measured:
    """A clip: its resting stretch, and every movement found in it."""
    counts = (judged.frames, judged.usable_frames)
    rest = _task(Task.REST, 1, (0.0, 0.0), judged.regions, judged.why_not, counts)
    tasks = [rest.model_copy(update={"features": feature_measures(judged.features)})]
    done: dict[Task, int] = {}
    for event in judged.events:
        task = TASK_OF[event.kind]
        done[task] = done.get(task, 0) + 1
        span = (event.start_s, event.end_s)
        moved = _task(task, done[task], span, (_moved(event),), (), counts)
        how = {
            "function": function_measure(event.function),
            "features": feature_measures(event.features),
        }
        tasks.append(moved.model_copy(update=how))
    return Measured(str(path), tasks, "unscripted clip", clip_estimates(judged))


def write(folder: Path, measured: Sequence[Measured]) -> None:
    """All CSV files into `folder`, which is made if need be.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SYMMETRY_FILE).write_bytes(symmetry_csv(measured))
    (folder / FUNCTIONAL_FILE).write_bytes(functional_csv(measured))
    (folder / FEATURES_FILE).write_bytes(features_csv(measured))
    (folder / ESTIMATES_FILE).write_bytes(estimates_csv(measured))


def _moved(event: FaceEvent) -> RegionResult:
    total = abs(event.left_mm) + abs(event.right_mm)
    difference = event.right_mm - event.left_mm
    return RegionResult(
        region=event.region,
        left_mm=event.left_mm,
        right_mm=event.right_mm,
        difference_mm=difference,
        index=difference / total if total else None,
        usable=True,
    )


def _task(  # noqa: PLR0917 - one row has this many cells
    task: Task,
    attempt: int,
    span: tuple[float, float],
    regions: Sequence[RegionResult],
    why_not: Sequence[WhyNot],
    frames: tuple[int, int],
) -> TaskMeasure:
    usable = any(region.usable for region in regions)
    return TaskMeasure(
        task=task,
        attempt=attempt,
        started_s=span[0],
        ended_s=span[1],
        regions=tuple(
            RegionMeasure(
                region=r.region,
                left_mm=r.left_mm,
                right_mm=r.right_mm,
                difference_mm=r.difference_mm,
                index=r.index,
                usable=r.usable,
                why_not=r.why_not,
            )
            for r in regions
        ),
        trends=(),
        speech=None,
        flags=tuple(why_not),
        skipped_fraction=1.0 - frames[1] / frames[0] if frames[0] else 1.0,
        frames=frames[0],
        usable_frames=frames[1],
        usable=usable,
        why_not=None if usable else next(iter(why_not), None),
    )
