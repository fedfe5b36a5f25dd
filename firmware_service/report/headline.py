"""The top of the page: whose screen, the level in colour, pattern and word, and the findings."""

from __future__ import annotations

from datetime import UTC

from firmware_service.report.page import (
    AMBER,
    BLACK,
    DARK_AMBER,
    DARK_RED,
    FAINT,
    GREY,
    HEIGHT_MM,
    MARGIN_MM,
    PALE_AMBER,
    RED,
    SLATE,
    WHITE,
    WIDTH_MM,
    Box,
    Colour,
    Page,
    line_height,
)
from firmware_service.report.words import ARMS, FINDING, LEVEL, STATUS, patients
from firmware_service.wire.terms import ArmDrift, Finding, Level, ReportStatus
from firmware_service.wire.v1 import Report, SignalBody

INNER_MM = WIDTH_MM - 2 * MARGIN_MM
LEVEL_FILL = {Level.RAISED: RED, Level.NOT_RAISED: SLATE, Level.UNKNOWN: AMBER}
LEVEL_INK = {Level.RAISED: WHITE, Level.NOT_RAISED: WHITE, Level.UNKNOWN: BLACK}
LEVEL_ON_WHITE = {Level.RAISED: RED, Level.NOT_RAISED: SLATE, Level.UNKNOWN: DARK_AMBER}
_LEVEL_SIZE = {Level.RAISED: 34, Level.NOT_RAISED: 25, Level.UNKNOWN: 20}  # each fits its block
_FINDING_WIDTH = {Finding.FACE: 80.0, Finding.ARM: 52.0, Finding.SPEECH: 52.0}
_FINDING_HEIGHT_MM = 33.5
_FINDING_GAP_MM = (INNER_MM - sum(_FINDING_WIDTH.values())) / 2
_MEANING = {
    Level.RAISED: "Signs that occur in stroke were found. See the findings below.",
    Level.NOT_RAISED: "No sign was found in what could be examined. This does not rule out stroke.",
    Level.UNKNOWN: "Too little could be measured to say anything. Examine the patient.",
}


def draw_simulated(page: Page) -> None:
    """A banner and a faint word across the page, so that no one takes it for a patient."""
    with page.turned(52, WIDTH_MM / 2, HEIGHT_MM / 2):
        page.text(
            -20,
            HEIGHT_MM / 2 - 22,
            WIDTH_MM + 40,
            "SIMULATED",
            size=118,
            bold=True,
            colour=FAINT,
            align="C",
        )
    page.box(0, 0, WIDTH_MM, 7, fill=BLACK)
    page.text(
        0,
        1.5,
        WIDTH_MM,
        "SIMULATED PATIENT: not a real person, for test and training only",
        size=10.5,
        bold=True,
        colour=WHITE,
        align="C",
    )


def draw_identity(page: Page, y: float, report: Report) -> None:
    """Unit, times and number of the screen."""
    page.text(MARGIN_MM, y, 92, "Stroke screen from the ambulance", size=14, bold=True)
    page.text(
        MARGIN_MM,
        y + 6.6,
        112,
        f"Screen {STATUS[report.status]}",
        size=8.5,
        bold=report.status is not ReportStatus.COMPLETE,
    )
    page.text(
        100, y, 99, f"Unit {report.unit}, agency {report.agency}", size=10, bold=True, align="R"
    )
    start, end = report.started_at.astimezone(UTC), report.ended_at.astimezone(UTC)
    page.text(
        100, y + 4.6, 99, f"{start:%d %b %Y, %H:%M:%S} to {end:%H:%M:%S} UTC", size=10, align="R"
    )
    if report.clock_synced:
        clock = "time of day confirmed by a time server"
        ink = GREY
    else:
        clock, ink = "TIME OF DAY NOT CONFIRMED: the device's clock may be wrong", DARK_AMBER
    page.text(100, y + 9.2, 99, clock, size=7.5, colour=ink, align="R")
    page.text(
        MARGIN_MM,
        y + 10.6,
        92,
        f"{report.screen_id}, report version {report.version}",
        size=7,
        colour=GREY,
    )


def draw_level(page: Page, y: float, report: Report) -> None:
    """The overall level: a block in colour and pattern with its word, and what it means."""
    height, block = 25.0, 74.0
    draw_pattern(page, Box(MARGIN_MM, y, block, height), report.overall)
    ink = LEVEL_INK[report.overall]
    page.text(
        MARGIN_MM, y + 3.2, block, "STROKE RISK SIGNAL", size=9, bold=True, colour=ink, align="C"
    )
    page.text(
        MARGIN_MM,
        y + (8.5 if report.overall is Level.RAISED else 10.5),
        block,
        LEVEL[report.overall],
        size=_LEVEL_SIZE[report.overall],
        bold=True,
        colour=ink,
        align="C",
    )
    page.box(MARGIN_MM, y, INNER_MM, height, edge=LEVEL_FILL[report.overall], line=0.7)
    x, width = MARGIN_MM + block + 4, INNER_MM - block - 7
    sentence = side_sentence(report)
    page.text(
        x,
        y + 2.2,
        width,
        sentence,
        size=14 if len(sentence) < 40 else 10.5,
        bold=True,
        colour=LEVEL_ON_WHITE[report.overall],
    )
    size, lines = (9.0, 3) if len(report.summary) < 200 else (7.4, 4)
    below = page.paragraph(x, y + 8.8, width, report.summary, lines=lines, size=size)
    page.paragraph(x, below + 0.4, width, _MEANING[report.overall], lines=1, size=8, colour=GREY)


def side_sentence(report: Report) -> str:
    """Which side is weaker, in words; the findings apart where they do not agree."""
    raised = [signal for signal in report.signals if signal.level is Level.RAISED]
    sides = {signal.weaker_side for signal in raised if signal.weaker_side}
    if len(sides) == 1:
        return f"Weaker side: {patients(sides.pop())}"
    if sides:
        apart = [
            f"{FINDING[signal.finding].lower().removesuffix('s')} {patients(signal.weaker_side)}"
            for signal in raised
            if signal.weaker_side
        ]
        return "Weaker: " + ", ".join(apart)
    if report.overall is Level.RAISED:
        return "No side to name"
    if report.overall is Level.NOT_RAISED:
        return "No weaker side found"
    judged = any(signal.level is not Level.UNKNOWN for signal in report.signals)
    return "Not enough could be assessed" if judged else "Nothing could be assessed"


def draw_pattern(page: Page, box: Box, level: Level) -> None:
    """The level's block: stripes raised, dots not assessable, plain not raised."""
    x, y, width, height = box
    page.box(x, y, width, height, fill=LEVEL_FILL[level])
    with page.inside(x, y, width, height):
        if level is Level.RAISED:
            for at in range(-int(height), int(width), 6):
                page.line([(x + at, y + height), (x + at + height, y)], colour=DARK_RED, width=1.6)
        elif level is Level.UNKNOWN:
            for row in range(int(height / 4) + 1):
                for column in range(int(width / 4) + 1):
                    dot_x = x + column * 4 + 2 * (row % 2)
                    page.ellipse(dot_x, y + row * 4, 0.9, 0.9, fill=Colour(222, 150, 20))


def draw_findings(page: Page, y: float, report: Report) -> None:
    """Face, arms and speech side by side, each with level, side and reasons."""
    by_finding = {signal.finding: signal for signal in report.signals}
    x = MARGIN_MM
    for finding, width in _FINDING_WIDTH.items():
        box = Box(x, y, width, _FINDING_HEIGHT_MM)
        signal = by_finding.get(finding)
        _draw_finding_frame(page, box, finding, signal.level if signal else Level.UNKNOWN)
        inner = Box(x + 2, y + 8.2, width - 4, box.height - 8.6)
        if signal is None:
            page.text(inner.x, inner.y, inner.width, "no signal was sent", size=7.6)
        else:
            _draw_reasons(page, inner, signal, report.arms)
        x += width + _FINDING_GAP_MM


def _draw_finding_frame(page: Page, box: Box, finding: Finding, level: Level) -> None:
    page.box(*box, fill=PALE_AMBER if level is Level.UNKNOWN else None)
    draw_pattern(page, Box(box.x, box.y, box.width, 7), level)
    page.box(*box, edge=LEVEL_FILL[level], line=0.5)
    ink, x, y = LEVEL_INK[level], box.x + 2, box.y
    page.text(x, y + 1.7, 18, FINDING[finding], size=10, bold=True, colour=ink)
    word, width = LEVEL[level], box.width - 20
    page.text(x + 16, y + 1.95, width, word, size=8.5, bold=True, colour=ink, align="R")


def _draw_reasons(page: Page, box: Box, signal: SignalBody, arms: ArmDrift) -> None:
    x, y, width, height = box
    heading = _finding_words(signal, arms)
    if heading:
        page.text(x, y, width, heading, size=9.5, bold=True)
        y += 4.4
    if signal.score is not None:
        page.text(x, y, width, _score_words(signal.score, signal.interval), size=7.3, colour=GREY)
        y += 3.7
    size = 7.6
    lines = int((box.y + height - y) / line_height(size))
    page.bullets(x, y, width, signal.because, lines=lines, each=3, size=size)


def _finding_words(signal: SignalBody, arms: ArmDrift) -> str:
    if signal.weaker_side is None:
        return ARMS[arms].capitalize() if signal.finding is Finding.ARM else ""
    if signal.finding is Finding.ARM:
        return f"{patients(signal.weaker_side).capitalize()} arm weaker"
    return f"Weaker on the {patients(signal.weaker_side)}"


def _score_words(score: float, interval: tuple[float, float] | None) -> str:
    words = f"score {score:.2f} of 1"
    return f"{words}, interval {interval[0]:.2f} to {interval[1]:.2f}" if interval else words
