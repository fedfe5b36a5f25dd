"""One picture as a JSON line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from firmware_service.analyse.faces import read_still
from firmware_service.analyse.line import Json, face_of, points_of
from firmware_service.measure.baseline import RestingFace
from firmware_service.measure.still import StillJudgement, judge_still
from firmware_service.perceive.face_stage import FaceStage
from firmware_service.screen.thresholds import DROOP_SCALE


def still_line(
    path: Path, stage: FaceStage, rest: RestingFace | None, *, landmarks: bool
) -> tuple[Mapping[str, Json], StillJudgement]:
    """The line and the judgement behind it; the picture is taken as not mirrored.

    Raises:
        CaptureError: the file is no picture that can be read.
    """
    read, picture = read_still(path, stage)
    reading = read.readings[0]
    found = reading.landmarks
    judged = judge_still(found, *read.size, reading.quality, rest, DROOP_SCALE)
    line = face_of(
        path,
        judged,
        None if found is None else found.pose,
        None if reading.quality is None else reading.quality.iris_px,
    )
    if landmarks:
        line["landmarks"] = points_of(None if found is None else picture.to_stored(found.points))
    return line, judged
