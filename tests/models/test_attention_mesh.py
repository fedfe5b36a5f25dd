"""The committed attention meshes find what MediaPipe's own graph found on the same crops."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from firmware_service.perceive.registry import Registry
from firmware_service.perceive.tflite_face import runtime
from tests.models.portrait import CROPS, crop, truth

Outputs = dict[str, NDArray[np.float32]]
Network = Callable[[NDArray[np.float32]], Outputs]
MODELS = Path(__file__).parents[2] / "models"


def network(name: str) -> Network:
    """Input array → outputs by name, on the runtime that the file is for and one thread."""
    registry = Registry.load(MODELS)
    content = registry.read(name)
    if registry.get(name).path.suffix == ".onnx":
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(content, options)
        outputs = [output.name for output in session.get_outputs()]
        given = session.get_inputs()[0].name
        return lambda x: dict(zip(outputs, session.run(outputs, {given: x}), strict=True))
    interpreter: Any = importlib.import_module(runtime()).Interpreter(model_content=content)
    interpreter.allocate_tensors()

    def run(x: NDArray[np.float32]) -> Outputs:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
        interpreter.invoke()
        details = interpreter.get_output_details()
        return {o["name"]: interpreter.get_tensor(o["index"]) for o in details}

    return run


def tensor(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A mesh's input."""
    return picture[None].astype(np.float32) / np.float32(255)


def distances_px(found: Outputs, expected: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """The distance of each of the 700 points from MediaPipe's."""
    pairs = (
        (found[name].reshape(len(points), -1)[:, :2], points) for name, points in expected.items()
    )
    return np.concatenate([np.linalg.norm(ours - theirs, axis=1) for ours, theirs in pairs])


@pytest.mark.parametrize("picture", CROPS)
@pytest.mark.parametrize("name", ["attention_mesh_fp16", "attention_mesh_tflite"])
def test_points_are_mediapipes(name: str, picture: str) -> None:
    found = network(name)(tensor(crop(picture)))
    distances = distances_px(found, truth(picture))
    assert distances.size == 700
    assert distances.max() < 0.01


@pytest.mark.parametrize("picture", CROPS)
def test_points_with_int8_weights_stay_near_mediapipes(picture: str) -> None:
    found = network("attention_mesh_int8")(tensor(crop(picture)))
    expected = truth(picture)
    irises = expected["output_left_iris"], expected["output_right_iris"]
    distance = np.linalg.norm(irises[0].mean(axis=0) - irises[1].mean(axis=0))
    percent = distances_px(found, expected) / distance * 100
    assert 0 < percent.mean() < 0.3
    assert percent.max() < 1


@pytest.mark.parametrize("name", ["attention_mesh_int8", "attention_mesh_tflite"])
def test_a_wall_is_no_face(name: str) -> None:
    run = network(name)
    wall = np.full((1, 192, 192, 3), 0.5, np.float32)
    assert run(wall)["conv_faceflag"].item() < 0
    assert run(tensor(crop("whole")))["conv_faceflag"].item() > 0


def test_the_detector_is_the_same_on_both_runtimes() -> None:
    small = np.pad(crop("whole")[::3, ::3], ((32, 32), (32, 32), (0, 0)))
    x = tensor(small) * 2 - 1
    onnx, tflite = network("face_detector_fp16")(x), network("face_detector_tflite")(x)
    assert onnx.keys() == tflite.keys()
    for name, values in tflite.items():
        np.testing.assert_allclose(onnx[name], values, rtol=1e-4, atol=1e-3)
    assert tflite["classificators"].max() > 0
