"""Faces in files: readings of a picture or a video, and the person's resting face out of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware_service.analyse.files import Kind, kind_of
from firmware_service.capture.pictures import StillPicture, read_picture
from firmware_service.capture.recorded import RecordedCamera
from firmware_service.measure.baseline import RestingFace, resting_face
from firmware_service.measure.window import measure_frames, persons_head
from firmware_service.perceive.face_stage import FaceStage
from firmware_service.ports import CaptureError, EndOfRecording
from firmware_service.screen.thresholds import FACE_GATES
from firmware_service.types import FaceReading, Frame


@dataclass(frozen=True, slots=True)
class Readings:
    """What was read of one file; `size` is (width, height) in px."""

    readings: tuple[FaceReading, ...]
    size: tuple[int, int]


def read_still(path: Path, stage: FaceStage) -> tuple[Readings, StillPicture]:
    """The one reading of a picture, in pixels of the picture turned upright.

    Raises:
        CaptureError: the file is no picture that can be read.
    """
    picture = read_picture(path)
    stage.forget()
    height, width = picture.image.shape[:2]
    reading = stage.look(Frame(0, 0.0, picture.image))
    return Readings((reading,), (width, height)), picture


def read_video(path: Path, stage: FaceStage) -> Readings:
    """A reading of every frame of a video.

    Raises:
        CaptureError: the file is no video that can be read.
    """
    stage.forget()
    readings, size = [], (0, 0)
    for frame in _frames(path):
        readings.append(stage.look(frame))
        size = (frame.image.shape[1], frame.image.shape[0])
    return Readings(tuple(readings), size)


def _frames(path: Path) -> Iterator[Frame]:
    camera = RecordedCamera(path)
    try:
        while True:
            yield camera.read()
    except EndOfRecording:
        return
    finally:
        camera.close()


def read_rest(path: Path, stage: FaceStage) -> RestingFace:
    """The resting face in a picture or video of the person at rest.

    Raises:
        CaptureError: the file cannot be read, or shows no face that can be measured.
    """
    match kind_of(path):
        case Kind.IMAGE:
            found = read_still(path, stage)[0]
        case Kind.VIDEO:
            found = read_video(path, stage)
        case _:
            raise CaptureError(f"{path}: the baseline must be a picture or a video")
    rest = _resting(found.readings, found.size)
    if rest is None:
        raise CaptureError(f"{path}: shows no face that can be measured; take another baseline")
    return rest


def _resting(readings: Sequence[FaceReading], size: tuple[int, int]) -> RestingFace | None:
    head = persons_head(readings, size, None, FACE_GATES)
    frames = measure_frames(readings, size, head, FACE_GATES)
    enough = min(len(frames), FACE_GATES.min_frames)
    return resting_face(
        [frame.features for frame in frames], [frame.seen for frame in frames], head, enough
    )
