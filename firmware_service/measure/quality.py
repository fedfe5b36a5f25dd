"""What a picture of a face allows to be measured, judged from a few thousand of its pixels.

Landmark models draw a face onto anything: behind an opaque oxygen mask they invent a symmetric
mouth. So the pixels must show lips and eyes where the landmarks say they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.cover import eye_structure, lip_evidence
from firmware_service.measure.normalise import iris_px
from firmware_service.types import FaceReading, FrameQuality, Landmarks, Region, WhyNot

FACE_GRID: Final = 96
"""Pixels a side at which sharpness is judged, so that it means the same at every distance."""
_NOISE_PATCHES: Final = (151, 50, 280)
_NOISE_HALF: Final = 12
_STILL_PX: Final = 0.01
_BGR_TO_LUMA: Final = np.array([0.114, 0.587, 0.299])

NOSE_AND_MOUTH: Final = frozenset({Region.MOUTH, Region.NOSE})
EYES_AND_BROWS: Final = frozenset({Region.EYE, Region.BROW})


@dataclass(frozen=True, slots=True)
class QualityGates:
    """The limits of one picture; units as in `FrameQuality`, angles in degrees.

    `min_lip_evidence` and `min_eye_structure` are the limits of `cover.lip_evidence` and
    `cover.eye_structure`, below which the region counts as covered.
    """

    max_yaw_deg: float
    max_pitch_deg: float
    min_iris_px: float
    min_luma: float
    min_sharpness: float
    max_noise: float
    min_lip_evidence: float
    min_eye_structure: float


def frame_quality(
    image: NDArray[np.uint8], landmarks: Landmarks, faces_seen: int, gates: QualityGates
) -> FrameQuality:
    """Judge one picture of a face.

    Args:
        image: uint8 BGR [h, w, 3], the frame in which the landmarks were found.
        landmarks: the face in it.
        faces_seen: how many faces could be the patient's; a bystander does not count.
        gates: the limits.

    `flags` holds every gate that failed. A covered mouth takes mouth and nose out, covered eyes
    take eyes and brows out; any other flag takes the whole face out.
    """
    grid = _face_grid(image, landmarks.points)
    luma, sharpness = _light_and_sharpness(image, landmarks.points, grid)
    noise = _noise(image, landmarks.points)
    iris = iris_px(landmarks.points)
    lips_hidden = lip_evidence(image, landmarks.points) < gates.min_lip_evidence
    eyes_hidden = eye_structure(image, landmarks.points) < gates.min_eye_structure
    turned = (
        abs(landmarks.pose.yaw_deg) > gates.max_yaw_deg
        or abs(landmarks.pose.pitch_deg) > gates.max_pitch_deg
    )
    failed = {
        WhyNot.TWO_FACES: faces_seen > 1,
        WhyNot.FACE_TURNED: turned,
        WhyNot.FACE_TOO_SMALL: iris < gates.min_iris_px,
        WhyNot.TOO_DARK: luma < gates.min_luma,
        WhyNot.BLURRED: sharpness < gates.min_sharpness,
        WhyNot.NOISY_PICTURE: noise > gates.max_noise,
        WhyNot.MOUTH_COVERED: lips_hidden,
        WhyNot.EYES_COVERED: eyes_hidden,
    }
    covered = (NOSE_AND_MOUTH if lips_hidden else frozenset()) | (
        EYES_AND_BROWS if eyes_hidden else frozenset()
    )
    flags = tuple(flag for flag, fails in failed.items() if fails)
    return FrameQuality(luma, sharpness, noise, iris, covered, flags)


def regions_seen(reading: FaceReading) -> frozenset[Region]:
    """The regions that may be measured in this frame; none when its quality is not known."""
    if reading.landmarks is None or reading.quality is None:
        return frozenset()
    partial = {WhyNot.MOUTH_COVERED, WhyNot.EYES_COVERED}
    if any(flag not in partial for flag in reading.quality.flags):
        return frozenset()
    return frozenset(Region) - reading.quality.covered


def is_frozen(readings: Sequence[FaceReading], longer_than_s: float) -> bool:
    """Whether the picture stood still: landmarks that did not move at all for `longer_than_s`.

    A living face and a camera's noise move every landmark a little in every frame.
    """
    faces = [r for r in readings if r.landmarks is not None]
    start = None
    for before, after in pairwise(faces):
        if before.landmarks is None or after.landmarks is None:
            continue
        step = np.abs(after.landmarks.points[:, :2] - before.landmarks.points[:, :2]).max()
        if step > _STILL_PX:
            start = None
            continue
        start = before.captured_at if start is None else start
        if after.captured_at - start >= longer_than_s:
            return True
    return False


def _face_box(image: NDArray[np.uint8], points: NDArray[np.float32]) -> tuple[slice, slice] | None:
    """Rows and columns of the face inside the picture; None when it lies outside or is a speck."""
    height, width = image.shape[:2]
    (left, top), (right, bottom) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    rows = slice(max(0, int(top)), min(height, int(bottom) + 1))
    columns = slice(max(0, int(left)), min(width, int(right) + 1))
    if rows.stop - rows.start < 8 or columns.stop - columns.start < 8:
        return None
    return rows, columns


def _face_grid(image: NDArray[np.uint8], points: NDArray[np.float32]) -> NDArray[np.float64] | None:
    """The face's green channel at FACE_GRID × FACE_GRID: block means, then bilinear."""
    box = _face_box(image, points)
    if box is None:
        return None
    face = image[box[0], box[1], 1]
    step = max(1, min(face.shape) // FACE_GRID)
    rows, columns = face.shape[0] // step, face.shape[1] // step
    small = face[: rows * step, : columns * step].astype(np.float32)
    if step > 1:
        small = small.reshape(rows, step, columns, step).mean(axis=(1, 3))
    y, x = np.linspace(0, rows - 1.001, FACE_GRID), np.linspace(0, columns - 1.001, FACE_GRID)
    iy, ix = y.astype(np.intp), x.astype(np.intp)
    fy, fx = (y - iy)[:, None], (x - ix)[None, :]
    across = small[:, ix] * (1 - fx) + small[:, ix + 1] * fx
    grid: NDArray[np.float64] = across[iy] * (1 - fy) + across[iy + 1] * fy
    return grid


def _light_and_sharpness(
    image: NDArray[np.uint8], points: NDArray[np.float32], grid: NDArray[np.float64] | None
) -> tuple[float, float]:
    box = _face_box(image, points)
    if grid is None or box is None:
        return 0.0, 0.0
    rows, columns = box
    face = image[rows, columns]
    step = max(1, min(face.shape[:2]) // 48)
    quarter = (face.shape[0] // 4, face.shape[1] // 4)
    middle = face[quarter[0] : -quarter[0] : step, quarter[1] : -quarter[1] : step]
    luma = float(middle.reshape(-1, 3).mean(axis=0) @ _BGR_TO_LUMA)
    quarter_grid = FACE_GRID // 6
    inner = grid[quarter_grid:-quarter_grid, quarter_grid:-quarter_grid]
    laplacian = (
        inner[:-2, 1:-1]
        + inner[2:, 1:-1]
        + inner[1:-1, :-2]
        + inner[1:-1, 2:]
        - 4 * inner[1:-1, 1:-1]
    )
    return luma, float(laplacian.var() / max(inner.var(), 1.0))


def _noise(image: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """Noise SD in grey levels on forehead and cheeks (Immerkær 1996, with a median)."""
    height, width = image.shape[:2]
    found = []
    for index in _NOISE_PATCHES:
        x, y = (int(v) for v in points[index, :2])
        patch = image[
            max(0, y - _NOISE_HALF) : min(height, max(0, y + _NOISE_HALF)),
            max(0, x - _NOISE_HALF) : min(width, max(0, x + _NOISE_HALF)),
            1,
        ].astype(np.float64)
        if min(patch.shape) < 8:
            continue
        rows = patch[:-2] - 2 * patch[1:-1] + patch[2:]
        both = rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:]
        found.append(float(np.median(np.abs(both))) / (0.6745 * 6.0))
    return float(np.median(found)) if found else 0.0
