"""From a frame to what the screen needs of it: landmarks, and what the picture allows."""

from __future__ import annotations

import threading

from firmware_service.measure.quality import QualityGates, frame_quality
from firmware_service.ports import FaceModel, ModelError
from firmware_service.screen.thresholds import QUALITY_GATES
from firmware_service.types import FaceReading, Frame


class FaceStage:
    """One face model with the quality gates behind it; one thread looks, any may say `forget`.

    Raises:
        ModelError: the model may follow a face but never measure one.
    """

    def __init__(self, model: FaceModel, gates: QualityGates = QUALITY_GATES) -> None:
        if not model.may_measure:
            raise ModelError(
                f"{model.name} makes a palsy symmetric and may not measure; choose backend onnx"
            )
        self._model = model
        self._gates = gates
        self._forget = threading.Event()

    def look(self, frame: Frame, *, closely: bool = True) -> FaceReading:
        """The patient's landmarks in this frame and its quality, or a reading without a face.

        A reading that is to be measured needs `closely`; one to aim by is cheaper without.
        """
        if self._forget.is_set():
            self._forget.clear()
            self._model.reset()
        landmarks = self._model.find(frame, closely=closely)
        if landmarks is None:
            return FaceReading(frame.seq, frame.captured_at, None, None)
        might_be = 1 + self._model.rivals
        quality = frame_quality(frame.image, landmarks, might_be, self._gates)
        return FaceReading(frame.seq, frame.captured_at, landmarks, quality)

    def forget(self) -> None:
        """Forget the tracked face before the next look: another patient may be in front."""
        self._forget.set()
