"""The face stage on TFLite: the plain mesh, which may follow a face and never measure one."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from firmware_service.perceive.mesh import Mesh, unrefined
from firmware_service.perceive.track import TrackedFace
from firmware_service.ports import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firmware_service.perceive.registry import Registry

DETECTOR = "face_detector_tflite"
PLAIN_MESH = "face_mesh_tflite"


def runtime() -> str:
    """The module that holds the interpreter: tflite-runtime ends at Python 3.11."""
    return (
        "tflite_runtime.interpreter" if sys.version_info < (3, 12) else "ai_edge_litert.interpreter"
    )


class TfliteFace(TrackedFace):
    """Detector and plain mesh on TFLite; `may_measure` is False and the screen refuses it.

    Raises:
        ModelError: a model is missing or altered, or the runtime is not installed.
    """

    def __init__(self, registry: Registry, threads: int = 1) -> None:
        plain = registry.get(PLAIN_MESH)
        files = (registry.get(DETECTOR), plain)
        super().__init__(
            _TfliteNetworks(registry.read(DETECTOR), registry.read(PLAIN_MESH), threads),
            name=f"tflite {plain.name} {plain.version}",
            may_measure=plain.may_measure,
            digests={file.name: file.sha256 for file in files},
        )


class _TfliteNetworks:
    def __init__(self, detector: bytes, plain_mesh: bytes, threads: int) -> None:
        self._detector = _Network(detector, threads)
        self._mesh = _Network(plain_mesh, threads)

    def detect(
        self, tensor: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        out = self._detector.run(tensor)
        return out["regressors"][0], out["classificators"][0, :, 0]

    def find_mesh(self, tensor: NDArray[np.float32]) -> Mesh:
        out = self._mesh.run(tensor)
        return unrefined(out["conv2d_21"], float(out["conv2d_31"].item()))


class _Network:
    def __init__(self, content: bytes, threads: int) -> None:
        try:
            module = importlib.import_module(runtime())
        except ImportError as missing:
            raise ModelError(
                f"{runtime()} is not installed; pip install 'stroke-screen[device]'"
            ) from missing
        self._interpreter: Any = module.Interpreter(model_content=content, num_threads=threads)
        self._interpreter.allocate_tensors()
        (given,) = self._interpreter.get_input_details()
        self._input: int = given["index"]
        self._outputs = {
            output["name"]: output["index"] for output in self._interpreter.get_output_details()
        }

    def run(self, tensor: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        self._interpreter.set_tensor(self._input, tensor)
        self._interpreter.invoke()
        return {name: self._interpreter.get_tensor(index) for name, index in self._outputs.items()}
