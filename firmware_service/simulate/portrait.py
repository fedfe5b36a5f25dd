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


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A 640×480 uint8 BGR picture, its landmarks float64 [478, 3] px, and its scale.

    `smile_mm` is how far the sitter's mouth corners stand from her resting mouth in the picture,
    and `lips_parted` whether teeth show; the renderer takes both back to find the rest.
    `lid_skin_mm` is the free skin above the upper lid, up to the glasses where there are any.
    """

    sitter: Sitter
    image: NDArray[np.uint8]
    points: NDArray[np.float64]
    mm_per_px: float
    smile_mm: float
    lips_parted: bool
    lid_skin_mm: float
    glasses: bool


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
    smiles = sitter is Sitter.EILEEN_COLLINS
    return Portrait(
        sitter,
        image,
        points,
        IRIS_MM / float(iris_px),
        smile_mm=8.0 if smiles else 0.0,
        lips_parted=smiles,
        lid_skin_mm=8.5 if smiles else 4.5,
        glasses=not smiles,
    )
