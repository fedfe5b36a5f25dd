from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from firmware_service.perceive.preprocess import (
    Square,
    around_points,
    crop_input,
    letterbox_input,
    points_to_picture,
    whole,
)

RNG = np.random.default_rng(3)
PICTURE = RNG.integers(0, 256, (40, 40, 3), np.uint8)


def test_a_square_over_the_whole_picture_is_the_picture() -> None:
    np.testing.assert_array_equal(
        whole(40, 40, 0.0).crop(PICTURE, 40, cv2.BORDER_CONSTANT), PICTURE
    )


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_square_turned_clockwise_shows_the_picture_turned_back(quarters: int) -> None:
    turned = np.ascontiguousarray(np.rot90(PICTURE, -quarters))
    crop = whole(40, 40, quarters * math.pi / 2).crop(turned, 40, cv2.BORDER_CONSTANT)
    # A right angle about the corner of pixels moves their grid by one pixel; see the module.
    errors = [
        np.abs(np.roll(crop, shift, (0, 1)).astype(int) - PICTURE)[2:-2, 2:-2].max()
        for shift in ((0, 0), (-1, 0), (0, -1), (-1, -1))
    ]
    assert min(errors) == 0


def test_a_letterbox_is_black_outside_the_picture_and_scaled_to_one() -> None:
    wide = np.full((10, 40, 3), 255, np.uint8)
    tensor = letterbox_input(wide, whole(40, 10, 0.0), 40)
    assert tensor.shape == (1, 40, 40, 3)
    assert tensor.dtype == np.float32
    assert (tensor[0, :15] == -1).all()
    assert tensor[0, 16:24] == pytest.approx(1)
    assert (tensor[0, 26:] == -1).all()


def test_a_crop_is_rgb_and_repeats_the_edge() -> None:
    blue = np.zeros((20, 20, 3), np.uint8)
    blue[..., 0] = 255
    tensor = crop_input(blue, Square(20, 20, 40, 0.3), 32)
    assert tensor.shape == (1, 32, 32, 3)
    assert tensor[..., 2] == pytest.approx(1)
    assert not tensor[..., :2].any()


def test_points_go_back_to_where_the_crop_was_taken() -> None:
    square = Square(x=100, y=50, side=60, angle=math.pi / 2)
    crop_points = np.array(
        [[15, 15, 1], [30, 15, -2], [15, 0, 0]], np.float32
    )  # middle, right, top
    back = points_to_picture(crop_points, square, 30)
    expected = [[100, 50, 2], [100, 80, -4], [130, 50, 0]]
    np.testing.assert_allclose(back, expected, atol=1e-4)


def test_what_the_crop_shows_at_a_point_is_what_the_picture_shows_there() -> None:
    rows, columns = np.mgrid[0:200, 0:300]
    picture = np.stack([columns % 256, rows, np.zeros_like(rows)], axis=2).astype(np.uint8)
    square = Square(x=120, y=90, side=80, angle=0.4)
    crop = square.crop(picture, 160, cv2.BORDER_REPLICATE)
    for column, row in ((10, 20), (80, 80), (150, 90)):
        place = points_to_picture(np.array([[column, row, 0]], np.float32), square, 160)[0]
        assert crop[row, column, :2] == pytest.approx(place[:2], abs=1)


def test_the_next_region_moves_and_turns_with_the_landmarks() -> None:
    points = RNG.uniform(-40, 40, (478, 3)).astype(np.float32)
    points[33, :2], points[263, :2] = (-20, 0), (20, 0)
    level = around_points(points + np.array([100, 100, 0], np.float32))
    assert level.angle == pytest.approx(0)
    assert level.side == pytest.approx(1.5 * np.ptp(points[:, :2], axis=0).max())
    quarter = np.stack([-points[:, 1], points[:, 0], points[:, 2]], axis=1)
    turned = around_points(quarter + np.array([300, 200, 0], np.float32))
    assert turned.angle == pytest.approx(math.pi / 2)
    assert turned.side == pytest.approx(level.side)
    assert (turned.x - 300, turned.y - 200) == pytest.approx(
        (100 - level.y, level.x - 100), abs=1e-3
    )
