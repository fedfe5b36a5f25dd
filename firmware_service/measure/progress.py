"""Two screens of one patient: what has changed by more than the measure's own error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from firmware_service.wire.terms import Region, Task


class MeasuredRegion(Protocol):
    """A region of a task, as judged or as it went over the wire."""

    @property
    def region(self) -> Region:
        """Which region."""
        ...

    @property
    def difference_mm(self) -> float | None:
        """Right − left, mm; None when not measured."""
        ...

    @property
    def usable(self) -> bool:
        """Whether it was measured."""
        ...


class MeasuredTask(Protocol):
    """A task with its regions, as judged or as it went over the wire."""

    @property
    def task(self) -> Task:
        """Which task."""
        ...

    @property
    def usable(self) -> bool:
        """Whether it was measured."""
        ...

    @property
    def regions(self) -> Sequence[MeasuredRegion]:
        """Its regions."""
        ...


class Course(StrEnum):
    """What became of an asymmetry."""

    WORSE = "worse"
    BETTER = "better"
    OTHER_SIDE = "other side"
    NO_CHANGE = "no detectable change"


@dataclass(frozen=True, slots=True)
class Change:
    """A region's difference (right − left, mm) before and after, and what can be told apart."""

    task: Task
    region: Region
    before_mm: float
    after_mm: float
    detectable_mm: float
    course: Course


def changes(
    before: Sequence[MeasuredTask],
    after: Sequence[MeasuredTask],
    detectable_mm: Mapping[Region, float],
) -> tuple[Change, ...]:
    """Every region that both screens measured in the same task; the later attempt counts.

    Args:
        before: the tasks of the earlier screen.
        after: those of the later one.
        detectable_mm: the least change that is not the measure's own error, by region.
    """
    earlier, later = _differences(before), _differences(after)
    return tuple(
        Change(
            task, region, then, later[task, region], detectable_mm[region],
            _course(then, later[task, region], detectable_mm[region]),
        )
        for (task, region), then in earlier.items()
        if (task, region) in later
    )  # fmt: skip


def _differences(tasks: Sequence[MeasuredTask]) -> dict[tuple[Task, Region], float]:
    return {
        (task.task, found.region): found.difference_mm
        for task in tasks
        if task.usable
        for found in task.regions
        if found.usable and found.difference_mm is not None
    }


def _course(before_mm: float, after_mm: float, detectable_mm: float) -> Course:
    if abs(after_mm - before_mm) < detectable_mm:
        return Course.NO_CHANGE
    if before_mm * after_mm < 0 and min(abs(before_mm), abs(after_mm)) >= detectable_mm / 2:
        return Course.OTHER_SIDE
    return Course.WORSE if abs(after_mm) > abs(before_mm) else Course.BETTER
