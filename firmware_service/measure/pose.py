"""How the head is turned, from points that the facial nerve does not move.

The camera's focal length is assumed, not known: 0.85 of the picture's longer side (a horizontal
field of view of 61°), and never so short that the face would be nearer than 45 cm, which is what a
cropped photograph would otherwise pretend.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.points import RIGID
from firmware_service.types import HeadPose

ASSUMED_FOCAL: Final = 0.85
"""Focal length over the longer side of the picture."""
NEAREST_FACE_MM: Final = 450.0

_MIDLINE_MM: Final = (
    (0.0, 50.1, 11.2),
    (0.0, 35.7, 15.7),
    (0.0, 20.0, 19.2),
    (0.0, 12.1, 18.3),
    (0.0, 5.4, 18.1),
    (0.0, -1.2, 22.5),
    (0.0, -7.6, 27.5),
    (0.0, -13.7, 33.0),
    (0.0, -20.3, 38.6),
    (0.0, -28.3, 41.2),
    (0.0, -34.6, 39.4),
)
_LEFT_MM: Final = (
    (15.8, -0.8, 2.5),
    (41.8, 0.8, -2.5),
    (66.1, -5.7, -50.1),
    (65.4, -19.5, -53.7),
    (64.9, 8.9, -41.2),
    (61.9, 20.8, -29.4),
    (56.2, 32.0, -18.3),
    (46.9, 41.0, -6.4),
    (32.8, 46.8, 3.8),
    (17.7, 49.5, 9.7),
)


def _mean_head() -> NDArray[np.float64]:
    pairs = [((-x, y, z), (x, y, z)) for x, y, z in _LEFT_MM]
    return np.array([*_MIDLINE_MM, *(point for pair in pairs for point in pair)], dtype=np.float64)


MEAN_HEAD: Final = _mean_head()
"""The points `RIGID` in mm on a mean head: x to the patient's left, y up, z forward, origin
between the four canthi. Mean of 60 adults looking straight ahead (Face Research Lab London Set,
attention mesh, scaled by the iris), made symmetric; its zero yaw, pitch and roll are theirs."""
_CENTRE: Final = MEAN_HEAD.mean(axis=0)
_CENTRED: Final = MEAN_HEAD - _CENTRE
_SIZE: Final = float((_CENTRED**2).sum())
_OUTER_CANTHI: Final = (33, 263)
_CANTHI_MM: Final = 2 * _LEFT_MM[1][0]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """How the mean head fits a face: `rotation` turns head axes into camera axes.

    Camera axes are x right in the picture, y up, z towards the camera. `px_per_mm` is pixels per
    millimetre of the mean head, `centre` the camera coordinates (px) of the head's origin, and
    `points` all points in camera axes with the perspective undone, px.
    """

    rotation: NDArray[np.float64]
    px_per_mm: float
    centre: NDArray[np.float64]
    points: NDArray[np.float64]

    def in_head(self) -> NDArray[np.float64]:
        """The points in head axes (x to the patient's left, y up, z forward), still in px."""
        return (self.points - self.centre) @ self.rotation

    def pose(self) -> HeadPose:
        """Yaw, pitch and roll in the convention of `HeadPose`.

        Roll, the tilt in the picture, is taken out first, so that yaw and pitch mean the same for
        a patient who lies across the picture as for one who sits.
        """
        left, up, forward = self.rotation.T
        roll = np.arctan2(-left[1], left[0])
        yaw = np.arctan2(-left[2], np.hypot(left[0], left[1]))
        pitch = np.arctan2(-up[2], forward[2])
        return HeadPose(*(float(np.degrees(angle)) for angle in (yaw, pitch, roll)))


def focal_length_px(
    points: NDArray[np.float32], width: int, height: int, focal: float = ASSUMED_FOCAL
) -> float:
    """The focal length taken for this picture: `focal` × its longer side, or more for a crop."""
    canthi = points[list(_OUTER_CANTHI)]
    px_per_mm = float(np.linalg.norm(canthi[0] - canthi[1])) / _CANTHI_MM
    return max(focal * max(width, height), NEAREST_FACE_MM * px_per_mm)


def align(
    points: NDArray[np.float32], width: int, height: int, focal: float = ASSUMED_FOCAL
) -> Alignment | None:
    """Fit the mean head (rotation, size, place) to a face; None where no head can be fitted.

    Args:
        points: float32 [478, 3] in pixels of a `width` × `height` picture, z in the same scale.
        width: of the picture, px.
        height: of the picture, px.
        focal: focal length over the longer side of the picture.

    The perspective is undone first, X = (x − cx)(1 + z/f), then a least-squares similarity is
    fitted over the rigid points (Umeyama 1991).
    """
    if not bool(np.isfinite(points).all()):
        return None
    f = focal_length_px(points, width, height, focal)
    if f <= 0.0:
        return None
    flat = points.astype(np.float64)
    nearer = 1.0 + flat[:, 2] / f
    camera = np.column_stack(
        (
            (flat[:, 0] - width / 2.0) * nearer,
            (height / 2.0 - flat[:, 1]) * nearer,
            -flat[:, 2],
        )
    )
    rigid = camera[list(RIGID)]
    middle = rigid.mean(axis=0)
    u, stretch, vt = np.linalg.svd((rigid - middle).T @ _CENTRED)
    handed = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    px_per_mm = float(stretch @ handed) / _SIZE
    if not px_per_mm > 1e-3:
        return None
    rotation = (u * handed) @ vt
    centre = middle - px_per_mm * rotation @ _CENTRE
    return Alignment(rotation, px_per_mm, centre, camera)


def head_pose(points: NDArray[np.float32], width: int, height: int) -> HeadPose:
    """The head's turn from facing the camera, in degrees.

    Args:
        points: float32 [478, 3] in pixels of a `width` × `height` picture, z in the same scale.
        width: of the picture, px.
        height: of the picture, px.

    Raises:
        ValueError: the points are not finite or all in one place, so there is no head.
    """
    fitted = align(points, width, height)
    if fitted is None:
        message = "no head can be fitted to these points; pass the 478 points of a found face"
        raise ValueError(message)
    return fitted.pose()
