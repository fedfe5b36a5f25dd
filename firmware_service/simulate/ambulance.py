"""What the ambulance does to the picture: light, road, sensor noise, and what is in the way."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from firmware_service.simulate.covers import Cover

Image = NDArray[np.uint8]

_TILE = 96
"""Room, in pixels, by which the noise pattern is moved about from frame to frame."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """One ride, as the camera and the microphone get it.

    `light` is gain (1 as photographed); `side_light` −1…1 darkens one side (+ the patient's right);
    `noise_grey` the sensor noise's standard deviation in grey levels; `vibration_mm` the road's
    shaking and `blur_px` the smear it leaves; `sway_mm` how far the patient's head wanders.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    light: float = 1.0
    side_light: float = 0.0
    noise_grey: float = 1.5
    vibration_mm: float = 0.0
    blur_px: float = 0.0
    sway_mm: float = 1.5
    turned_deg: float = 0.0
    cover: Cover = Cover.NONE
    patient_present: bool = True
    second_face: bool = False
    frozen_after_s: float | None = None
    snr_db: float = 25.0
    siren: bool = False


class Sensor:
    """The camera's eye in these conditions; the same seed and frame give the same bytes."""

    def __init__(self, conditions: Conditions, size: tuple[int, int], seed: int) -> None:
        self._seed = seed
        self._gain = _gain(conditions, size)
        self._smear = _smear(conditions.blur_px)
        self._noise = _noise(conditions.noise_grey, size, seed)

    def expose(self, image: Image, seq: int) -> Image:
        """The picture as the sensor delivers it for frame `seq`."""
        if self._smear is not None:
            image = np.asarray(cv2.filter2D(image, -1, self._smear), dtype=np.uint8)
        if self._gain is not None:
            image = np.asarray(cv2.multiply(image, self._gain, scale=1 / 128), dtype=np.uint8)
        if self._noise is None:
            return image
        height, width = image.shape[:2]
        y, x = np.random.default_rng((self._seed, seq)).integers(0, _TILE, 2)
        more, less = (plane[y : y + height, x : x + width] for plane in self._noise)
        return np.asarray(cv2.subtract(cv2.add(image, more), less), dtype=np.uint8)


def _gain(conditions: Conditions, size: tuple[int, int]) -> Image | None:
    """The light on every pixel as uint8 with 128 for one, or None when it changes nothing."""
    if conditions.light == 1.0 and conditions.side_light == 0.0:
        return None
    width, height = size
    across = 1.0 / (1.0 + np.exp(-(np.arange(width) - width / 2) / (width * 0.06)))
    lit = 1.0 - abs(conditions.side_light) * (across if conditions.side_light < 0 else 1 - across)
    row = np.clip(128 * conditions.light * lit, 0, 255).round().astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (height, width, 3)))


def _smear(blur_px: float) -> NDArray[np.float32] | None:
    """A vertical smear with the given standard deviation, as a filter kernel."""
    if blur_px <= 0:
        return None
    reach = int(np.ceil(3 * blur_px))
    down = cv2.getGaussianKernel(2 * reach + 1, blur_px, cv2.CV_32F)
    across = cv2.getGaussianKernel(2 * reach + 1, max(0.35 * blur_px, 0.3), cv2.CV_32F)
    return np.asarray(down @ across.T, dtype=np.float32)


def _noise(grey: float, size: tuple[int, int], seed: int) -> tuple[Image, Image] | None:
    """What to add and what to take away; a little wider than a pixel, as after demosaicing."""
    if grey <= 0:
        return None
    width, height = size
    rng = np.random.default_rng((seed, 7919))
    grain = rng.normal(0, 1, (height + _TILE, width + _TILE, 3)).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), 0.5)
    whole = np.rint(grain / grain.std() * grey).astype(np.int16)
    return np.clip(whole, 0, 255).astype(np.uint8), np.clip(-whole, 0, 255).astype(np.uint8)
