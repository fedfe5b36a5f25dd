"""Small charts of how each side moved through a task, drawn as vectors: mm over seconds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from firmware_service.report.page import (
    DARK_AMBER,
    GREY,
    LEFT_BLUE,
    PALE,
    RIGHT_ORANGE,
    Box,
    Page,
)
from firmware_service.report.words import NOT_MEASURED, REGION, TASK, signed
from firmware_service.wire.terms import Region, Task
from firmware_service.wire.v1 import Report, TaskMeasure, Track, TrendLine

SHOWN = (
    (Task.REST, Region.MOUTH),
    (Task.SMILE, Region.MOUTH),
    (Task.BROWS, Region.BROW),
    (Task.EYES, Region.EYE),
)
_AXIS_MM = 6.5
_LARGEST_MM, _LONGEST_S = 300.0, 36_000.0
_SMALLEST_SPAN_MM = 2.0  # a still face must not look as if it moved


def draw_charts(page: Page, box: Box, report: Report) -> None:
    """Four charts side by side; one that was not measured says so in its place."""
    gap = 3.0
    each = (box.width - gap * (len(SHOWN) - 1)) / len(SHOWN)
    for at, (task, region) in enumerate(SHOWN):
        x = box.x + at * (each + gap)
        page.text(x, box.y, each, f"{TASK[task]}: {REGION[region]}, mm", size=7.5, bold=True)
        taken = _taken(report, task, region)
        track = _track(taken, region)
        plot = Box(x, box.y + 4, each, box.height - 10.5)
        if track is not None and _can_be_drawn(track):
            _draw_track(page, plot, track)
        else:
            _draw_absent(page, plot, *_absent_words(taken, region, track))
        trend = _trend(taken, region)
        for line, words in enumerate(_trend_words(trend) if trend else ()):
            page.text(x, box.y + box.height - 5.6 + 2.7 * line, each, words, size=6.4, colour=GREY)


def draw_key(page: Page, x: float, y: float) -> None:
    """What the two lines are."""
    page.line([(x, y + 1.3), (x + 8, y + 1.3)], colour=RIGHT_ORANGE, width=0.55, dash=1.5, gap=0.9)
    page.text(x + 9, y, 24, "patient's right", size=7.2, colour=RIGHT_ORANGE)
    page.line([(x + 30, y + 1.3), (x + 38, y + 1.3)], colour=LEFT_BLUE, width=0.55)
    page.text(x + 39, y, 24, "patient's left", size=7.2, colour=LEFT_BLUE)


def _taken(report: Report, task: Task, region: Region) -> TaskMeasure | None:
    taken = [done for done in report.tasks if done.task is task]
    return next((done for done in taken if _track(done, region)), taken[0] if taken else None)


def _track(taken: TaskMeasure | None, region: Region) -> Track | None:
    tracks = taken.tracks if taken else ()
    return next((track for track in tracks if track.region is region), None)


def _trend(taken: TaskMeasure | None, region: Region) -> TrendLine | None:
    trends = taken.trends if taken else ()
    return next((trend for trend in trends if trend.region is region), None)


def _trend_words(trend: TrendLine) -> tuple[str, str]:
    return (
        f"right - left: {signed(trend.level, 1)} mm, spread {trend.spread:.1f} mm",
        f"slope {signed(trend.slope_per_s, 2)} mm/s, {trend.n} points",
    )


def _can_be_drawn(track: Track) -> bool:
    """At least two points, none of them beyond what a face and a screen can be."""
    return len(track.points) > 1 and all(
        abs(point.left_mm) <= _LARGEST_MM
        and abs(point.right_mm) <= _LARGEST_MM
        and abs(point.t_s) <= _LONGEST_S
        for point in track.points
    )


def _absent_words(
    taken: TaskMeasure | None, region: Region, track: Track | None
) -> tuple[str, str]:
    """What stands in a chart's place, and why."""
    if taken is None:
        return "not done", ""
    measure = next((one for one in taken.regions if one.region is region), None)
    if measure is not None and measure.usable:
        return "no course to draw", "too few points" if track is None else "values out of range"
    why = (measure.why_not if measure else None) or taken.why_not
    return NOT_MEASURED, why.value if why else ""


def _draw_absent(page: Page, box: Box, what: str, why: str) -> None:
    right, bottom = box.x + box.width, box.y + box.height
    corners = [(box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom), (box.x, box.y)]
    page.line(corners, colour=DARK_AMBER, width=0.25, dash=1, gap=1)
    middle = box.y + box.height / 2
    for y, words in ((middle - 3, what), (middle + 0.6, why)):
        page.text(
            box.x + 1, y, box.width - 2, words,
            size=7.5, bold=words == what, colour=DARK_AMBER, align="C",
        )  # fmt: skip


def _draw_track(page: Page, box: Box, track: Track) -> None:
    heights = [mm for point in track.points for mm in (point.left_mm, point.right_mm)]
    times = [point.t_s for point in track.points]
    ticks = mm_ticks(min(heights), max(heights))
    first, last = min(times), max(*times, min(times) + 0.1)
    x, width, height = box.x + _AXIS_MM, box.width - _AXIS_MM - 1, box.height - 3.2

    def across(t_s: float) -> float:
        return x + (t_s - first) / (last - first) * width

    def up(mm: float) -> float:
        return box.y + height * (1 - (mm - ticks[0]) / (ticks[-1] - ticks[0]))

    for tick in ticks:
        ink = GREY if tick == 0 else PALE
        page.line([(x, up(tick)), (x + width, up(tick))], colour=ink, width=0.15)
        page.text(
            box.x, up(tick) - 1.1, _AXIS_MM - 0.8, f"{tick:g}", size=6, colour=GREY, align="R"
        )
    page.line([(x, box.y), (x, box.y + height), (x + width, box.y + height)], colour=GREY)
    for t_s, align, before in (
        (first, "L", 0.0),
        ((first + last) / 2, "C", 8.0),
        (last, "R", 16.0),
    ):
        start = across(t_s) - before
        page.text(start, box.y + height + 0.7, 16, f"{t_s:.1f} s", size=6, colour=GREY, align=align)
    right = [(across(point.t_s), up(point.right_mm)) for point in track.points]
    left = [(across(point.t_s), up(point.left_mm)) for point in track.points]
    page.line(left, colour=LEFT_BLUE, width=0.55)
    page.line(right, colour=RIGHT_ORANGE, width=0.55, dash=1.5, gap=0.9)


def mm_ticks(lowest: float, highest: float) -> Sequence[float]:
    """Three to seven round values that enclose the range, at least `_SMALLEST_SPAN_MM` wide."""
    if highest - lowest < _SMALLEST_SPAN_MM:
        middle = (lowest + highest) / 2
        lowest, highest = middle - _SMALLEST_SPAN_MM / 2, middle + _SMALLEST_SPAN_MM / 2
    step = _round_step((highest - lowest) / 5)
    bottom, top = math.floor(lowest / step + 1e-9), math.ceil(highest / step - 1e-9)
    return [round(at * step, 6) for at in range(bottom, top + 1)]


def _round_step(raw: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(raw))
    return next(m * magnitude for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * magnitude >= raw - 1e-12)
