"""What an unscripted clip would be on clinical scales: its movements stand in for the tasks."""

from __future__ import annotations

from firmware_service.measure.clip import ClipJudgement
from firmware_service.measure.events import TASK_OF, FaceEvent
from firmware_service.screen.grading import grade_face
from firmware_service.screen.summary import estimates_body
from firmware_service.types import Quality, RegionResult, Task, TaskResult
from firmware_service.wire.v1 import FaceEstimates


def clip_estimates(judged: ClipJudgement) -> FaceEstimates | None:
    """The grades of a clip; None when it shows no movement to grade by.

    Of several movements of a kind the one counts in which the better side went furthest.
    """
    best: dict[Task, FaceEvent] = {}
    for event in judged.events:
        task = TASK_OF[event.kind]
        if task not in best or _reach(event) > _reach(best[task]):
            best[task] = event
    results = {task: _as_task(task, event) for task, event in best.items()}
    results[Task.REST] = _result(Task.REST, judged.regions, (0.0, 0.0))
    grades = grade_face(results)
    return None if grades is None else estimates_body(grades)


def _reach(event: FaceEvent) -> float:
    return max(event.left_mm, event.right_mm)


def _as_task(task: Task, event: FaceEvent) -> TaskResult:
    region = RegionResult(
        region=event.region,
        left_mm=event.left_mm,
        right_mm=event.right_mm,
        difference_mm=event.right_mm - event.left_mm,
        index=None,
        usable=True,
    )
    return _result(task, (region,), (event.start_s, event.end_s), event)


def _result(
    task: Task,
    regions: tuple[RegionResult, ...],
    window: tuple[float, float],
    event: FaceEvent | None = None,
) -> TaskResult:
    return TaskResult(
        task=task,
        attempt=1,
        window=window,
        regions=regions,
        trends=(),
        speech=None,
        quality=Quality((), 0.0),
        frames=0,
        usable_frames=0,
        usable=any(region.usable for region in regions),
        why_not=None,
        function=None if event is None else event.function,
    )
