"""One video as a JSON line: the whole clip, and what happened in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from statistics import median

from firmware_service.analyse.estimates import clip_estimates
from firmware_service.analyse.faces import Readings, read_video
from firmware_service.analyse.line import Json, face_of, features_of, number, points_of
from firmware_service.measure.baseline import RestingFace
from firmware_service.measure.clip import ClipJudgement, judge_clip
from firmware_service.measure.events import FaceEvent
from firmware_service.perceive.face_stage import FaceStage
from firmware_service.screen.thresholds import CLIP_GATES, DROOP_SCALE
from firmware_service.types import FaceReading, HeadPose, Region


def clip_line(
    path: Path, stage: FaceStage, rest: RestingFace | None, *, landmarks: bool
) -> tuple[Mapping[str, Json], ClipJudgement]:
    """The line and the judgement behind it; with `landmarks`, those of every frame (or null).

    Raises:
        CaptureError: the file is no video that can be read.
    """
    read = read_video(path, stage)
    judged = judge_clip(read.readings, read.size, CLIP_GATES, DROOP_SCALE, rest)
    line = face_of(path, judged, _median_pose(read), _median_iris(read)) | {
        "estimates": _estimates(judged),
        "frames": judged.frames,
        "usable_frames": judged.usable_frames,
        "skipped": judged.frames - judged.usable_frames,
        "trend": _trend(judged),
        "events": [_event(event) for event in judged.events],
    }
    if landmarks:
        line["landmarks"] = [_points(reading) for reading in read.readings]
    return line, judged


def _points(reading: FaceReading) -> Json:
    return points_of(None if reading.landmarks is None else reading.landmarks.points)


def _median_pose(read: Readings) -> HeadPose | None:
    poses = [r.landmarks.pose for r in read.readings if r.landmarks is not None]
    if not poses:
        return None
    return HeadPose(
        median(pose.yaw_deg for pose in poses),
        median(pose.pitch_deg for pose in poses),
        median(pose.roll_deg for pose in poses),
    )


def _median_iris(read: Readings) -> float | None:
    irises = [r.quality.iris_px for r in read.readings if r.quality is not None]
    return median(irises) if irises else None


def _trend(judged: ClipJudgement) -> Json:
    found = {trend.region: trend for trend in judged.trends}
    return {
        region.value: {
            "level": None if trend is None else number(trend.level_mm, 2),
            "slope_per_min": None if trend is None else number(trend.slope_per_min, 2),
            "spread": None if trend is None else number(trend.spread_mm, 2),
            "longest_exceed_s": None if trend is None else number(trend.longest_exceed_s, 2),
            "p": None if trend is None else number(trend.p),
            "exceeds_since_s": None
            if trend is None or trend.exceeded is None
            else number(trend.exceeded.since_s, 2),
        }
        for region in Region
        for trend in (found.get(region),)
    }


def _event(event: FaceEvent) -> Json:
    return {
        "kind": event.kind,
        "start_s": number(event.start_s, 2),
        "end_s": number(event.end_s, 2),
        "left_mm": number(event.left_mm, 2),
        "right_mm": number(event.right_mm, 2),
        "features": features_of(event.features),
        "function": None
        if event.function is None
        else {
            name: value if isinstance(value, int) else number(value, 3)
            for name, value in asdict(event.function).items()
        },
    }


def _estimates(judged: ClipJudgement) -> Json:
    found = clip_estimates(judged)
    return None if found is None else found.model_dump(mode="json")
