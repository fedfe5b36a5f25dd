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
    Colour,
    Page,
)
from firmware_service.report.words import (
    NOT_MEASURED,
    REGION,
    TARGET,
    TASK,
    weaker_by_difference,
)
from firmware_service.wire.terms import Region, Task
from firmware_service.wire.v1 import RegionMeasure, Report, TaskMeasure

FACE_TASKS = tuple(task for task in Task if task.is_face)
MAX_ROWS = 16
_ROW_MM = 3.55
_SIZE = 7.2
# Left edge and width in mm of each column.
_TASK, _REGION = (0.0, 17.0), (17.0, 18.0)
_RIGHT, _LEFT = (34.0, 13.0), (47.0, 13.0)
_DIFFERENCE, _INDEX, _FRAMES = (61.0, 25.0), (86.0, 10.0), (97.0, 24.0)


@dataclass(frozen=True, slots=True)
class _Row:
    task: Task
    taken: TaskMeasure | None
    measure: RegionMeasure | None

    @property
    def is_target(self) -> bool:
        return self.measure is None or TARGET.get(self.task) is self.measure.region


def draw_table(page: Page, x: float, y: float, width: float, report: Report) -> None:
    """At most `MAX_ROWS` rows; the regions a task is not about give way first."""
    rows, left_out = _rows(report)
    _draw_head(page, x, y, width)
    y += 8.0
    previous: Task | None = None
    for at, row in enumerate(rows):
        if row.task is not previous and at:
            page.line([(x, y), (x + width, y)], colour=PALE)
        _draw_row(page, x, y, width, row, names_task=row.task is not previous)
        previous = row.task
        y += _ROW_MM
    page.line([(x, y), (x + width, y)], colour=GREY)
    note = (
        "Rest: height of the region. Tasks: movement from the patient's own rest. Index: difference"
    )
    note += " over sum; + the left is weaker."
    if left_out:
        note += f" {left_out} more rows are in the tables (CSV)."
    page.paragraph(x, y + 0.7, width, note, lines=2, size=6.2, colour=GREY)


def _rows(report: Report) -> tuple[list[_Row], int]:
    rows: list[_Row] = []
    for task in FACE_TASKS:
        taken = [done for done in report.tasks if done.task is task]
        if not taken:
            rows.append(_Row(task, None, None))
        for done in taken:
            measures = sorted(done.regions, key=lambda one: _order(task, one.region))
            rows += [_Row(task, done, one) for one in measures] or [_Row(task, done, None)]
    kept = rows
    if len(rows) > MAX_ROWS:
        ranked = sorted(range(len(rows)), key=lambda at: (not rows[at].is_target, at))
        kept = [rows[at] for at in sorted(ranked[:MAX_ROWS])]
    return kept, len(rows) - len(kept)


def _order(task: Task, region: Region) -> int:
    return -1 if TARGET.get(task) is region else list(Region).index(region)


def _draw_head(page: Page, x: float, y: float, width: float) -> None:
    page.box(x, y, width, 7.6, fill=FAINT)

    def head(column: tuple[float, float], first: str, second: str, ink: Colour, align: str) -> None:
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
    head(_RIGHT, "pat. right", "mm", RIGHT_ORANGE, "R")
    head(_LEFT, "pat. left", "mm", LEFT_BLUE, "R")
    head(_DIFFERENCE, "Difference", "mm, weaker side", BLACK, "R")
    head(_INDEX, "Index", "-1 to 1", BLACK, "R")
    head(_FRAMES, "Frames used", "and flags", BLACK, "L")


def _draw_row(page: Page, x: float, y: float, width: float, row: _Row, *, names_task: bool) -> None:
    measure = row.measure
    usable = row.taken is not None and measure is not None and measure.usable
    if not usable:
        page.box(x + _REGION[0], y, width - _REGION[0], _ROW_MM, fill=PALE_AMBER)
    top = y + 0.55

    def cell(
        column: tuple[float, float], words: str, ink: Colour = BLACK, align: str = "R"
    ) -> None:
        page.text(
            x + column[0] + 0.6,
            top,
            column[1] - 1.2,
            words,
            size=_SIZE,
            bold=usable and row.is_target,
            colour=ink,
            align=align,
        )

    if names_task:
        page.text(x + 0.6, top, _TASK[1] - 1, TASK[row.task], size=_SIZE, bold=True)
        if row.taken is not None and usable:
            cell(_FRAMES, _frames(row.taken), GREY, "L")
    if measure is not None:
        cell(_REGION, REGION[measure.region], align="L")
    if not usable or measure is None:
        why = _why_not(row)
        page.text(x + _RIGHT[0] + 2, top, width - _RIGHT[0] - 3, why, size=_SIZE, colour=DARK_AMBER)
        return
    cell(_RIGHT, _mm(measure.right_mm))
    cell(_LEFT, _mm(measure.left_mm))
    cell(_DIFFERENCE, _difference(row.task, measure))
    cell(_INDEX, "-" if measure.index is None else f"{measure.index:+.2f}")


def _why_not(row: _Row) -> str:
    if row.taken is None:
        return "not done"
    measure = row.measure
    why = (measure.why_not if measure else None) or row.taken.why_not
    return f"{NOT_MEASURED}: {why.value}" if why else NOT_MEASURED


def _mm(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _difference(task: Task, measure: RegionMeasure) -> str:
    if measure.difference_mm is None:
        return "-"
    side = weaker_by_difference(measure.difference_mm)
    shown = f"{abs(measure.difference_mm):.1f}"
    if float(shown) == 0.0:
        return "0.0 equal"
    return f"{shown} {side.value} {'lower' if task is Task.REST else 'less'}"


def _frames(taken: TaskMeasure) -> str:
    used = f"{taken.usable_frames} of {taken.frames}"
    return f"{used}; {', '.join(flag.value for flag in taken.flags)}" if taken.flags else used
