"""The face stage on onnxruntime: the default on the device, and the one that may measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import onnxruntime

from firmware_service.perceive.mesh import OUTPUTS, Mesh, refined
from firmware_service.perceive.refine import REFINERS, Refiner
from firmware_service.perceive.track import TrackedFace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from firmware_service.perceive.registry import Registry

DETECTOR = "face_detector_fp16"


def session(content: bytes, threads: int) -> onnxruntime.InferenceSession:
    """An inference session on the processor that never spins while it waits."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


class OnnxFace(TrackedFace):
    """Detector and attention mesh on onnxruntime, and the region refiners unless not `refined`.

    Raises:
        ModelError: a model is missing or is not the one in the manifest.
    """

    def __init__(
        self,
        registry: Registry,
        weights: Literal["int8", "fp16"] = "int8",
        threads: int = 1,
        *,
        refined: bool = True,
    ) -> None:
        attention = registry.get(f"attention_mesh_{weights}")
        closer = REFINERS if refined else ()
        files = (registry.get(DETECTOR), attention, *(registry.get(name) for name in closer))
        super().__init__(
            OnnxNetworks(registry.read(DETECTOR), registry.read(attention.name), threads),
            name=f"onnx {attention.name} {attention.version}",
            may_measure=attention.may_measure,
            digests={file.name: file.sha256 for file in files},
            refiner=Refiner(registry, threads) if refined else None,
        )


class OnnxNetworks:
    """The detector and the attention mesh as `Networks`, from their files' content."""

    def __init__(self, detector: bytes, attention: bytes, threads: int) -> None:
        self._detector = session(detector, threads)
        self._attention = session(attention, threads)

    def detect(
        self, tensor: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """As `Networks.detect`."""
        regressors, logits = self._detector.run(["regressors", "classificators"], {"input": tensor})
        return regressors[0], logits[0, :, 0]

    def find_mesh(self, tensor: NDArray[np.float32]) -> Mesh:
        """As `Networks.find_mesh`."""
        points, *regions, presence = self._attention.run(OUTPUTS, {"input_1": tensor})
        return refined(points, regions, float(presence.item()))
