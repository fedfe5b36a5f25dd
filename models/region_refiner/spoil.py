"""What ambulance light, lenses and covers do to a picture, drawn at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

OPAQUE_FROM = 0.9
HIDDEN_FROM = 0.3
"""A point under this much of a cover is not seen well enough to be measured."""


def lit(image: Picture, rng: Generator) -> Picture:
    """Gain, gamma, colour and a light from one side."""
    out = image.astype(np.float32) / 255
    if rng.random() < 0.5:
        out **= rng.uniform(0.65, 1.5)
    kind = rng.random()
    if kind < 0.45:
        gain = rng.uniform(0.75, 1.3)
    elif kind < 0.9:
        gain = 10 ** rng.uniform(-1.0, 0.0)
    else:
        gain = rng.uniform(1.2, 1.6)
    colour = 1 + rng.normal(0, 0.07, 3)
    height, width = out.shape[:2]
    if rng.random() < 0.4:
        angle, depth = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.6)
        y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        ramp = 1 + depth * np.tanh(2 * (x * np.cos(angle) + y * np.sin(angle)))
        out *= ramp[..., None].astype(np.float32)
    out *= (gain * colour).astype(np.float32)
    if rng.random() < 0.06:
        out[...] = out.mean(axis=2, keepdims=True)
    return np.clip(out * 255, 0, 255).astype(np.uint8)


def blurred(image: Picture, px_per_mm: float, rng: Generator) -> Picture:
    """Out of focus or shaken, up to 2 mm."""
    kind = rng.random()
    if kind < 0.3:
        return np.asarray(
            cv2.GaussianBlur(image, (0, 0), max(rng.uniform(0.1, 2.0) * px_per_mm, 0.2)), np.uint8
        )
    if kind < 0.42:
        length = max(int(rng.uniform(0.5, 4.0) * px_per_mm), 2)
        angle = rng.uniform(0, np.pi)
        kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
        end = np.array([np.cos(angle), np.sin(angle)]) * length / 2
        first, last = (tuple(np.rint(length + e).astype(int).tolist()) for e in (-end, end))
        cv2.line(kernel, first, last, 1.0)
        return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)
    return image


def noisy(image: Picture, rng: Generator) -> Picture:
    """Sensor noise, coarse or fine, and JPEG."""
    kind = rng.random()
    if kind < 0.6:
        sigma = rng.uniform(0.5, 10.0) if kind < 0.5 else rng.uniform(8.0, 18.0)
        noise = rng.normal(0, sigma, image.shape).astype(np.float32)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.5:
        quality = int(rng.uniform(35, 95))
        image = cv2.imdecode(cv2.imencode(".jpg", image, [1, quality])[1], cv2.IMREAD_COLOR)
    return image


def cover(
    image: Picture, centre: NDArray[np.float64], px_per_mm: float, wide_mm: float, rng: Generator
) -> NDArray[np.float32]:
    """Paint something over `centre` (x, y), in place; returns how much it hides, [h, w] 0…1."""
    height, width = image.shape[:2]
    mask = np.zeros((height, width), np.float32)
    size = wide_mm * px_per_mm

    def place(xy: NDArray[np.float64]) -> NDArray[np.int32]:
        return np.rint(xy * 16).astype(np.int32)

    kind = rng.random()
    centre = centre + rng.normal(0, 0.12, 2) * size
    if kind < 0.5:  # a mask: a rounded shape
        corners = int(rng.integers(5, 12))
        angle = np.sort(rng.uniform(0, 2 * np.pi, corners)) + rng.uniform(0, 2 * np.pi)
        radius = size * rng.uniform(0.55, 1.0, corners)
        stretch = np.array([rng.uniform(0.8, 1.3), rng.uniform(0.8, 1.3)])
        outline = centre + np.stack([np.cos(angle), np.sin(angle)], -1) * radius[:, None] * stretch
        hull = cv2.convexHull(place(outline))
        cv2.fillPoly(mask, [hull], 1.0, cv2.LINE_AA, 4)
    elif kind < 0.75:  # a hand or a bandage: parallel bars
        angle = rng.uniform(0, np.pi)
        along = np.array([np.cos(angle), np.sin(angle)])
        beside = np.array([-along[1], along[0]])
        bars = int(rng.integers(1, 5))
        thick = size * rng.uniform(0.9, 1.5) / bars
        for bar in range(bars):
            middle = centre + beside * (bar - (bars - 1) / 2) * thick * 0.97
            ends = middle + along * size * rng.uniform(0.6, 2.0), middle - along * size * 1.2
            first, last = (tuple(place(end).tolist()) for end in ends)
            cv2.line(mask, first, last, 1.0, max(int(thick), 1), cv2.LINE_AA, 4)
    else:  # an ellipse
        axes = np.maximum(size * rng.uniform(0.6, 1.2, 2), 2)
        at = tuple(np.rint(centre).astype(int).tolist())
        spread = tuple(axes.astype(int).tolist())
        cv2.ellipse(mask, at, spread, rng.uniform(0, 180), 0, 360, 1.0, -1, cv2.LINE_AA)
    soft = max(rng.uniform(0.2, 2.0) * px_per_mm, 0.5)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), soft), np.float32)
    opacity = 1.0 if rng.random() < 0.5 else rng.uniform(0.35, 0.9)
    skin = image[np.clip(int(centre[1] - 1.6 * size), 0, height - 1), width // 2].astype(float)
    colours = {
        "skin": skin * rng.uniform(0.75, 1.25),
        "plastic": np.array([200.0, 210, 200]) * rng.uniform(0.5, 1.15),
        "cloth": rng.uniform(90, 255, 3),
        "dark": rng.uniform(5, 70, 3),
    }
    colour = colours[str(rng.choice(list(colours), p=[0.3, 0.35, 0.25, 0.1]))]
    relief = cv2.GaussianBlur(rng.normal(0, 1, mask.shape).astype(np.float32), (0, 0), size * 0.12)
    relief = relief / max(float(relief.std()), 1e-6) * rng.uniform(0, 14)
    edge = cv2.GaussianBlur(mask, (0, 0), size * rng.uniform(0.1, 0.3))
    shade = (1 + rng.uniform(-0.4, 0.4) * (1 - edge))[..., None]
    paint = np.clip((colour + relief[..., None]) * shade, 0, 255)
    hidden = mask * opacity
    if rng.random() < 0.35:  # rim, shine
        rim = np.clip(mask - cv2.erode(mask, np.ones((3, 3))), 0, 1) * rng.uniform(0.3, 0.9)
        hidden = np.maximum(hidden, rim)
    image[...] = (image * (1 - hidden[..., None]) + paint * hidden[..., None]).astype(np.uint8)
    return np.asarray(hidden, np.float32)


def under(hidden: NDArray[np.float32], points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which of the points [n, 2] px lie under a cover."""
    height, width = hidden.shape
    x = np.clip(np.rint(points[:, 0]), 0, width - 1).astype(int)
    y = np.clip(np.rint(points[:, 1]), 0, height - 1).astype(int)
    return np.asarray(hidden[y, x] >= HIDDEN_FROM)
