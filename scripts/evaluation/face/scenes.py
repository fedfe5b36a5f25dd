"""The pictures of the benchmark: which movement, on which side, how far, and how it was spoiled.

The movements are the hand-drawn pulls of `simulate.anatomy` and plain shifts, not the random warps
that the refiner was trained on. Bilateral and zero doses are there so that the warp is no cue.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firmware_service.simulate.anatomy import Action, pulled
from firmware_service.types import Side
from models.region_refiner.warps import Act, Actor, scaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

SIDES = (Side.LEFT, Side.RIGHT)
NAMES = {Side.LEFT: "left", Side.RIGHT: "right"}
LEADER = {Side.LEFT: 291, Side.RIGHT: 61}
BROW_LEADER = {Side.LEFT: 334, Side.RIGHT: 105}
DOSES = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture to be made: `group` names the row it belongs to, `dose_mm` the movement."""

    group: str
    sides: tuple[Side, ...] = ()
    dose_mm: float = 0.0
    pulls: tuple[tuple[Action, float], ...] = ()
    shift_mm: tuple[float, float] = (0.0, 0.0)
    closure: float = 0.0
    pose: tuple[float, float, float] = (0.0, 0.0, 0.0)
    spoil: str = ""
    cover: str = ""

    def act(self) -> Act:
        """The movement, its leading point asked to move by exactly the dose."""
        act = Act(pose=self.pose)
        for side in self.sides:
            for action, dose in self.pulls:
                anchored = pulled(action, side)
                lead = (BROW_LEADER if action.value.startswith("brow") else LEADER)[side]
                size = float(np.hypot(*anchored[lead]))
                for index, (x, y) in anchored.items():
                    before = act.anchored.get(index, (0.0, 0.0))
                    act.anchored[index] = (
                        before[0] + x * dose / size, before[1] + y * dose / size
                    )  # fmt: skip
            if any(self.shift_mm):
                out = 1.0 if side is Side.LEFT else -1.0
                lateral, down = self.shift_mm
                act.mouth[NAMES[side]] = (out * lateral, down)
                act.reach_mm[NAMES[side]] = 20.0
            if self.closure:
                act.closure[NAMES[side]] = self.closure
        return act


def scenes(*, quick: bool) -> Iterator[Scene]:
    """Every scene for one still."""
    yield Scene("still")
    for side in SIDES:
        one = (side,)
        for dose in (3.0, 5.0) if quick else DOSES:
            yield Scene("droop", one, dose, ((Action.DROOP, dose),))
        for dose in (4.0,) if quick else (2.0, 4.0, 6.0):
            yield Scene("up", one, dose, ((Action.SMILE, dose),))
            yield Scene("sideways", one, dose, shift_mm=(-dose, 0.0))
            yield Scene("down", one, dose, shift_mm=(0.0, dose))
        for dose in (4.0,) if quick else (2.0, 4.0, 6.0):
            yield Scene("brow", one, dose, ((Action.BROW_DROOP, dose),))
            yield Scene("brow", one, dose, ((Action.BROW_RAISE, dose),))
        for closure in (0.5, 1.0) if quick else (0.25, 0.5, 0.75, 1.0):
            yield Scene("lid", one, closure, closure=closure)
    for dose in (5.0,) if quick else (3.0, 5.0, 8.0):
        yield Scene("both", SIDES, dose, ((Action.DROOP, dose),))
    yield Scene("both brows", SIDES, 4.0, ((Action.BROW_DROOP, 4.0),))
    yield Scene("both lids", SIDES, 1.0, closure=1.0)
    for yaw in (-15.0, 15.0):
        for pitch in (-12.0, 12.0):
            pose = (yaw, pitch, 0.0)
            yield Scene("turned", pose=pose)
            if not quick:
                yield Scene("turned droop", (Side.LEFT,), 5.0, ((Action.DROOP, 5.0),), pose=pose)
    for spoil in (*SPOILS, *(f"iris {px:.0f} px" for px in DISTANCES)):
        yield Scene("spoiled", spoil=spoil)
        for side in SIDES if not quick else (Side.LEFT,):
            yield Scene("spoiled", (side,), 5.0, ((Action.DROOP, 5.0),), spoil=spoil)


def _dark(image: Picture, px_per_mm: float, rng: np.random.Generator) -> Picture:
    del px_per_mm
    shot = image * 0.1 + rng.normal(0, 1.0, image.shape)
    return np.clip(np.rint(shot), 0, 255).astype(np.uint8)


def _blur(image: Picture, px_per_mm: float, rng: np.random.Generator) -> Picture:
    del rng
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 2.0 * px_per_mm), np.uint8)


def _noise(image: Picture, px_per_mm: float, rng: np.random.Generator) -> Picture:
    del px_per_mm
    return np.clip(image + rng.normal(0, 10.0, image.shape), 0, 255).astype(np.uint8)


def _jpeg(image: Picture, px_per_mm: float, rng: np.random.Generator) -> Picture:
    del px_per_mm, rng
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", image, [1, 30])[1], 1), np.uint8)


# Darkness (with the noise of a dark sensor), blur of σ 2 mm (4 px at 2 px/mm), noise, compression.
SPOILS = {
    "gain 0.1": _dark,
    "blur 2 mm": _blur,
    "noise 10": _noise,
    "jpeg 30": _jpeg,
}
DISTANCES = (12.0, 8.0)
"""How wide the iris is in a picture taken from afar, px."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A finished picture with its truth: landmarks float64 [478, 2] mm before the head turned."""

    scene: Scene
    person: str
    expression: str
    image: Picture
    mm: NDArray[np.float64] = field(repr=False)


def shoot(actor: Actor, scene: Scene) -> Shot:
    """Make one picture."""
    still = actor.still
    act = scene.act()
    image, points = actor.perform(act)
    mm = actor.acted(act) * still.mm_per_px
    rng = np.random.default_rng(int(still.person))
    if scene.spoil.startswith("iris"):
        wanted = float(scene.spoil.split()[1])
        image, points = scaled(image, points, wanted * still.mm_per_px / 11.7)
    elif scene.spoil:
        image = SPOILS[scene.spoil](image, 1 / still.mm_per_px, rng)
    return Shot(scene, still.person, still.expression, image, mm)
