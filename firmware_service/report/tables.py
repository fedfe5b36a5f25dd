"""The tables of a screen or of analysed files, as CSV (RFC 4180, UTF-8).

One row for each region, also for those that were not measured: their numbers are empty cells and
`why_not` says why. Sides are the patient's; differences are right − left, so > 0 when the left is
lower at rest or moves less in a task.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from firmware_service.report.words import TARGET, weaker_by_difference
from firmware_service.wire.terms import Region, Side, Task, WhyNot
from firmware_service.wire.v1 import (
    FaceEstimates,
    FunctionMeasure,
    RegionMeasure,
    Report,
    TaskMeasure,
)

SYMMETRY_FILE = "facial_asymmetry_symmetry.csv"
FUNCTIONAL_FILE = "facial_asymmetry_functional.csv"
FEATURES_FILE = "facial_asymmetry_features.csv"
ESTIMATES_FILE = "facial_asymmetry_estimates.csv"

_MEASURE_COLUMNS = ("patient_right_mm", "patient_left_mm", "difference_mm", "index", "weaker_side")
_QUALITY_COLUMNS = (
    "usable",
    "why_not",
    "frames_used",
    "frames_read",
    "skipped_fraction",
    "flags",
    "trend_level_mm",
    "trend_slope_mm_per_s",
    "trend_spread_mm",
    "trend_n",
    "note",
)
_HOW_COLUMNS = tuple(FunctionMeasure.model_fields)
SYMMETRY_COLUMNS = ("source", "attempt", "region", *_MEASURE_COLUMNS, *_QUALITY_COLUMNS)
FUNCTIONAL_COLUMNS = (
    "source",
    "task",
    "attempt",
    "region",
    *_MEASURE_COLUMNS,
    "weaker_over_stronger",
    *_QUALITY_COLUMNS,
    *_HOW_COLUMNS,
)
FEATURES_COLUMNS = ("source", "task", "attempt", "feature", "corrected", "raw")
ESTIMATES_COLUMNS = (
    "source",
    "estimate",
    "value",
    "interval_low",
    "interval_high",
    "lowest",
    "highest",
    "examined",
    "not_examined",
)
_FUNCTIONAL_TASKS = tuple(task for task in Task if task.is_face and task is not Task.REST)
# A spreadsheet takes text that begins so for a formula (OWASP, CSV injection).
_FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")

Cell = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Measured:
    """What a screen (`source` is its id) or a file (its path) gave; `note` may say why nothing."""

    source: str
    tasks: Sequence[TaskMeasure]
    note: str = ""
    estimates: FaceEstimates | None = None

    @classmethod
    def from_report(cls, report: Report) -> Self:
        """The tasks of a screen."""
        note = f"screen {report.status.value}" + ("; simulated" if report.simulated else "")
        return cls(report.screen_id, report.tasks, note, report.face_estimates)


def symmetry_csv(measured: Iterable[Measured]) -> bytes:
    """The face at rest: the level of each region on each side."""
    return csv_table(
        SYMMETRY_COLUMNS,
        (
            [one.source, *row]
            for one in measured
            for taken in _taken(one, Task.REST)
            for row in _rows(one, taken, tuple(Region), with_ratio=False)
        ),
    )


def functional_csv(measured: Iterable[Measured]) -> bytes:
    """The face in motion: what each side moved from rest in each task, and their ratio."""
    return csv_table(
        FUNCTIONAL_COLUMNS,
        (
            [one.source, task.value, *row, *_how(task, taken, row[1])]
            for one in measured
            for task in _FUNCTIONAL_TASKS
            for taken in _taken(one, task)
            for row in _rows(one, taken, (TARGET[task],), with_ratio=True)
        ),
    )


def features_csv(measured: Iterable[Measured]) -> bytes:
    """The whole feature catalogue of every task, a row each; the names end in the unit."""
    return csv_table(
        FEATURES_COLUMNS,
        (
            [one.source, task.task.value, task.attempt, f.name, f.corrected, f.raw]
            for one in measured
            for task in one.tasks
            for f in task.features
        ),
    )


def estimates_csv(measured: Iterable[Measured]) -> bytes:
    """What each face would be on clinical scales, a row for each estimate."""
    return csv_table(
        ESTIMATES_COLUMNS,
        (
            [one.source, *row]
            for one in measured
            if one.estimates is not None
            for row in _estimates(one.estimates)
        ),
    )


def _estimates(found: FaceEstimates) -> Iterable[list[Cell]]:
    for grade in found.grades:
        examined, missing = ("; ".join(items) for items in (grade.examined, grade.not_examined))
        limits = (*grade.interval, grade.lowest, grade.highest)
        yield [grade.name, grade.value, *limits, examined, missing]
    plain: dict[str, Cell] = {
        "weaker_side": found.weaker_side and found.weaker_side.value,
        "pattern": found.pattern and found.pattern.value,
        "severity": found.severity and found.severity.value,
        "upper_loss": found.upper_loss,
        "lower_loss": found.lower_loss,
        **{f"{r.region.value}_static": r.static for r in found.regions},
        **{f"{r.region.value}_motor": r.motor for r in found.regions},
        **(found.synkinesis.model_dump() if found.synkinesis else {}),
    }
    for name, value in plain.items():
        yield [name, value, *[None] * 6]


def _taken(one: Measured, task: Task) -> Sequence[TaskMeasure | None]:
    """Every attempt that is there; None stands for a task that was not done."""
    done = [taken for taken in one.tasks if taken.task is task]
    return done or ([] if task.is_optional else [None])


def _rows(
    one: Measured, taken: TaskMeasure | None, expected: Sequence[Region], *, with_ratio: bool
) -> Iterable[list[Cell]]:
    """The expected regions, and any other that the task measured."""
    found = {measure.region: measure for measure in taken.regions} if taken else {}
    for region in (*expected, *(region for region in found if region not in expected)):
        measure = found.get(region)
        row: list[Cell] = [taken.attempt if taken else None, region.value, *_sides(measure)]
        if with_ratio:
            row.append(_weaker_over_stronger(measure))
        yield [*row, *_quality(taken, measure), *_trend(taken, region), one.note]


def _how(task: Task, taken: TaskMeasure | None, region: Cell) -> list[Cell]:
    """How the movement was done; it belongs to the region that the task is about."""
    if taken is None or taken.function is None or region != TARGET[task].value:
        return [None] * len(_HOW_COLUMNS)
    return list(taken.function.model_dump().values())


def _sides(measure: RegionMeasure | None) -> list[Cell]:
    if measure is None or not measure.usable:
        return [None] * len(_MEASURE_COLUMNS)
    weaker = _weaker(measure)
    return [
        measure.right_mm,
        measure.left_mm,
        measure.difference_mm,
        measure.index,
        weaker.value if weaker else None,
    ]


def _weaker(measure: RegionMeasure) -> Side | None:
    if not measure.difference_mm:
        return None
    return weaker_by_difference(measure.difference_mm)


def _weaker_over_stronger(measure: RegionMeasure | None) -> float | None:
    if measure is None or not measure.usable:
        return None
    if measure.left_mm is None or measure.right_mm is None:
        return None
    weaker, stronger = sorted((measure.left_mm, measure.right_mm))
    return weaker / stronger if stronger > 0 else None


def _quality(taken: TaskMeasure | None, measure: RegionMeasure | None) -> list[Cell]:
    if taken is None:
        return [False, WhyNot.NOT_DONE.value, None, None, None, None]
    why = (measure.why_not if measure else None) or taken.why_not
    return [
        measure is not None and measure.usable,
        why.value if why else None,
        taken.usable_frames,
        taken.frames,
        taken.skipped_fraction,
        "; ".join(flag.value for flag in taken.flags),
    ]


def _trend(taken: TaskMeasure | None, region: Region) -> list[Cell]:
    trends = taken.trends if taken else ()
    trend = next((one for one in trends if one.region is region), None)
    if trend is None:
        return [None] * 4
    return [trend.level, trend.slope_per_s, trend.spread, trend.n]


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A table as CSV: an empty cell for what was not measured, no text that acts as a formula."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_shown(cell) for cell in row] for row in rows)
    return table.getvalue().encode()


def _shown(cell: Cell) -> str:
    """Empty for what was not measured; text that a spreadsheet would run is quoted with '."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return f"{cell:.4f}"
    is_formula = cell.startswith(_FORMULA_SIGNS) or cell.lstrip().startswith(_FORMULA_SIGNS)
    return "'" + cell if is_formula else cell
