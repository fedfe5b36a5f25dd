"""The models of this unit, opened and checked once: the face stage and the speech model."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_service import __version__
from firmware_service.measure.normalise import IRIS_MM, IRIS_SPREAD
from firmware_service.perceive.face_models import open_face_model
from firmware_service.perceive.face_stage import FaceStage
from firmware_service.perceive.onnx_speech import SileroVad
from firmware_service.perceive.registry import Registry
from firmware_service.ports import SpeechModel
from firmware_service.screen.summary import DeviceFacts
from firmware_service.settings import Settings


@dataclass(frozen=True, slots=True)
class Instruments:
    """What measures, and what the report says about it."""

    face: FaceStage
    speech: SpeechModel
    facts: DeviceFacts


def open_instruments(settings: Settings, *, simulated: bool) -> Instruments:
    """Load the models of the settings' folder and backend.

    Raises:
        ModelError: a model is missing, altered, or may not measure.
    """
    registry = Registry.load(settings.models_dir)
    model = open_face_model(settings.face.backend, registry)
    face = FaceStage(model)
    speech = SileroVad(registry)
    facts = DeviceFacts(
        agency=settings.agency,
        unit=settings.unit,
        software=f"stroke-screen {__version__}",
        face_model=model.name,
        models={**model.digests, **speech.digests},
        millimetre_scale=f"iris {IRIS_MM} mm, ± {100 * IRIS_SPREAD:.0f} % between people",
        simulated=simulated,
    )
    return Instruments(face, speech, facts)
