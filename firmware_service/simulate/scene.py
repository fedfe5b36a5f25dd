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
    """The picture with another person leaning in at the patient's left, smaller."""
    head, weight = _companion(next(sitter for sitter in Sitter if sitter is not patient))
    height, width = weight.shape[:2]
    out = image.copy()
    corner = out[-height:, -width:]
    corner[...] = np.rint(corner * (1 - weight) + head * weight).astype(np.uint8)
    return out


@cache
def _companion(sitter: Sitter) -> tuple[Image, NDArray[np.float32]]:
    """Head and shoulders, cut off where the picture ends, and how much of each pixel is theirs."""
    portrait = load_portrait(sitter)
    face = portrait.points[:468, :2]
    middle = (face.min(axis=0) + face.max(axis=0)) / 2
    width, height = np.ptp(face, axis=0)
    person = np.zeros(portrait.image.shape[:2], np.float32)
    crown = (middle[0], middle[1] - 0.16 * height)
    reach = (0.78 * width, 0.86 * height)
    cv2.ellipse(person, np.rint(crown).astype(int).tolist(), np.rint(reach).astype(int).tolist(),
                0, 0, 360, 1.0, -1)  # fmt: skip
    x, y = np.rint(middle + np.array([0.0, 0.62 * height])).astype(int)
    floor = person.shape[0]
    body = [(x - 0.45 * width, y), (x + 0.45 * width, y), (x + 1.2 * width, floor)]
    body.append((x - 1.2 * width, floor))
    cv2.fillPoly(person, [np.rint(body).astype(np.int32)], 1.0)
    person = cv2.GaussianBlur(person, (0, 0), 4.0)
    part = np.s_[:, int(x - 1.3 * width) : int(x + 0.9 * width)]
    shape = [int(v * _COMPANION_SCALE) for v in person[part].shape[::-1]]
    small = cv2.resize(portrait.image[part], shape, interpolation=cv2.INTER_AREA)
    soft = cv2.resize(person[part], shape, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8), np.asarray(soft, np.float32)[..., None]
