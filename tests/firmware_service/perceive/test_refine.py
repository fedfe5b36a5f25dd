"""The refiners on portraits they were not trained on, moved by known millimetres."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from firmware_service.measure.pose import head_pose
from firmware_service.perceive import patches
from firmware_service.perceive.onnx_face import OnnxFace
from firmware_service.perceive.refine import Refined, Refiner
from firmware_service.perceive.registry import Registry
from firmware_service.simulate.covers import Cover, draw_cover
from firmware_service.simulate.face import ActingFace
from firmware_service.simulate.portrait import Sitter, load_portrait
from firmware_service.simulate.state import FaceState, HalfFace
from firmware_service.types import Frame, Region, Side
from models.region_refiner.mirror import mirrored

if TYPE_CHECKING:
    from numpy.typing import NDArray

REGISTRY = Registry.load(Path(__file__).parents[3] / "models")
CORNER = {Side.LEFT: 291, Side.RIGHT: 61}
DROOP_MM = 5.0


@pytest.fixture(scope="module")
def mesh() -> OnnxFace:
    return OnnxFace(REGISTRY, refined=False)


@pytest.fixture(scope="module")
def refiner() -> Refiner:
    return Refiner(REGISTRY)


@pytest.fixture(scope="module", params=list(Sitter))
def sitter(request: pytest.FixtureRequest) -> ActingFace:
    return ActingFace(load_portrait(request.param))


def seen_by(mesh: OnnxFace, image: NDArray[np.uint8]) -> NDArray[np.float32]:
    mesh.reset()
    for seq in range(2):
        found = mesh.find(Frame(seq, seq / 30, image))
    assert found is not None
    return found.points


def look(
    mesh: OnnxFace, refiner: Refiner, image: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], Refined]:
    points = seen_by(mesh, image)
    return points, refiner.refine(image, points)


@pytest.mark.parametrize("side", list(Side))
def test_a_droop_is_found_whole(
    mesh: OnnxFace, refiner: Refiner, sitter: ActingFace, side: Side
) -> None:
    weak = HalfFace(droop_mm=DROOP_MM)
    state = FaceState(left=weak) if side is Side.LEFT else FaceState(right=weak)
    rest, true_rest = sitter.render(FaceState())
    drooping, truth = sitter.render(state)
    corner = CORNER[side]
    expected = (truth.points - true_rest.points)[corner, 1] * truth.mm_per_px
    _, before = look(mesh, refiner, rest)
    _, after = look(mesh, refiner, drooping)
    moved = (after.points - before.points)[corner, 1] * truth.mm_per_px
    assert moved == pytest.approx(expected, abs=1.0)


def test_an_eye_that_shuts_is_shut(mesh: OnnxFace, refiner: Refiner, sitter: ActingFace) -> None:
    image, truth = sitter.render(FaceState(left=HalfFace(closure=1.0)))
    _, refined = look(mesh, refiner, image)
    gap = {}
    for side, (upper, lower) in {Side.LEFT: (386, 374), Side.RIGHT: (159, 145)}.items():
        gap[side] = float(refined.points[lower, 1] - refined.points[upper, 1]) * truth.mm_per_px
    assert abs(gap[Side.LEFT]) < 2.0
    assert gap[Side.RIGHT] > 5.0


def test_a_mirrored_picture_gives_mirrored_points(
    mesh: OnnxFace, refiner: Refiner, sitter: ActingFace
) -> None:
    image, _ = sitter.render(FaceState(left=HalfFace(droop_mm=DROOP_MM)))
    points = seen_by(mesh, image)
    width = image.shape[1]
    straight = refiner.refine(image, points).points
    turned = mirrored(points, width)
    flipped = refiner.refine(np.ascontiguousarray(image[:, ::-1]), turned).points
    np.testing.assert_allclose(mirrored(flipped, width), straight, atol=0.05)


def test_a_droop_does_not_turn_the_head(
    mesh: OnnxFace, refiner: Refiner, sitter: ActingFace
) -> None:
    rest, _ = sitter.render(FaceState())
    drooping, _ = sitter.render(FaceState(right=HalfFace(droop_mm=8.0)))
    height, width = rest.shape[:2]
    poses = [
        [head_pose(points, width, height) for points in (points, refined.points)]
        for points, refined in (look(mesh, refiner, image) for image in (rest, drooping))
    ]
    (mesh_rest, rest_pose), (mesh_droop, droop_pose) = poses
    turned = np.hypot(
        droop_pose.yaw_deg - rest_pose.yaw_deg, droop_pose.roll_deg - rest_pose.roll_deg
    )
    before = np.hypot(
        mesh_droop.yaw_deg - mesh_rest.yaw_deg, mesh_droop.roll_deg - mesh_rest.roll_deg
    )
    assert turned < before
    assert turned < 1.5


def test_irises_stay_as_found(mesh: OnnxFace, refiner: Refiner, sitter: ActingFace) -> None:
    image, _ = sitter.render(FaceState(right=HalfFace(droop_mm=DROOP_MM, brow_droop_mm=4.0)))
    points, refined = look(mesh, refiner, image)
    np.testing.assert_array_equal(refined.points[468:], points[468:])


@pytest.mark.parametrize("cover", [Cover.SURGICAL_MASK, Cover.HAND])
def test_a_covered_mouth_is_told(
    mesh: OnnxFace, refiner: Refiner, sitter: ActingFace, cover: Cover
) -> None:
    bare, _ = sitter.render(FaceState())
    hidden, _ = sitter.render(FaceState(), draw_cover(sitter.portrait, cover))
    _, seen = look(mesh, refiner, bare)
    _, unseen = look(mesh, refiner, hidden)
    bare_p, hidden_p = (
        max(look.sight[Region.MOUTH, side].covered for side in Side) for look in (seen, unseen)
    )
    assert bare_p < 0.5 < hidden_p


def test_an_unclear_picture_is_less_sure(
    mesh: OnnxFace, refiner: Refiner, sitter: ActingFace
) -> None:
    image, _ = sitter.render(FaceState())
    points = seen_by(mesh, image)
    clear = refiner.refine(image, points)
    blurred = refiner.refine(np.asarray(cv2.GaussianBlur(image, (0, 0), 4.0), np.uint8), points)
    for side in Side:
        sure, unsure = (seen.sight[Region.MOUTH, side].sigma_mm for seen in (clear, blurred))
        assert 0 < sure < unsure


@pytest.mark.parametrize("side", [patches.RIGHT_SIDE, patches.LEFT_SIDE])
@pytest.mark.parametrize("kind", patches.KINDS, ids=lambda kind: kind.name)
def test_a_patch_shows_what_lies_there(kind: patches.PatchKind, side: int) -> None:
    points = load_portrait(Sitter.GRACE_HOPPER).points.astype(np.float32)
    to_px = patches.frame(points, kind, side)
    at_mm = np.array([[4.0, -3.0]])
    where = patches.out_of_patch(at_mm, to_px)
    np.testing.assert_allclose(patches.into_patch(where, to_px), at_mm, atol=1e-6)
    image = np.zeros((480, 640, 3), np.uint8)
    cv2.circle(image, tuple(np.rint(where[0]).astype(int).tolist()), 3, (255, 255, 255), -1)
    patch = patches.cut(image, to_px, kind.pitch_mm, kind.size_px)
    assert patch.shape == (kind.size_px[1], kind.size_px[0], 3)
    rows, columns = np.nonzero(patch[..., 0] > 127)
    middle = (np.array(kind.size_px) - 1) / 2
    found = (np.array([columns.mean(), rows.mean()]) - middle) * kind.pitch_mm
    np.testing.assert_allclose(found, at_mm[0], atol=0.6)


@pytest.mark.parametrize("kind", patches.KINDS, ids=lambda kind: kind.name)
def test_the_midline_lies_towards_positive_x(kind: patches.PatchKind) -> None:
    points = load_portrait(Sitter.GRACE_HOPPER).points.astype(np.float32)
    for side in (patches.RIGHT_SIDE, patches.LEFT_SIDE):
        nose = patches.into_patch(points[[1], :2], patches.frame(points, kind, side))
        assert nose[0, 0] > 0
