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
    Page,
)
from firmware_service.report.words import NOT_MEASURED, REGION, TASK
from firmware_service.wire.terms import Region, Task
from firmware_service.wire.v1 import Report, TaskMeasure, Track, TrendLine

SHOWN = (
    (Task.REST, Region.MOUTH),
    (Task.SMILE, Region.MOUTH),
    (Task.BROWS, Region.BROW),
    (Task.EYES, Region.EYE),
)
_AXIS_MM = 6.5
_SMALLEST_SPAN_MM = 2.0  # a still face must not look as if it moved


def draw_charts(
    page: Page, x: float, y: float, width: float, height: float, report: Report
) -> None:
    """Four charts side by side; one that was not measured says so in its place."""
    gap = 3.0
    each = (width - gap * (len(SHOWN) - 1)) / len(SHOWN)
    for at, (task, region) in enumerate(SHOWN):
        left = x + at * (each + gap)
        page.text(left, y, each, f"{TASK[task]}: {REGION[region]}, mm", size=7.5, bold=True)
        taken = _taken(report, task, region)
        track = _track(taken, region)
        if track is None or len(track.points) < 2:
            _draw_absent(page, left, y + 4, each, height - 8, taken, region)
        else:
            _draw_track(page, left, y + 4, each, height - 8, track)
        trend = _trend(taken, region)
        if trend is not None:
            page.text(left, y + height - 3.4, each, _trend_words(trend), size=6.2, colour=GREY)


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


def _trend_words(trend: TrendLine) -> str:
    return (
        f"right - left {trend.level:+.1f} mm, slope {trend.slope_per_s * 60:+.1f} mm/min, "
        f"spread {trend.spread:.1f}, n {trend.n}"
    )


def _draw_absent(
    page: Page,
    x: float,
    y: float,
    width: float,
    height: float,
    taken: TaskMeasure | None,
    region: Region,
) -> None:
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
    page.line(corners, colour=DARK_AMBER, width=0.25, dash=1, gap=1)
    page.text(
        x,
        y + height / 2 - 3,
        width,
        _absent_words(taken, region),
        size=7.5,
        bold=True,
        colour=DARK_AMBER,
        align="C",
    )
    why = taken.why_not if taken else None
    if why is not None:
        page.text(
            x + 1,
            y + height / 2 + 0.6,
            width - 2,
            why.value,
            size=7.5,
            colour=DARK_AMBER,
            align="C",
        )


def _absent_words(taken: TaskMeasure | None, region: Region) -> str:
    if taken is None:
        return "not done"
    measured = any(one.region is region and one.usable for one in taken.regions)
    return "no course recorded" if measured else NOT_MEASURED


def _draw_track(page: Page, x: float, y: float, width: float, height: float, track: Track) -> None:
    heights = [v for point in track.points for v in (point.left_mm, point.right_mm)]
    ticks = mm_ticks(min(heights), max(heights))
    first, last = track.points[0].t_s, max(track.points[-1].t_s, track.points[0].t_s + 1e-3)
    plot_x, plot_width, plot_height = x + _AXIS_MM, width - _AXIS_MM - 1, height - 3.2

    def across(t_s: float) -> float:
        return plot_x + (t_s - first) / (last - first) * plot_width

    def up(mm: float) -> float:
        return y + plot_height * (1 - (mm - ticks[0]) / (ticks[-1] - ticks[0]))

    for tick in ticks:
        page.line([(plot_x, up(tick)), (plot_x + plot_width, up(tick))], colour=PALE, width=0.15)
        page.text(x, up(tick) - 1.1, _AXIS_MM - 0.8, f"{tick:g}", size=6, colour=GREY, align="R")
    page.line(
        [(plot_x, y), (plot_x, y + plot_height), (plot_x + plot_width, y + plot_height)],
        colour=GREY,
        width=0.2,
    )
    for at, align in ((first, "L"), ((first + last) / 2, "C"), (last, "R")):
        start = across(at) - {"L": 0, "C": 8, "R": 16}[align]
        page.text(start, y + plot_height + 0.7, 16, f"{at:.1f} s", size=6, colour=GREY, align=align)
    with page.inside(plot_x, y - 0.3, plot_width + 0.3, plot_height + 0.6):
        page.line(
            [(across(p.t_s), up(p.right_mm)) for p in track.points],
            colour=RIGHT_ORANGE,
            width=0.55,
            dash=1.5,
            gap=0.9,
        )
        page.line(
            [(across(p.t_s), up(p.left_mm)) for p in track.points], colour=LEFT_BLUE, width=0.55
        )


def mm_ticks(lowest: float, highest: float) -> Sequence[float]:
    """Three to six round values that enclose the range, at least `_SMALLEST_SPAN_MM` apart."""
    if highest - lowest < _SMALLEST_SPAN_MM:
        middle = (lowest + highest) / 2
        lowest, highest = middle - _SMALLEST_SPAN_MM / 2, middle + _SMALLEST_SPAN_MM / 2
    step = _round_step((highest - lowest) / 4)
    bottom, top = math.floor(lowest / step + 1e-9), math.ceil(highest / step - 1e-9)
    return [round(at * step, 6) for at in range(bottom, top + 1)]


def _round_step(raw: float) -> float:
    magnitude = 10.0 ** math.floor(math.log10(raw))
    return next(m * magnitude for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * magnitude >= raw - 1e-12)
