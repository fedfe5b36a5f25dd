"""Mouth corners, lids and brows found where they are seen, not where a healthy face has them.

Networks trained on healthy faces show a palsy too symmetric. Three small ones of our own
(models/region_refiner) look at a patch of each side and correct the points that a droop is read
from; neighbouring points follow smoothly. They also say whether the patch shows skin at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import onnxruntime

from firmware_service.perceive import head, patches
from firmware_service.perceive.mesh import LEFT_EYE, LIPS, RIGHT_EYE
from firmware_service.perceive.patches import LEFT_SIDE, RIGHT_SIDE
from firmware_service.types import Region, Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from firmware_service.perceive.registry import Registry

SIDES: Final = {Side.RIGHT: RIGHT_SIDE, Side.LEFT: LEFT_SIDE}
REGIONS: Final = {
    Region.MOUTH: patches.MOUTH,
    Region.EYE: patches.EYE,
    Region.BROW: patches.BROW,
}
HEAD: Final = "head_refiner"
REFINERS: Final = (*(f"{kind.name}_refiner" for kind in patches.KINDS), HEAD)

SURE_MM, UNSURE_MM = 1.1, 1.6
"""The expected errors up to which the refined points are taken whole and from which the mesh's own
are kept: its error is 1.7 mm."""
SHUT_MM: Final = 1.0
"""An eye that the mesh sees narrower by this is the mesh's: it learnt real shut eyes, these
networks painted ones."""

_AROUND_MOUTH: Final = (
    57, 186, 92, 165, 43, 106, 182, 212, 216, 287, 410, 322, 391, 273, 335, 406, 432, 436,
)  # fmt: skip
_LIDS: Final = 32
"""The first points of an eye's output are its edge and the skin beside it."""
_LOOK_AGAIN_MM: Final = 1.5
"""A mouth's corner is found best in the middle of its patch: where it lay farther than this from
where the mesh had it, the patch is placed anew. Eyes and brows are placed by the canthi."""
_REACH_MM: Final = {Region.MOUTH: 7.0, Region.EYE: 5.0, Region.BROW: 5.0}
"""How far a neighbour is carried along; beyond about twice as far it stays."""
_STAYING: Final = 0.15


@dataclass(frozen=True, slots=True)
class Sight:
    """How well one region of one side was seen.

    `sigma_mm` is the expected error of one of its coordinates, `covered` the probability that
    something lies over it. On painted covers that is right; talking, beards and glasses raise it
    too, so nothing is refused by it.
    """

    covered: float
    sigma_mm: float

    def trust(self) -> float:
        """How far the refined points are to be believed rather than the mesh's, 0…1."""
        return float(np.clip((UNSURE_MM - self.sigma_mm) / (UNSURE_MM - SURE_MM), 0.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class Refined:
    """Landmarks float32 [478, 3] in px with the refined points in place, and each one's sight."""

    points: NDArray[np.float32]
    sight: Mapping[tuple[Region, Side], Sight]


class Refiner:
    """The three region networks on onnxruntime.

    Raises:
        ModelError: a model is missing or is not the one in the manifest.
    """

    def __init__(self, registry: Registry, threads: int = 1) -> None:
        self._networks = {
            region: _session(registry.read_for_measuring(f"{kind.name}_refiner"), threads)
            for region, kind in REGIONS.items()
        }
        self._head = _session(registry.read_for_measuring(HEAD), threads)

    def refine(self, image: NDArray[np.uint8], points: NDArray[np.float32]) -> Refined:
        """Look closer at a face.

        Args:
            image: uint8 BGR [h, w, 3].
            points: the attention mesh's landmarks, float32 [478, 3] in its pixels.
        """
        better = points.copy()
        sight: dict[tuple[Region, Side], Sight] = {}
        axes = patches.upright(points)
        for region, kind in REGIONS.items():
            placed, found = self._look(region, image, points, axes)
            if region is Region.MOUTH:
                corners = [kind.points[side][0] for side in SIDES.values()]
                off = np.abs(placed[corners, :2] - points[corners, :2]).max()
                if off > _LOOK_AGAIN_MM * np.hypot(*axes[:, 0]):
                    placed, found = self._look(region, image, placed, axes)
            least = min(seen.trust() for seen in found)  # alike on both sides, or it looks uneven
            for row, name in enumerate(SIDES):
                sight[region, name] = found[row]
                which = list(kind.points[SIDES[name]])
                shut = region is Region.EYE and _narrower(points, placed, SIDES[name], axes)
                trust = 0.0 if shut else least
                placed[which] = points[which] + trust * (placed[which] - points[which])
            _move(better, points, region, (placed - points)[_LEAD[region], :2])
        self._straighten(better)
        return Refined(better, sight)

    def _straighten(self, points: NDArray[np.float32]) -> None:
        """Put the points that carry the pose where they are without the droop, in place.

        Looked at straight and in the mirror, so that neither side is favoured.
        """
        solid = points.astype(np.float64)
        face = head.in_face(solid)
        told = face.into(solid)[head.INPUTS]
        both = np.stack([told, head.mirrored(told, head.INPUTS_MIRROR)]).astype(np.float32)
        steps = self._head.run(["corrections"], {"points": both})[0].astype(np.float64)
        step = (steps[0] + head.mirrored(steps[1], head.OUTPUTS_MIRROR)) / 2
        step[head.DEPTH_ONLY, :2] = 0.0
        points[head.OUTPUTS] += face.step_out_of(step).astype(np.float32)

    def _look(
        self,
        region: Region,
        image: NDArray[np.uint8],
        points: NDArray[np.float32],
        axes: NDArray[np.float64],
    ) -> tuple[NDArray[np.float32], list[Sight]]:
        """The landmarks with this region's points as its network finds them, and each sight."""
        kind = REGIONS[region]
        frames = [patches.frame(points, kind, side, axes) for side in SIDES.values()]
        batch = np.stack([patches.cut(image, at, kind.pitch_mm, kind.size_px) for at in frames])
        found, log_var, covered = self._networks[region].run(
            ["points", "log_var", "covered"], {"patch": batch}
        )
        placed = points.copy()
        for row, side in enumerate(SIDES.values()):
            placed[list(kind.points[side]), :2] = patches.out_of_patch(found[row], frames[row])
        hidden, sigma = 1 / (1 + np.exp(-covered[:, 0])), np.sqrt(np.exp(log_var).mean(axis=1))
        sights = [Sight(float(hidden[row]), float(sigma[row])) for row in range(len(SIDES))]
        return placed, sights


def _narrower(
    mesh: NDArray[np.float32],
    refined: NDArray[np.float32],
    side: int,
    axes: NDArray[np.float64],
) -> bool:
    """Whether the mesh sees this eye narrower than the refined points do, by `SHUT_MM`."""
    lids = np.array(patches.EYE.points[side]).reshape(2, -1)
    across = axes[:, 1] / float(axes[:, 1] @ axes[:, 1])
    mesh_mm, refined_mm = (
        float((points[lids[1], :2] - points[lids[0], :2]).mean(axis=0) @ across)
        for points in (mesh, refined)
    )
    return mesh_mm < refined_mm - SHUT_MM


def _session(content: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _following(region: Region) -> NDArray[np.intp]:
    """The points that follow the refined ones of a region, both sides."""
    kind = REGIONS[region]
    lead = {index for side in kind.points for index in side}
    near = {
        Region.MOUTH: (*LIPS, *_AROUND_MOUTH),
        Region.EYE: (*RIGHT_EYE[:_LIDS], *LEFT_EYE[:_LIDS]),
    }.get(region, ())
    stay = {index for pair in patches.EYE.anchors for index in pair}
    return np.array(sorted(set(near) - lead - stay), np.intp)


_LEAD: Final = {
    region: np.array([index for side in kind.points for index in side], np.intp)
    for region, kind in REGIONS.items()
}
_FOLLOW: Final = {region: _following(region) for region in REGIONS}


def _move(
    better: NDArray[np.float32],
    points: NDArray[np.float32],
    region: Region,
    moved: NDArray[np.float32],
) -> None:
    """Put the refined points of a region in place and carry the neighbours along."""
    lead, follow = _LEAD[region], _FOLLOW[region]
    better[lead, :2] += moved
    if not len(follow):
        return
    reach = _REACH_MM[region] * patches.px_per_mm(points)
    apart = points[follow, None, :2] - points[None, lead, :2]
    weight = np.exp(-(apart**2).sum(axis=2) / reach**2)
    share = weight / (weight.sum(axis=1, keepdims=True) + _STAYING)
    better[follow, :2] += share @ moved
