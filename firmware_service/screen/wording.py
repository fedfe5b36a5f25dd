"""The words of a report: calm, complete about what was not seen, and never an all-clear."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from firmware_service.screen.face_item import measured, why_unmeasured
from firmware_service.screen.scoring import (
    judged_attempt,
    overall,
    was_measured,
    why_not_measured,
)
from firmware_service.screen.session import Session
from firmware_service.types import (
    ArmDrift,
    Level,
    ReportStatus,
    RiskSignal,
    Task,
    WhyNot,
)

MAX_SUMMARY = 500

TASK_WORDS: dict[Task, str] = {
    Task.REST: "face at rest",
    Task.SMILE: "smile",
    Task.BROWS: "brow raise",
    Task.EYES: "eye closure",
    Task.GENTLE_CLOSURE: "gentle eye closure",
    Task.TIGHT_CLOSURE: "tight eye closure",
    Task.PUCKER: "lip pucker",
    Task.PHRASE: "phrase",
    Task.ARMS: "arms",
}

STATUS_WORDS: dict[ReportStatus, str] = {
    ReportStatus.COMPLETE: "",
    ReportStatus.PARTIAL: "",
    ReportStatus.INTERRUPTED: "Screen interrupted by a restart. ",
    ReportStatus.CANCELLED: "Screen cancelled. ",
}


def summary(signals: Sequence[RiskSignal], status: ReportStatus) -> str:
    """The screen in a few calm sentences, at most 500 characters."""
    by_level = {level: [s for s in signals if s.level is level] for level in Level}
    sentences = [
        _sentence("RAISED", by_level[Level.RAISED], _with_side),
        _sentence("Not raised", by_level[Level.NOT_RAISED], lambda s: str(s.finding)),
        _sentence("Not assessable", by_level[Level.UNKNOWN], _with_reason),
    ]
    if overall(signals) is not Level.RAISED:
        sentences.append("A stroke is not ruled out.")
    words = STATUS_WORDS[status] + " ".join(s for s in sentences if s)
    ending = " Not a diagnosis."
    return words[: MAX_SUMMARY - len(ending)] + ending


def not_assessed(session: Session) -> tuple[str, ...]:
    """What the screen could not look at, each with its reason, in the protocol's order."""
    missing: list[str] = []
    for task in Task:
        attempt = judged_attempt(session, task)
        if task is Task.ARMS:
            if session.arms in {ArmDrift.NOT_DONE, ArmDrift.CANNOT_TEST}:
                missing.append(f"{TASK_WORDS[task]}: {session.arms}")
        elif attempt is None:
            if task.is_optional:
                continue
            missing.append(f"{TASK_WORDS[task]}: {WhyNot.NOT_DONE}")
        elif not was_measured(session, task):
            why_not = why_not_measured(attempt.result) or WhyNot.TOO_FEW_FRAMES
            missing.append(f"{TASK_WORDS[task]}: {why_not}")
        elif task.is_face:
            missing += [
                f"{r.region} in {TASK_WORDS[task]}: {why_unmeasured(attempt.result, r.region)}"
                for r in attempt.result.regions
                if measured(attempt.result, r.region) is None
            ]
    return (*missing, f"articulation of speech: {WhyNot.NO_MEASURE_YET}")


def _sentence(level: str, signals: Sequence[RiskSignal], say: Callable[[RiskSignal], str]) -> str:
    return f"{level}: {', '.join(say(signal) for signal in signals)}." if signals else ""


def _with_side(signal: RiskSignal) -> str:
    side = signal.weaker_side
    return str(signal.finding) if side is None else f"{signal.finding} ({side} side weaker)"


def _with_reason(signal: RiskSignal) -> str:
    return f"{signal.finding} ({'; '.join(signal.because[:1])})"
