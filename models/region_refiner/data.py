"""Makes the patches to train on: warped, lit and covered faces, seen by our own attention mesh.

    .venv/bin/python -m models.region_refiner.data --data DIR --out FOLDER [--each N]

Writes FOLDER/{mouth,eye,brow,head}_{train,held_out}.npz. The target is where the teacher's
landmark truly went, in the frame of a patch that was placed by the detection on the spoiled
picture.
"""

from __future__ import annotations

import argparse
import math
import time
from collections import defaultdict
from dataclasses import replace
from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from firmware_service.measure.normalise import IRIS_MM
from firmware_service.perceive import onnx_face, patches
from firmware_service.perceive.preprocess import around_points
from firmware_service.perceive.registry import Registry
from models.region_refiner import people, spoil
from models.region_refiner.warps import BROW, SIDES, Act, Actor, scaled

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

MARGIN_PX = 10
"""How much larger the stored patch is on each side, so that training can shift and turn it."""
IRIS_PX = (8.0, 30.0)


def networks() -> onnx_face.OnnxNetworks:
    """The shipped face models: the int8 attention mesh is what the refiner will be given."""
    registry = Registry.load(Path(__file__).parents[1])
    return onnx_face.OnnxNetworks(
        registry.read(onnx_face.DETECTOR), registry.read("attention_mesh_int8"), 1
    )


def _shift(rng: Generator, out: float) -> tuple[float, float]:
    """One mouth corner's movement, mm in the picture; `out` is +1 on the patient's left."""
    size = rng.uniform(0, 8.5)
    kind = rng.random()
    if kind < 0.35:  # droop: down and towards the midline
        angle = rng.uniform(math.radians(35), math.radians(110))
        return (-out * size * math.cos(angle), size * math.sin(angle))
    if kind < 0.6:  # smile: up and out
        angle = rng.uniform(math.radians(10), math.radians(90))
        return (out * size * math.cos(angle), -size * math.sin(angle))
    angle = rng.uniform(0, 2 * math.pi)
    return (size * math.cos(angle), 0.8 * size * math.sin(angle))


def act_at_random(rng: Generator) -> Act:
    """A movement: one-sided, the same on both sides, different on both, or none."""
    act = Act(middle=rng.uniform(0.0, 0.3))
    kind = rng.random()
    reach = {side: rng.uniform(13, 30) for side in SIDES}
    if kind < 0.5:
        side = str(rng.choice(SIDES))
        act.mouth[side] = _shift(rng, 1.0 if side == "left" else -1.0)
    elif kind < 0.7:
        x, y = _shift(rng, 1.0)
        act.mouth = {"left": (x, y), "right": (-x, y)}
        reach["left"] = reach["right"]
    elif kind < 0.9:
        act.mouth = {side: _shift(rng, 1.0 if side == "left" else -1.0) for side in SIDES}
    act.reach_mm = reach
    for side in act.mouth:
        if rng.random() < 0.4:
            act.flatten[side] = rng.uniform(0.2, 1.0)
    _act_above(act, rng)
    if rng.random() < 0.6:
        act.lips = (rng.uniform(0, 1), rng.uniform(0, 1))
        if rng.random() < 0.5:
            act.lips = (act.lips[0], act.lips[0])
    if rng.random() < 0.75:
        act.pose = (rng.uniform(-18, 18), rng.uniform(-14, 14), rng.uniform(-20, 20))
    for index in (0, 17, 13):
        if rng.random() < 0.3:
            act.anchored[index] = (rng.normal(0, 0.8), rng.normal(0, 0.8))
    return act


def _act_above(act: Act, rng: Generator) -> None:
    """Lids and brows, drawn alike."""
    both = rng.random() < 0.35
    closure, sag, widen = rng.beta(0.7, 0.7), rng.uniform(0, 3), rng.uniform(0, 2.5)
    lift = rng.uniform(-6, 8)
    for side in SIDES:
        if not both:
            closure, sag, widen = rng.beta(0.7, 0.7), rng.uniform(0, 3), rng.uniform(0, 2.5)
            lift = rng.uniform(-6, 8)
        kind = rng.random()
        if kind < 0.45:
            act.closure[side] = closure
        elif kind < 0.6:
            act.widen_mm[side] = widen
        if rng.random() < 0.25:
            act.sag_mm[side] = sag
        if rng.random() < 0.55:
            act.brow_mm[side] = (lift * rng.uniform(0.5, 1.0), lift)


def _covered(
    image: NDArray[np.uint8], points: NDArray[np.float64], px_per_mm: float, rng: Generator
) -> NDArray[np.float32]:
    """Cover the mouth, one eye or something between, in place."""
    kind = rng.random()
    corners = points[[61, 291]].mean(axis=0)
    if kind < 0.6:
        where, wide = corners, rng.uniform(24, 48)
    elif kind < 0.85:
        side = str(rng.choice(SIDES))
        where = (
            points[list(BROW[side])].mean(axis=0) + points[159 if side == "right" else 386]
        ) / 2
        wide = rng.uniform(16, 34)
    else:  # beside the mouth: chin, cheek, nose
        where = points[int(rng.choice([152, 205, 425, 4]))]
        wide = rng.uniform(10, 18)
    return spoil.cover(image, where, px_per_mm, wide, rng)


def one(
    actor: Actor, looks: onnx_face.OnnxNetworks, rng: Generator, rows: dict[str, list[object]]
) -> None:
    """One spoiled picture's six patches, appended to `rows`."""
    still = actor.still
    image, solid = actor.perform(act_at_random(rng))
    iris = math.exp(rng.uniform(*np.log(IRIS_PX)))
    image, solid = scaled(image, solid, iris * still.mm_per_px / IRIS_MM)
    truth = solid[:, :2]
    px_per_mm = iris / IRIS_MM
    hidden = np.zeros(image.shape[:2], np.float32)
    image = image.copy()
    if rng.random() < 0.3:
        hidden = _covered(image, truth, px_per_mm, rng)
    image = spoil.noisy(spoil.blurred(spoil.lit(image, rng), px_per_mm, rng), rng)
    at = around_points(solid.astype(np.float32))
    at = replace(
        at,
        x=at.x + rng.normal(0, 0.012) * at.side,
        y=at.y + rng.normal(0, 0.012) * at.side,
        side=at.side * rng.uniform(0.94, 1.08),
    )
    seen = people.settle(looks, image, at, int(rng.integers(1, 3)))
    if np.linalg.norm(seen[1, :2] - truth[1]) > 0.5 * np.linalg.norm(truth[33] - truth[263]):
        return  # no face was found here
    rows["head_seen"].append(seen.copy())
    rows["head_truth"].append(solid)
    rows["head_hidden"].append(bool(hidden.any()))
    for kind in patches.KINDS:
        for side in (patches.RIGHT_SIDE, patches.LEFT_SIDE):
            where = list(kind.points[side])
            to_px = patches.frame(seen, kind, side)
            gone = spoil.under(hidden, truth[where])
            covered = 1 if gone.mean() >= 0.5 else 0 if not gone.any() else -1
            size = tuple(length + 2 * MARGIN_PX for length in kind.size_px)
            rows[f"{kind.name}_image"].append(patches.cut(image, to_px, kind.pitch_mm, size))
            rows[f"{kind.name}_truth"].append(patches.into_patch(truth[where], to_px))
            rows[f"{kind.name}_seen"].append(patches.into_patch(seen[where, :2], to_px))
            rows[f"{kind.name}_hidden"].append(gone)
            rows[f"{kind.name}_covered"].append(covered)


def of_person(task: tuple[Path, str, int, int]) -> dict[str, NDArray[np.generic]]:
    """All patches of one identity."""
    data, person, each, seed = task
    cv2.setNumThreads(1)
    looks = networks()
    rng = np.random.default_rng([int(person), seed])
    rows: dict[str, list[object]] = defaultdict(list)
    for expression in people.EXPRESSIONS:
        actor = Actor(people.load(looks, data, person, expression))
        for _ in range(each):
            one(actor, looks, rng, rows)
    return {
        name: np.array(values, np.float32 if name.endswith(("truth", "seen")) else None)
        for name, values in rows.items()
    }


def main() -> None:
    """Make and write the patches of both splits."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=40, help="pictures of each still")
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    names = people.people(wanted.data)
    apart = set(people.held_out(names))
    started = time.monotonic()
    splits = {
        "train": ([name for name in names if name not in apart], wanted.each),
        "held_out": (sorted(apart), max(wanted.each // 4, 1)),
    }
    with Pool(2) as pool:
        for split, (persons, each) in splits.items():
            tasks = [(wanted.data, person, each, wanted.seed) for person in persons]
            found = []
            for done, rows in enumerate(pool.imap(of_person, tasks), 1):
                found.append(rows)
                print(f"{split} {done}/{len(tasks)} {time.monotonic() - started:.0f} s", flush=True)
            for part in (*(kind.name for kind in patches.KINDS), "head"):
                mine = {
                    name.removeprefix(f"{part}_"): np.concatenate([r[name] for r in found])
                    for name in found[0]
                    if name.startswith(part)
                }
                mine["person"] = np.concatenate(
                    [
                        np.full(len(rows[f"{part}_seen"]), int(person))
                        for person, rows in zip(persons, found, strict=True)
                    ]
                )
                np.savez(wanted.out / f"{part}_{split}.npz", **mine)


if __name__ == "__main__":
    main()
