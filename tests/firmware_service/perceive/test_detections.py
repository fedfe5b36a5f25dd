from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware_service.perceive.detections import ANCHORS, decode
from firmware_service.perceive.preprocess import whole


def nothing_seen() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return np.zeros((896, 16), np.float32), np.full(896, -20, np.float32)


def put_face(
    outputs: tuple[NDArray[np.float32], NDArray[np.float32]],
    anchor: int,
    *,
    at: tuple[float, float],
    size: float,
    logit: float,
    eyes_angle: float = 0.0,
) -> None:
    """Write a face at `at` (0…1 of the letterbox) as the network would, at one anchor."""
    regressors, logits = outputs
    centre = np.array(at)
    along = np.array([math.cos(eyes_angle), math.sin(eyes_angle)]) * size / 4
    pairs = np.zeros((8, 2))
    pairs[0] = centre - ANCHORS[anchor]
    pairs[1] = size
    pairs[2], pairs[3] = pairs[0] - along, pairs[0] + along
    regressors[anchor] = (pairs * 128).ravel()
    logits[anchor] = logit


def test_anchors_are_two_a_cell_of_8_px_then_six_a_cell_of_16_px() -> None:
    assert ANCHORS.shape == (896, 2)
    assert ANCHORS[0] == pytest.approx((0.5 / 16, 0.5 / 16))
    assert ANCHORS[1] == pytest.approx(ANCHORS[0])
    assert ANCHORS[2] == pytest.approx((1.5 / 16, 0.5 / 16))
    assert ANCHORS[511] == pytest.approx((15.5 / 16, 15.5 / 16))
    assert ANCHORS[512:518] == pytest.approx(np.full((6, 2), 0.5 / 8))


def test_an_empty_picture_has_no_face() -> None:
    assert decode(*nothing_seen(), whole(640, 480, 0.0)) == []


def test_a_face_is_placed_in_the_pixels_of_the_picture() -> None:
    outputs = nothing_seen()
    put_face(outputs, 300, at=(0.5, 0.4), size=0.25, logit=3.0, eyes_angle=0.2)
    (face,) = decode(*outputs, whole(640, 480, 0.0))
    assert (face.x, face.y) == pytest.approx((320, 0.4 * 640 - 80), abs=1e-3)
    assert face.side == pytest.approx(160)
    assert face.angle == pytest.approx(0.2)
    assert face.score == pytest.approx(1 / (1 + math.exp(-3)))
    assert face.region().side == pytest.approx(240)


def test_a_face_seen_in_a_turned_letterbox_is_turned_back() -> None:
    outputs = nothing_seen()
    put_face(outputs, 300, at=(0.5, 0.25), size=0.25, logit=3.0)
    (face,) = decode(*outputs, whole(640, 480, math.pi / 2))
    # Up in the turned letterbox is to the right in the picture.
    assert (face.x, face.y) == pytest.approx((320 + 160, 240), abs=1e-3)
    assert face.angle == pytest.approx(math.pi / 2)


def test_boxes_of_one_face_become_their_score_weighted_mean() -> None:
    outputs = nothing_seen()
    put_face(outputs, 100, at=(0.40, 0.5), size=0.3, logit=0.0)
    put_face(outputs, 102, at=(0.43, 0.5), size=0.3, logit=math.log(3))
    (face,) = decode(*outputs, whole(100, 100, 0.0))
    weights = (0.5, 0.75)
    assert face.score == pytest.approx(0.75)
    assert face.x == pytest.approx(100 * np.average([0.40, 0.43], weights=weights))


def test_two_people_stay_two_faces_the_surer_first() -> None:
    outputs = nothing_seen()
    put_face(outputs, 100, at=(0.2, 0.5), size=0.2, logit=1.0)
    put_face(outputs, 200, at=(0.7, 0.5), size=0.2, logit=2.0)
    faces = decode(*outputs, whole(100, 100, 0.0))
    assert [round(face.x) for face in faces] == [70, 20]


def test_below_one_half_is_no_face() -> None:
    outputs = nothing_seen()
    put_face(outputs, 100, at=(0.5, 0.5), size=0.3, logit=-0.01)
    assert decode(*outputs, whole(100, 100, 0.0)) == []


def test_overlap_is_shared_area_over_joint_area() -> None:
    outputs = nothing_seen()
    put_face(outputs, 100, at=(0.5, 0.5), size=0.2, logit=1.0)
    (face,) = decode(*outputs, whole(100, 100, 0.0))
    assert face.overlap(50, 50, 20) == pytest.approx(1)
    assert face.overlap(60, 50, 20) == pytest.approx(200 / 600)
    assert face.overlap(90, 90, 20) == 0
