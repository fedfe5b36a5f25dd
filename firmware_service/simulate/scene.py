"""What else the camera may see: an empty stretcher, somebody beside the patient."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from firmware_service.simulate.portrait import Sitter, load_portrait

Image = NDArray[np.uint8]

_COMPANION_SCALE = 0.62


@cache
def empty_stretcher(width: int, height: int) -> Image:
    """A cabin wall with a cupboard and a pillow, uint8 BGR [height, width, 3]; nobody there."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = (188, 192, 186)
    picture -= (22 * y / height + 18 * np.abs(x / width - 0.45))[..., None]
    for left, top, right, bottom in ((30, 20, 250, 170), (270, 20, 470, 170), (500, 40, 620, 260)):
        cv2.rectangle(picture, (left, top), (right, bottom), (164, 170, 162), -1, cv2.LINE_AA)
        cv2.rectangle(picture, (left, top), (right, bottom), (120, 126, 120), 2, cv2.LINE_AA)
        cv2.line(picture, (right - 24, bottom - 40), (right - 24, bottom - 20), (90, 92, 90), 4)
    cv2.rectangle(picture, (60, 330), (600, height), (96, 84, 60), -1, cv2.LINE_AA)
    pillow = np.zeros((height, width), np.float32)
    cv2.ellipse(pillow, (330, 330), (190, 70), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    cv2.ellipse(pillow, (330, 300), (70, 22), 0, 0, 360, 0.86, -1, cv2.LINE_AA)
    pillow = cv2.GaussianBlur(pillow, (0, 0), 7.0)
    cloth = np.array([226, 226, 220], np.float32) * (0.75 + 0.25 * pillow[..., None])
    picture = picture * (1 - pillow[..., None]) + cloth * pillow[..., None]
    picture = cv2.GaussianBlur(picture, (0, 0), 1.2)
    return np.asarray(np.clip(picture, 0, 255), dtype=np.uint8)


def with_companion(image: Image, patient: Sitter) -> Image:
    """The picture with another person's head at the patient's left edge, smaller and behind."""
    other = next(sitter for sitter in Sitter if sitter is not patient)
    head, weight = _companion(other)
    height, width = weight.shape[:2]
    out = image.copy()
    corner = out[image.shape[0] - height - 150 : image.shape[0] - 150, -width:]
    corner[...] = np.rint(corner * (1 - weight) + head * weight).astype(np.uint8)
    return out


@cache
def _companion(sitter: Sitter) -> tuple[Image, NDArray[np.float32]]:
    portrait = load_portrait(sitter)
    face = portrait.points[:468, :2]
    middle = (face.min(axis=0) + face.max(axis=0)) / 2
    reach = np.ptp(face, axis=0) * (0.72, 0.8)
    (left, top), (right, bottom) = (
        np.clip(np.rint(middle + sign * reach), 0, (640, 480)).astype(int) for sign in (-1, 1)
    )
    y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
    radius = np.hypot((x - middle[0]) / reach[0], (y - middle[1]) / reach[1])
    weight = np.clip((1.0 - radius) / 0.12, 0, 1)[..., None].astype(np.float32)
    size = tuple(int(v * _COMPANION_SCALE) for v in (right - left, bottom - top))
    small = cv2.resize(portrait.image[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)
    soft = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.asarray(soft, np.float32)[..., None]
