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
    PALE_AMBER,
    RED,
    RIGHT_ORANGE,
    WHITE,
    Colour,
    Page,
)
from firmware_service.report.words import REGION, TASK, manner, weaker_by_difference
from firmware_service.wire.terms import Finding, Level, Region, Side, Task
from firmware_service.wire.v1 import Report

# Each region's height on the drawing, its distance from the midline, its label's height, in mm.
_PLACE = {
    Region.BROW: (15.0, 7.2, 11.0),
    Region.EYE: (22.0, 6.8, 22.5),
    Region.NOSE: (33.5, 3.2, 34.0),
    Region.MOUTH: (43.0, 6.6, 45.0),
}
WIDTH_MM = 66.0
_HALF_HEAD_MM = 15.0
_LABEL_MM = 17.6
_LARGEST_RADIUS_MM = 4.5
_LEADING = 1 / 3  # a rule of drawing: what is judged stands in the signals


@dataclass(frozen=True, slots=True)
class _Mark:
    """The largest usable difference of a region, and the task it was found in."""

    side: Side
    amount_mm: float
    task: Task


@dataclass(frozen=True, slots=True)
class _Label:
    lines: tuple[str, ...]
    ink: Colour
    clear_mm: float


def draw_face(page: Page, x: float, y: float, report: Report) -> None:
    """The face in `WIDTH_MM` mm; the area of a mark grows with the difference in mm.

    Red are the differences on the side that the face signal names, as far as they are not small
    beside the largest one; all others are grey, and a region that was not measured bears "?".
    """
    corner = (x + WIDTH_MM / 2, y)
    page.text(x, y, 30, "patient's RIGHT", bold=True, colour=RIGHT_ORANGE)
    page.text(x + WIDTH_MM - 30, y, 30, "patient's LEFT", bold=True, colour=LEFT_BLUE, align="R")
    _draw_head(page, *corner)
    face = next((s for s in report.signals if s.finding is Finding.FACE), None)
    raised_side = face.weaker_side if face and face.level is Level.RAISED else None
    marks = {region: _largest(report, region) for region in Region}
    leading_mm = _LEADING * max((mark.amount_mm for mark in marks.values() if mark), default=0.0)
    for region, mark in marks.items():
        if mark is None:
            _draw_unmeasured(page, corner, region)
        else:
            leads = mark.side is raised_side and mark.amount_mm >= leading_mm
            _draw_mark(page, corner, region, mark, leads=leads)
    page.text(
        x, y + 60.5, WIDTH_MM, "drawn as you face the patient; marks grow with the mm",
        size=6.5, colour=GREY, align="C",
    )  # fmt: skip


def _largest(report: Report, region: Region) -> _Mark | None:
    marks = [
        _Mark(weaker_by_difference(measure.difference_mm), abs(measure.difference_mm), task.task)
        for task in report.tasks
        for measure in task.regions
        if measure.region is region and measure.usable and measure.difference_mm is not None
    ]
    return max(marks, key=lambda mark: mark.amount_mm, default=None)


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
    page: Page, corner: tuple[float, float], region: Region, mark: _Mark, *, leads: bool
) -> None:
    middle, y = corner
    down, out, _ = _PLACE[region]
    radius = min(_LARGEST_RADIUS_MM, 1.5 * math.sqrt(mark.amount_mm))
    ink = RED if leads else GREY
    x, y_mark = middle + _toward(mark.side) * out, y + down
    page.ellipse(x - radius, y_mark - radius, 2 * radius, 2 * radius, edge=ink, line=0.6)
    _draw_hatch(page, x, y_mark, radius, ink)
    how = f"{manner(mark.task, region)}, {TASK[mark.task].lower()}"
    label = _Label((REGION[region], f"{mark.amount_mm:.1f} mm", how), ink, clear_mm=radius + 0.4)
    _draw_label(page, corner, region, mark.side, label)


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
    page: Page, corner: tuple[float, float], region: Region, side: Side, label: _Label
) -> None:
    """Beside the head, with a line to the region; `corner` is the midline's x and the top's y."""
    middle, y = corner
    toward = _toward(side)
    down, out, label_down = _PLACE[region]
    edge = middle + toward * (_HALF_HEAD_MM + 0.8)
    reach = middle + toward * (out + label.clear_mm)
    page.line([(reach, y + down), (edge, y + label_down)], colour=label.ink, width=0.2)
    x = edge + 0.6 if side is Side.LEFT else edge - 0.6 - _LABEL_MM
    align = "L" if side is Side.LEFT else "R"
    for at, words in enumerate(label.lines):
        top = y + label_down - 3.6 + at * 2.6
        page.text(
            x,
            top,
            _LABEL_MM,
            words,
            size=6.4,
            bold=words.endswith("mm"),
            colour=label.ink,
            align=align,
        )


def _draw_unmeasured(page: Page, corner: tuple[float, float], region: Region) -> None:
    middle, y = corner
    down, out, _ = _PLACE[region]
    for side in Side:
        at_x = middle + _toward(side) * out
        page.ellipse(at_x - 2, y + down - 2, 4, 4, fill=PALE_AMBER, edge=DARK_AMBER, line=0.3)
        page.text(
            at_x - 3, y + down - 1.55, 6, "?", size=10, bold=True, colour=DARK_AMBER, align="C"
        )
        label = _Label((REGION[region], "not measured"), DARK_AMBER, clear_mm=2.2)
        _draw_label(page, corner, region, side, label)
