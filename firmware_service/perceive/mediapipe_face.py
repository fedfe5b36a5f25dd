"""MediaPipe's own FaceMesh behind our port: the reference the other adapters are compared with."""

from __future__ import annotations

import hashlib
import importlib
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from firmware_service.measure.pose import head_pose
from firmware_service.perceive.track import COUNT_EVERY_S, RIGHT_ANGLES, SAME_ANGLE_BONUS
from firmware_service.ports import ModelError
from firmware_service.types import Landmarks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from firmware_service.types import Frame

VERSION = "0.10.18"
DETECTOR = "face_detection_short_range"
ATTENTION = "face_landmark_with_attention"
FILES = {
    DETECTOR: "modules/face_detection/face_detection_short_range.tflite",
    ATTENTION: "modules/face_landmark/face_landmark_with_attention.tflite",
}
SHA256 = {
    DETECTOR: "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    ATTENTION: "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4",
}
PRESENT = 0.5
"""FaceMesh says only that a face passed this threshold, not by how much."""
TURNS = (None, cv2.ROTATE_90_COUNTERCLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_CLOCKWISE)
"""What brings a face that is turned clockwise by 0, 1, 2 or 3 right angles upright."""


class MediapipeFace:
    """FaceMesh with refined landmarks, one face, tracking.

    Raises:
        ModelError: mediapipe is not installed or its model files are not the known ones.
    """

    def __init__(self) -> None:
        try:
            mediapipe: Any = importlib.import_module("mediapipe")
        except ImportError as missing:
            raise ModelError(
                "mediapipe is not installed: run scripts/reference-env and use .venv-mediapipe, or"
                " pip install 'stroke-screen[mediapipe]' in an environment of its own"
            ) from missing
        self._digests = _verified(Path(mediapipe.__file__).parent)
        solutions = mediapipe.solutions
        self._mesh = solutions.face_mesh.FaceMesh(refine_landmarks=True, max_num_faces=1)
        self._detector = solutions.face_detection.FaceDetection(model_selection=0)
        self._tracking = False
        self.reset()

    @property
    def name(self) -> str:
        """The adapter and model, as the report names them."""
        return f"mediapipe {ATTENTION} {VERSION}"

    @property
    def may_measure(self) -> bool:
        """True: this is the attention mesh."""
        return True

    @property
    def digests(self) -> Mapping[str, str]:
        """The sha256 of the wheel's two model files in use."""
        return self._digests

    @property
    def faces_seen(self) -> int:
        """How many faces the detector saw when it last ran, at the tracked face's angle."""
        return self._faces_seen

    @property
    def rivals(self) -> int:
        """Every other face: this runtime does not say which one it follows."""
        return max(0, self._faces_seen - 1)

    def reset(self) -> None:
        """Forget the tracked face and its angle, so that the next frame is searched anew."""
        self._lose()
        self._turns = 0
        self._faces_seen = 0
        self._counted_at = -math.inf

    def find(self, frame: Frame, *, closely: bool = True) -> Landmarks | None:  # noqa: ARG002
        """The patient's landmarks in this frame, or None when no face is found.

        The confidence is `PRESENT`, the least it can be; `closely` changes nothing.
        """
        rgb = cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB)
        points = self._points(rgb) if self._tracking else None
        if points is None:
            self._lose()
            if not self._search(rgb):
                return None
            self._counted_at = frame.captured_at
            points = self._points(rgb)
        if points is None:
            return None
        self._tracking = True
        if not 0 <= frame.captured_at - self._counted_at < COUNT_EVERY_S:
            self._faces_seen = len(self._scores(rgb, self._turns))
            self._counted_at = frame.captured_at
        height, width = rgb.shape[:2]
        pose = head_pose(points, width, height)
        return Landmarks(frame.seq, frame.captured_at, points, PRESENT, pose)

    def _lose(self) -> None:
        if self._tracking:
            self._mesh.reset()
        self._tracking = False

    def _search(self, rgb: NDArray[np.uint8]) -> bool:
        """Find the right angle at which a face is seen best; False when none is seen at any."""
        scores = [self._scores(rgb, turns) for turns in range(RIGHT_ANGLES)]
        best = [max(found, default=0.0) for found in scores]
        best[self._turns] += SAME_ANGLE_BONUS * bool(scores[self._turns])
        self._turns = int(np.argmax(best))
        self._faces_seen = len(scores[self._turns])
        return self._faces_seen > 0

    def _scores(self, rgb: NDArray[np.uint8], turns: int) -> list[float]:
        found = self._detector.process(_upright(rgb, turns)).detections
        return [detection.score[0] for detection in found or ()]

    def _points(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        upright = _upright(rgb, self._turns)
        faces = self._mesh.process(upright).multi_face_landmarks
        if not faces:
            return None
        height, width = upright.shape[:2]
        unit = np.array([(point.x, point.y, point.z) for point in faces[0].landmark], np.float32)
        points = unit * np.array([width, height, width], np.float32)
        return _turned_back(points, self._turns, rgb.shape[1], rgb.shape[0])


def _verified(package: Path) -> dict[str, str]:
    for name, file in FILES.items():
        if hashlib.sha256((package / file).read_bytes()).hexdigest() != SHA256[name]:
            raise ModelError(f"{file} is not mediapipe {VERSION}'s; run scripts/reference-env")
    return dict(SHA256)


def _upright(rgb: NDArray[np.uint8], turns: int) -> NDArray[np.uint8]:
    how = TURNS[turns]
    if how is None:
        return rgb
    turned: NDArray[np.uint8] = cv2.rotate(rgb, how)
    return turned


def _turned_back(
    points: NDArray[np.float32], turns: int, width: int, height: int
) -> NDArray[np.float32]:
    """Points of the turned picture in the `width` × `height` picture as it was."""
    x, y, z = points.T
    if turns == 1:
        x, y = width - y, x
    elif turns == 2:
        x, y = width - x, height - y
    elif turns == 3:
        x, y = y, height - x
    return np.stack([x, y, z], axis=1)
