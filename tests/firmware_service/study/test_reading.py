"""A clip gives what a picture gives, and the movement in it besides."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_service.analyse.command import Analysis
from firmware_service.analyse.files import Kind
from firmware_service.perceive.face_stage import FaceStage
from firmware_service.ports import CaptureError
from firmware_service.settings import Settings
from firmware_service.study.labelled import LabelledFile
from firmware_service.study.reading import CONDITIONS, read_file
from tests.firmware_service.study.faces import clip, picture


@pytest.fixture(scope="module")
def stage() -> FaceStage:
    return Analysis(Settings().models_dir, "onnx", phrase=None, landmarks=False).stage


def _file(path: Path, kind: Kind) -> LabelledFile:
    return LabelledFile(path, path.name, "palsy", "ann", kind)


def test_a_clip_tells_which_side_smiled_less(tmp_path: Path, stage: FaceStage) -> None:
    found = read_file(_file(clip(tmp_path / "a.avi", "left-droop", 0), Kind.VIDEO), stage)
    assert found.usable
    smile, left = found.values["smile_asymmetry"], found.values["smile_left_mm"]
    assert smile is not None
    assert smile > 0.2
    assert left is not None
    assert found.values["brow_raise_asymmetry"] is None
    droop = found.values["mouth_height_difference_mm"]
    assert droop is not None
    assert droop > 1.0
    assert set(found.conditions) == set(CONDITIONS)
    assert found.table.source == "a.avi"


def test_a_covered_mouth_has_no_features_but_its_reason(tmp_path: Path, stage: FaceStage) -> None:
    found = read_file(_file(picture(tmp_path / "mask.png", "mask", 1), Kind.IMAGE), stage)
    assert not found.usable
    assert [why.value for why in found.why_not] == ["mouth covered"]
    assert found.droop_score is None
    assert found.values == {}
    assert found.conditions["iris_px"] > 8


def test_a_file_that_is_no_video_raises(tmp_path: Path, stage: FaceStage) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no video")
    with pytest.raises(CaptureError):
        read_file(_file(tmp_path / "a.mp4", Kind.VIDEO), stage)
