"""Follows one patient's face: the detector looks only when the face is lost, or to count faces."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from firmware_service.measure.pose import head_pose
from firmware_service.perceive import detections, mesh
from firmware_service.perceive.preprocess import (
    ROI_SCALE,
    Square,
    around_points,
    crop_input,
    letterbox_input,
    points_to_picture,
    whole,
)
from firmware_service.types import Landmarks

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from firmware_service.perceive.detections import Detection
    from firmware_service.perceive.refine import Refiner
    from firmware_service.types import Frame

RIGHT_ANGLES = 4
SURE_SCORE = 0.9
"""From here on no other angle is tried: a face seen upside down scored .88 at most, a face seen
the right way up .95 on average (89 faces at four angles)."""
SAME_ANGLE_BONUS = 0.05
"""By how much another angle must score better than the one the last face was found at."""
COUNT_EVERY_S = 2.0
HOLD_S = 1.0
"""How long after a loss only a face at the patient's own place is taken for the patient."""
CENTRAL = 0.5
"""A face in the picture's corner counts as half as large as one in the middle."""
RIVAL = 0.75
"""From this share of the patient's prominence on another face could be the patient's instead: a
medic an arm's length behind the patient, 0.5 m from the camera, is half as large."""


class Networks(Protocol):
    """The two networks of the face stage, on some runtime."""

    def detect(
        self, tensor: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Regressors [896, 16] and logits [896] of a letterboxed picture [1, 128, 128, 3]."""
        ...

    def find_mesh(self, tensor: NDArray[np.float32]) -> mesh.Mesh:
        """The landmarks in a crop [1, 192, 192, 3]."""
        ...


class TrackedFace:
    """A `FaceModel` on any runtime: detector → crop → mesh → refiner, then from frame to frame."""

    def __init__(
        self,
        networks: Networks,
        *,
        name: str,
        may_measure: bool,
        digests: Mapping[str, str],
        refiner: Refiner | None = None,
    ) -> None:
        self._networks = networks
        self._refiner = refiner
        self._name = name
        self._may_measure = may_measure
        self._digests = dict(digests)
        self._size = (0, 0)
        self.detector_runs = 0
        self.reset()

    @property
    def name(self) -> str:
        """The adapter and model, as the report names them."""
        return self._name

    @property
    def may_measure(self) -> bool:
        """False for a model that makes a palsy symmetric."""
        return self._may_measure

    @property
    def digests(self) -> Mapping[str, str]:
        """The sha256 of both models, by model name."""
        return self._digests

    @property
    def faces_seen(self) -> int:
        """How many faces there were when the detector last ran, the tracked one included."""
        return self._faces_seen

    @property
    def rivals(self) -> int:
        """How many others were about as large and central as the tracked one."""
        return self._rivals

    def reset(self) -> None:
        """Forget the tracked face and its angle, so that the next frame is searched anew."""
        self._tracked: Square | None = None
        self._patient: Square | None = None
        self._seen_at = -math.inf
        self._counted_at = -math.inf
        self._quarter_turns = 0
        self._faces_seen = 0
        self._rivals = 0

    def find(self, frame: Frame, *, closely: bool = True) -> Landmarks | None:
        """The patient's landmarks in this frame, or None when no face is found.

        Without `closely` they are as the mesh saw them: enough to aim by, not to measure.
        """
        height, width = frame.image.shape[:2]
        if (width, height) != self._size:  # another source: the last place means nothing in it
            self.reset()
            self._size = (width, height)
        seen = self._follow(frame) or self._search(frame)
        if seen is None:
            self._tracked = None
            return None
        points, confidence = seen
        self._tracked = self._patient = around_points(points)
        self._quarter_turns = round(self._tracked.angle / (math.pi / 2)) % RIGHT_ANGLES
        self._seen_at = frame.captured_at
        if not 0 <= frame.captured_at - self._counted_at < COUNT_EVERY_S:
            self._count_others(frame, self._tracked)
        if (
            closely and self._refiner is not None
        ):  # what is measured; what is tracked stays as the mesh saw it
            points = self._refiner.refine(frame.image, points).points
        pose = head_pose(points, width, height)
        return Landmarks(frame.seq, frame.captured_at, points, confidence, pose)

    def _follow(self, frame: Frame) -> tuple[NDArray[np.float32], float] | None:
        return None if self._tracked is None else self._landmarks_in(frame, self._tracked)

    def _landmarks_in(
        self, frame: Frame, region: Square
    ) -> tuple[NDArray[np.float32], float] | None:
        found = self._networks.find_mesh(crop_input(frame.image, region, mesh.INPUT_PX))
        if found.presence < 0:
            return None
        return points_to_picture(found.points, region, mesh.INPUT_PX), found.confidence

    def _search(self, frame: Frame) -> tuple[NDArray[np.float32], float] | None:
        faces = self._detect(frame, self._quarter_turns)
        if not faces or faces[0].score < SURE_SCORE:
            for more in range(1, RIGHT_ANGLES):
                faces += self._detect(frame, (self._quarter_turns + more) % RIGHT_ANGLES)
        faces = self._each_once(faces)
        self._faces_seen = len(faces)
        self._counted_at = frame.captured_at
        for face in self._patient_first(faces, frame):
            found = self._landmarks_in(frame, face.region())
            if found is not None:
                self._count_rivals(frame, face, [other for other in faces if other is not face])
                return found
        return None

    def _count_rivals(self, frame: Frame, patient: Detection, others: list[Detection]) -> None:
        least = RIVAL * _prominence(patient, frame)
        self._rivals = sum(_prominence(other, frame) >= least for other in others)

    def _detect(self, frame: Frame, quarter_turns: int) -> list[Detection]:
        self.detector_runs += 1
        height, width = frame.image.shape[:2]
        square = whole(width, height, quarter_turns * math.pi / 2)
        tensor = letterbox_input(frame.image, square, detections.INPUT_PX)
        return detections.decode(*self._networks.detect(tensor), square)

    def _each_once(self, faces: list[Detection]) -> list[Detection]:
        """One detection for each face that was seen at several angles."""

        def rank(face: Detection) -> float:
            turns = round(face.angle / (math.pi / 2)) % RIGHT_ANGLES
            return face.score + (SAME_ANGLE_BONUS if turns == self._quarter_turns else 0.0)

        once: list[Detection] = []
        for face in sorted(faces, key=rank, reverse=True):
            if not any(
                face.overlap(other.x, other.y, other.side) > detections.SAME_FACE_IOU
                for other in once
            ):
                once.append(face)
        return once

    def _patient_first(self, faces: list[Detection], frame: Frame) -> list[Detection]:
        """The faces that may be the patient, the likeliest first."""
        last = self._patient
        lost_s = frame.captured_at - self._seen_at
        if last is not None and 0 <= lost_s < HOLD_S:
            reach = last.side / 2
            faces = [
                face for face in faces if math.dist((face.x, face.y), (last.x, last.y)) < reach
            ]
        return sorted(faces, key=lambda face: _prominence(face, frame), reverse=True)

    def _count_others(self, frame: Frame, tracked: Square) -> None:
        faces: list[Detection] = []
        for quarter_turns in {0, self._quarter_turns}:
            faces += self._detect(frame, quarter_turns)
        once = self._each_once(faces)
        own = [
            face
            for face in once
            if face.overlap(tracked.x, tracked.y, tracked.side / ROI_SCALE)
            > detections.SAME_FACE_IOU
        ]
        others = [face for face in once if face not in own]
        self._faces_seen = 1 + len(others)
        if own:
            self._count_rivals(frame, own[0], others)
        else:
            self._rivals = len(others)
        self._counted_at = frame.captured_at


def _prominence(face: Detection, frame: Frame) -> float:
    """How likely a face is the patient's: its size in px, less towards the picture's corners."""
    height, width = frame.image.shape[:2]
    off = math.hypot(face.x - width / 2, face.y - height / 2)
    return face.side * (1 - CENTRAL * off / (math.hypot(width, height) / 2))
