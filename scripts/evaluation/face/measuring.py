"""Runs every contender over every picture of one person; what it writes down is only numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from evaluation.face.contenders import ATTENTION, FLAT, PLAIN, REFINED, Contenders, Seen
from evaluation.face.covers import covered_shots
from evaluation.face.scenes import NAMES, Scene, scenes, shoot

from firmware_service.measure.cover import lip_evidence
from firmware_service.measure.points import LEFT, RIGHT
from firmware_service.measure.quality import frame_quality
from firmware_service.perceive.registry import Registry
from firmware_service.screen.thresholds import QUALITY_GATES
from firmware_service.types import Region, Side, WhyNot
from models.region_refiner import people
from models.region_refiner.data import networks
from models.region_refiner.warps import Actor

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_service.measure.features import FaceFeatures
    from firmware_service.measure.normalise import HeadSize

FEATURES = ("height", "out", "fissure", "brow")


@dataclass(frozen=True, slots=True)
class Row:
    """One picture by one contender.

    `true` and `measured` are mm by feature, [4, 2] flattened, left then right; `flags` what the
    quality gates said, `covered` the refiner's probability for the mouth.
    """

    person: str
    expression: str
    contender: str
    group: str
    sides: tuple[str, ...]
    dose: float
    note: str
    true: tuple[float, ...]
    measured: tuple[float, ...] | None
    change: tuple[float, ...] | None
    flags: tuple[str, ...]
    covered: float
    lips: float


def truth(mm: NDArray[np.float64], rest: NDArray[np.float64]) -> tuple[float, ...]:
    """What the features truly changed by since `rest`; both float64 [478, 2] mm, y down."""
    out = []
    for name in FEATURES:
        for side, outward in ((LEFT, 1.0), (RIGHT, -1.0)):
            upper, lower = zip(*side.lid_pairs, strict=True)
            moved = mm - rest
            if name == "height":
                out.append(-float(moved[side.commissure, 1]))
            elif name == "out":
                out.append(outward * float(moved[side.commissure, 0]))
            elif name == "fissure":
                gap = mm[list(lower), 1] - mm[list(upper), 1]
                before = rest[list(lower), 1] - rest[list(upper), 1]
                out.append(float(np.maximum(gap, 0).mean() - before.mean()))
            else:
                out.append(-float(moved[list(side.brow), 1].mean()))
    return tuple(out)


def numbers(features: FaceFeatures | None) -> tuple[float, ...] | None:
    """The four features, left then right."""
    if features is None:
        return None
    left, right = features
    return (
        left.corner_height_mm, right.corner_height_mm, left.corner_out_mm, right.corner_out_mm,
        left.fissure_mm, right.fissure_mm, left.brow_height_mm, right.brow_height_mm,
    )  # fmt: skip


class Bench:
    """All contenders with the models of `models`."""

    def __init__(self, models: Path) -> None:
        self._contenders = Contenders(Registry.load(models))

    def person(self, data: Path, person: str, *, quick: bool, healthy: bool) -> list[Row]:
        """Every picture of one person: all scenes, or with `healthy` only the stills themselves."""
        looks = networks()
        rows: list[Row] = []
        neutral: dict[str, Seen] = {}
        for expression in people.EXPRESSIONS:
            actor = Actor(people.load(looks, data, person, expression))
            rest_mm = actor.still.points[:, :2] * actor.still.mm_per_px
            before: dict[str, Seen] = {}
            wanted = [Scene("healthy")] if healthy else scenes(quick=quick)
            for scene in wanted:
                shot = shoot(actor, scene)
                found = self.rows(
                    shot.image, scene, (person, expression), truth(shot.mm, rest_mm), before
                )
                rows += found
                if neutral and scene.group in {"still", "healthy"}:
                    own = Scene("smile from neutral")
                    rows += self.rows(shot.image, own, (person, expression), (0.0,) * 8, neutral)
            if not healthy:
                for scene, image in covered_shots(actor, quick=quick):
                    rows += self.rows(image, scene, (person, expression), (0.0,) * 8, before)
            neutral = neutral or before
        if not healthy:
            rows += self._composites(data, person, neutral)
        return rows

    def _composites(self, data: Path, person: str, neutral: dict[str, Seen]) -> list[Row]:
        rows = []
        for side in Side:
            path = data / "face_simpalsy_london" / f"{person}_img{side.value.title()}Paretic.jpg"
            image = cv2.imread(str(path))
            if image is not None:
                # The file names the picture's side.
                other = Side.LEFT if side is Side.RIGHT else Side.RIGHT
                scene = Scene("composite", (other,))
                rows += self.rows(image, scene, (person, "smile"), (0.0,) * 8, neutral)
        return rows

    def rows(
        self,
        image: NDArray[np.uint8],
        scene: Scene,
        who: tuple[str, str],
        true: tuple[float, ...],
        before: dict[str, Seen],
    ) -> list[Row]:
        """Every contender's row; `who` is person and expression.

        A scene named "still" or "healthy" becomes what the next ones are compared with.
        """
        seen, refined = self._contenders.look(image)
        flags: tuple[str, ...] = (WhyNot.NO_FACE.value,)
        lips = float("nan")
        if REFINED in seen:
            quality = frame_quality(image, seen[REFINED].landmarks, 1, QUALITY_GATES)
            flags = tuple(flag.value for flag in quality.flags)
            lips = lip_evidence(image, seen[REFINED].landmarks.points)
        hidden = float("nan")
        if refined is not None:
            hidden = max(refined.sight[Region.MOUTH, side].covered for side in Side)
        if scene.group in {"still", "healthy"}:
            before.update(seen)
        out = []
        for name in (REFINED, ATTENTION, PLAIN, FLAT):
            view = seen.get(PLAIN if name == FLAT else name)
            measured = change = None
            if view is not None:
                measured = numbers(view.flat() if name == FLAT else view.features())
                rest = before.get(PLAIN if name == FLAT else name)
                change = _change(name, view, rest)
            out.append(
                Row(
                    *who,
                    name,
                    scene.group,
                    tuple(NAMES[side] for side in scene.sides),
                    scene.dose_mm,
                    scene.spoil or scene.cover or _turn(scene),
                    true,
                    measured,
                    change,
                    flags,
                    hidden,
                    lips,
                )
            )
        return out


def _turn(scene: Scene) -> str:
    yaw, pitch, _ = scene.pose
    return f"yaw {yaw:+.0f} pitch {pitch:+.0f}" if any(scene.pose) else ""


def _change(name: str, view: Seen, rest: Seen | None) -> tuple[float, ...] | None:
    """From the person's own rest, with the head's size taken from that rest."""
    if rest is None:
        return None
    head: HeadSize | None = rest.head()
    now = numbers(view.flat() if name == FLAT else view.features(head))
    then = numbers(rest.flat() if name == FLAT else rest.features(head))
    if now is None or then is None:
        return None
    return tuple(a - b for a, b in zip(now, then, strict=True))
