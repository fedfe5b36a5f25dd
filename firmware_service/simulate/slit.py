"""Closing a slit of the face in the picture, an eye or parted lips.

The skin of both edges is drawn over what lies between them (eyeball, teeth), which stays where it
is. Works column by column on the upright portrait: between a still row and its edge the skin
stretches, most near the still row, so that lashes or lip red travel with the edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_service.simulate.portrait import Portrait

Row = NDArray[np.floating[Any]]

_RIGID = 0.25
"""Slope of the stretch at its far end; the smaller, the more the edge moves as one piece."""
_SKIN_STARTS_PX = 5.0
_IRISES = 468
"""First of the iris landmarks; they lie on the eyeball and stay."""


@dataclass(frozen=True, slots=True)
class SlitShape:
    """Landmarks of both edges from the patient's right to left, how far the skin gives, mm."""

    upper: tuple[int, ...]
    lower: tuple[int, ...]
    above_mm: float
    below_mm: float
    lower_share: float
    """Of the opening, closed by the lower edge rising; the upper edge does the rest."""
    skin_from_below: bool = False
    """Draw the upper lid with the skin below the eye, where the lid itself hides in shadow."""
    seam: float = 0.0
    """How dark the line is where the edges meet, 0…1."""


class Slit:
    """One slit of one portrait, and the movement of the landmarks around it."""

    def __init__(self, portrait: Portrait, shape: SlitShape) -> None:
        self._shape = shape
        self._mm_per_px = portrait.mm_per_px
        upper = portrait.points[list(shape.upper), :2]
        lower = portrait.points[list(shape.lower), :2]
        margin = 3
        self._x0 = int(upper[0, 0]) - margin
        columns = np.arange(self._x0, int(upper[-1, 0]) + margin + 2, dtype=np.float64)
        self.columns = columns
        self._upper = _edge(columns, upper)
        self._lower = np.maximum(_edge(columns, lower), self._upper)
        self._opening = self._lower - self._upper
        self._above = self._upper - shape.above_mm / portrait.mm_per_px
        self._below = self._lower + shape.below_mm / portrait.mm_per_px
        self._y0 = int(self._above.min()) - 2
        self._y1 = int(self._below.max()) + 3
        x, y = portrait.points[:, 0], portrait.points[:, 1]
        near = (x >= columns[0]) & (x <= columns[-1]) & (y >= self._y0) & (y <= self._y1)
        self._around = np.flatnonzero(near & (np.arange(len(x)) < _IRISES))
        self._source = portrait.image[self._y0 : self._y1, self._x0 : self._x0 + len(columns)]

    def _edges(self, closure: Row | float, sag_mm: float) -> tuple[Row, Row]:
        """Where the two edges stand, a y for each column."""
        share = self._shape.lower_share
        sag = sag_mm / self._mm_per_px * self._opening / self._opening.max()
        lower = self._lower + sag - closure * share * self._opening
        upper = self._upper + closure * ((1 - share) * self._opening + sag)
        return np.minimum(upper, lower), lower

    def draw(self, picture: NDArray[np.uint8], closure: Row | float, sag_mm: float = 0.0) -> None:
        """Draw the slit into the picture, closed by `closure` 0…1, lower edge `sag_mm` down."""
        upper, lower = self._edges(closure, sag_mm)
        y = np.arange(self._y0, self._y1, dtype=np.float64)[:, None]
        x = np.broadcast_to(self.columns - self._x0, (len(y), len(self.columns)))
        over = _source_of(y, self._above, self._upper, upper)
        under = -_source_of(-y, -self._below, -self._lower, -lower)
        inner = np.broadcast_to(np.minimum(y, self._lower - 1.0), x.shape)
        seen = np.clip(y - upper + 0.5, 0.0, 1.0) * np.clip(lower - y + 0.5, 0.0, 1.0)
        seen = np.where(upper >= lower - 0.5, 0.0, seen)[..., None]
        above = np.clip((upper + lower) / 2 - y + 0.5, 0.0, 1.0)[..., None]
        outside = _pick(self._source, x, under - float(self._y0)) * (1 - above)
        outside += _pick(self._source, x, over - float(self._y0)) * above
        if self._shape.skin_from_below:
            self._borrow_skin(outside, y, upper)
        inside = _pick(self._source, x, inner - float(self._y0))
        if self._shape.seam:
            meets = np.clip(1.5 - (lower - upper) / 2, 0.0, 1.0) * (self._opening > 1.0)
            line = np.exp(-(((y - (upper + lower) / 2) / 1.4) ** 2))
            outside *= (1 - self._shape.seam * meets * line)[..., None]
        target = picture[self._y0 : self._y1, self._x0 : self._x0 + len(self.columns)]
        target[...] = np.rint(outside * (1 - seen) + inside * seen).astype(np.uint8)

    def _borrow_skin(self, outside: NDArray[np.float32], y: Row, upper: Row) -> None:
        """Lay skin from below the lower edge over the upper lid, with a lash line, in place."""
        gone = upper - self._upper
        up = upper - y
        x = np.broadcast_to(self.columns - self._x0, up.shape)
        source = np.minimum(self._lower + _SKIN_STARTS_PX + 0.8 * np.abs(up), self._y1 - 1.0)
        skin = _pick(self._source, x, source - float(self._y0))
        depth = np.clip(up / np.maximum(upper - self._above, 1.0), 0.0, 1.0)
        weight = (
            np.clip(gone / 4.0, 0, 1) * np.clip(up + 0.5, 0, 1) * np.clip(2.2 - 2.2 * depth, 0, 1)
        )
        lash = 1 - 0.5 * np.clip(gone / 4.0, 0, 1) * np.exp(-((up / 1.3) ** 2))
        shade = (lash * (1 - 0.12 * depth))[..., None]
        outside += weight[..., None] * (skin * shade - outside)

    def move(self, points: NDArray[np.float64], closure: Row | float, sag_mm: float = 0.0) -> None:
        """Move the portrait's landmarks [478, ≥2] around this slit with its edges, in place."""
        x, y = points[self._around, 0], points[self._around, 1]
        rows = (self._above, self._upper, self._lower, self._below, *self._edges(closure, sag_mm))
        above, top, bottom, below, new_top, new_bottom = (
            np.interp(x, self.columns, row) for row in rows
        )
        over = _target_of(y, above, top, new_top)
        under = -_target_of(-y, -below, -bottom, -new_bottom)
        points[self._around, 1] = np.where(y < (top + bottom) / 2, over, under)


def _edge(columns: Row, points: NDArray[np.float64]) -> Row:
    """A smooth edge through the landmarks; beyond the corners it stays at their height."""
    order: Sequence[int] = np.argsort(points[:, 0]).tolist()
    dense = np.interp(columns, points[order, 0], points[order, 1])
    return np.convolve(np.pad(dense, 1, mode="edge"), np.array([0.25, 0.5, 0.25]), mode="valid")


def _bend(stretch: Row) -> Row:
    return np.clip(1.0 - stretch, _RIGID, 2.0 - _RIGID)


def _source_of(y: Row, still: Row, edge: Row, moved: Row) -> Row:
    """Where in the picture the skin seen at y comes from, when `edge` moved to `moved`."""
    length, now = np.maximum(edge - still, 1e-3), np.maximum(moved - still, 1e-3)
    a = _bend((moved - edge) / length)
    t = (y - still) / now
    inside = still + length * (a * t + (1 - a) * t * t)
    return np.where(t <= 0, y, np.where(t >= 1, y - moved + edge, inside))


def _target_of(y: Row, still: Row, edge: Row, moved: Row) -> Row:
    """Where the skin at y goes; the inverse of `_source_of`."""
    length, now = np.maximum(edge - still, 1e-3), np.maximum(moved - still, 1e-3)
    a = _bend((moved - edge) / length)
    s = (y - still) / length
    curve = np.where(np.abs(1 - a) < 1e-6, 1e-6, 1 - a)
    t = (-a + np.sqrt(np.maximum(a * a + 4 * curve * s, 0.0))) / (2 * curve)
    return np.where(s <= 0, y, np.where(s >= 1, y + moved - edge, still + now * t))


def _pick(picture: NDArray[np.uint8], x: Row, y: Row) -> NDArray[np.float32]:
    got = cv2.remap(
        picture,
        x.astype(np.float32),
        y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(got, dtype=np.float32)
