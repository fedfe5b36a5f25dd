"""The public-domain portraits that simulated patients are made of, and their landmarks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

IRIS_MM = 11.7
"""Horizontal visible iris diameter; the ruler of every dose and truth here."""

_IRIS_ENDS = ((469, 471), (474, 476))


class Sitter(StrEnum):
    """Whose portrait it is; provenance in portraits/README.md."""

    GRACE_HOPPER = "grace_hopper"
    EILEEN_COLLINS = "eileen_collins"


@dataclass(frozen=True, slots=True)
class Pictured:
    """How a sitter was caught, which the renderer takes back to find her rest.

    `smile_mm` is how far each mouth corner stands from rest (left, right), `lips_parted` whether
    teeth show, `lid_skin_mm` the free skin above the upper lid (up to the glasses, where there are
    any), `bowed_deg` how far the landmark model sees her head bent down.
    """

    smile_mm: tuple[float, float]
    lips_parted: bool
    lid_skin_mm: float
    glasses: bool
    bowed_deg: float


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A 640×480 uint8 BGR picture, its landmarks float64 [478, 3] px, its scale, the pose."""

    sitter: Sitter
    image: NDArray[np.uint8]
    points: NDArray[np.float64]
    mm_per_px: float
    pictured: Pictured


# Fitted by eye and by the millimetre measure, so that both corners rest at one height.
_PICTURED = {
    Sitter.GRACE_HOPPER: Pictured(
        smile_mm=(0.0, 0.0), lips_parted=False, lid_skin_mm=4.5, glasses=True, bowed_deg=6.0
    ),
    Sitter.EILEEN_COLLINS: Pictured(
        smile_mm=(9.2, 6.8), lips_parted=True, lid_skin_mm=8.5, glasses=False, bowed_deg=8.0
    ),
}


@cache
def load_portrait(sitter: Sitter) -> Portrait:
    """The portrait as it lies in the package; the arrays are shared and read-only."""
    folder = resources.files("firmware_service.simulate") / "portraits"
    png = np.frombuffer((folder / f"{sitter}.png").read_bytes(), np.uint8)
    image = np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR), dtype=np.uint8)
    points = np.array(json.loads((folder / f"{sitter}.json").read_text()), dtype=np.float64)
    iris_px = np.mean([np.linalg.norm(points[a, :2] - points[b, :2]) for a, b in _IRIS_ENDS])
    image.setflags(write=False)
    points.setflags(write=False)
    return Portrait(sitter, image, points, IRIS_MM / float(iris_px), _PICTURED[sitter])
