"""A still face made to droop, smile, wink and turn, by known amounts.

The displacement is a thin-plate spline anchored on landmarks; how far and how wide a movement
reaches is drawn anew for every picture, so that no particular warp can be learnt by heart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firmware_service.simulate.anatomy import EYES, LIPS, anchors
from firmware_service.simulate.field import ThinPlate, enlarged, inverted, nodes, sample
from firmware_service.simulate.slit import Slit, SlitShape

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.region_refiner.people import Still

SIDES = ("right", "left")
COMMISSURE = {"right": 61, "left": 291}
BROW = {"right": (70, 63, 105, 66, 107, 46, 53, 52, 65, 55)}
BROW["left"] = (300, 293, 334, 296, 336, 276, 283, 282, 295, 285)
UPPER_LID = {"right": (160, 159, 158), "left": (387, 386, 385)}
LOWER_LID = {"right": (144, 145, 153), "left": (373, 374, 380)}
FOREHEAD = {"right": (69, 104, 108, 68, 71), "left": (299, 333, 337, 298, 301)}
STILL = frozenset({
    10, 151, 8, 168, 6, 197, 195, 5, 4, 1, 33, 133, 362, 263, 234, 127, 162, 21, 54, 103, 67, 109,
    454, 356, 389, 251, 284, 332, 297, 338,
})  # fmt: skip
FOLD = {"right": (206, 216, 207), "left": (426, 436, 427)}
"""Along the nasolabial fold."""
_TEETH_MM = 3.0
"""Inner lips at least this far apart on a picture are parted."""
_CAMERA_MM = 450.0
_PIVOT_MM = 45.0
_LANDINGS = 6


@dataclass(slots=True)
class Act:
    """What the face does, mm and degrees; each dict by side, y down and x to the picture's right.

    `closure` 0 as pictured … 1 shut; `reach_mm` how wide a mouth movement spreads; `lips` how far
    parted lips close, 0 as pictured … 1.
    """

    mouth: dict[str, tuple[float, float]] = field(default_factory=dict)
    reach_mm: dict[str, float] = field(default_factory=dict)
    middle: float = 0.12
    closure: dict[str, float] = field(default_factory=dict)
    sag_mm: dict[str, float] = field(default_factory=dict)
    widen_mm: dict[str, float] = field(default_factory=dict)
    brow_mm: dict[str, tuple[float, float]] = field(default_factory=dict)
    flatten: dict[str, float] = field(default_factory=dict)
    lips: tuple[float, float] = (0.0, 0.0)
    pose: tuple[float, float, float] = (0.0, 0.0, 0.0)
    anchored: dict[int, tuple[float, float]] = field(default_factory=dict)
    """More displacements, mm, by landmark."""


class Actor:
    """One still, ready to act: 0.3 s to make, 30 ms an act."""

    def __init__(self, still: Still) -> None:
        self.still = still
        self._pins = anchors()
        self._row = {int(index): row for row, index in enumerate(self._pins)}
        face = still.points[:, :2]
        size = still.image.shape[0]
        self._grid = nodes(size, size)
        self._middle = (face.min(axis=0) + face.max(axis=0)) / 2
        width, height = np.ptp(face, axis=0)
        angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        ring = np.stack([np.cos(angle), np.sin(angle)], axis=-1) * (width, height) / 2
        still_points = np.vstack([self._middle + ring * grow for grow in (1.2, 1.55)])
        plate = ThinPlate(np.vstack([face[self._pins], still_points]))
        flat = self._grid.reshape(-1, 2).astype(np.float64)
        count = len(self._pins) + len(still_points)
        basis = plate.spread(np.eye(count), flat)
        shape = self._grid.shape[:2]
        self._basis = basis[:, : len(self._pins)].astype(np.float32)
        far = float(np.percentile(still.points[:468, 2], 95))
        depth = basis @ np.concatenate([still.points[self._pins, 2], np.full(40, far)])
        near = still.points[:, 2].min()
        depth = np.clip(depth.reshape(shape), near, far).astype(np.float32)
        self._depth = cv2.GaussianBlur(depth, (0, 0), 4.0)
        self._eyes = {
            side: Slit(still, SlitShape(*edges, 6.0, 9.0, 0.12))
            for side, edges in zip(
                SIDES, (EYES[s] for s in sorted(EYES, reverse=True)), strict=True
            )
        }
        gap = np.linalg.norm(face[13] - face[14]) * still.mm_per_px
        self._lips = Slit(still, SlitShape(*LIPS, 13.0, 18.0, 0.6)) if gap > _TEETH_MM else None
        self._smooth = cv2.GaussianBlur(still.image, (0, 0), 2.2 / still.mm_per_px)
        self._folds = {side: self._fold(side) for side in SIDES}

    def _fold(self, side: str) -> NDArray[np.float32]:
        mask = np.zeros(self.still.image.shape[:2], np.float32)
        for x, y in self.still.points[list(FOLD[side]), :2]:
            cv2.circle(mask, (round(x), round(y)), round(5 / self.still.mm_per_px), 1.0, -1)
        return np.asarray(cv2.GaussianBlur(mask, (0, 0), 2.5 / self.still.mm_per_px), np.float32)

    def _pulls(self, act: Act) -> NDArray[np.float32]:
        """The anchors' displacements, px."""
        points, scale = self.still.points[:, :2], self.still.mm_per_px
        moved = np.zeros((len(self._pins), 2), np.float32)
        at = points[self._pins]
        fixed = np.array([int(index) in STILL for index in self._pins])
        nose_y = points[2, 1]
        for side in SIDES:
            out = 1.0 if side == "left" else -1.0
            if side in act.mouth:
                corner = points[COMMISSURE[side]]
                away = (at - corner) * scale
                reach = act.reach_mm.get(side, 20.0)
                fade = np.exp(-((np.hypot(away[:, 0], 0.8 * away[:, 1]) / reach) ** 2))
                # Towards the midline the other half of the lips holds back.
                lateral = out * (at[:, 0] - self._middle[0]) / (abs(corner[0] - self._middle[0]))
                held = np.clip((lateral - 0.05) / 0.95, 0, 1) ** 0.8
                fade *= act.middle * (lateral > -0.4) * (1 - held) + held
                fade *= np.clip((at[:, 1] - nose_y) * scale / 12 + 1.2, 0, 1)
                moved += fade[:, None] * np.array(act.mouth[side])
            if side in act.brow_mm:
                inner, outer = act.brow_mm[side]
                brow = points[list(BROW[side])]
                lo, hi = brow[:, 0].min(), brow[:, 0].max()
                along = np.clip((at[:, 0] - lo) / (hi - lo), 0, 1)
                along = along if side == "left" else 1 - along
                lift = inner + (outer - inner) * along
                part = np.zeros(len(at), np.float32)
                for index in BROW[side]:
                    part[self._row[index]] = 1.0
                for index in FOREHEAD[side]:
                    part[self._row[index]] = 0.55
                moved[:, 1] -= part * lift
            for index in UPPER_LID[side]:
                moved[self._row[index], 1] -= act.widen_mm.get(side, 0.0)
        moved[fixed] = 0
        for index, (x, y) in act.anchored.items():
            moved[self._row[index]] += (x, y)
        return moved / np.float32(scale)

    def _posed(
        self, at: NDArray[np.float32], depth: NDArray[np.float32], act: Act
    ) -> NDArray[np.float32]:
        """Where what is at `at` [..., 2] px, `depth` [...] px deep, is once the head turned."""
        scale = self.still.mm_per_px
        focal, pivot = np.float32(_CAMERA_MM / scale), np.float32(_PIVOT_MM / scale)
        middle = self._middle.astype(np.float32)
        farther = 1 + depth / focal
        solid = np.stack(
            [
                (at[..., 0] - middle[0]) * farther,
                (at[..., 1] - middle[1]) * farther,
                depth - pivot,
            ],
            axis=-1,
        )
        yaw, pitch, roll = np.radians(act.pose)
        cy, sy, cp, sp, cr, sr = (
            np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll),
        )  # fmt: skip
        about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
        about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        turned = solid @ (about_z @ about_y @ about_x).astype(np.float32).T
        nearer = 1 / (1 + (turned[..., 2] + pivot) / focal)
        flat = middle + turned[..., :2] * nearer[..., None]
        return np.concatenate([flat, turned[..., 2:] + pivot], axis=-1)

    def acted(self, act: Act) -> NDArray[np.float64]:
        """The true landmarks float64 [478, 2] px before the head is turned."""
        points, forward = self._slid(act), self._muscles(act)
        return _landed(points, forward, inverted(forward, self._grid))

    def _slid(self, act: Act) -> NDArray[np.float64]:
        points = self.still.points[:, :2].copy()
        for side, eye in self._eyes.items():
            closure, sag = act.closure.get(side, 0.0), act.sag_mm.get(side, 0.0)
            if closure or sag:
                eye.move(points, closure, sag)
        if self._lips is not None and any(act.lips):
            self._lips.move(points, self._lip_closure(act))
        return points

    def _lip_closure(self, act: Act) -> NDArray[np.float64]:
        left = 1 / (1 + np.exp(-(self._lips.columns - self._middle[0]) / 10.0))
        return np.asarray(act.lips[0] * (1 - left) + act.lips[1] * left)

    def _muscles(self, act: Act) -> NDArray[np.float32]:
        return (self._basis @ self._pulls(act)).reshape(self._grid.shape)

    def perform(self, act: Act) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """The picture, uint8 BGR as large as the still, and its true landmarks float64 [478, 3]."""
        points = self._slid(act)
        z = self.still.points[:, 2]
        picture = self.still.image.copy()
        for side, amount in act.flatten.items():
            mask = (self._folds[side] * amount)[..., None]
            picture = (picture * (1 - mask) + self._smooth * mask).astype(np.uint8)
        for side, eye in self._eyes.items():
            closure, sag = act.closure.get(side, 0.0), act.sag_mm.get(side, 0.0)
            if closure or sag:
                eye.draw(picture, closure, sag)
        if self._lips is not None and any(act.lips):
            self._lips.draw(picture, self._lip_closure(act))
        field_px = self._muscles(act)
        if any(act.pose):
            acted = points + sample(field_px, points)
            z = self._posed(acted, z, act)[:, 2]
            posed = self._posed(self._grid + field_px, self._depth, act)[..., :2]
            field_px = (posed - self._grid).astype(np.float32)
        back = inverted(field_px, self._grid)
        source = enlarged(np.ascontiguousarray(back + self._grid, np.float32))
        seen = cv2.remap(picture, source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        at = _landed(points, field_px, back)
        return np.asarray(seen, np.uint8), np.column_stack((at, z))


def _landed(
    points: NDArray[np.float64], forward: NDArray[np.float32], back: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Where the picture drawn by `back` really shows what lay at `points` [n, 2] px.

    `back` inverts `forward` only nearly: at the corner of a drooping mouth by 0.2 mm less.
    """
    at = points + sample(forward, points)
    for _ in range(_LANDINGS):
        at += points - (at + sample(back, at))
    return at


def scaled(
    image: NDArray[np.uint8], points: NDArray[np.float64], factor: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """Picture and points as a camera with fewer or more pixels would give them."""
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    size = max(round(image.shape[0] * factor), 32)
    factor = size / image.shape[0]
    small = cv2.resize(image, (size, size), interpolation=how)
    flat = (points[:, :2] + 0.5) * factor - 0.5
    return np.asarray(small, np.uint8), np.column_stack((flat, points[:, 2] * factor))
