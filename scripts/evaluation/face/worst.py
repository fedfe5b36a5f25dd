"""The worst errors of a run as one picture, to be looked at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from evaluation.face.contenders import ATTENTION, REFINED, Contenders
from evaluation.face.scenes import NAMES, scenes, shoot
from evaluation.face.table import HEIGHT, OUT, SCENES, difference

from firmware_service.perceive import patches
from models.region_refiner import people
from models.region_refiner.data import networks
from models.region_refiner.warps import Actor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.face.measuring import Row
    from numpy.typing import NDArray

    from firmware_service.perceive.registry import Registry

TILE_PX: Final = 300
COLUMNS: Final = 5
_WIDE: Final = 0.62  # of the mouth's surroundings, in face widths
COLOURS: Final = {REFINED: (80, 220, 80), ATTENTION: (60, 60, 255)}


def worst(rows: Sequence[Row], feature: int, count: int) -> list[tuple[float, Row]]:
    """The refined rows whose change differs most from the truth, mm, at most one a still."""
    errors = [
        (difference(row.change, feature) - difference(row.true, feature), row)
        for row in rows
        if row.contender == REFINED and row.group in SCENES[feature] and row.change is not None
    ]
    found: dict[tuple[str, str], tuple[float, Row]] = {}
    for error, row in sorted(errors, key=lambda pair: -abs(pair[0])):
        found.setdefault((row.person, row.expression), (error, row))
    return list(found.values())[:count]


def draw(data: Path, registry: Registry, rows: Sequence[Row], out: Path, count: int = 10) -> None:
    """Write worst.png: white the truth, green refined, red the mesh; the errors in mm."""
    contenders, looks = Contenders(registry), networks()
    tiles = []
    for feature, name in ((HEIGHT, "vertical"), (OUT, "horizontal")):
        for error, row in worst(rows, feature, count // 2):
            actor = Actor(people.load(looks, data, row.person, row.expression))
            scene = next(
                s
                for s in scenes(quick=False)
                if (s.group, tuple(NAMES[x] for x in s.sides), s.dose_mm)
                == (row.group, row.sides, row.dose)
            )
            shot = shoot(actor, scene)
            seen, _ = contenders.look(shot.image)
            lines = (
                f"{row.person} {row.expression} {row.group} {row.dose:.0f} {'/'.join(row.sides)}",
                f"{name} {error:+.1f} of {difference(row.true, feature):+.1f} mm",
            )
            true = shot.mm / actor.still.mm_per_px
            points = {view: seen[view].landmarks.points for view in COLOURS if view in seen}
            tiles.append(_tile(shot.image, true, points, lines))
    sheet = [np.hstack(tiles[k : k + COLUMNS]) for k in range(0, len(tiles), COLUMNS)]
    cv2.imwrite(str(out / "worst.png"), np.vstack(sheet))


def _tile(
    image: NDArray[np.uint8],
    true: NDArray[np.float64],
    points: dict[str, NDArray[np.float32]],
    lines: tuple[str, ...],
) -> NDArray[np.uint8]:
    half = _WIDE * float(np.ptp(true[:, 0])) / 2
    middle = true[[0, 17, 61, 291]].mean(axis=0)
    scale = TILE_PX / (2 * half)
    x0, y0 = scale * (middle - half)
    place = np.array([[scale, 0, -x0], [0, scale, -y0]])
    tile = np.asarray(cv2.warpAffine(image, place, (TILE_PX, TILE_PX)), np.uint8)

    def dots(
        xy: NDArray[np.float64] | NDArray[np.float32], colour: tuple[int, int, int], size: int
    ) -> None:
        for x, y in (xy - middle + half) * scale:
            cv2.circle(tile, (round(x), round(y)), size, colour, -1, cv2.LINE_AA)

    which = [index for side in patches.MOUTH.points for index in side]
    for view, colour in COLOURS.items():
        if view in points:
            dots(points[view][which, :2], colour, 2)
    dots(true[[61, 291]], (255, 255, 255), 3)
    for row, line in enumerate(lines):
        cv2.putText(tile, line, (4, 14 + 16 * row), 0, 0.42, (255, 255, 0), 1, cv2.LINE_AA)
    return tile
