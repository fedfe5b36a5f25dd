"""Grace Hopper's glasses: the dark upper rims stay on the nose while the brow moves behind."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_service.simulate.overlay import Overlay

_RIMS = (
    (
        (203, 183), (228, 183), (262, 183), (286, 187), (302, 193), (301, 198), (283, 196),
        (262, 193), (240, 193), (232, 198), (229, 206), (227, 212), (221, 212), (214, 203),
        (204, 199),
    ),
    (
        (342, 197), (360, 186), (382, 178), (405, 178), (428, 181), (441, 188), (447, 207),
        (436, 210), (429, 199), (420, 195), (412, 190), (395, 188), (375, 189), (358, 194),
        (346, 199),
    ),
)  # fmt: skip
"""Around the rims in the portrait's pixels, traced by hand; within them, dark is rim."""
_DARK = 105


def take_off(
    portrait: NDArray[np.uint8],
) -> tuple[NDArray[np.uint8], Overlay]:
    """The picture without the rims (skin grown over them), and the rims."""
    grey = cv2.cvtColor(portrait, cv2.COLOR_BGR2GRAY)
    traced = np.zeros_like(grey)
    for outline in _RIMS:
        cv2.fillPoly(traced, [np.array(outline, np.int32)], 255)
    rim = cv2.morphologyEx(
        np.where(grey < _DARK, traced, 0).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5))
    )
    bare = cv2.inpaint(portrait, cv2.dilate(rim, np.ones((7, 7))), 5, cv2.INPAINT_TELEA)
    alpha = cv2.GaussianBlur(cv2.dilate(rim, np.ones((3, 3))), (0, 0), 0.9).astype(np.float32)
    layer = np.dstack([portrait * (alpha[..., None] / 255), alpha])
    return np.asarray(bare, np.uint8), Overlay.of(np.rint(layer).astype(np.uint8))
