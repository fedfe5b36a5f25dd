"""From an ended session to the report document that goes over the wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from firmware_service.screen.grading import FaceGrades, grade_face
from firmware_service.screen.scoring import assess, cincinnati, judged_attempt, overall
from firmware_service.screen.session import Attempt, Session
from firmware_service.screen.thresholds import THRESHOLDS_VERSION
from firmware_service.screen.wording import not_assessed, summary
from firmware_service.types import FeatureMedian, Function, RiskSignal, SpeechFeatures, Task
from firmware_service.wire import v1


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What the report says of the device that made it; `models` maps names to sha256."""

    agency: str
    unit: str
    software: str
    face_model: str
    models: Mapping[str, str]
    millimetre_scale: str
    simulated: bool


@dataclass(frozen=True, slots=True)
class Issue:
    """When a report is issued, on both clocks.

    `now` is on the capture clock; None after a restart, when that clock has begun anew.
    """

    at: datetime
    now: float | None
    clock_synced: bool


def build_report(session: Session, facts: DeviceFacts, issue: Issue) -> v1.Report:
    """The report of an ended session.

    If the time of day was confirmed only during the screen, its start is counted back from now.

    Raises:
        ValueError: the session has not ended.
    """
    if session.ended is None or session.status is None:
        raise ValueError(f"screen {session.opening.screen_id} has not ended; finish it first")
    signals = assess(session)
    started_at, synced = _start(session, issue)
    scale = cincinnati(signals)
    return v1.Report(
        message_id=session.opening.report_id,
        screen_id=session.opening.screen_id,
        agency=facts.agency,
        unit=facts.unit,
        issued_at=issue.at,
        clock_synced=synced,
        status=session.status,
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=session.ended - session.started),
        overall=overall(signals),
        summary=summary(signals, session.status),
        signals=tuple(signal_body(signal) for signal in signals),
        tasks=tuple(
            task_measure(attempt, session.started)
            for task in Task
            if (attempt := judged_attempt(session, task)) is not None
        ),
        arms=session.arms,
        scales=(
            v1.ScaleScore(
                name=scale.name,
                points=scale.points,
                items_examined=scale.items_examined,
                items=scale.items,
            ),
        ),
        face_estimates=_face_estimates(session),
        not_assessed=not_assessed(session),
        millimetre_scale=facts.millimetre_scale,
        software=facts.software,
        face_model=facts.face_model,
        models=dict(facts.models),
        thresholds_version=THRESHOLDS_VERSION,
        frames_skipped=session.frames_skipped,
        frames_read=session.frames_read,
        simulated=facts.simulated,
    )


def signal_body(signal: RiskSignal) -> v1.SignalBody:
    """A signal as it goes over the wire."""
    return v1.SignalBody(
        finding=signal.finding,
        weaker_side=signal.weaker_side,
        level=signal.level,
        score=signal.score,
        interval=signal.interval,
        because=signal.because,
        thresholds_version=signal.thresholds_version,
    )


def task_measure(attempt: Attempt, screen_started: float) -> v1.TaskMeasure:
    """A judged attempt as it goes over the wire; its times count from the screen's start."""
    result = attempt.result
    return v1.TaskMeasure(
        task=result.task,
        attempt=result.attempt,
        started_s=result.window[0] - screen_started,
        ended_s=result.window[1] - screen_started,
        regions=tuple(
            v1.RegionMeasure(
                region=r.region,
                left_mm=r.left_mm,
                right_mm=r.right_mm,
                difference_mm=r.difference_mm,
                index=None if r.index is None else min(1.0, max(-1.0, r.index)),
                usable=r.usable,
                why_not=r.why_not,
            )
            for r in result.regions
        ),
        trends=tuple(
            v1.TrendLine(
                region=t.region, level=t.level, slope_per_s=t.slope_per_s, spread=t.spread, n=t.n
            )
            for t in result.trends
        ),
        tracks=tuple(
            v1.Track(
                region=track.region,
                points=tuple(
                    v1.TrackPoint(t_s=p.t_s, left_mm=p.left_mm, right_mm=p.right_mm)
                    for p in track.points
                ),
            )
            for track in attempt.tracks
        ),
        speech=None if result.speech is None else _speech_measure(result.speech),
        function=function_measure(result.function),
        features=feature_measures(result.features),
        flags=result.quality.flags,
        skipped_fraction=min(1.0, max(0.0, result.quality.skipped_fraction)),
        frames=result.frames,
        usable_frames=result.usable_frames,
        usable=result.usable,
        why_not=result.why_not,
    )


def _speech_measure(speech: SpeechFeatures) -> v1.SpeechMeasure:
    return v1.SpeechMeasure(
        present=speech.present,
        window_s=speech.window_s,
        speaking_s=speech.speaking_s,
        pauses=speech.pauses,
        pause_s=speech.pause_s,
        snr_db=speech.snr_db,
        clipped_fraction=min(1.0, max(0.0, speech.clipped_fraction)),
        vad_max=min(1.0, max(0.0, speech.vad_max)),
    )


def _face_estimates(session: Session) -> v1.FaceEstimates | None:
    judged = {t: a.result for t in Task if t.is_face and (a := judged_attempt(session, t))}
    grades = grade_face(judged)
    return None if grades is None else estimates_body(grades)


def estimates_body(found: FaceGrades) -> v1.FaceEstimates:
    """The face's grades as they go over the wire."""
    return v1.FaceEstimates(
        weaker_side=found.weaker_side,
        pattern=found.pattern,
        severity=found.severity,
        upper_loss=_mm(found.upper_loss),
        lower_loss=_mm(found.lower_loss),
        grades=tuple(v1.GradeEstimate(**asdict(grade)) for grade in found.grades),
        regions=tuple(v1.RegionScore(**asdict(region)) for region in found.regions),
        synkinesis=None
        if found.synkinesis is None
        else v1.SynkinesisEstimate(**asdict(found.synkinesis)),
    )


def function_measure(found: Function | None) -> v1.FunctionMeasure | None:
    """How a movement was done, as it goes over the wire."""
    return None if found is None else v1.FunctionMeasure(**asdict(found))


def feature_measures(found: Iterable[FeatureMedian]) -> tuple[v1.FeatureMeasure, ...]:
    """The feature catalogue as it goes over the wire."""
    return tuple(
        v1.FeatureMeasure(name=f.name, corrected=_mm(f.corrected), raw=_mm(f.raw)) for f in found
    )


def _mm(value: float | None) -> float | None:
    """Rounded to what the landmarks hold, so that a report stays small."""
    return None if value is None else round(value, 2)


def _start(session: Session, issue: Issue) -> tuple[datetime, bool]:
    """When the screen began, in time of day, and whether that is confirmed."""
    opening = session.opening
    if opening.clock_synced or not issue.clock_synced or issue.now is None:
        return opening.at, opening.clock_synced
    return issue.at - timedelta(seconds=issue.now - session.started), True
