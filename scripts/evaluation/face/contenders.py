"""Everything that is compared: our meshes, ours with the refiner, and MediaPipe's plain mesh."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from firmware_service.measure.features import FaceFeatures, SideFeatures, face_features
from firmware_service.measure.normalise import HeadSize, head_size, in_millimetres
from firmware_service.measure.points import LEFT, RIGHT
from firmware_service.perceive.onnx_face import OnnxFace
from firmware_service.perceive.refine import Refined, Refiner
from firmware_service.perceive.tflite_face import TfliteFace
from firmware_service.types import Frame, Landmarks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_service.perceive.registry import Registry
    from firmware_service.perceive.track import TrackedFace

REFINED: Final = "mesh + refiner"
ATTENTION: Final = "attention mesh"
PLAIN: Final = "plain mesh"
FLAT: Final = "plain mesh, 2-D"
NAMES: Final = (REFINED, ATTENTION, PLAIN, FLAT)
_CANTHI_MM: Final = 83.6
LOOKS: Final = 2


class Seen(NamedTuple):
    """One contender's view of a picture."""

    landmarks: Landmarks
    width: int
    height: int

    def head(self) -> HeadSize:
        """The head's size by this picture's irises."""
        return head_size([self.landmarks], self.width, self.height)

    def features(self, head: HeadSize | None = None) -> FaceFeatures | None:
        """Both sides' features in mm as the device measures them."""
        face = in_millimetres(self.landmarks, self.width, self.height, head)
        return None if face is None else face_features(face)

    def flat(self) -> FaceFeatures:
        """The same features read off the picture: level by the eyes, scaled by their distance."""
        points = self.landmarks.points[:, :2].astype(np.float64)
        across = points[263] - points[33]
        scale = _CANTHI_MM / float(np.hypot(*across))
        x = across / np.hypot(*across)
        y = np.array([x[1], -x[0]])
        middle = (points[33] + points[263]) / 2
        face = np.stack([(points - middle) @ x, (points - middle) @ y], axis=1) * scale
        sides = []
        for side, out in ((LEFT, 1.0), (RIGHT, -1.0)):
            upper, lower = zip(*side.lid_pairs, strict=True)
            corner, ala = face[side.commissure], face[side.ala]
            sides.append(
                SideFeatures(
                    corner_height_mm=float(corner[1]),
                    corner_out_mm=out * float(corner[0]),
                    fissure_mm=float((face[list(upper), 1] - face[list(lower), 1]).mean()),
                    brow_height_mm=float(
                        face[list(side.brow), 1].mean() - face[list(side.canthi), 1].mean()
                    ),
                    ala_height_mm=float(ala[1]),
                    ala_out_mm=out * float(ala[0]),
                )
            )
        return FaceFeatures(*sides)


class Contenders:
    """All of them on one registry; each picture is searched anew and then tracked once."""

    def __init__(self, registry: Registry) -> None:
        self._attention = OnnxFace(registry, refined=False)
        self._plain = TfliteFace(registry, "plain")
        self.refiner = Refiner(registry)

    def look(self, image: NDArray[np.uint8]) -> tuple[dict[str, Seen], Refined | None]:
        """What each contender that finds the face sees, and the refiner's own judgement."""
        height, width = image.shape[:2]
        out: dict[str, Seen] = {}
        refined = None
        attention = _settled(self._attention, image)
        if attention is not None:
            refined = self.refiner.refine(image, attention.points)
            out[ATTENTION] = Seen(attention, width, height)
            better = replace(attention, points=refined.points)
            out[REFINED] = Seen(better, width, height)
        plain = _settled(self._plain, image)
        if plain is not None:
            out[PLAIN] = Seen(plain, width, height)
        return out, refined


def _settled(model: TrackedFace, image: NDArray[np.uint8]) -> Landmarks | None:
    model.reset()
    for seq in range(LOOKS):
        found = model.find(Frame(seq, seq / 30, image))
    return found
