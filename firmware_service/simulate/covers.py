"""Things that hide the mouth: an oxygen mask, a surgical mask, a hand; drawn on the portrait.

Drawn shapes, not photographs: plain colour with shading, edges, highlights and straps.
"""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_service.simulate.overlay import Overlay
from firmware_service.simulate.portrait import Portrait

Points = NDArray[np.float64]

_SEE_THROUGH = 0.4
_MASK_EDGE = (6, 122, 101, 36, 207, 214, 210, 208, 199, 428, 430, 434, 427, 266, 330, 351)
_SURGICAL_EDGE = (
    197, 114, 101, 117, 123, 147, 177, 215, 138, 135, 169, 170, 140, 171, 175,
    396, 369, 395, 394, 364, 367, 435, 401, 376, 352, 346, 330, 343,
)  # fmt: skip
_EARS = (234, 454)


class Cover(StrEnum):
    """What hides part of the face."""

    NONE = "none"
    OXYGEN_MASK = "oxygen mask"
    CLEAR_OXYGEN_MASK = "clear oxygen mask"
    SURGICAL_MASK = "surgical mask"
    HAND = "hand"


def draw_cover(portrait: Portrait, cover: Cover) -> Overlay:
    """The cover, drawn in the portrait's pixels."""
    layer = np.zeros((*portrait.image.shape[:2], 4), np.float32)
    points = portrait.points[:, :2]
    match cover:
        case Cover.OXYGEN_MASK:
            _oxygen_mask(layer, points, 1.0)
        case Cover.CLEAR_OXYGEN_MASK:
            _oxygen_mask(layer, points, 1 - _SEE_THROUGH)
        case Cover.SURGICAL_MASK:
            _surgical_mask(layer, points)
        case Cover.HAND:
            _hand(layer, points, portrait)
        case Cover.NONE:
            pass
    layer[..., :3] *= layer[..., 3:]
    layer[..., 3] *= 255
    return Overlay.of(np.rint(np.clip(layer, 0, 255)).astype(np.uint8))


def _inside(shape: tuple[int, ...], outline: Points, soft_px: float) -> NDArray[np.float32]:
    """A filled outline, rounded and with a soft edge, 0…1."""
    mask = np.zeros(shape[:2], np.float32)
    cv2.fillPoly(mask, [np.rint(outline * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    mask = cv2.GaussianBlur(mask, (0, 0), 5.0)
    mask = np.clip((mask - 0.5) * 4 + 0.5, 0, 1).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), soft_px), dtype=np.float32)


def _paint(
    layer: NDArray[np.float32], colour: NDArray[np.float32], alpha: NDArray[np.float32]
) -> None:
    """Put colour [h, w, 3] over the layer where alpha [h, w] says."""
    a = alpha[..., None]
    total = a + layer[..., 3:] * (1 - a)
    mixed = colour * a + layer[..., :3] * layer[..., 3:] * (1 - a)
    layer[..., :3] = mixed / np.maximum(total, 1e-6)
    layer[..., 3:] = total


def _line(
    layer: NDArray[np.float32], start: Points, end: Points, width_px: int, grey: float
) -> None:
    mask = np.zeros(layer.shape[:2], np.float32)
    ends = [tuple(int(v) for v in np.rint(p * 16)) for p in (start, end)]
    cv2.line(mask, ends[0], ends[1], 1.0, width_px, cv2.LINE_AA, 4)
    _paint(layer, np.full((*mask.shape, 3), grey, np.float32), cv2.GaussianBlur(mask, (0, 0), 0.8))


def _bulge(mask: NDArray[np.float32], depth_px: float) -> NDArray[np.float32]:
    """Shading of a bulging surface lit from above, about −1…1."""
    height = cv2.GaussianBlur(mask, (0, 0), depth_px)
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=5)
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=5)
    shade = slope_y + 0.4 * slope_x
    return np.asarray(shade / max(float(np.abs(shade).max()), 1e-6), dtype=np.float32)


def _oxygen_mask(layer: NDArray[np.float32], points: Points, opacity: float) -> None:
    outline = points[list(_MASK_EDGE)]
    centre = outline.mean(axis=0)
    outline = centre + (outline - centre) * (1.02, 1.06)
    for ear, side in zip(_EARS, (214, 434), strict=True):
        _line(layer, points[side], points[ear] + (0, 6), 4, 205.0)
    mask = _inside(layer.shape, outline, 1.2)
    shade = _bulge(mask, 12.0)
    plastic = np.array([196, 212, 198], np.float32) + 45 * shade[..., None]
    _paint(layer, plastic, mask * opacity)
    rim = np.clip(mask - cv2.erode(mask, np.ones((7, 7))), 0, 1)
    _paint(layer, np.full((*mask.shape, 3), (150, 170, 150), np.float32), rim * 0.8)
    shine = np.zeros_like(mask)
    for dx, dy, length in ((-16, -14, 26), (20, -6, 16)):
        at = centre + np.array([dx, dy])
        cv2.ellipse(shine, np.rint(at).astype(int).tolist(), (3, length), 12, 0, 360, 1.0, -1)
    shine = cv2.GaussianBlur(shine, (0, 0), 2.5) * mask
    _paint(layer, np.full((*mask.shape, 3), 250.0, np.float32), shine * 0.7)
    port = np.zeros_like(mask)
    cv2.circle(
        port, np.rint(centre + np.array([0, 26])).astype(int).tolist(), 13, 1.0, -1, cv2.LINE_AA
    )
    _paint(layer, np.full((*mask.shape, 3), (176, 196, 176), np.float32), port * max(opacity, 0.8))
    ring = port - cv2.erode(port, np.ones((5, 5)))
    _paint(layer, np.full((*mask.shape, 3), (110, 130, 110), np.float32), np.clip(ring, 0, 1))


def _surgical_mask(layer: NDArray[np.float32], points: Points) -> None:
    for ear, top, bottom in ((234, 123, 215), (454, 352, 435)):
        _line(layer, points[top], points[ear] + (0, -8), 2, 235.0)
        _line(layer, points[bottom], points[ear] + (0, 16), 2, 235.0)
    outline = points[list(_SURGICAL_EDGE)]
    centre = outline.mean(axis=0)
    mask = _inside(layer.shape, centre + (outline - centre) * (1.0, 1.05), 1.0)
    shade = _bulge(mask, 14.0)
    rows = np.arange(len(mask), dtype=np.float32)[:, None]
    pleats = 7 * np.sin(2 * np.pi * rows / 17.0) ** 9
    cloth = np.array([214, 190, 158], np.float32) + (34 * shade + pleats)[..., None]
    _paint(layer, cloth, mask)


def _hand(layer: NDArray[np.float32], points: Points, portrait: Portrait) -> None:
    skin = (
        portrait.image[tuple(np.rint(points[[50, 280]][:, ::-1]).astype(int).T)]
        .mean(axis=0)
        .astype(np.float32)
    )
    mouth = points[[0, 17]].mean(axis=0)
    wide = float(np.linalg.norm(points[291] - points[61]))
    wrist = mouth + wide * np.array([2.1, 1.25])
    arm = mouth + wide * np.array([4.5, 3.6])
    parts = [(wrist, arm, 1.05)]
    for finger, length in enumerate((1.0, 1.15, 1.1, 0.9)):
        y = mouth[1] + (finger - 1.5) * 0.27 * wide
        knuckle = np.array([mouth[0] + 1.15 * wide, y + 0.32 * wide])
        tip = np.array([mouth[0] + (0.25 - length) * wide, y - 0.05 * wide * finger])
        parts += [
            (knuckle, wrist + np.array([0.0, (finger - 1.5) * 0.2 * wide]), 0.42),
            (tip, knuckle, 0.29),
        ]
    for start, end, thick in parts:
        mask = np.zeros(layer.shape[:2], np.float32)
        ends = [tuple(int(v) for v in np.rint(p * 16)) for p in (start, end)]
        cv2.line(mask, ends[0], ends[1], 1.0, int(thick * wide), cv2.LINE_AA, 4)
        shade = _bulge(mask, 5.0 if thick < 0.3 else 14.0)
        _paint(
            layer,
            skin * (1 + (0.28 if thick < 0.3 else 0.12) * shade[..., None]),
            np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.0), dtype=np.float32),
        )
