"""Faces with something over the mouth: masks and a hand, none of which the refiner trained on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
from evaluation.face.scenes import Scene

from firmware_service.simulate.anatomy import Action
from firmware_service.simulate.covers import Cover, draw_cover
from firmware_service.simulate.portrait import Sitter, load_portrait
from firmware_service.types import Side

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.region_refiner.warps import Actor

WORN = (Cover.OXYGEN_MASK, Cover.CLEAR_OXYGEN_MASK, Cover.SURGICAL_MASK, Cover.HAND)
"""The clear mask lets 40 % through."""
_PORTRAIT_IRIS_PX = 16.0
"""The covers are drawn for portraits of this size."""


def covered_shots(actor: Actor, *, quick: bool) -> Iterator[tuple[Scene, NDArray[np.uint8]]]:
    """Each cover over a healthy mouth and over a droop of 6 mm."""
    scale = _PORTRAIT_IRIS_PX / (11.7 / actor.still.mm_per_px)
    for dose in (6.0,) if quick else (0.0, 6.0):
        scene = Scene("cover", (Side.LEFT,) if dose else (), dose, ((Action.DROOP, dose),))
        act = scene.act()
        picture, points = actor.perform(act)
        size = round(picture.shape[0] * scale)
        small = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)
        healthy = points * scale
        portrait = replace(
            load_portrait(Sitter.GRACE_HOPPER),
            image=small,
            points=healthy,
            mm_per_px=actor.still.mm_per_px / scale,
        )
        yield Scene("uncovered", scene.sides, dose), small
        for cover in WORN:
            layer = draw_cover(portrait, cover).layer
            shown = 1 - layer[..., 3:].astype(np.float32) / 255
            worn = np.clip(small * shown + layer[..., :3], 0, 255).astype(np.uint8)
            yield Scene("cover", scene.sides, dose, cover=cover.value), worn
