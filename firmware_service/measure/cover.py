"""Whether the pixels show lips and eyes where the landmarks claim them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_UPPER_OUTER: Final = (185, 40, 39, 37, 0, 267, 269, 270, 409)
_UPPER_INNER: Final = (191, 80, 81, 82, 13, 312, 311, 310, 415)
_LOWER_OUTER: Final = (146, 91, 181, 84, 17, 314, 405, 321, 375)
_LOWER_INNER: Final = (95, 88, 178, 87, 14, 317, 402, 318, 324)
_ABOVE_LIP: Final = (186, 92, 165, 167, 164, 393, 391, 322, 410)
_BELOW_LIP: Final = (43, 106, 182, 83, 18, 313, 406, 335, 273)
_FOREHEAD: Final = (151, 9, 108, 337, 69, 299)
_MID_FACE: Final = (205, 425, 50, 280, 195, 5)
_LID_FOLD: Final = ((29, 27, 28), (259, 257, 258))
_UNDER_EYE: Final = ((24, 23, 22), (254, 253, 252))
_BGR_TO_LUMA: Final = np.array([0.114, 0.587, 0.299])
_LIP_STEPS: Final = np.linspace(0.0, 1.0, 25)[None, :, None]
_EYE_STEPS: Final = np.linspace(0.0, 1.0, 20)[None, :, None]
_DARKEST_SHARE: Final = 0.6
_CHROMA_FREE: Final = 0.08
_CHROMA_WEIGHT: Final = 2.0


def _colours(image: NDArray[np.uint8], xy: NDArray[np.float32]) -> NDArray[np.float64]:
    """The nearest pixels to [n, 2] places as float64 [n, 3]; places outside take the border."""
    height, width = image.shape[:2]
    columns = np.clip(np.rint(xy[:, 0]), 0, width - 1).astype(np.intp)
    rows = np.clip(np.rint(xy[:, 1]), 0, height - 1).astype(np.intp)
    found: NDArray[np.float64] = image[rows, columns].astype(np.float64)
    return found


def _redness(colours: NDArray[np.float64]) -> float:
    """The median log ratio of red to green."""
    return float(np.median(np.log((colours[:, 2] + 8.0) / (colours[:, 1] + 8.0))))


def _profiles(
    image: NDArray[np.uint8],
    top: NDArray[np.float32],
    bottom: NDArray[np.float32],
    steps: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Grey levels [n, steps] along the lines from n places at the top to n at the bottom."""
    places = (top[:, None] * (1.0 - steps) + bottom[:, None] * steps).reshape(-1, 2)
    grey: NDArray[np.float64] = (_colours(image, places) @ _BGR_TO_LUMA).reshape(len(top), -1)
    return grey


def lip_evidence(image: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """How much the pixels between nose and chin look like a mouth; a mask or a hand gives ≤ 0.2.

    Args:
        image: uint8 BGR [h, w, 3].
        points: float32 [478, 3] in its pixels.

    The sum of the grey-level range along nine lines across the lips over the skin's grey level,
    how much redder the lips are than the skin around them, and, against it, how much less red that
    skin is than the forehead (a mask is). On 75 London faces and 16 clips an uncovered mouth gave
    0.22–1.2 (2 % below 0.27), opaque masks and a hand at most 0.20.
    """
    xy = points[:, :2]
    above, below = xy[list(_ABOVE_LIP)], xy[list(_BELOW_LIP)]
    upper, lower = xy[list(_UPPER_OUTER)], xy[list(_LOWER_OUTER)]
    lips = np.vstack((upper + xy[list(_UPPER_INNER)], lower + xy[list(_LOWER_INNER)])) / 2
    skin = _colours(image, np.vstack((upper + above, lower + below)) / 2)
    forehead = _colours(image, xy[list(_FOREHEAD)])
    profiles = _profiles(image, above, below, _LIP_STEPS)
    low, high = np.percentile(profiles, (10, 90), axis=1)
    bright = max(
        float(profiles.mean()), _DARKEST_SHARE * float(np.median(forehead @ _BGR_TO_LUMA)), 1.0
    )
    structure = float(np.median(high - low)) / bright
    around = _redness(skin)
    redder = max(0.0, _redness(_colours(image, lips)) - around)
    paler = min(0.0, around - _redness(forehead) + _CHROMA_FREE)
    return structure + redder + _CHROMA_WEIGHT * paler


def eye_structure(image: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """Grey-level range from lid fold to under the eye over the skin's level, of the fainter eye.

    Args:
        image: uint8 BGR [h, w, 3].
        points: float32 [478, 3] in its pixels.

    Lashes and iris make an open eye 0.3–1.7 and a closed one 0.38–1.4 (75 London faces, 16 clips);
    a bandage, a hand or dark glasses stay below 0.26 in nine of ten.
    """
    xy = points[:, :2]
    forehead = float(np.median(_colours(image, xy[list(_FOREHEAD)]) @ _BGR_TO_LUMA))
    middle = float(np.median(_colours(image, xy[list(_MID_FACE)]) @ _BGR_TO_LUMA))
    found = []
    for fold, under in zip(_LID_FOLD, _UNDER_EYE, strict=True):
        profiles = _profiles(image, xy[list(fold)], xy[list(under)], _EYE_STEPS)
        low, high = np.percentile(profiles, (5, 95), axis=1)
        bright = max(float(profiles.mean()), _DARKEST_SHARE * max(forehead, middle), 1.0)
        found.append(float(np.median(high - low)) / bright)
    return min(found)
