"""Reports as the device would send them, for the tests of the page and the tables."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from firmware_service.wire.terms import (
    ArmDrift,
    Finding,
    Level,
    Region,
    ReportStatus,
    Side,
    Task,
    WhyNot,
)
from firmware_service.wire.v1 import (
    RegionMeasure,
    Report,
    ScaleScore,
    SignalBody,
    SpeechMeasure,
    TaskMeasure,
    Track,
    TrackPoint,
    TrendLine,
)

# What each side reaches in mm, (left, right), in a healthy face; rest is a level.
HEALTHY = {
    Task.REST: {
        Region.MOUTH: (-62.6, -62.1), Region.EYE: (9.8, 10.1), Region.BROW: (21.3, 21.0),
        Region.NOSE: (-34.2, -34.0),
    },
    Task.SMILE: {Region.MOUTH: (9.4, 9.9), Region.NOSE: (2.2, 2.4)},
    Task.BROWS: {Region.BROW: (6.1, 6.5)},
    Task.EYES: {Region.EYE: (9.2, 9.3)},
}  # fmt: skip
MODELS = {
    "face_detector": "0a1b2c3d" * 8,
    "attention_mesh": "4e5f6a7b" * 8,
    "silero_vad": "8c9d0e1f" * 8,
}


def measure(region: Region, left: float, right: float) -> RegionMeasure:
    total = abs(right) + abs(left)
    return RegionMeasure(
        region=region,
        left_mm=left,
        right_mm=right,
        difference_mm=right - left,
        index=(right - left) / total if total > 0 else 0.0,
        usable=True,
        why_not=None,
    )


def refused(region: Region, why_not: WhyNot) -> RegionMeasure:
    return RegionMeasure(
        region=region,
        left_mm=None,
        right_mm=None,
        difference_mm=None,
        index=None,
        usable=False,
        why_not=why_not,
    )


def track(task: Task, region: Region, left: float, right: float, points: int = 60) -> Track:
    def mm(reach: float, at: int) -> float:
        if task is Task.REST:
            return reach + 0.15 * math.sin(at)
        return reach / (1 + math.exp(-(at - 15) / 3)) + 0.1 * math.sin(at * 1.7)

    return Track(
        region=region,
        points=tuple(
            TrackPoint(t_s=at / 15, left_mm=mm(left, at), right_mm=mm(right, at))
            for at in range(points)
        ),
    )


def face_task(
    task: Task, sides: dict[Region, tuple[float, float]], started_s: float
) -> TaskMeasure:
    return TaskMeasure(
        task=task,
        attempt=1,
        started_s=started_s,
        ended_s=started_s + 4,
        regions=tuple(measure(region, *mm) for region, mm in sides.items()),
        trends=tuple(
            TrendLine(region=region, level=mm[1] - mm[0], slope_per_s=0.004, spread=0.3, n=112)
            for region, mm in sides.items()
        ),
        tracks=tuple(track(task, region, *mm) for region, mm in sides.items()),
        speech=None,
        flags=(),
        skipped_fraction=0.07,
        frames=120,
        usable_frames=112,
        usable=True,
        why_not=None,
    )


def failed_task(task: Task, why_not: WhyNot, started_s: float) -> TaskMeasure:
    return TaskMeasure(
        task=task,
        attempt=2,
        started_s=started_s,
        ended_s=started_s + 4,
        regions=tuple(refused(region, why_not) for region in HEALTHY.get(task, ())),
        trends=(),
        speech=None,
        flags=(why_not, WhyNot.BLURRED),
        skipped_fraction=1.0,
        frames=120,
        usable_frames=0,
        usable=False,
        why_not=why_not,
    )


def phrase_task() -> TaskMeasure:
    return TaskMeasure(
        task=Task.PHRASE,
        attempt=1,
        started_s=26,
        ended_s=32,
        regions=(),
        trends=(),
        speech=SpeechMeasure(
            present=True,
            window_s=6.0,
            speaking_s=3.4,
            pauses=2,
            pause_s=0.7,
            snr_db=18.2,
            clipped_fraction=0.0,
            vad_max=0.99,
        ),
        flags=(),
        skipped_fraction=0.0,
        frames=0,
        usable_frames=0,
        usable=True,
        why_not=None,
    )


def signal(
    finding: Finding,
    level: Level,
    side: Side | None = None,
    because: tuple[str, ...] = (),
    score: float | None = None,
) -> SignalBody:
    return SignalBody(
        finding=finding,
        weaker_side=side,
        level=level,
        score=score,
        interval=None if score is None else (max(0, score - 0.1), min(1, score + 0.08)),
        because=because,
        thresholds_version="0.1.0",
    )


def report(
    *,
    overall: Level,
    summary: str,
    signals: tuple[SignalBody, ...],
    tasks: tuple[TaskMeasure, ...],
    arms: ArmDrift,
    scales: tuple[ScaleScore, ...],
    status: ReportStatus = ReportStatus.COMPLETE,
    not_assessed: tuple[str, ...] = (),
    clock_synced: bool = True,
    simulated: bool = False,
    millimetre_scale: str = "scaled by the iris (11.7 mm)",
    models: dict[str, str] = MODELS,
) -> Report:
    return Report(
        message_id="01JD00000000000000000000M1",
        screen_id="01JD00000000000000000000S1",
        agency="county-ems",
        unit="medic-12",
        issued_at=datetime(2026, 11, 20, 13, 3, 5, tzinfo=UTC),
        clock_synced=clock_synced,
        status=status,
        started_at=datetime(2026, 11, 20, 13, 2, 11, tzinfo=UTC),
        ended_at=datetime(2026, 11, 20, 13, 3, 4, tzinfo=UTC),
        overall=overall,
        summary=summary,
        signals=signals,
        tasks=tasks,
        arms=arms,
        scales=scales,
        not_assessed=not_assessed,
        millimetre_scale=millimetre_scale,
        software="stroke-screen 0.1.0",
        face_model="onnx attention_mesh",
        models=models,
        thresholds_version="0.1.0",
        frames_skipped=31,
        frames_read=1502,
        simulated=simulated,
    )


def healthy() -> Report:
    tasks = [face_task(task, sides, 5.0 * at) for at, (task, sides) in enumerate(HEALTHY.items())]
    return report(
        overall=Level.NOT_RAISED,
        summary="Face, arms and speech were examined; none showed a sign.",
        signals=(
            signal(Finding.FACE, Level.NOT_RAISED, score=0.08,
                   because=("smile: both mouth corners move alike, 0.5 mm apart",)),
            signal(Finding.ARM, Level.NOT_RAISED, because=("no drift, entered by the paramedic",)),
            signal(Finding.SPEECH, Level.NOT_RAISED, score=0.12,
                   because=("articulation 88 of 100 over 4 phrases",)),
        ),
        tasks=(*tasks, phrase_task()),
        arms=ArmDrift.NONE,
        scales=(ScaleScore(name="CPSS", points=0, items_examined=2, items=3),),
        not_assessed=("speech clarity: no measure yet",),
    )  # fmt: skip


def left_droop(*, simulated: bool = True) -> Report:
    weak = {task: dict(sides) for task, sides in HEALTHY.items()}
    weak[Task.REST][Region.MOUTH] = (-65.1, -62.1)
    weak[Task.SMILE][Region.MOUTH] = (3.1, 9.9)
    weak[Task.SMILE][Region.NOSE] = (1.1, 2.4)
    tasks = [face_task(task, sides, 5.0 * at) for at, (task, sides) in enumerate(weak.items())]
    return report(
        overall=Level.RAISED,
        summary="Left mouth corner droops at rest and moves 6.8 mm less in the smile; the forehead "
        "moves on both sides (central pattern). Left arm drifts.",
        signals=(
            signal(Finding.FACE, Level.RAISED, Side.LEFT, score=0.87, because=(
                "smile: patient's left mouth corner moved 3.1 mm, right 9.9 mm",
                "rest: patient's left mouth corner 3.0 mm lower",
                "left upper face spared (brow raise left 6.1 mm, right 6.5 mm; lid closure left "
                "9.2 mm, right 9.3 mm): as in a central palsy")),
            signal(Finding.ARM, Level.RAISED, Side.LEFT,
                   because=("left arm drifts, entered by the paramedic",)),
            signal(Finding.SPEECH, Level.UNKNOWN,
                   because=("speech was heard; its clarity has no measure yet",)),
        ),
        tasks=(*tasks, phrase_task()),
        arms=ArmDrift.LEFT,
        scales=(ScaleScore(name="CPSS", points=2, items_examined=2, items=3),),
        not_assessed=("speech clarity: no measure yet",),
        simulated=simulated,
    )  # fmt: skip


def whole_side_weak() -> Report:
    """A peripheral picture: brow, lids and mouth of the patient's left."""
    weak = {task: dict(sides) for task, sides in HEALTHY.items()}
    weak[Task.REST] |= {Region.MOUTH: (-65.1, -62.1), Region.EYE: (11.6, 10.1)}
    weak[Task.SMILE] |= {Region.MOUTH: (2.0, 9.9), Region.NOSE: (-0.4, 2.4)}
    weak[Task.BROWS] |= {Region.BROW: (0.6, 6.5)}
    weak[Task.EYES] |= {Region.EYE: (4.1, 9.3)}
    tasks = [face_task(task, sides, 5.0 * at) for at, (task, sides) in enumerate(weak.items())]
    like = left_droop(simulated=False)
    return like.model_copy(update={"tasks": (*tasks, phrase_task())})


def nothing_measured() -> Report:
    failed = (WhyNot.NO_FACE, WhyNot.CAMERA_LOST, WhyNot.CAMERA_LOST, WhyNot.CAMERA_LOST)
    tasks = [
        failed_task(task, why_not, 5.0 * at)
        for at, (task, why_not) in enumerate(zip(HEALTHY, failed, strict=True))
    ]
    return report(
        overall=Level.UNKNOWN,
        status=ReportStatus.PARTIAL,
        summary="Nothing could be assessed: the camera was lost, no speech was heard.",
        signals=(
            signal(Finding.FACE, Level.UNKNOWN, because=("no face in the resting picture",
                                                         "camera lost in the smile")),
            signal(Finding.ARM, Level.UNKNOWN, because=("arms could not be tested",)),
            signal(Finding.SPEECH, Level.UNKNOWN, because=("no speech was heard",)),
        ),
        tasks=(*tasks, failed_task(Task.PHRASE, WhyNot.NO_SPEECH, 26)),
        arms=ArmDrift.CANNOT_TEST,
        scales=(ScaleScore(name="CPSS", points=0, items_examined=0, items=3),),
        not_assessed=("rest: no face", "smile: camera lost", "brow raise: camera lost",
                      "eye closure: camera lost", "speech: no speech", "arms: cannot test"),
        clock_synced=False,
    )  # fmt: skip


def interrupted() -> Report:
    """The device restarted after the resting picture."""
    rest = face_task(Task.REST, HEALTHY[Task.REST], 0)
    return report(
        overall=Level.UNKNOWN,
        status=ReportStatus.INTERRUPTED,
        summary="The device restarted after the resting picture.",
        signals=(),
        tasks=(rest,),
        arms=ArmDrift.NOT_DONE,
        scales=(),
        not_assessed=("smile: not done", "speech: not done", "arms: not done"),
    )


def everything_too_long() -> Report:
    """As much of everything as the wire allows, or more than any page holds."""
    reason = (
        "the patient's left mouth corner moved far less than the right one in the smile, " * 9
    )[:500]
    unbroken = "W" * 500
    tasks = [
        face_task(task, dict.fromkeys(Region, (-1234.5, 9876.5)), 1e6).model_copy(
            update={"flags": tuple(WhyNot), "attempt": attempt, "frames": 10**9}
        )
        for task in HEALTHY
        for attempt in (1, 2, 3)
    ]
    failed = failed_task(Task.PHRASE, WhyNot.TOO_NOISY, 30)
    phrase = failed.model_copy(update={"speech": phrase_task().speech, "flags": tuple(WhyNot)})
    return report(
        overall=Level.RAISED,
        status=ReportStatus.INTERRUPTED,
        summary=reason,
        signals=tuple(
            signal(
                finding, Level.RAISED, Side.RIGHT, (reason, unbroken, "≥ 3 mm", "σ" * 500) * 9, 1
            )
            for finding in Finding
        ),
        tasks=(*tasks, phrase),
        arms=ArmDrift.CANNOT_TEST,
        scales=tuple(
            ScaleScore(name=name, points=10**9, items_examined=6, items=6)
            for name in (unbroken, reason) * 9
        ),
        not_assessed=(reason, unbroken) * 40,
        clock_synced=False,
        simulated=True,
        millimetre_scale=reason,
        models={unbroken[:400] + str(at): "f" * 64 for at in range(40)},
    )


def mirrored(original: Report) -> Report:
    """The same screen with the patient's sides exchanged."""
    swap = {None: None, Side.LEFT: Side.RIGHT, Side.RIGHT: Side.LEFT}
    tasks = tuple(
        task.model_copy(
            update={
                "regions": tuple(
                    measure(one.region, one.right_mm, one.left_mm)
                    for one in task.regions
                    if one.left_mm is not None and one.right_mm is not None
                ),
                "trends": tuple(
                    one.model_copy(update={"level": -one.level}) for one in task.trends
                ),
                "tracks": tuple(_mirrored_track(one) for one in task.tracks),
            }
        )
        for task in original.tasks
    )
    signals = tuple(
        one.model_copy(update={"weaker_side": swap[one.weaker_side], "because": ()})
        for one in original.signals
    )
    summary = original.summary.replace("Left", "Right")
    return original.model_copy(
        update={"tasks": tasks, "signals": signals, "summary": summary, "arms": ArmDrift.RIGHT}
    )


def _mirrored_track(one: Track) -> Track:
    points = tuple(
        TrackPoint(t_s=point.t_s, left_mm=point.right_mm, right_mm=point.left_mm)
        for point in one.points
    )
    return one.model_copy(update={"points": points})
