"""One valid document of every kind: what docs/wire.md shows and another implementer tests on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from firmware_service.wire import v1
from firmware_service.wire.terms import (
    ArmDrift,
    Finding,
    Level,
    Region,
    ReportStatus,
    Severity,
    Side,
    Task,
    WhyNot,
)

AGENCY = "county-ems"
UNIT = "medic-7"
SITE = "general"
SCREEN_ID = "01KA3Z5V00000000000000000S"
AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def message_id(n: int) -> str:
    """A well-formed id for the nth example."""
    return f"01KA3Z5V00000000000000{n:04d}"


def state() -> v1.ScreenState:
    """Where a screen stands."""
    return v1.ScreenState(
        message_id=message_id(1),
        screen_id=SCREEN_ID,
        agency=AGENCY,
        unit=UNIT,
        issued_at=AT,
        clock_synced=True,
        state="recording",
        task=Task.SMILE,
        attempt=1,
    )


def _body(finding: Finding) -> v1.SignalBody:
    return v1.SignalBody(
        finding=finding,
        weaker_side=Side.LEFT,
        level=Level.RAISED,
        score=0.82,
        interval=(0.71, 0.9),
        because=("left mouth corner moves 3.1 mm less than the right",),
        thresholds_version="0.1.0",
    )


def signal(n: int = 2) -> v1.Signal:
    """A risk signal, with its own message id for each n."""
    return v1.Signal(
        message_id=message_id(n),
        screen_id=SCREEN_ID,
        agency=AGENCY,
        unit=UNIT,
        issued_at=AT,
        clock_synced=True,
        signal=_body(Finding.FACE),
    )


def _task() -> v1.TaskMeasure:
    return v1.TaskMeasure(
        task=Task.SMILE,
        attempt=1,
        started_s=12.0,
        ended_s=15.0,
        regions=(
            v1.RegionMeasure(
                region=Region.MOUTH,
                left_mm=4.2,
                right_mm=7.3,
                difference_mm=3.1,
                index=0.27,
                usable=True,
                why_not=None,
            ),
            v1.RegionMeasure(
                region=Region.EYE,
                left_mm=None,
                right_mm=None,
                difference_mm=None,
                index=None,
                usable=False,
                why_not=WhyNot.EYES_COVERED,
            ),
        ),
        trends=(v1.TrendLine(region=Region.MOUTH, level=3.1, slope_per_s=0.0, spread=0.2, n=88),),
        tracks=(
            v1.Track(
                region=Region.MOUTH,
                points=(
                    v1.TrackPoint(t_s=0.0, left_mm=0.0, right_mm=0.0),
                    v1.TrackPoint(t_s=1.5, left_mm=4.2, right_mm=7.3),
                ),
            ),
        ),
        speech=None,
        function=v1.FunctionMeasure(
            repetitions=1,
            excursion_ratio=0.58,
            left_speed_mm_s=14.0,
            right_speed_mm_s=25.1,
            speed_ratio=0.56,
            onset_lag_s=0.06,
        ),
        features=(v1.FeatureMeasure(name="mouth_tilt_deg", corrected=3.6, raw=4.1),),
        flags=(WhyNot.FACE_TURNED,),
        skipped_fraction=0.02,
        frames=90,
        usable_frames=88,
        usable=True,
        why_not=None,
    )


def _estimates() -> v1.FaceEstimates:
    return v1.FaceEstimates(
        weaker_side=Side.LEFT,
        pattern=None,
        severity=Severity.MINOR,
        upper_loss=None,
        lower_loss=0.42,
        grades=(
            v1.GradeEstimate(
                name="House-Brackmann",
                value=3,
                interval=(2, 5),
                lowest=1,
                highest=6,
                examined=("open-mouth smile",),
                not_examined=("brow raise",),
            ),
        ),
        regions=(v1.RegionScore(region=Region.MOUTH, static=None, motor=58),),
        synkinesis=None,
    )


def report() -> v1.Report:
    """A whole screen, cut short after one task."""
    return v1.Report(
        message_id=message_id(3),
        screen_id=SCREEN_ID,
        agency=AGENCY,
        unit=UNIT,
        issued_at=AT + timedelta(seconds=50),
        clock_synced=True,
        status=ReportStatus.PARTIAL,
        started_at=AT,
        ended_at=AT + timedelta(seconds=49),
        overall=Level.RAISED,
        summary="Face: weaker on the patient's left. Speech not assessed.",
        signals=(_body(Finding.FACE),),
        tasks=(_task(),),
        arms=ArmDrift.NOT_DONE,
        scales=(v1.ScaleScore(name="CPSS", points=1, items_examined=1, items=3),),
        face_estimates=_estimates(),
        not_assessed=("arms: not done", "speech: microphone lost"),
        millimetre_scale="iris 11.7 mm",
        software="0.1.0",
        face_model="onnx attention mesh",
        models={"attention_mesh": "0" * 64},
        thresholds_version="0.1.0",
        frames_skipped=2,
        frames_read=1470,
    )


def receipt() -> v1.Receipt:
    """The hospital has the signal of `signal()`."""
    return v1.Receipt(
        receipt=v1.ReceiptKind.STORED,
        message_id=message_id(2),
        screen_id=SCREEN_ID,
        site=SITE,
        at=AT + timedelta(seconds=1),
    )


def unit_status() -> v1.UnitStatus:
    """A unit's birth."""
    return v1.UnitStatus(state=v1.LinkState.ONLINE, session=1772357400, since=AT)


def ed_status() -> v1.EdStatus:
    """A receiver's will."""
    return v1.EdStatus(state=v1.LinkState.OFFLINE, session=1772357400, since=None)


def every_kind() -> dict[str, v1.Document]:
    """All of them, by kind."""
    return {
        "state": state(),
        "signal": signal(),
        "report": report(),
        "receipt": receipt(),
        "unit-status": unit_status(),
        "ed-status": ed_status(),
    }
