"""Closing an eye in the picture: the lid's skin is drawn over an eyeball that stays where it is.

Works column by column on the upright portrait. Between the crease and the lid edge the skin
stretches, most near the crease, so that the lashes travel with the edge; the lower lid likewise.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_service.simulate.portrait import Portrait
from firmware_service.types import Side

Row = NDArray[np.floating[Any]]

UPPER = {
    Side.RIGHT: (33, 246, 161, 160, 159, 158, 157, 173, 133),
    Side.LEFT: (362, 398, 384, 385, 386, 387, 388, 466, 263),
}
LOWER = {
    Side.RIGHT: (33, 7, 163, 144, 145, 153, 154, 155, 133),
    Side.LEFT: (362, 382, 381, 380, 374, 373, 390, 249, 263),
}
IRIS = {Side.RIGHT: tuple(range(468, 473)), Side.LEFT: tuple(range(473, 478))}

_LOWER_SHARE = 0.12
"""Of the opening, closed by the lower lid rising; the upper lid does the rest."""
_BAG_PX_PER_OPENING = 1.3
_RIGID = 0.25
"""Slope of the stretch at its far end; the smaller, the more the edge moves as one piece."""


class Eyelids:
    """Both lids of one eye of one portrait, and the movement of its landmarks with them."""

    def __init__(self, portrait: Portrait, side: Side) -> None:
        upper = portrait.points[list(UPPER[side]), :2]
        lower = portrait.points[list(LOWER[side]), :2]
        self._opening_px = float((lower[2:-2, 1] - upper[2:-2, 1]).max())
        self._mm_per_px = portrait.mm_per_px
        margin = 3
        self._x0 = int(upper[0, 0]) - margin
        columns = np.arange(self._x0, int(upper[-1, 0]) + margin + 2, dtype=np.float64)
        self._columns = columns
        self._upper = _edge(columns, upper)
        self._lower = np.maximum(_edge(columns, lower), self._upper)
        self._crease = self._upper - portrait.lid_skin_mm / portrait.mm_per_px
        self._bag = self._lower + _BAG_PX_PER_OPENING * self._opening_px
        self._y0 = int(self._crease.min()) - 2
        self._y1 = int(self._bag.max()) + 3
        x, y = portrait.points[:, 0], portrait.points[:, 1]
        near = (x >= columns[0]) & (x <= columns[-1]) & (y >= self._y0) & (y <= self._y1)
        self._on_lids = np.flatnonzero(near & (np.arange(len(x)) < IRIS[Side.RIGHT][0]))
        self._source = portrait.image[self._y0 : self._y1, self._x0 : self._x0 + len(columns)]

    def _edges(self, closure: float, sag_mm: float) -> tuple[Row, Row]:
        """Where the two lid edges stand, a y for each column."""
        opening = self._lower - self._upper
        sag = sag_mm / self._mm_per_px * np.clip(opening / self._opening_px, 0.0, 1.0)
        lower = self._lower + sag - closure * _LOWER_SHARE * opening
        upper = self._upper + closure * (1 - _LOWER_SHARE) * opening + closure * sag
        return np.minimum(upper, lower), lower

    def draw(self, picture: NDArray[np.uint8], closure: float, sag_mm: float) -> None:
        """Draw the eye, closed by `closure` 0…1, lower lid `sag_mm` down, into the picture."""
        upper, lower = self._edges(closure, sag_mm)
        y = np.arange(self._y0, self._y1, dtype=np.float64)[:, None]
        x = np.broadcast_to(self._columns - self._x0, (len(y), len(self._columns)))
        lid = _source_of(y, self._crease, self._upper, upper)
        below = 2.0 * self._bag - _source_of(
            2.0 * self._bag - y, self._bag, 2.0 * self._bag - self._lower, 2.0 * self._bag - lower
        )
        skin = np.where(y < (upper + lower) / 2, lid, below)
        ball = np.minimum(y, self._lower - 1.0)
        seen = np.clip(y - upper + 0.5, 0.0, 1.0) * np.clip(lower - y + 0.5, 0.0, 1.0)
        seen = np.where(upper >= lower - 0.5, 0.0, seen)[..., None]
        outer = _pick(self._source, x, skin - float(self._y0))
        inner = _pick(self._source, x, np.broadcast_to(ball, x.shape) - float(self._y0))
        mixed = outer * (1 - seen) + inner * seen
        target = picture[self._y0 : self._y1, self._x0 : self._x0 + len(self._columns)]
        target[...] = np.rint(mixed).astype(np.uint8)

    def move(self, points: NDArray[np.float64], closure: float, sag_mm: float) -> None:
        """Move the portrait's landmarks [478, ≥2] that lie on this eye's lids, in place."""
        if not closure and not sag_mm:
            return
        x, y = points[self._on_lids, 0], points[self._on_lids, 1]
        upper, lower = (np.interp(x, self._columns, e) for e in self._edges(closure, sag_mm))
        crease, top, bottom, bag = (
            np.interp(x, self._columns, row)
            for row in (self._crease, self._upper, self._lower, self._bag)
        )
        lid = _target_of(y, crease, top, upper)
        below = 2.0 * bag - _target_of(2.0 * bag - y, bag, 2.0 * bag - bottom, 2.0 * bag - lower)
        points[self._on_lids, 1] = np.where(y < (top + bottom) / 2, lid, below)


def _edge(columns: Row, points: NDArray[np.float64]) -> Row:
    """A smooth lid edge through the landmarks; at and beyond the canthi it lies at the canthus."""
    order = np.argsort(points[:, 0])
    dense = np.interp(columns, points[order, 0], points[order, 1])
    kernel = np.array([0.25, 0.5, 0.25])
    return np.convolve(np.pad(dense, 1, mode="edge"), kernel, mode="valid")


def _bend(stretch: Row) -> Row:
    return np.clip(1.0 - stretch, _RIGID, 2.0 - _RIGID)


def _source_of(y: Row, fixed: Row, edge: Row, moved: Row) -> Row:
    """Where in the picture the skin seen at y comes from, when `edge` moved to `moved`."""
    length, now = np.maximum(edge - fixed, 1e-3), np.maximum(moved - fixed, 1e-3)
    a = _bend((moved - edge) / length)
    t = (y - fixed) / now
    inside = fixed + length * (a * t + (1 - a) * t * t)
    return np.where(t <= 0, y, np.where(t >= 1, y - moved + edge, inside))


def _target_of(y: Row, fixed: Row, edge: Row, moved: Row) -> Row:
    """Where the skin at y goes; the inverse of `_source_of`."""
    length, now = np.maximum(edge - fixed, 1e-3), np.maximum(moved - fixed, 1e-3)
    a = _bend((moved - edge) / length)
    s = (y - fixed) / length
    curve = np.where(np.abs(1 - a) < 1e-6, 1e-6, 1 - a)
    t = (-a + np.sqrt(np.maximum(a * a + 4 * curve * s, 0.0))) / (2 * curve)
    return np.where(s <= 0, y, np.where(s >= 1, y + moved - edge, fixed + now * t))


def _pick(picture: NDArray[np.uint8], x: Row, y: Row) -> NDArray[np.float32]:
    got = cv2.remap(
        picture,
        x.astype(np.float32),
        y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(got, dtype=np.float32)
