"""From judged tasks to the three items of the Cincinnati scale, each with its reasons in words.

Any positive item is positive. What was not measured is UNKNOWN, and nothing here says "no stroke".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from firmware_service.screen.face_item import (
    MouthEvidence,
    measured,
    mouth_evidence,
    upper_face_note,
    why_unmeasured,
)
from firmware_service.screen.session import Attempt, Session
from firmware_service.screen.thresholds import THRESHOLDS_VERSION
from firmware_service.types import (
    ArmDrift,
    Finding,
    Level,
    Region,
    RiskSignal,
    Side,
    Task,
    TaskResult,
    WhyNot,
)

MOUTH_TASKS = (Task.REST, Task.SMILE)


@dataclass(frozen=True, slots=True)
class ScaleCount:
    """Points on a scale, and how many of its items were examined."""

    name: str
    points: int
    items_examined: int
    items: int


def needs_retake(result: TaskResult) -> bool:
    """Whether a repeat may help: what the task is for was not measured, or nothing was heard."""
    return _silent(result) or why_not_measured(result) not in {None, WhyNot.NO_BASELINE}


def why_not_measured(result: TaskResult) -> WhyNot | None:
    """Why a task did not yield what it is there for (the mouth, at rest); None when it did."""
    if not result.usable:
        return result.why_not or WhyNot.TOO_FEW_FRAMES
    if result.task in MOUTH_TASKS and measured(result, Region.MOUTH) is None:
        return why_unmeasured(result, Region.MOUTH)
    return None


def was_measured(session: Session, task: Task) -> bool:
    """Whether the task yielded what it is there for; silence counts as heard."""
    if task is Task.ARMS:
        return session.arms is not ArmDrift.NOT_DONE
    attempt = judged_attempt(session, task)
    return attempt is not None and (
        _silent(attempt.result) or why_not_measured(attempt.result) is None
    )


def judged_attempt(session: Session, task: Task) -> Attempt | None:
    """The attempt that counts; None when the task was never judged.

    Usable ones before others; among usable ones the most abnormal face, so that repeating a task
    never withdraws a finding, but a phrase that was heard before one that was not.
    """
    return max(session.attempts_at(task), key=_weight, default=None)


def assess(session: Session) -> tuple[RiskSignal, ...]:
    """The face, arm and speech items as they stand now."""
    return face_signal(session), arm_signal(session.arms), speech_signal(session)


def overall(signals: Iterable[RiskSignal]) -> Level:
    """RAISED if any item is; else UNKNOWN unless every item was examined."""
    levels = [signal.level for signal in signals]
    if Level.RAISED in levels:
        return Level.RAISED
    if Level.UNKNOWN in levels or not levels:
        return Level.UNKNOWN
    return Level.NOT_RAISED


def cincinnati(signals: Sequence[RiskSignal]) -> ScaleCount:
    """The Cincinnati Prehospital Stroke Scale: one point for each abnormal item (Kothari 1999)."""
    return ScaleCount(
        name="CPSS",
        points=sum(s.level is Level.RAISED for s in signals),
        items_examined=sum(s.level is not Level.UNKNOWN for s in signals),
        items=len(Finding),
    )


def face_signal(session: Session) -> RiskSignal:
    """The face item: raised by the mouth at rest or smiling, not raised only if both were seen."""
    results = {t: a.result for t in Task if t.is_face and (a := judged_attempt(session, t))}
    looks = [e for t in MOUTH_TASKS if t in results and (e := mouth_evidence(results[t]))]
    missing = tuple(
        _missing(task, results.get(task))
        for task in MOUTH_TASKS
        if task not in {look.task for look in looks}
    )
    if not looks:
        return _signal(Finding.FACE, Level.UNKNOWN, missing)
    strongest = max(looks, key=lambda look: look.strength)
    words = tuple(look.words for look in sorted(looks, key=lambda look: -look.strength))
    if strongest.positive:
        note = upper_face_note(
            results.get(Task.BROWS),
            results.get(Task.EYES),
            results.get(Task.SMILE),
            strongest.weaker_side,
        )
        because = (*words, *missing, *((note,) if note else ()))
        return _scored(Level.RAISED, strongest.weaker_side, strongest, because)
    if missing:
        return _signal(Finding.FACE, Level.UNKNOWN, (*missing, *words))
    return _scored(Level.NOT_RAISED, None, strongest, words)


def arm_signal(arms: ArmDrift) -> RiskSignal:
    """The arm item, as the paramedic entered it."""
    match arms:
        case ArmDrift.NONE:
            words, level, side = "no arm drifted (entered)", Level.NOT_RAISED, None
        case ArmDrift.LEFT:
            words, level, side = "left arm drifted (entered)", Level.RAISED, Side.LEFT
        case ArmDrift.RIGHT:
            words, level, side = "right arm drifted (entered)", Level.RAISED, Side.RIGHT
        case ArmDrift.BOTH:
            words, level, side = "both arms drifted (entered)", Level.RAISED, None
        case ArmDrift.CANNOT_TEST:
            words, level, side = "arms cannot be tested (entered)", Level.UNKNOWN, None
        case ArmDrift.NOT_DONE:
            words, level, side = "arms not entered", Level.UNKNOWN, None
    return _signal(Finding.ARM, level, (words,), side)


def speech_signal(session: Session) -> RiskSignal:
    """The speech item: silence is a finding; speech heard is not yet judged for slurring."""
    attempt = judged_attempt(session, Task.PHRASE)
    if attempt is None:
        return _signal(Finding.SPEECH, Level.UNKNOWN, (f"phrase {WhyNot.NOT_DONE}",))
    result = attempt.result
    if _silent(result):
        return _signal(
            Finding.SPEECH,
            Level.RAISED,
            (f"no speech heard in {_listened_s(session):.0f} s: mutism or aphasia possible",),
        )
    if not result.usable or result.speech is None or result.speech.present is None:
        why_not = result.why_not or WhyNot.NO_MEASURE_YET
        return _signal(Finding.SPEECH, Level.UNKNOWN, (f"phrase not assessable: {why_not}",))
    spoken = result.speech.speaking_s
    length = "" if spoken is None else f" for {spoken:.1f} s"
    return _signal(
        Finding.SPEECH,
        Level.UNKNOWN,
        (f"speech heard{length}; articulation: {WhyNot.NO_MEASURE_YET}",),
    )


def _silent(result: TaskResult) -> bool:
    """Whether a working microphone heard no speech at all."""
    return (
        result.speech is not None
        and result.speech.present is False
        and result.why_not in {None, WhyNot.NO_SPEECH}
    )


def _listened_s(session: Session) -> float:
    heard = (a.result.speech for a in session.attempts_at(Task.PHRASE) if _silent(a.result))
    return sum(speech.window_s for speech in heard if speech is not None)


def _weight(attempt: Attempt) -> tuple[int, float, int]:
    result = attempt.result
    if result.task is Task.PHRASE:
        heard = result.usable and not _silent(result)
        return (2 if heard else 1 if _silent(result) else 0, 0.0, result.attempt)
    if not result.usable:
        return 0, 0.0, result.usable_frames
    evidence = mouth_evidence(result) if result.task in MOUTH_TASKS else None
    if result.task in MOUTH_TASKS and evidence is None:
        return 1, 0.0, result.usable_frames
    return 2, evidence.strength if evidence else 0.0, result.attempt


def _missing(task: Task, result: TaskResult | None) -> str:
    why_not = WhyNot.NOT_DONE if result is None else why_unmeasured(result, Region.MOUTH)
    where = "at rest" if task is Task.REST else "on smiling"
    return f"mouth not assessable {where}: {why_not}"


def _scored(
    level: Level, side: Side | None, look: MouthEvidence, because: tuple[str, ...]
) -> RiskSignal:
    return RiskSignal(
        Finding.FACE, side, level, look.score, look.interval, because, THRESHOLDS_VERSION
    )


def _signal(
    finding: Finding, level: Level, because: tuple[str, ...], side: Side | None = None
) -> RiskSignal:
    return RiskSignal(finding, side, level, None, None, because, THRESHOLDS_VERSION)
