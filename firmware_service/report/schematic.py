"""A drawn face, seen as one faces the patient, with each difference marked on the weaker side."""

from __future__ import annotations

import math
from dataclasses import dataclass

from firmware_service.report.page import (
    BLACK,
    DARK_AMBER,
    GREY,
    LEFT_BLUE,
    PALE,
    PALE_RED,
    RED,
    RIGHT_ORANGE,
    WHITE,
    Colour,
    Page,
)
from firmware_service.report.words import REGION, TARGET, TASK, weaker_by_difference
from firmware_service.wire.terms import Finding, Level, Region, Side, Task
from firmware_service.wire.v1 import Report

# Each region's height on the drawing, its distance from the midline, its label's height, in mm.
_PLACE = {
    Region.BROW: (15.0, 7.2, 11.0),
    Region.EYE: (22.0, 6.8, 22.5),
    Region.NOSE: (33.5, 3.2, 34.0),
    Region.MOUTH: (43.0, 6.6, 45.0),
}
WIDTH_MM = 64.0
_HALF_HEAD_MM = 16.0
_LABEL_MM = 15.0


@dataclass(frozen=True, slots=True)
class _Mark:
    """The largest usable difference of a region, and the task it was found in."""

    side: Side
    amount_mm: float
    task: Task


def draw_face(page: Page, x: float, y: float, report: Report) -> None:
    """The face in `WIDTH_MM` mm; the mark's area grows with the difference in mm."""
    middle = x + WIDTH_MM / 2
    page.text(x, y, 30, "patient's RIGHT", size=8, bold=True, colour=RIGHT_ORANGE)
    page.text(
        x + WIDTH_MM - 30, y, 30, "patient's LEFT", size=8, bold=True, colour=LEFT_BLUE, align="R"
    )
    _draw_head(page, middle, y)
    face = next((s for s in report.signals if s.finding is Finding.FACE), None)
    raised_side = face.weaker_side if face and face.level is Level.RAISED else None
    for region in Region:
        mark = _largest(report, region)
        if mark is None:
            _draw_unmeasured(page, middle, y, region)
        else:
            _draw_mark(page, middle, y, region, mark, raised=mark.side is raised_side)
    page.text(
        x,
        y + 61.5,
        WIDTH_MM,
        "drawn as you face the patient; marks grow with the mm",
        size=6.5,
        colour=GREY,
        align="C",
    )


def _largest(report: Report, region: Region) -> _Mark | None:
    """From the tasks about this region where one was usable, else from any task."""
    marks = [
        _Mark(weaker_by_difference(measure.difference_mm), abs(measure.difference_mm), task.task)
        for task in report.tasks
        for measure in task.regions
        if measure.region is region and measure.usable and measure.difference_mm is not None
    ]
    about = [mark for mark in marks if TARGET.get(mark.task) is region or mark.task is Task.REST]
    return max(about or marks, key=lambda mark: mark.amount_mm, default=None)


def _toward(side: Side) -> int:
    """The patient's left is on the right of the drawing."""
    return 1 if side is Side.LEFT else -1


def _draw_head(page: Page, middle: float, y: float) -> None:
    page.ellipse(middle - _HALF_HEAD_MM, y + 5, 2 * _HALF_HEAD_MM, 53, fill=WHITE, edge=GREY)
    page.line([(middle, y + 6), (middle, y + 57)], colour=PALE, width=0.2, dash=1, gap=1)
    for side in Side:
        toward = _toward(side)
        brow_y, eye_y = y + _PLACE[Region.BROW][0], y + _PLACE[Region.EYE][0]
        page.line(_arc(middle + toward * 7.2, brow_y + 1.4, 4.2, 2.2), colour=BLACK, width=0.7)
        page.ellipse(middle + toward * 6.8 - 3.1, eye_y - 1.5, 6.2, 3.0, edge=BLACK)
        page.ellipse(middle + toward * 6.8 - 1.2, eye_y - 1.2, 2.4, 2.4, fill=BLACK)
        nose = [(0.9, -9.0), (1.3, -2.5), (3.0, 0.6), (1.6, 1.6), (0.0, 1.2)]
        nose_y = y + _PLACE[Region.NOSE][0]
        page.line([(middle + toward * dx, nose_y + dy) for dx, dy in nose], colour=GREY, width=0.3)
    mouth_y = y + _PLACE[Region.MOUTH][0]
    page.line(
        [
            (middle - 6.6, mouth_y),
            (middle - 2.2, mouth_y - 1.0),
            (middle, mouth_y - 0.5),
            (middle + 2.2, mouth_y - 1.0),
            (middle + 6.6, mouth_y),
        ],
        width=0.4,
    )
    page.line([(middle - 6.6, mouth_y), (middle + 6.6, mouth_y)], width=0.4)
    lower = _arc(middle, mouth_y, 6.6, -2.6)
    page.line(lower, width=0.4)


def _arc(x: float, y: float, half_width: float, rise: float) -> list[tuple[float, float]]:
    steps = 14
    return [
        (x - half_width * math.cos(math.pi * at / steps), y - rise * math.sin(math.pi * at / steps))
        for at in range(steps + 1)
    ]


def _draw_mark(
    page: Page, middle: float, y: float, region: Region, mark: _Mark, *, raised: bool
) -> None:
    down, out, _ = _PLACE[region]
    toward = _toward(mark.side)
    radius = min(4.2, 0.6 + 1.3 * math.sqrt(mark.amount_mm))
    ink, fill = (RED, PALE_RED) if raised else (GREY, PALE)
    at_x, at_y = middle + toward * out, y + down
    page.ellipse(at_x - radius, at_y - radius, 2 * radius, 2 * radius, edge=ink, line=0.7)
    _draw_hatch(page, at_x, at_y, radius, ink if raised else fill)
    what = "lower" if mark.task is Task.REST else "less"
    _draw_label(
        page,
        middle,
        y,
        region,
        mark.side,
        (REGION[region], f"{mark.amount_mm:.1f} mm {what}", TASK[mark.task].lower()),
        ink,
    )


def _draw_hatch(page: Page, x: float, y: float, radius: float, ink: Colour) -> None:
    for step in range(-3, 4):
        offset = radius * step / 4
        half = math.sqrt(radius * radius - offset * offset) * 0.7071
        shift = offset * 0.7071
        page.line(
            [(x + shift - half, y + shift + half), (x + shift + half, y + shift - half)],
            colour=ink,
            width=0.25,
        )


def _draw_label(
    page: Page,
    middle: float,
    y: float,
    region: Region,
    side: Side,
    lines: tuple[str, ...],
    ink: Colour,
) -> None:
    toward = _toward(side)
    down, out, label = _PLACE[region]
    edge = middle + toward * (_HALF_HEAD_MM + 1)
    page.line([(middle + toward * (out + 4.4), y + down), (edge, y + label)], colour=ink, width=0.2)
    x = edge if side is Side.LEFT else edge - _LABEL_MM
    align = "L" if side is Side.LEFT else "R"
    for at, words in enumerate(lines):
        page.text(
            x,
            y + label - 3.6 + at * 2.6,
            _LABEL_MM,
            words,
            size=6.6,
            bold=at == 1,
            colour=ink,
            align=align,
        )


def _draw_unmeasured(page: Page, middle: float, y: float, region: Region) -> None:
    down, out, _ = _PLACE[region]
    for side in Side:
        at_x = middle + _toward(side) * out
        page.text(
            at_x - 3, y + down - 1.8, 6, "?", size=11, bold=True, colour=DARK_AMBER, align="C"
        )
        _draw_label(page, middle, y, region, side, (REGION[region], "not measured"), DARK_AMBER)
