"""A portrait made to act: every frame is warped real pixels whose true movement is known."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_service.simulate.anatomy import EYES, LIPS, Action, anchors, pulled
from firmware_service.simulate.field import (
    CELL,
    Field,
    ThinPlate,
    enlarged,
    inverted,
    nodes,
    sample,
)
from firmware_service.simulate.fold import Fold
from firmware_service.simulate.glasses import take_off
from firmware_service.simulate.overlay import Overlay, lay_over
from firmware_service.simulate.portrait import Portrait, Sitter, load_portrait
from firmware_service.simulate.slit import Slit, SlitShape
from firmware_service.simulate.state import UPRIGHT, FaceState, HalfTruth, Truth
from firmware_service.types import HeadPose, Side

FRAME_WIDTH, FRAME_HEIGHT = 640, 480
_CAMERA_MM = 450.0
"""Distance from the camera to the face, for perspective."""
_PIVOT_MM = 45.0
"""How far behind the landmark plane the head turns."""
_HEAD = (0.92, 1.45)
"""Half-axes, in face widths, of the ellipse that moves as one with the head; outside it fades."""

_LIP_BLEND_PX = 10.0
_SMOOTH_CELLS = 1.4
"""Takes out of the fields what the grid between its nodes could not tell."""
_COMMISSURE = {Side.RIGHT: 61, Side.LEFT: 291}
_BROW = {Side.RIGHT: (105, 63, 66), Side.LEFT: (334, 293, 296)}
_LEADER = {
    action: {Side.RIGHT: 105, Side.LEFT: 334}
    if action in {Action.BROW_RAISE, Action.BROW_DROOP}
    else _COMMISSURE
    for action in Action
}


class ActingFace:
    """Renders one portrait; made once (about 0.2 s), then a few ms a frame."""

    def __init__(self, portrait: Portrait) -> None:
        self.portrait = portrait
        self._grid = nodes(FRAME_WIDTH, FRAME_HEIGHT)
        self._every_px = np.stack(
            np.meshgrid(np.arange(FRAME_WIDTH), np.arange(FRAME_HEIGHT)), axis=-1
        ).astype(np.float32)
        taken = portrait.pictured
        self._eyes = {
            side: Slit(
                portrait, SlitShape(*EYES[side], taken.lid_skin_mm, 9.0, 0.12, taken.glasses)
            )
            for side in Side
        }
        self._folds = {side: Fold(portrait, side) for side in Side}
        self._lips = Slit(portrait, SlitShape(*LIPS, 13.0, 18.0, 0.6, seam=0.4))
        self._bare = portrait.image
        self._rims: Overlay | None = None
        if taken.glasses:
            self._bare, self._rims = take_off(portrait.image)
        self._build_fields()
        rest = self._slid(FaceState())
        self._rest = rest + sample(self._muscles(FaceState()), rest)

    def _build_fields(self) -> None:
        points, face = self.portrait.points, self.portrait.points[:, :2]
        middle = (face.min(axis=0) + face.max(axis=0)) / 2
        width = float(np.ptp(face[:, 0]))
        still = _surround(middle, width, float(np.ptp(face[:, 1])))
        pins = anchors()
        plate = ThinPlate(np.vstack([face[pins], still]))
        flat = self._grid.reshape(-1, 2).astype(np.float64)
        place = {int(index): row for row, index in enumerate(pins)}
        columns = []
        self._actions = [(action, side) for side in Side for action in Action]
        for action, side in self._actions:
            values = np.zeros((len(pins) + len(still), 2))
            for index, xy in pulled(action, side).items():
                values[place[index]] = xy
            columns.append(values)
        spread = plate.spread(np.hstack(columns), flat) / self.portrait.mm_per_px
        shape = self._grid.shape[:2]
        self._unit = spread.reshape(*shape, len(self._actions), 2).transpose(2, 0, 1, 3)
        self._unit = np.stack(
            [
                cv2.GaussianBlur(np.ascontiguousarray(unit, np.float32), (0, 0), _SMOOTH_CELLS)
                for unit in self._unit
            ]
        )
        reached = [
            np.linalg.norm(sample(unit, face[[_LEADER[action][side]]])) * self.portrait.mm_per_px
            for unit, (action, side) in zip(self._unit, self._actions, strict=True)
        ]
        self._unit /= np.array(reached, np.float32)[:, None, None, None]
        far = float(np.percentile(points[:468, 2], 95))
        depth = np.concatenate([points[pins, 2], np.full(len(still), far)])[:, None]
        surface = plate.spread(depth, flat).reshape(*shape, 1).astype(np.float32)
        self._depth = cv2.GaussianBlur(np.clip(surface, points[:, 2].min(), far), (0, 0), 4.0)
        away = (self._grid - middle.astype(np.float32)) / (width * np.array(_HEAD)) * 2
        radius = np.linalg.norm(away, axis=-1)
        self._follows = np.clip((1.75 - radius) / 0.75, 0.0, 1.0).astype(np.float32)
        self._follows = self._follows**2 * (3 - 2 * self._follows)
        self._middle = middle

    def _slid(self, state: FaceState) -> NDArray[np.float64]:
        """The landmarks after lids and lips have closed, float64 [478, 2]."""
        points = self.portrait.points[:, :2].copy()
        for side in Side:
            half = state.half(side)
            self._eyes[side].move(points, half.closure, half.lower_lid_droop_mm)
        if self.portrait.pictured.lips_parted:
            self._lips.move(points, self._lip_closure(state))
        return points

    def _drawn(self, state: FaceState) -> NDArray[np.uint8]:
        """The portrait with lids and lips closed as far as the state says."""
        picture = (self._bare if self._brows_act(state) else self.portrait.image).copy()
        for side in Side:
            half = state.half(side)
            self._folds[side].draw(picture, half.smile_mm, half.droop_mm)
            if half.closure or half.lower_lid_droop_mm:
                self._eyes[side].draw(picture, half.closure, half.lower_lid_droop_mm)
        if self.portrait.pictured.lips_parted:
            self._lips.draw(picture, self._lip_closure(state))
        return picture

    def _brows_act(self, state: FaceState) -> bool:
        return any(
            state.half(side).brow_raise_mm or state.half(side).brow_droop_mm for side in Side
        )

    def _lip_closure(self, state: FaceState) -> NDArray[np.float64]:
        """How far the lips are closed in each column; the halves differ smoothly."""
        left = 1 / (1 + np.exp(-(self._lips.columns - self._middle[0]) / _LIP_BLEND_PX))
        parted = state.right.lips_parted * (1 - left) + state.left.lips_parted * left
        return np.asarray(1 - parted, dtype=np.float64)

    def _muscles(self, state: FaceState) -> Field:
        """The displacement, px, that the muscles give to the portrait as it was taken."""
        doses = [state.half(side).doses()[action] for action, side in self._actions]
        smile = dict(zip(Side, self.portrait.pictured.smile_mm, strict=True))
        taken = [smile[side] if action is Action.SMILE else 0.0 for action, side in self._actions]
        change = np.array(doses, np.float32) - np.array(taken, np.float32)
        return np.asarray(np.tensordot(change, self._unit, axes=1), np.float32)

    def _posed(self, at: Field, state: FaceState) -> Field:
        """Where the grid's content, now at `at` px, appears after the head has moved."""
        scale = self.portrait.mm_per_px
        focal, pivot = np.float32(_CAMERA_MM / scale), np.float32(_PIVOT_MM / scale)
        middle = self._middle.astype(np.float32)
        farther = 1 + self._depth / focal
        solid = (
            (at[..., 0] - middle[0]) * farther,
            (at[..., 1] - middle[1]) * farther,
            self._depth - pivot,
        )
        x, y, z = (
            sum(part * axis for part, axis in zip(row, solid, strict=True))
            for row in _rotation(state.pose).astype(np.float32)
        )
        nearer = 1 / (1 + (z + pivot) / focal)
        placed = middle + np.array(state.shift_mm, np.float32) / np.float32(scale)
        return np.stack([x * nearer + placed[0], y * nearer + placed[1]], axis=-1)

    def render(
        self, state: FaceState, cover: Overlay | None = None
    ) -> tuple[NDArray[np.uint8], Truth]:
        """The picture, uint8 BGR [480, 640, 3], and what is true of it.

        `cover` is drawn in the portrait's pixels; it goes with the head and not with the muscles.
        """
        muscles = self._muscles(state)
        forward = self._with_head(muscles, state)
        back = inverted(forward + self._camera_shift(state), self._grid)
        image = self._picked(self._drawn(state), back, np.s_[:, :])
        worn = [self._rims if self._brows_act(state) else None, cover]
        if any(worn):
            head = self._with_head(np.zeros_like(muscles), state)
            back = inverted(head + self._camera_shift(state), self._grid)
            for overlay in (layer for layer in worn if layer is not None):
                rows, columns = overlay.reach(head + self._camera_shift(state))
                pixels = tuple(slice(s.start * CELL, s.stop * CELL) for s in (rows, columns))
                lay_over(image[pixels], self._picked(overlay.layer, back[rows, columns], pixels))
        return image, self._truth(state, forward)

    def _with_head(self, muscles: Field, state: FaceState) -> Field:
        """The muscles' displacement followed by the head's."""
        if state.pose == UPRIGHT and state.shift_mm == (0.0, 0.0):
            return muscles
        acted = self._grid + muscles
        moved = self._posed(acted, state) - acted
        return np.asarray(muscles + moved * self._follows[..., None], dtype=np.float32)

    def _picked(
        self, picture: NDArray[np.uint8], back: Field, pixels: tuple[slice, ...]
    ) -> NDArray[np.uint8]:
        """The part `pixels` of the picture, every pixel taken from where `back` points."""
        source = enlarged(np.ascontiguousarray(back))
        source += self._every_px[pixels]
        seen = cv2.remap(picture, source, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        return np.asarray(seen, dtype=np.uint8)

    def _camera_shift(self, state: FaceState) -> NDArray[np.float32]:
        return np.array(state.camera_shift_mm, np.float32) / np.float32(self.portrait.mm_per_px)

    def _truth(self, state: FaceState, forward: Field) -> Truth:
        points = self._slid(state)
        acted = points + sample(self._muscles(state), points)
        moved = (acted - self._rest) * self.portrait.mm_per_px
        halves = {}
        for side in Side:
            out = 1.0 if side is Side.LEFT else -1.0
            upper, lower = (edge[3:6] for edge in EYES[side])
            commissure, brow = moved[_COMMISSURE[side]], moved[list(_BROW[side])].mean(axis=0)
            gap = (acted[list(lower), 1] - acted[list(upper), 1]).mean() * self.portrait.mm_per_px
            halves[side] = HalfTruth(
                commissure_lateral_mm=out * float(commissure[0]),
                commissure_up_mm=-float(commissure[1]),
                brow_up_mm=-float(brow[1]),
                upper_lid_down_mm=float(moved[list(upper), 1].mean()),
                fissure_mm=float(gap),
            )
        points += sample(forward, points) + self._camera_shift(state)
        return Truth(points, self.portrait.mm_per_px, halves)


@cache
def acting_face(sitter: Sitter) -> ActingFace:
    """The renderer of this sitter's portrait, made once; it keeps nothing between frames."""
    return ActingFace(load_portrait(sitter))


def _surround(middle: NDArray[np.float64], width: float, height: float) -> NDArray[np.float64]:
    """Points around the face and along the frame's edge that no muscle moves."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    rings = [middle + ring * np.array([width, height]) / 2 * grow for grow in (1.2, 1.5)]
    x, y = np.linspace(0, FRAME_WIDTH, 9), np.linspace(0, FRAME_HEIGHT, 7)
    edge = [(a, b) for a in x for b in y if a in (x[0], x[-1]) or b in (y[0], y[-1])]
    return np.vstack([*rings, np.array(edge)])


def _rotation(pose: HeadPose) -> NDArray[np.float64]:
    """Turns image axes (x to the patient's left, y down, z away) as `HeadPose` is defined."""
    yaw, pitch, roll = np.radians([pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]]
    )
    about_z = np.array(
        [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    )
    return np.asarray(about_z @ about_y @ about_x)
