"""How the attention mesh's six outputs become one set of 478 landmarks.

Indices and rules are those of MediaPipe's face_landmark_with_attention graph; its "left" is the
picture's left, the patient's right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

INPUT_PX = 192
POINTS = 478
MESH_POINTS = 468
OUTPUTS = (
    "output_mesh_identity",
    "output_lips",
    "output_left_eye",
    "output_right_eye",
    "output_left_iris",
    "output_right_iris",
    "conv_faceflag",
)
"""The attention mesh's outputs: points, regions, presence."""

# fmt: off
LIPS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
    76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408,
    62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407,
)
LEFT_EYE = (
    33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173, 130, 25, 110,
    24, 23, 22, 26, 112, 243, 247, 30, 29, 27, 28, 56, 190, 226, 31, 228, 229, 230, 231, 232,
    233, 244, 113, 225, 224, 223, 222, 221, 189, 35, 124, 46, 53, 52, 65, 143, 111, 117, 118,
    119, 120, 121, 128, 245, 156, 70, 63, 105, 66, 107, 55, 193,
)
RIGHT_EYE = (
    263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398, 359, 255,
    339, 254, 253, 252, 256, 341, 463, 467, 260, 259, 257, 258, 286, 414, 446, 261, 448, 449,
    450, 451, 452, 453, 464, 342, 445, 444, 443, 442, 441, 413, 265, 353, 276, 283, 282, 295,
    372, 340, 346, 347, 348, 349, 350, 357, 465, 383, 300, 293, 334, 296, 336, 285, 417,
)
# fmt: on
LEFT_IRIS = tuple(range(468, 473))
RIGHT_IRIS = tuple(range(473, 478))
REFINED = np.array(LIPS + LEFT_EYE + RIGHT_EYE + LEFT_IRIS + RIGHT_IRIS)
EYE_CONTOUR_POINTS = 16  # the first of each eye's list go round the eye


@dataclass(frozen=True, slots=True, eq=False)
class Mesh:
    """One face in its crop: float32 [478, 3] in crop pixels, and the logit of its presence."""

    points: NDArray[np.float32]
    presence: float

    @property
    def confidence(self) -> float:
        """The probability that the crop shows a face."""
        return 1 / (1 + math.exp(-max(min(self.presence, 50.0), -50.0)))


def refined(
    mesh: NDArray[np.float32], regions: Sequence[NDArray[np.float32]], presence: float
) -> Mesh:
    """The mesh with lips, eyes and irises replaced by the outputs that looked closer.

    mesh: 468 × 3 values; regions: lips, left eye, right eye, left iris, right iris, x and y each,
    all in crop pixels. Depth stays the mesh's; an iris has the mean depth of its eye's contour.
    """
    points = np.empty((POINTS, 3), np.float32)
    points[:MESH_POINTS] = mesh.reshape(MESH_POINTS, 3)
    points[REFINED, :2] = np.concatenate([region.ravel() for region in regions]).reshape(-1, 2)
    for iris, eye in ((LEFT_IRIS, LEFT_EYE), (RIGHT_IRIS, RIGHT_EYE)):
        points[list(iris), 2] = points[list(eye[:EYE_CONTOUR_POINTS]), 2].mean()
    return Mesh(points, presence)


def unrefined(mesh: NDArray[np.float32], presence: float) -> Mesh:
    """The plain mesh, which has no irises: each one's five points lie together in mid-eye.

    So an iris measures 0 px and nothing can be scaled by it.
    """
    points = np.empty((POINTS, 3), np.float32)
    points[:MESH_POINTS] = mesh.reshape(MESH_POINTS, 3)
    for iris, eye in ((LEFT_IRIS, LEFT_EYE), (RIGHT_IRIS, RIGHT_EYE)):
        points[list(iris)] = points[list(eye[:EYE_CONTOUR_POINTS])].mean(axis=0)
    return Mesh(points, presence)
