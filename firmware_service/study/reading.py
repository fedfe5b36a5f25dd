"""What one labelled file gives: its features, the conditions it was taken under, or why neither."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Final

from firmware_service.analyse import tables
from firmware_service.analyse.faces import Readings, read_still, read_video
from firmware_service.analyse.files import Kind
from firmware_service.measure.catalogue import catalogue, median_catalogue, only_seen
from firmware_service.measure.clip import judge_clip
from firmware_service.measure.events import EventKind, FaceEvent
from firmware_service.measure.normalise import HeadSize, in_millimetres
from firmware_service.measure.quality import regions_seen
from firmware_service.measure.still import judge_still
from firmware_service.measure.window import persons_head
from firmware_service.perceive.face_stage import FaceStage
from firmware_service.report.tables import Measured
from firmware_service.screen.thresholds import CLIP_GATES, DROOP_SCALE, FACE_GATES
from firmware_service.study.features import face_values, movement_values
from firmware_service.study.labelled import LabelledFile
from firmware_service.types import FaceReading, WhyNot

CONDITIONS: Final = {
    "luma": "mean grey level of the face",
    "sharpness": "variance of the Laplacian over that of the face",
    "noise": "grey levels, SD",
    "iris_px": "iris width, px",
    "yaw_deg": "head turned, degrees either way",
    "pitch_deg": "head up or down, degrees either way",
    "roll_deg": "head tilted, degrees either way",
    "width_px": "width of the picture, px",
    "height_px": "height of the picture, px",
}
"""What a picture was taken under and what must not tell the labels apart."""


@dataclass(frozen=True, slots=True)
class MeasuredFile:
    """One file, measured.

    `values` are the features by name, None where not measured, and nothing at all for a file that
    was refused; `why_not` then says why. `conditions` are medians over the file's faces.
    """

    file: LabelledFile
    why_not: tuple[WhyNot, ...]
    usable: bool
    droop_score: float | None
    values: Mapping[str, float | None]
    conditions: Mapping[str, float]
    table: Measured


def read_file(file: LabelledFile, stage: FaceStage) -> MeasuredFile:
    """Measure one picture or video as `analyse` does.

    Raises:
        CaptureError: the file cannot be read.
    """
    return _clip(file, stage) if file.kind is Kind.VIDEO else _still(file, stage)


def _still(file: LabelledFile, stage: FaceStage) -> MeasuredFile:
    read, _ = read_still(file.path, stage)
    reading = read.readings[0]
    judged = judge_still(reading.landmarks, *read.size, reading.quality, None, DROOP_SCALE)
    values = _face(read, None) if judged.usable else {}
    return MeasuredFile(
        file=file,
        why_not=judged.why_not,
        usable=judged.usable,
        droop_score=judged.droop_score,
        values=values | movement_values({}) if values else values,
        conditions=_conditions(read),
        table=replace(tables.of_still(file.path, judged), source=file.name),
    )


def _clip(file: LabelledFile, stage: FaceStage) -> MeasuredFile:
    read = read_video(file.path, stage)
    judged = judge_clip(read.readings, read.size, CLIP_GATES, DROOP_SCALE, None)
    head = persons_head(read.readings, read.size, None, FACE_GATES)
    values = _face(read, head) if judged.usable else {}
    return MeasuredFile(
        file=file,
        why_not=judged.why_not,
        usable=judged.usable,
        droop_score=judged.droop_score,
        values=values | movement_values(_strongest(judged.events)) if values else values,
        conditions=_conditions(read),
        table=replace(tables.of_clip(file.path, judged), source=file.name),
    )


def _face(read: Readings, head: HeadSize | None) -> dict[str, float | None]:
    """The median of each feature over the frames in which its region was seen."""
    frames = []
    for reading in read.readings:
        seen = regions_seen(reading)
        if reading.landmarks is None or not seen:
            continue
        face = in_millimetres(reading.landmarks, *read.size, head)
        if face is not None:
            frames.append(only_seen(catalogue(face), seen))
    return face_values(median_catalogue(frames))


def _strongest(events: Sequence[FaceEvent]) -> dict[EventKind, FaceEvent]:
    """Of each kind of movement the one in which the two sides together went furthest."""
    strongest: dict[EventKind, FaceEvent] = {}
    for event in sorted(events, key=lambda event: event.left_mm + event.right_mm):
        strongest[event.kind] = event
    return strongest


def _conditions(read: Readings) -> dict[str, float]:
    each = [one for reading in read.readings for one in _one(reading)]
    size = {"width_px": float(read.size[0]), "height_px": float(read.size[1])}
    if not each:
        return size
    return {name: median(one[name] for one in each) for name in each[0]} | size


def _one(reading: FaceReading) -> Iterator[dict[str, float]]:
    if reading.landmarks is None or reading.quality is None:
        return
    pose, quality = reading.landmarks.pose, reading.quality
    yield {
        "luma": quality.luma,
        "sharpness": quality.sharpness,
        "noise": quality.noise,
        "iris_px": quality.iris_px,
        "yaw_deg": abs(pose.yaw_deg),
        "pitch_deg": abs(pose.pitch_deg),
        "roll_deg": abs(pose.roll_deg),
    }
