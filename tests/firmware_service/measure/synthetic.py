"""A face made of its named points, in mm, that can be moved by known amounts and photographed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.points import LEFT, N_POINTS, RIGHT, RIGID, SidePoints
from firmware_service.measure.pose import MEAN_HEAD, head_pose
from firmware_service.types import (
    FaceReading,
    FrameQuality,
    HeadPose,
    Landmarks,
    Region,
    Side,
    WhyNot,
)

WIDTH, HEIGHT = 640, 480
SIZE = (WIDTH, HEIGHT)
FOCAL_PX = 0.85 * WIDTH
DISTANCE_MM = 500.0
IRIS_MM = 11.7
FISSURE_MM = 10.0


@dataclass
class Half:
    """What one side does, mm: the smile goes up and out, closing takes away from 10 mm."""

    drop: float = 0.0
    out: float = 0.0
    brow: float = 0.0
    closing: float = 0.0
    ala: float = 0.0


@dataclass
class Face:
    """Both sides of a synthetic face."""

    left: Half = field(default_factory=Half)
    right: Half = field(default_factory=Half)

    def mirrored(self) -> Face:
        return Face(self.right, self.left)

    def points_mm(self) -> NDArray[np.float64]:
        """[478, 3]: x to the patient's left, y up, z forward."""
        points = np.tile([0.0, -60.0, 20.0], (N_POINTS, 1))
        points[list(RIGID)] = MEAN_HEAD
        for side, half, sign in ((LEFT, self.left, 1.0), (RIGHT, self.right, -1.0)):
            _place(points, side, half, sign)
        return points


def _place(points: NDArray[np.float64], side: SidePoints, half: Half, sign: float) -> None:
    def put(index: int, out: float, up: float, forward: float) -> None:
        points[index] = (sign * out, up, forward)

    put(side.commissure, 23.0 + half.out, -62.0 - half.drop, 9.0)
    put(side.inner_commissure, 21.0 + half.out, -62.0 - half.drop, 8.0)
    put(side.ala, 13.0, -36.0 + half.ala, 22.0)
    for at, (upper, lower) in enumerate(side.lid_pairs):
        out = 34.0 - 5.0 * at
        put(upper, out, FISSURE_MM / 2 - half.closing, 4.0)
        put(lower, out, -FISSURE_MM / 2, 4.0)
    put(side.iris_centre, 29.0, 0.0, 4.0)
    for at, end in zip((-1, 1), side.iris_across, strict=True):
        put(end, 29.0 - at * IRIS_MM / 2, 0.0, 4.0)
    for at, point in enumerate(side.brow):
        put(point, 48.0 - 7.0 * (at % 5), 20.0 + half.brow - at // 5 * 4, 8.0)
    for at, point in enumerate(side.cheek):
        put(point, 35.0 + at, -35.0 - at, 12.0)
    for at, point in enumerate(side.lip_upper):
        put(point, 5.0 + 4 * at, -56.0 - at, 22.0 - at)
    for at, point in enumerate(side.lip_lower):
        put(point, 5.0 + 4 * at, -70.0 + at, 20.0 - at)


def rotation(pose: HeadPose) -> NDArray[np.float64]:
    """Turns head axes into camera axes, written out from the words of `HeadPose`."""
    yaw, pitch, roll = np.radians([pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
    c, s = np.cos, np.sin
    to_left = np.array([[c(yaw), 0, s(yaw)], [0, 1, 0], [-s(yaw), 0, c(yaw)]])
    up = np.array([[1, 0, 0], [0, c(pitch), s(pitch)], [0, -s(pitch), c(pitch)]])
    tilt = np.array([[c(roll), s(roll), 0], [-s(roll), c(roll), 0], [0, 0, 1]])
    return np.asarray(tilt @ to_left @ up)


def photographed(
    face: Face,
    pose: HeadPose | None = None,
    *,
    at_s: float = 0.0,
    distance_mm: float = DISTANCE_MM,
    head: float = 1.0,
    jitter_px: float = 0.0,
    seed: int = 0,
) -> Landmarks:
    """The face through a pinhole camera; `head` enlarges all of it but the iris."""
    points = face.points_mm() * head
    for side in (LEFT, RIGHT):
        middle = points[list(side.iris_across)].mean(axis=0)
        points[list(side.iris_across)] = middle + (points[list(side.iris_across)] - middle) / head
    turn = np.eye(3) if pose is None else rotation(pose)
    camera = points @ turn.T
    depth = distance_mm - camera[:, 2]
    pixels = np.column_stack(
        (
            WIDTH / 2 + FOCAL_PX * camera[:, 0] / depth,
            HEIGHT / 2 - FOCAL_PX * camera[:, 1] / depth,
            -camera[:, 2] * FOCAL_PX / distance_mm,
        )
    )
    pixels += np.random.default_rng(seed).normal(0.0, jitter_px, pixels.shape)
    found = pixels.astype(np.float32)
    return Landmarks(0, at_s, found, 0.9, head_pose(found, WIDTH, HEIGHT))


GOOD = FrameQuality(120.0, 0.4, 1.0, 14.0, frozenset(), ())


def flagged(*flags: WhyNot, covered: frozenset[Region] = frozenset()) -> FrameQuality:
    return FrameQuality(120.0, 0.4, 1.0, 14.0, covered, flags)


def reading(
    landmarks: Landmarks | None, at_s: float, quality: FrameQuality | None = GOOD
) -> FaceReading:
    return FaceReading(round(at_s * 30), at_s, landmarks, quality)


def clip(
    faces: Sequence[Face], *, fps: float = 30.0, start_s: float = 0.0, jitter_px: float = 0.1
) -> list[FaceReading]:
    """One reading for each face, as a camera would deliver them."""
    readings = []
    for at, face in enumerate(faces):
        time_s = start_s + at / fps
        readings.append(reading(photographed(face, jitter_px=jitter_px, seed=at), time_s))
    return readings


def weak(side: Side, **doses: float) -> Face:
    """A face whose one side does this and whose other does nothing."""
    half = Half(**doses)
    return Face(left=half) if side is Side.LEFT else Face(right=half)
