from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from firmware_service.perceive.face_models import open_face_model
from firmware_service.perceive.registry import ModelCorrupted, Registry
from firmware_service.ports import ModelError
from firmware_service.types import Frame

ROOT = Path(__file__).parents[3]
MODELS = ROOT / "models"
PORTRAITS = ROOT / "firmware_service" / "simulate" / "portraits"


@pytest.mark.parametrize("name", ["grace_hopper", "eileen_collins"])
@pytest.mark.parametrize(("backend", "limit"), [("onnx", 0.1), ("tflite", 0.01)])
def test_backends_that_measure_agree_with_fp16_weights(
    name: str, backend: str, limit: float
) -> None:
    registry = Registry.load(MODELS)
    frame = Frame(0, 0.0, cv2.imread(str(PORTRAITS / f"{name}.png")))
    points = []
    for one in ("onnx-fp16", backend):
        found = open_face_model(one, registry).find(frame)
        assert found is not None
        points.append(found.points[:, :2])
    across = np.linalg.norm(points[0][33] - points[0][263])
    off = np.linalg.norm(points[1] - points[0], axis=1).mean()
    assert 100 * off / across < limit


@pytest.mark.parametrize(
    ("backend", "file"),
    [
        ("onnx", "attention_mesh/attention_mesh_int8.onnx"),
        ("onnx-fp16", "face_detector/face_detector_fp16.onnx"),
        ("tflite", "attention_mesh/attention_mesh.tflite"),
        ("tflite-plain", "face_mesh/face_mesh.tflite"),
    ],
)
def test_an_altered_model_is_refused(tmp_path: Path, backend: str, file: str) -> None:
    models = tmp_path / "models"
    shutil.copytree(MODELS, models)
    altered = bytearray((models / file).read_bytes())
    altered[1000] ^= 1
    (models / file).write_bytes(altered)
    with pytest.raises(ModelCorrupted, match=Path(file).name):
        open_face_model(backend, Registry.load(models))


def test_an_unknown_backend_is_refused_with_those_there_are() -> None:
    with pytest.raises(ModelError, match="'tensorrt'; use one of onnx, onnx-fp16, tflite"):
        open_face_model("tensorrt", Registry.load(MODELS))


@pytest.mark.skipif(find_spec("mediapipe") is not None, reason="mediapipe is installed here")
def test_mediapipe_where_it_is_not_installed_names_the_remedy() -> None:
    with pytest.raises(ModelError, match=r"scripts/reference-env.*stroke-screen\[mediapipe\]"):
        open_face_model("mediapipe", Registry.load(MODELS))
