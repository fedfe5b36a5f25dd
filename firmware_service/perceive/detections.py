"""What the short-range face detector's numbers mean: anchors, boxes, one box a face.

The layout is that of MediaPipe's face_detection_short_range graph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firmware_service.perceive.preprocess import ROI_SCALE, Square

if TYPE_CHECKING:
    from numpy.typing import NDArray

INPUT_PX = 128
MIN_LOGIT = 0.0  # a score of 0.5
SAME_FACE_IOU = 0.3


@dataclass(frozen=True, slots=True)
class Detection:
    """One face in the picture: box centre and longer side in pixels, roll in radians, score 0…1."""

    x: float
    y: float
    side: float
    angle: float
    score: float

    def region(self) -> Square:
        """The square in which the landmarks are looked for."""
        return Square(self.x, self.y, self.side * ROI_SCALE, self.angle)

    def overlap(self, x: float, y: float, side: float) -> float:
        """Intersection over union of this box, upright, and another, 0…1."""
        wide = min(self.x + self.side / 2, x + side / 2) - max(self.x - self.side / 2, x - side / 2)
        high = min(self.y + self.side / 2, y + side / 2) - max(self.y - self.side / 2, y - side / 2)
        shared = max(wide, 0.0) * max(high, 0.0)
        return shared / max(self.side**2 + side**2 - shared, 1e-9)


def anchors() -> NDArray[np.float32]:
    """The 896 anchor centres, float32 [896, 2] in 0…1: stride 8 two a cell, stride 16 six."""
    layers = []
    for cells, per_cell in ((16, 2), (8, 6)):
        centres = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        x, y = np.meshgrid(centres, centres)
        layers.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), per_cell, axis=0))
    return np.concatenate(layers)


ANCHORS = anchors()


def decode(
    regressors: NDArray[np.float32], logits: NDArray[np.float32], searched: Square
) -> list[Detection]:
    """The faces among the detector's outputs, best first, in picture pixels.

    regressors: float32 [896, 16]; logits: float32 [896]; searched: the letterbox that was looked
    at, whose own turn is undone here.
    """
    (seen,) = np.nonzero(logits >= MIN_LOGIT)
    if not len(seen):
        return []
    scores = 1 / (1 + np.exp(-np.minimum(logits[seen].astype(np.float64), 100.0)))
    pairs = regressors[seen].reshape(-1, 8, 2).astype(np.float64) / INPUT_PX
    pairs[:, [0, 2, 3, 4, 5, 6, 7]] += ANCHORS[seen][:, None]
    matrix = searched.to_picture(1)
    faces = []
    for score, (centre, size, first_eye, second_eye, *_) in one_box_a_face(pairs, scores):
        x, y = matrix[:, :2] @ centre + matrix[:, 2]
        across = matrix[:, :2] @ (second_eye - first_eye)
        side = float(size.max()) * searched.side
        angle = math.atan2(across[1], across[0])
        faces.append(Detection(float(x), float(y), side, angle, score))
    return faces


def one_box_a_face(
    pairs: NDArray[np.float64], scores: NDArray[np.float64]
) -> list[tuple[float, NDArray[np.float64]]]:
    """Weighted non-maximum suppression: overlapping boxes become their score-weighted mean.

    pairs: [n, 8, 2], centre, size and six key points; gives (best score, [8, 2]) a face.
    """
    low, high = pairs[:, 0] - pairs[:, 1] / 2, pairs[:, 0] + pairs[:, 1] / 2
    area = np.prod(pairs[:, 1], axis=1)
    left = np.argsort(-scores, kind="stable")
    faces = []
    while len(left):
        best = left[0]
        sides = np.minimum(high[left], high[best]) - np.maximum(low[left], low[best])
        shared = np.prod(np.maximum(sides, 0), axis=1)
        same = shared > SAME_FACE_IOU * (area[left] + area[best] - shared)
        same[0] = True
        group = left[same]
        mean = np.tensordot(scores[group], pairs[group], axes=1) / scores[group].sum()
        faces.append((float(scores[best]), mean))
        left = left[~same]
    return faces
