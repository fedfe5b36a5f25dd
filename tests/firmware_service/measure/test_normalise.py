from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_service.measure.features import face_features
from firmware_service.measure.normalise import UNKNOWN_HEAD, head_size, in_millimetres
from firmware_service.types import HeadPose, Landmarks, Side
from tests.firmware_service.measure.synthetic import HEIGHT, WIDTH, Face, Half, photographed, weak

HALVES = st.builds(Half, *([st.floats(-3, 6)] * 5))


@settings(max_examples=60, deadline=None)
@given(
    drop=st.floats(0, 8),
    pose=st.builds(HeadPose, st.floats(-10, 10), st.floats(-12, 12), st.floats(-180, 180)),
    distance_mm=st.floats(460, 900),
    head=st.floats(0.9, 1.1),
)
def test_a_known_drop_is_recovered_in_mm(
    drop: float, pose: HeadPose, distance_mm: float, head: float
) -> None:
    face = photographed(weak(Side.LEFT, drop=drop / head), pose, distance_mm=distance_mm, head=head)
    found = in_millimetres(face, WIDTH, HEIGHT)
    assert found is not None
    left, right = face_features(found)
    assert right.corner_height_mm - left.corner_height_mm == pytest.approx(drop, abs=0.25)
    assert right.corner_out_mm - left.corner_out_mm == pytest.approx(0.0, abs=0.25)


@settings(max_examples=30, deadline=None)
@given(
    left=st.builds(Half, *([st.floats(-3, 6)] * 5)),
    right=st.builds(Half, *([st.floats(-3, 6)] * 5)),
)
def test_mirroring_swaps_the_sides(left: Half, right: Half) -> None:
    pose, mirrored = HeadPose(6, 4, 10), HeadPose(-6, 4, -10)
    face = Face(left, right)
    there = in_millimetres(photographed(face, pose), WIDTH, HEIGHT)
    back = in_millimetres(photographed(face.mirrored(), mirrored), WIDTH, HEIGHT)
    assert there is not None
    assert back is not None
    one, other = face_features(there), face_features(back)
    assert one.left == pytest.approx(other.right, abs=1e-3)
    assert one.right == pytest.approx(other.left, abs=1e-3)


def test_scale_comes_from_the_iris_not_from_the_size_of_the_head() -> None:
    near = in_millimetres(photographed(Face(), distance_mm=500), WIDTH, HEIGHT)
    far = in_millimetres(photographed(Face(), distance_mm=800), WIDTH, HEIGHT)
    large = in_millimetres(photographed(Face(), distance_mm=500, head=1.08), WIDTH, HEIGHT)
    assert near is not None
    assert far is not None
    assert large is not None
    assert far.mm_per_px == pytest.approx(near.mm_per_px * 800 / 500, rel=0.01)
    assert np.ptp(large.points[:, 1]) == pytest.approx(1.08 * np.ptp(near.points[:, 1]), rel=0.01)
    assert 0.04 < near.mm_per_px_sd / near.mm_per_px < 0.05


def test_closed_eyes_leave_the_scale_to_the_frames_in_which_they_were_open() -> None:
    shut = Face(Half(closing=9.5), Half(closing=9.5))
    frames = [photographed(f, head=1.08) for f in (Face(), shut, shut, shut, Face())]
    size = head_size(frames, WIDTH, HEIGHT)
    assert size.frames == 2
    assert size.ratio == pytest.approx(1.08, rel=0.01)
    assert head_size(frames[1:4], WIDTH, HEIGHT) == UNKNOWN_HEAD
    known = in_millimetres(frames[1], WIDTH, HEIGHT, size)
    guessed = in_millimetres(frames[1], WIDTH, HEIGHT)
    assert known is not None
    assert guessed is not None
    assert guessed.mm_per_px_sd / guessed.mm_per_px > known.mm_per_px_sd / known.mm_per_px


def test_points_that_are_no_face_give_nothing() -> None:
    nothing = Landmarks(0, 0.0, np.zeros((478, 3), np.float32), 0.0, HeadPose(0, 0, 0))
    assert in_millimetres(nothing, WIDTH, HEIGHT) is None
