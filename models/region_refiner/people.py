"""The pictures to learn from, split by person, and where their landmarks truly are.

Nobody marked the smiling pictures by hand, so the teacher is the attention mesh itself on the
undistorted picture, averaged over shifted, scaled, turned and mirrored looks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firmware_service.perceive import mesh
from firmware_service.perceive.preprocess import (
    Square,
    around_points,
    crop_input,
    points_to_picture,
)
from firmware_service.simulate.portrait import IRIS_MM
from models.region_refiner.mirror import mirrored

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_service.perceive.track import Networks

EXPRESSIONS = ("neutral", "smile")
HELD_OUT_EVERY = 3
CROP_PX = 600
"""Side of the square that is kept of a picture around the face."""
_LOOKS = 12
_IRIS_ENDS = ((469, 471), (474, 476))


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """One picture: uint8 BGR [600, 600, 3], teacher landmarks float64 [478, 3] px, its scale."""

    person: str
    expression: str
    image: NDArray[np.uint8]
    points: NDArray[np.float64]
    mm_per_px: float


def people(data: Path) -> list[str]:
    """The identities of the London set that lie under `data`, sorted."""
    names = {path.name[:3] for path in (data / "face_images_london").glob("*_neutral.jpg")}
    if not names:
        raise SystemExit(f"{data}/face_images_london holds no *_neutral.jpg; give --data")
    return sorted(names)


def held_out(names: list[str]) -> list[str]:
    """Every third identity: never trained on, always the benchmark's."""
    return names[::HELD_OUT_EVERY]


def settle(
    networks: Networks, image: NDArray[np.uint8], region: Square, passes: int = 1
) -> NDArray[np.float32]:
    """The landmarks float32 [478, 3] after `passes` looks, each where the last one saw the face."""
    for _ in range(passes):
        found = networks.find_mesh(crop_input(image, region, mesh.INPUT_PX))
        points = points_to_picture(found.points, region, mesh.INPUT_PX)
        region = around_points(points)
    return points


def teach(networks: Networks, image: NDArray[np.uint8], seen: NDArray[np.float32]) -> NDArray:
    """The mean landmarks float64 [478, 3] over jittered looks, half of them in the mirror."""
    rng = np.random.default_rng(0)
    width = image.shape[1]
    flipped = np.ascontiguousarray(image[:, ::-1])
    looks = []
    for look in range(_LOOKS):
        mirror = look % 2 == 1
        start = mirrored(seen, width) if mirror else seen
        at = around_points(start)
        region = replace(
            at,
            x=at.x + rng.normal(0, 0.01) * at.side,
            y=at.y + rng.normal(0, 0.01) * at.side,
            side=at.side * rng.uniform(0.95, 1.06),
            angle=at.angle + rng.normal(0, math.radians(2)),
        )
        points = settle(networks, flipped if mirror else image, region)
        looks.append(mirrored(points, width) if mirror else points)
    return np.mean(looks, axis=0, dtype=np.float64)


def load(networks: Networks, data: Path, person: str, expression: str) -> Still:
    """One picture with its teacher landmarks."""
    path = data / "face_images_london" / f"{person}_{expression}.jpg"
    image = cv2.imread(str(path))
    height, width = image.shape[:2]
    seen = settle(networks, image, Square(width / 2, height / 2 + 10, 0.62 * width, 0.0), 4)
    middle = (seen.min(axis=0) + seen.max(axis=0))[:2] / 2
    corner = np.rint(middle - CROP_PX / 2)
    cut = np.array([[1, 0, -corner[0]], [0, 1, -corner[1]]])
    crop = cv2.warpAffine(image, cut, (CROP_PX, CROP_PX), borderMode=cv2.BORDER_REPLICATE)
    seen[:, :2] -= corner.astype(np.float32)
    points = teach(networks, crop, seen)
    iris = np.mean([np.linalg.norm(points[a, :2] - points[b, :2]) for a, b in _IRIS_ENDS])
    return Still(person, expression, crop, points, IRIS_MM / float(iris))
