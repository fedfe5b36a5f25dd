"""The top of the page: whose screen, the level in colour, pattern and word, and the findings."""

from __future__ import annotations

from firmware_service.report.page import (
    AMBER,
    BLACK,
    DARK_AMBER,
    DARK_RED,
    FAINT,
    GREY,
    HEIGHT_MM,
    MARGIN_MM,
    PALE,
    PALE_AMBER,
    RED,
    SLATE,
    WHITE,
    WIDTH_MM,
    Colour,
    Page,
)
from firmware_service.report.words import ARMS, FINDING, LEVEL, STATUS, patients
from firmware_service.wire.terms import ArmDrift, Finding, Level, Side
from firmware_service.wire.v1 import Report, SignalBody

INNER_MM = WIDTH_MM - 2 * MARGIN_MM
LEVEL_FILL = {Level.RAISED: RED, Level.NOT_RAISED: SLATE, Level.UNKNOWN: AMBER}
LEVEL_INK = {Level.RAISED: WHITE, Level.NOT_RAISED: WHITE, Level.UNKNOWN: BLACK}
LEVEL_ON_WHITE = {Level.RAISED: RED, Level.NOT_RAISED: SLATE, Level.UNKNOWN: DARK_AMBER}
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
        bold=report.status.value != "complete",
    )
    page.text(
        100, y, 99, f"Unit {report.unit}, agency {report.agency}", size=10, bold=True, align="R"
    )
    day = report.started_at.strftime("%d %b %Y")
    start, end = (at.strftime("%H:%M:%S") for at in (report.started_at, report.ended_at))
    zone = report.started_at.strftime("%Z")
    page.text(100, y + 4.6, 99, f"{day}, {start} to {end} {zone}", size=10, align="R")
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
    draw_pattern(page, MARGIN_MM, y, block, height, report.overall)
    ink = LEVEL_INK[report.overall]
    page.text(
        MARGIN_MM, y + 3.2, block, "STROKE RISK SIGNAL", size=9, bold=True, colour=ink, align="C"
    )
    word = LEVEL[report.overall]
    page.text(
        MARGIN_MM,
        y + 9,
        block,
        word,
        size=34 if len(word) < 8 else 23,
        bold=True,
        colour=ink,
        align="C",
    )
    page.box(MARGIN_MM, y, INNER_MM, height, edge=LEVEL_FILL[report.overall], line=0.7)
    x, width = MARGIN_MM + block + 4, INNER_MM - block - 7
    page.text(
        x,
        y + 2.2,
        width,
        side_sentence(report),
        size=14,
        bold=True,
        colour=LEVEL_ON_WHITE[report.overall],
    )
    below = page.paragraph(x, y + 9, width, report.summary, lines=3, size=9)
    page.paragraph(x, below + 0.4, width, _MEANING[report.overall], lines=1, size=8, colour=GREY)


def side_sentence(report: Report) -> str:
    """Which side is weaker, in words; the findings apart where they do not agree."""
    raised = [signal for signal in report.signals if signal.level is Level.RAISED]
    sides = {signal.weaker_side for signal in raised if signal.weaker_side}
    if len(sides) == 1:
        return f"Weaker side: {patients(sides.pop())}"
    if sides:
        apart = [
            f"{FINDING[signal.finding].lower()} {patients(signal.weaker_side)}"
            for signal in raised
            if signal.weaker_side
        ]
        return "Weaker side differs: " + ", ".join(apart)
    if report.overall is Level.RAISED:
        return "No side to name"
    return "Nothing assessable" if report.overall is Level.UNKNOWN else "No weaker side found"


def draw_pattern(page: Page, x: float, y: float, width: float, height: float, level: Level) -> None:
    """The level's block: stripes raised, dots not assessable, plain not raised."""
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
    gap = 3.0
    width = (INNER_MM - 2 * gap) / 3
    by_finding = {signal.finding: signal for signal in report.signals}
    for at, finding in enumerate(Finding):
        x = MARGIN_MM + at * (width + gap)
        _draw_finding(page, x, y, width, finding, by_finding.get(finding), report.arms)


def _draw_finding(
    page: Page,
    x: float,
    y: float,
    width: float,
    finding: Finding,
    signal: SignalBody | None,
    arms: ArmDrift,
) -> None:
    level = signal.level if signal else Level.UNKNOWN
    height = 30.0
    page.box(x, y, width, height, fill=PALE_AMBER if level is Level.UNKNOWN else None)
    page.box(x, y, width, 7, fill=LEVEL_FILL[level])
    page.box(x, y, width, height, edge=LEVEL_FILL[level], line=0.5)
    ink = LEVEL_INK[level]
    page.text(x + 2, y + 1.6, 22, FINDING[finding], size=11, bold=True, colour=ink)
    page.text(x + 22, y + 1.9, width - 24, LEVEL[level], size=10, bold=True, colour=ink, align="R")
    reasons = list(signal.because) if signal else ["no signal was sent for this finding"]
    below = y + 8.4
    if signal and signal.weaker_side:
        side = signal.weaker_side
        page.text(x + 2, below, width - 4, _side(finding, side), size=9.5, bold=True)
        below += 4.4
    elif finding is Finding.ARM:
        page.text(x + 2, below, width - 4, ARMS[arms].capitalize(), size=9.5, bold=True)
        below += 4.4
    if signal and signal.score is not None:
        page.text(x + 2, below, width - 4, _score(signal), size=7.5, colour=GREY)
        below += 3.6
    lines = int((y + height - below) / 3.1)
    page.bullets(x + 2, below, width - 4, reasons, lines=lines, size=7.2)
    page.line([(x, y + 7), (x + width, y + 7)], colour=PALE)


def _side(finding: Finding, side: Side) -> str:
    part = {Finding.FACE: "face", Finding.ARM: "arm", Finding.SPEECH: "side"}[finding]
    return f"Patient's {side.value} {part} weaker"


def _score(signal: SignalBody) -> str:
    if signal.interval is None:
        return f"score {signal.score:.2f} of 1"
    low, high = signal.interval
    return f"score {signal.score:.2f} of 1 (95 % interval {low:.2f} to {high:.2f})"
