from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_service.measure.pose import head_pose
from firmware_service.types import HeadPose
from tests.firmware_service.measure.synthetic import HEIGHT, WIDTH, Face, photographed

ANGLE = st.floats(-40, 40)


@settings(max_examples=60, deadline=None)
@given(yaw=ANGLE, pitch=ANGLE, roll=st.floats(-170, 170))
def test_a_known_turn_is_recovered_at_any_roll(yaw: float, pitch: float, roll: float) -> None:
    found = photographed(Face(), HeadPose(yaw, pitch, roll)).pose
    assert found.yaw_deg == pytest.approx(yaw, abs=0.2)
    assert found.pitch_deg == pytest.approx(pitch, abs=0.2)
    assert found.roll_deg == pytest.approx(roll, abs=0.2)


def test_turning_to_the_patients_left_moves_the_nose_right_in_the_picture() -> None:
    ahead, turned = photographed(Face()), photographed(Face(), HeadPose(20, 0, 0))
    assert turned.points[4, 0] > ahead.points[4, 0]
    assert photographed(Face(), HeadPose(0, 20, 0)).points[4, 1] < ahead.points[4, 1]
    assert photographed(Face(), HeadPose(0, 0, 20)).points[10, 0] > ahead.points[10, 0]


@pytest.mark.parametrize("roll", [-90.0, 45.0, 90.0, 180.0])
def test_a_lying_patients_pitch_stays_pitch(roll: float) -> None:
    taken = photographed(Face(), HeadPose(6, 20, 0)).points
    turn = np.radians(roll)
    about = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    lying = taken.copy()
    lying[:, :2] = (taken[:, :2] - (WIDTH / 2, HEIGHT / 2)) @ about + (WIDTH / 2, HEIGHT / 2)
    found = head_pose(lying, WIDTH, HEIGHT)
    assert found.pitch_deg == pytest.approx(20, abs=0.2)
    assert found.yaw_deg == pytest.approx(6, abs=0.2)
    assert abs(found.roll_deg) == pytest.approx(abs(roll), abs=0.2)


@settings(max_examples=30, deadline=None)
@given(yaw=ANGLE, pitch=ANGLE, roll=ANGLE)
def test_a_mirrored_picture_flips_yaw_and_roll_only(yaw: float, pitch: float, roll: float) -> None:
    there = photographed(Face(), HeadPose(yaw, pitch, roll)).pose
    back = photographed(Face(), HeadPose(-yaw, pitch, -roll)).pose
    assert (back.yaw_deg, back.pitch_deg, back.roll_deg) == pytest.approx(
        (-there.yaw_deg, there.pitch_deg, -there.roll_deg), abs=0.01
    )


def test_points_that_are_no_face_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no head"):
        head_pose(np.zeros((478, 3), np.float32), WIDTH, HEIGHT)
    with pytest.raises(ValueError, match="no head"):
        head_pose(np.full((478, 3), np.nan, np.float32), WIDTH, HEIGHT)
