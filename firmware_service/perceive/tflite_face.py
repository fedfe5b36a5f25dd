"""The face stage on TFLite: attention mesh, or the plain mesh that may follow and never measure."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, Literal

from firmware_service.perceive.mesh import OUTPUTS, Mesh, refined, unrefined
from firmware_service.perceive.refine import REFINERS, Refiner
from firmware_service.perceive.track import TrackedFace
from firmware_service.ports import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firmware_service.perceive.registry import Registry

DETECTOR = "face_detector_tflite"
ATTENTION_MESH = "attention_mesh_tflite"
PLAIN_MESH = "face_mesh_tflite"
PLAIN_POINTS, PLAIN_PRESENCE = "conv2d_21", "conv2d_31"


def runtime() -> str:
    """The module that holds the interpreter: tflite-runtime ends at Python 3.11."""
    return (
        "tflite_runtime.interpreter" if sys.version_info < (3, 12) else "ai_edge_litert.interpreter"
    )


class TfliteFace(TrackedFace):
    """Detector and mesh on TFLite; the plain mesh makes a palsy symmetric and may not measure.

    Raises:
        ModelError: a model is missing or altered, or the runtime is not installed.
    """

    def __init__(
        self,
        registry: Registry,
        mesh: Literal["attention", "plain"] = "attention",
        threads: int = 1,
        *,
        refined: bool = True,
    ) -> None:
        file = registry.get(ATTENTION_MESH if mesh == "attention" else PLAIN_MESH)
        refined = refined and mesh == "attention"
        closer = REFINERS if refined else ()
        files = (registry.get(DETECTOR), file, *(registry.get(name) for name in closer))
        networks = _Attention if mesh == "attention" else _Plain
        super().__init__(
            networks(registry.read(DETECTOR), registry.read(file.name), threads),
            name=f"tflite {file.name} {file.version}",
            may_measure=file.may_measure,
            digests={each.name: each.sha256 for each in files},
            refiner=Refiner(registry, threads) if refined else None,
        )


class _Networks:
    def __init__(self, detector: bytes, mesh: bytes, threads: int) -> None:
        self._detector = _Network(detector, threads)
        self._mesh = _Network(mesh, threads)

    def detect(
        self, tensor: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        out = self._detector.run(tensor)
        return out["regressors"][0], out["classificators"][0, :, 0]


class _Attention(_Networks):
    def find_mesh(self, tensor: NDArray[np.float32]) -> Mesh:
        out = self._mesh.run(tensor)
        points, *regions, presence = (out[name] for name in OUTPUTS)
        return refined(points, regions, float(presence.item()))


class _Plain(_Networks):
    def find_mesh(self, tensor: NDArray[np.float32]) -> Mesh:
        out = self._mesh.run(tensor)
        return unrefined(out[PLAIN_POINTS], float(out[PLAIN_PRESENCE].item()))


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
