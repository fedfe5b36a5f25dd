"""The table of what was measured: a row for each task and region, mm for each side."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_service.report.page import (
    BLACK,
    DARK_AMBER,
    FAINT,
    GREY,
    LEFT_BLUE,
    PALE,
    PALE_AMBER,
    RIGHT_ORANGE,
    Box,
    Colour,
    Page,
)
from firmware_service.report.words import (
    NOT_MEASURED,
    REGION,
    TARGET,
    TASK,
    manner,
    signed,
    weaker_by_difference,
)
from firmware_service.wire.terms import Region, Task
from firmware_service.wire.v1 import RegionMeasure, Report, TaskMeasure

FACE_TASKS = tuple(task for task in Task if task.is_face)
MAX_ROWS = 16
_HEAD_MM = 8.0
_ROW_MM = 5.2
_NOTE = (
    "Rest: mm above the line between the eyes; brow above its own eye; eye its opening. Tasks: "
    "movement from the patient's own rest. Index: difference over sum, + when the left is weaker."
)
_SIZE = 7.2
_Column = tuple[float, float]  # left edge and width in mm
_TASK, _REGION = (0.0, 17.0), (17.0, 18.0)
_RIGHT, _LEFT = (34.0, 13.0), (47.0, 13.0)
_DIFFERENCE, _INDEX, _FRAMES = (60.0, 25.0), (85.0, 10.0), (96.0, 23.0)


@dataclass(frozen=True, slots=True)
class _Row:
    """One region, or with no region a whole task that gave nothing."""

    task: Task
    taken: TaskMeasure | None
    measure: RegionMeasure | None
    is_first: bool

    @property
    def is_target(self) -> bool:
        return self.measure is None or TARGET.get(self.task) is self.measure.region


def draw_table(page: Page, box: Box, report: Report) -> None:
    """At most `MAX_ROWS` rows; the regions that a task is not about give way first."""
    rows, left_out = _rows(report)
    _draw_head(page, box.x, box.y, box.width)
    y, row_mm = box.y + _HEAD_MM, min(_ROW_MM, (box.height - _HEAD_MM - 6) / len(rows))
    for at, row in enumerate(rows):
        if row.is_first and at:
            page.line([(box.x, y), (box.x + box.width, y)], colour=PALE)
        _draw_row(page, Box(box.x, y, box.width, row_mm), row)
        y += row_mm
    page.line([(box.x, y), (box.x + box.width, y)], colour=GREY)
    note = _NOTE + (f" {left_out} more rows are in the tables (CSV)." if left_out else "")
    page.paragraph(box.x, y + 0.8, box.width, note, lines=2, size=6.3, colour=GREY)


def _rows(report: Report) -> tuple[list[_Row], int]:
    rows: list[_Row] = []
    for task in FACE_TASKS:
        taken = [done for done in report.tasks if done.task is task]
        rows += [row for done in taken for row in _task_rows(done)]
        if not taken and not task.is_optional:
            rows.append(_Row(task, None, None, is_first=True))
    ranked = sorted(range(len(rows)), key=lambda at: (not rows[at].is_first, at))
    kept = [rows[at] for at in sorted(ranked[:MAX_ROWS])]
    return kept, len(rows) - len(kept)


def _task_rows(done: TaskMeasure) -> list[_Row]:
    measures = sorted(done.regions, key=lambda one: _order(done.task, one.region))
    if not any(one.usable for one in measures) and len({one.why_not for one in measures}) < 2:
        return [_Row(done.task, done, None, is_first=True)]
    return [_Row(done.task, done, one, is_first=at == 0) for at, one in enumerate(measures)]


def _order(task: Task, region: Region) -> int:
    return -1 if TARGET.get(task) is region else list(Region).index(region)


def _draw_head(page: Page, x: float, y: float, width: float) -> None:
    page.box(x, y, width, 7.6, fill=FAINT)

    def head(column: _Column, first: str, second: str, ink: Colour, align: str) -> None:
        for line, words in enumerate((first, second)):
            page.text(
                x + column[0] + 0.6,
                y + 0.9 + 3.1 * line,
                column[1] - 1.2,
                words,
                size=6.9,
                bold=True,
                colour=ink,
                align=align,
            )

    head(_TASK, "Task", "", BLACK, "L")
    head(_REGION, "Region", "", BLACK, "L")
    head(_RIGHT, "patient's", "right, mm", RIGHT_ORANGE, "R")
    head(_LEFT, "patient's", "left, mm", LEFT_BLUE, "R")
    head(_DIFFERENCE, "Difference", "mm, weaker side", BLACK, "R")
    head(_INDEX, "Index", "-1 to 1", BLACK, "R")
    head(_FRAMES, "Pictures used", "and flags", BLACK, "L")


def _draw_row(page: Page, box: Box, row: _Row) -> None:
    measure = row.measure
    usable = measure is not None and measure.usable
    if not usable:
        page.box(box.x + _REGION[0], box.y, box.width - _REGION[0], box.height, fill=PALE_AMBER)
    top = box.y + (box.height - _SIZE * 0.32) / 2

    def cell(column: _Column, words: str, ink: Colour = BLACK, align: str = "R") -> None:
        page.text(
            box.x + column[0] + 0.6, top, column[1] - 1.2, words,
            size=_SIZE, bold=usable and row.is_target, colour=ink, align=align,
        )  # fmt: skip

    if row.is_first:
        page.text(box.x + 0.6, top, _TASK[1] - 1, TASK[row.task], size=_SIZE, bold=True)
    cell(_REGION, REGION[measure.region] if measure else "all", align="L")
    if measure is None or not usable:
        width = box.width - _RIGHT[0] - 3
        words = _refusal(row)
        page.text(box.x + _RIGHT[0] + 2, top, width, words, size=_SIZE, colour=DARK_AMBER)
        return
    cell(_RIGHT, _mm(measure.right_mm))
    cell(_LEFT, _mm(measure.left_mm))
    cell(_DIFFERENCE, _difference(row.task, measure))
    cell(_INDEX, "-" if measure.index is None else signed(measure.index, 2))
    if row.is_first and row.taken is not None:
        words = _quality(row.taken)
        page.text(box.x + _FRAMES[0] + 0.6, top, _FRAMES[1] - 1, words, size=6.8, colour=GREY)


def _refusal(row: _Row) -> str:
    """Why there is no number; for a whole task also what was tried."""
    if row.taken is None:
        return "not done"
    why = (row.measure.why_not if row.measure else None) or row.taken.why_not
    words = f"{NOT_MEASURED}: {why.value}" if why else NOT_MEASURED
    if row.measure is not None:
        return words
    others = [flag.value for flag in row.taken.flags if flag is not why]
    words += f" (attempt {row.taken.attempt}, {_used(row.taken)} used"
    return words + (f"; also {', '.join(others)})" if others else ")")


def _mm(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _difference(task: Task, measure: RegionMeasure) -> str:
    if measure.difference_mm is None:
        return "-"
    side = weaker_by_difference(measure.difference_mm)
    shown = f"{abs(measure.difference_mm):.1f}"
    if float(shown) == 0.0:
        return "0.0 equal"
    return f"{shown} {side.value} {manner(task, measure.region)}"


def _used(taken: TaskMeasure) -> str:
    return f"{taken.usable_frames} of {taken.frames}"


def _quality(taken: TaskMeasure) -> str:
    again = [f"try {taken.attempt}"] if taken.attempt > 1 else []
    return "; ".join((_used(taken), *again, *(flag.value for flag in taken.flags)))
