"""The lower part of the page: speech, arms, scales, what was not assessed, and by what means."""

from __future__ import annotations

from firmware_service.report.estimates import estimate_words
from firmware_service.report.headline import INNER_MM
from firmware_service.report.page import (
    AMBER,
    BLACK,
    DARK_AMBER,
    GREY,
    HEIGHT_MM,
    MARGIN_MM,
    PALE,
    Box,
    Page,
    line_height,
)
from firmware_service.report.words import ARMS, NOT_MEASURED, printable
from firmware_service.wire.terms import ArmDrift, Task
from firmware_service.wire.v1 import Report, ScaleScore, SpeechMeasure, TaskMeasure

DISCLAIMER = "Risk signals from a screening aid; not a diagnosis; does not rule out stroke."
_NEVER_EXAMINED = (
    "Never examined by this device: gaze, visual fields, legs, balance, sensation, neglect, "
    "consciousness."
)
_SHA_SHOWN = 8


def draw_speech_and_arms(page: Page, x: float, y: float, width: float, report: Report) -> None:
    """What was heard, what the paramedic saw at the arms, and the scales."""
    size = 8.0
    page.text(x, y, width, "Speech", size=9, bold=True)
    y += 4.2
    phrase = next((task for task in report.tasks if task.task is Task.PHRASE), None)
    ink = BLACK if phrase and phrase.usable else DARK_AMBER
    y = page.paragraph(x, y, width, speech_words(phrase), lines=3, size=size, colour=ink)
    y += 1.4
    page.text(x, y, width, "Arms (entered by the paramedic)", size=9, bold=True)
    ink = DARK_AMBER if report.arms in {ArmDrift.CANNOT_TEST, ArmDrift.NOT_DONE} else BLACK
    page.text(x, y + 4.2, width, ARMS[report.arms].capitalize(), size=size, colour=ink)
    y += 9.0
    page.text(x, y, width, "Scales", size=9, bold=True)
    y += 4.2
    lines = [scale_words(scale) for scale in report.scales] or ["none scored"]
    if report.face_estimates is not None:
        lines.append(estimate_words(report.face_estimates))
    page.bullets(x, y, width, lines, lines=4, each=3, size=7.2)


def speech_words(phrase: TaskMeasure | None) -> str:
    """The phrase in one sentence, with the reason where it could not be judged."""
    if phrase is None:
        return "Phrase: not done"
    heard = phrase.speech
    if heard is None:
        return f"Phrase: {NOT_MEASURED}" + (f": {phrase.why_not.value}" if phrase.why_not else "")
    words = _heard_words(heard)
    if not phrase.usable:
        return (
            f"{NOT_MEASURED}"
            + (f": {phrase.why_not.value}" if phrase.why_not else "")
            + (f". {words}")
        )
    return words


def _heard_words(heard: SpeechMeasure) -> str:
    present = {True: "Speech heard", False: "No speech heard", None: "Not known if speech"}
    words = f"{present[heard.present]} in {heard.window_s:.1f} s"
    if heard.speaking_s is not None:
        words += f"; speaking {heard.speaking_s:.1f} s"
    if heard.pauses == 0:
        words += "; no pauses"
    elif heard.pauses is not None:
        words += f"; pauses: {heard.pauses}"
        words += f", {heard.pause_s:.1f} s in all" if heard.pause_s is not None else ""
    if heard.snr_db is not None:
        words += f"; voice {heard.snr_db:.0f} dB above noise"
    if heard.clipped_fraction > 0:
        words += f"; {heard.clipped_fraction:.1%} clipped"
    return words


def scale_words(scale: ScaleScore) -> str:
    """Points, and out of how many items they come; without items there are no points."""
    if scale.items_examined == 0:
        return f"{scale.name}: not assessable, 0 of {scale.items} items examined"
    points = "1 point" if scale.points == 1 else f"{scale.points} points"
    return f"{scale.name}: {points}, {scale.items_examined} of {scale.items} items examined"


def draw_not_assessed(page: Page, box: Box, report: Report) -> None:
    """The list of what this screen did not assess, in amber when there is something."""
    x, y, width, height = box
    missing = report.not_assessed
    page.box(x, y, width, 6.4, fill=AMBER if missing else PALE)
    page.box(*box, edge=AMBER if missing else PALE, line=0.5)
    page.text(x + 2, y + 1.5, width - 4, "What was not assessed", size=9.5, bold=True)
    size = 8.0
    if missing:
        lines = int((height - 16) / line_height(size))
        page.bullets(x + 2, y + 8, width - 4, missing, lines=lines, size=size)
    else:
        page.text(x + 2, y + 8, width - 4, "Every step of the screen was assessed.", size=size)
    page.paragraph(x + 2, y + height - 7, width - 4, _NEVER_EXAMINED, lines=2, size=7, colour=GREY)


def draw_means(page: Page, y: float, report: Report) -> None:
    """Models, software, thresholds and scale: how the numbers came about."""
    size = 6.8
    page.line([(MARGIN_MM, y), (MARGIN_MM + INNER_MM, y)], colour=GREY)
    skipped = f"{report.frames_read} pictures read, {report.frames_skipped} skipped"
    sentences = (
        f"Millimetres: {report.millimetre_scale}. {skipped}.",
        f"Software {report.software}; face model {report.face_model}; "
        f"thresholds {report.thresholds_version}.",
        "Models (first digits of sha256): " + model_words(report),
    )
    y += 1.2
    for words in sentences:
        y = page.paragraph(MARGIN_MM, y, INNER_MM, words, lines=2, size=size, colour=GREY)


def model_words(report: Report) -> str:
    """Each model with the beginning of its digest, in the order of their names."""
    shown = [f"{name} {sha[:_SHA_SHOWN]}" for name, sha in sorted(report.models.items())]
    return printable(", ".join(shown)) or "none"


def draw_disclaimer(page: Page) -> None:
    """The last line of the page."""
    y = HEIGHT_MM - 13.5
    page.box(MARGIN_MM, y, INNER_MM, 6.6, edge=BLACK, line=0.4)
    page.text(MARGIN_MM, y + 1.5, INNER_MM, DISCLAIMER, size=10, bold=True, align="C")
