from __future__ import annotations

import time

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_service.measure.pose import head_pose
from firmware_service.measure.quality import frame_quality, is_frozen, regions_seen
from firmware_service.screen.thresholds import QUALITY_GATES
from firmware_service.simulate.covers import Cover, draw_cover
from firmware_service.simulate.portrait import Sitter, load_portrait
from firmware_service.types import FrameQuality, HeadPose, Landmarks, Region, WhyNot
from tests.firmware_service.measure.synthetic import GOOD, Face, flagged, photographed, reading

SITTERS = list(Sitter)


def landmarks(points: NDArray[np.float64], pose: HeadPose | None = None) -> Landmarks:
    found = points.astype(np.float32)
    return Landmarks(0, 0.0, found, 0.9, pose or HeadPose(0.0, 0.0, 0.0))


def judge(
    image: NDArray[np.uint8],
    points: NDArray[np.float64],
    *,
    faces_seen: int = 1,
    pose: HeadPose | None = None,
) -> FrameQuality:
    return frame_quality(image, landmarks(points, pose), faces_seen, QUALITY_GATES)


@pytest.mark.parametrize("sitter", SITTERS)
def test_a_good_portrait_passes_every_gate(sitter: Sitter) -> None:
    portrait = load_portrait(sitter)
    found = judge(portrait.image, portrait.points)
    assert found.flags == ()
    assert found.covered == frozenset()
    assert found.iris_px == pytest.approx(11.7 / portrait.mm_per_px, rel=0.02)


@pytest.mark.parametrize("sitter", SITTERS)
@pytest.mark.parametrize("cover", [Cover.OXYGEN_MASK, Cover.SURGICAL_MASK, Cover.HAND])
def test_a_covered_mouth_is_told_and_the_eyes_are_kept(sitter: Sitter, cover: Cover) -> None:
    portrait = load_portrait(sitter)
    layer = draw_cover(portrait, cover).layer.astype(np.float64)
    left = portrait.image * (1 - layer[..., 3:] / 255)
    image = np.rint(left + layer[..., :3]).clip(0, 255).astype(np.uint8)
    found = judge(image, portrait.points)
    assert WhyNot.MOUTH_COVERED in found.flags
    assert found.covered == {Region.MOUTH, Region.NOSE}


@pytest.mark.parametrize("sitter", SITTERS)
@pytest.mark.parametrize("grey", [15, 128, 235])
def test_covered_eyes_are_told_and_the_mouth_is_kept(sitter: Sitter, grey: int) -> None:
    portrait = load_portrait(sitter)
    image = portrait.image.copy()
    band = portrait.points[[70, 300, 293, 334, 105, 63, 340, 111, 345, 116], :2].astype(np.int32)
    cv2.fillConvexPoly(image, cv2.convexHull(band), (grey, grey, grey))
    found = judge(image, portrait.points)
    assert WhyNot.EYES_COVERED in found.flags
    assert found.covered == {Region.EYE, Region.BROW}


@pytest.mark.parametrize(
    ("spoil", "flag"),
    [
        (lambda image: (image * 0.25).astype(np.uint8), WhyNot.TOO_DARK),
        (lambda image: cv2.GaussianBlur(image, (0, 0), 5.0), WhyNot.BLURRED),
        (
            lambda image: np.clip(
                image + np.random.default_rng(0).normal(0, 25, image.shape), 0, 255
            ).astype(np.uint8),
            WhyNot.NOISY_PICTURE,
        ),
    ],
)
def test_a_spoilt_picture_is_flagged(spoil: object, flag: WhyNot) -> None:
    portrait = load_portrait(Sitter.EILEEN_COLLINS)
    assert callable(spoil)
    assert flag in judge(spoil(portrait.image), portrait.points).flags


def test_a_small_a_turned_and_a_second_face_are_flagged() -> None:
    portrait = load_portrait(Sitter.EILEEN_COLLINS)
    small = cv2.resize(portrait.image, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    image = np.asarray(small, dtype=np.uint8)
    assert WhyNot.FACE_TOO_SMALL in judge(image, portrait.points * 0.25).flags
    for pose in (HeadPose(14, 0, 0), HeadPose(-14, 0, 0), HeadPose(0, 15, 0), HeadPose(0, -15, 0)):
        assert judge(portrait.image, portrait.points, pose=pose).flags == (WhyNot.FACE_TURNED,)
    assert judge(portrait.image, portrait.points, pose=HeadPose(0, 0, 80)).flags == ()
    assert judge(portrait.image, portrait.points, faces_seen=2).flags == (WhyNot.TWO_FACES,)


def test_a_face_half_outside_the_picture_is_judged_without_failing() -> None:
    portrait = load_portrait(Sitter.EILEEN_COLLINS)
    for shift in ((-250.0, 0.0), (0.0, -260.0), (5000.0, 0.0)):
        points = portrait.points.copy()
        points[:, :2] += shift
        judge(portrait.image, points)


def test_the_same_picture_turned_on_its_side_gives_the_same_cover() -> None:
    portrait = load_portrait(Sitter.EILEEN_COLLINS)
    lying = np.asarray(cv2.rotate(portrait.image, cv2.ROTATE_90_CLOCKWISE), dtype=np.uint8)
    points = portrait.points.copy()
    points[:, 0], points[:, 1] = lying.shape[1] - 1 - portrait.points[:, 1], portrait.points[:, 0]
    roll = head_pose(points.astype(np.float32), lying.shape[1], lying.shape[0]).roll_deg
    assert roll == pytest.approx(90.0, abs=10.0)
    assert judge(lying, points).flags == ()


def test_it_costs_little() -> None:
    portrait = load_portrait(Sitter.EILEEN_COLLINS)
    spent = []
    for _ in range(20):
        start = time.process_time()
        judge(portrait.image, portrait.points)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.004


def test_a_picture_that_stands_still_is_frozen_and_a_live_one_is_not() -> None:
    same = photographed(Face())
    assert is_frozen([reading(same, at / 10) for at in range(20)], 1.0)
    assert not is_frozen([reading(same, at / 10) for at in range(8)], 1.0)
    live = [reading(photographed(Face(), jitter_px=0.05, seed=at), at / 10) for at in range(20)]
    assert not is_frozen(live, 1.0)


def test_what_may_be_measured_depends_on_every_flag() -> None:
    face = photographed(Face())
    assert regions_seen(reading(face, 0.0, GOOD)) == frozenset(Region)
    assert regions_seen(reading(face, 0.0, flagged(WhyNot.TOO_DARK))) == frozenset()
    assert regions_seen(reading(face, 0.0, None)) == frozenset()
    assert regions_seen(reading(None, 0.0, GOOD)) == frozenset()
    hidden = flagged(WhyNot.EYES_COVERED, covered=frozenset({Region.EYE, Region.BROW}))
    assert regions_seen(reading(face, 0.0, hidden)) == {Region.MOUTH, Region.NOSE}
