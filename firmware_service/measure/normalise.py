"""Landmarks in millimetres, in the patient's own mirror-plane frame.

The visible iris is 11.7 mm wide in nearly everyone, so it gives the scale; a blink hides it, so
only open eyes count, and a window of frames shares the median. The iris says how large this
person's head is beside the mean head; the fitted head then scales every frame, blink or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.points import LEFT, RIGHT, SidePoints
from firmware_service.measure.pose import ASSUMED_FOCAL, Alignment, align
from firmware_service.types import HeadPose, Landmarks

IRIS_MM: Final = 11.7
IRIS_SPREAD: Final = 0.043
"""Standard deviation between people over the mean: 0.5 of 11.7 mm."""
HEAD_SPREAD: Final = 0.05
"""Standard deviation of head size between people over the mean, where no open eye gave a scale."""
OPEN_EYE: Final = 0.35
"""Lid opening over iris width from which the iris is seen well enough to be measured."""


@dataclass(frozen=True, slots=True)
class HeadSize:
    """This person's head over the mean head; `spread` is its relative standard error.

    `frames` is how many open-eye frames it rests on; 0 means that the mean head is assumed.
    """

    ratio: float
    spread: float
    frames: int


UNKNOWN_HEAD: Final = HeadSize(1.0, HEAD_SPREAD, 0)


@dataclass(frozen=True, slots=True, eq=False)
class FacePoints:
    """A face in mm: float64 [478, 3], x to the patient's left, y up, z to the camera.

    The origin lies between the eyes on the mirror plane. `mm_per_px` holds at the head's depth,
    `mm_per_px_sd` is its standard uncertainty. `iris_px` is the mean width of the two irises.
    """

    points: NDArray[np.float64]
    mm_per_px: float
    mm_per_px_sd: float
    iris_px: float
    pose: HeadPose


def _across(points: NDArray[np.float64], side: SidePoints) -> float:
    first, second = points[list(side.iris_across), :2]
    return float(np.hypot(*(first - second)))


def iris_px(points: NDArray[np.float64] | NDArray[np.float32]) -> float:
    """The mean width of the two irises in the picture, px."""
    flat = points.astype(np.float64)
    return (_across(flat, LEFT) + _across(flat, RIGHT)) / 2.0


def _opening(points: NDArray[np.float64], side: SidePoints) -> float:
    upper, lower = zip(*side.lid_pairs, strict=True)
    return float(np.linalg.norm(points[list(upper)] - points[list(lower)], axis=1).mean())


def _ratio(fitted: Alignment, iris_mm: float) -> float | None:
    """Head size by the irises of the open eyes; None when no eye is open."""
    seen = [
        across
        for side in (LEFT, RIGHT)
        if (across := _across(fitted.points, side)) > 0.0
        and _opening(fitted.points, side) >= OPEN_EYE * across
    ]
    return iris_mm * fitted.px_per_mm / float(np.mean(seen)) if seen else None


def head_size(
    faces: Iterable[Landmarks],
    width: int,
    height: int,
    *,
    iris_mm: float = IRIS_MM,
    focal: float = ASSUMED_FOCAL,
) -> HeadSize:
    """This person's head size: the median by iris over the frames with an open eye.

    `UNKNOWN_HEAD` when no frame shows an open eye. Its spread joins the iris's between people and
    the frames' scatter.
    """
    ratios = [
        ratio
        for face in faces
        if (fitted := align(face.points, width, height, focal)) is not None
        and (ratio := _ratio(fitted, iris_mm)) is not None
    ]
    if not ratios:
        return UNKNOWN_HEAD
    middle = float(np.median(ratios))
    scatter = 1.4826 * float(np.median(np.abs(np.array(ratios) - middle))) / middle
    return HeadSize(middle, float(np.hypot(IRIS_SPREAD, scatter / len(ratios) ** 0.5)), len(ratios))


def in_millimetres(
    landmarks: Landmarks,
    width: int,
    height: int,
    size: HeadSize | None = None,
    *,
    iris_mm: float = IRIS_MM,
    focal: float = ASSUMED_FOCAL,
) -> FacePoints | None:
    """The face in mm in its mirror-plane frame; None when no head can be fitted.

    Args:
        landmarks: the face, in pixels of a `width` × `height` picture.
        width: of the picture, px.
        height: of the picture, px.
        size: this person's head size over a window; by default this frame's irises, or the mean
            head when both eyes are closed.
        iris_mm: the width of the iris.
        focal: focal length over the longer side of the picture.
    """
    fitted = align(landmarks.points, width, height, focal)
    if fitted is None:
        return None
    if size is None:
        ratio = _ratio(fitted, iris_mm)
        size = UNKNOWN_HEAD if ratio is None else HeadSize(ratio, IRIS_SPREAD, 1)
    mm_per_px = size.ratio / fitted.px_per_mm
    return FacePoints(
        points=fitted.in_head() * mm_per_px,
        mm_per_px=mm_per_px,
        mm_per_px_sd=mm_per_px * size.spread,
        iris_px=iris_px(fitted.points),
        pose=fitted.pose(),
    )


def as_photographed(landmarks: Landmarks, mm_per_px: float) -> FacePoints:
    """The face as it stands in the picture: turned upright and in mm, nothing else corrected.

    The raw counterpart of `in_millimetres`: x along the line through the canthi, y up from the
    middle between them; perspective, yaw and pitch are left in.

    Args:
        landmarks: the face, in pixels.
        mm_per_px: the scale, as `in_millimetres` found it.
    """
    flat = landmarks.points.astype(np.float64) * (1.0, -1.0, -1.0)
    left, right = flat[list(LEFT.canthi)].mean(axis=0), flat[list(RIGHT.canthi)].mean(axis=0)
    along = left[:2] - right[:2]
    along /= max(float(np.hypot(*along)), 1e-9)
    upright = np.array([[along[0], -along[1], 0.0], [along[1], along[0], 0.0], [0.0, 0.0, 1.0]])
    return FacePoints(
        points=(flat - (left + right) / 2.0) @ upright * mm_per_px,
        mm_per_px=mm_per_px,
        mm_per_px_sd=float("nan"),
        iris_px=iris_px(landmarks.points),
        pose=landmarks.pose,
    )
