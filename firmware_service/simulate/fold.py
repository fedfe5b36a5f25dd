"""The nasolabial fold: it deepens in a smile and flattens on a weak side."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_service.simulate.anatomy import FOLD, MIRROR
from firmware_service.simulate.portrait import Portrait
from firmware_service.types import Side

_WIDTH_MM = 5.0
_SHADOW_MM = 7.5
"""Dark valleys narrower than this are filled."""
_FLAT_DROOP_MM = 5.0
"""The droop at which the fold is as flat as it gets."""
_FLATTEST = 0.8


class Fold:
    """One side's fold in one portrait, and the skin without it."""

    def __init__(self, portrait: Portrait, side: Side) -> None:
        course = [i if side is Side.RIGHT else MIRROR[i] for i in FOLD]
        points = portrait.points[course, :2]
        width_px = round(_WIDTH_MM / portrait.mm_per_px)
        mask = np.zeros(portrait.image.shape[:2], np.float32)
        cv2.polylines(mask, [np.rint(points).astype(np.int32)], isClosed=False, color=1.0,
                      thickness=width_px)  # fmt: skip
        mask = cv2.GaussianBlur(mask, (0, 0), width_px / 3)
        (left, top), (right, bottom) = (
            np.rint(edge).astype(int)
            for edge in (points.min(axis=0) - 2 * width_px, points.max(axis=0) + 2 * width_px)
        )
        self._part = np.s_[top:bottom, left:right]
        span = round(_SHADOW_MM / portrait.mm_per_px)
        filled = cv2.morphologyEx(
            portrait.image,
            cv2.MORPH_CLOSE,
            cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (span,) * 2),
        )
        skin = cv2.GaussianBlur(filled, (0, 0), span / 4).astype(np.float32)
        self._change = ((skin - portrait.image) * mask[..., None])[self._part]
        self._smiles_mm = portrait.pictured.smile_mm[list(Side).index(side)]

    def draw(self, picture: NDArray[np.uint8], smile_mm: float, droop_mm: float) -> None:
        """Flatten the fold in the picture as far as the dose says, in place."""
        relaxed = 1 - smile_mm / self._smiles_mm if self._smiles_mm else 0.0
        flat = min(max(0.55 * relaxed + droop_mm / _FLAT_DROOP_MM, 0.0), 1.0) * _FLATTEST
        if flat:
            target = picture[self._part]
            target[...] = np.rint(np.clip(target + flat * self._change, 0, 255)).astype(np.uint8)
