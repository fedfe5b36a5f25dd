"""Every way to run the face stage, by the name that the settings use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firmware_service.perceive.mediapipe_face import MediapipeFace
from firmware_service.perceive.onnx_face import OnnxFace
from firmware_service.perceive.tflite_face import TfliteFace
from firmware_service.ports import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware_service.perceive.registry import Registry
    from firmware_service.ports import FaceModel

BACKENDS: dict[str, Callable[[Registry], FaceModel]] = {
    "onnx": OnnxFace,
    "onnx-fp16": lambda registry: OnnxFace(registry, "fp16"),
    "tflite": TfliteFace,
    "tflite-plain": lambda registry: TfliteFace(registry, "plain"),
    "mediapipe": lambda _: MediapipeFace(),
}


def open_face_model(backend: str, registry: Registry) -> FaceModel:
    """The face stage on the named backend, one of `BACKENDS`.

    Raises:
        ModelError: there is no such backend, it is not installed, or a model file is wrong.
    """
    if backend not in BACKENDS:
        raise ModelError(f"no face backend {backend!r}; use one of {', '.join(BACKENDS)}")
    return BACKENDS[backend](registry)
