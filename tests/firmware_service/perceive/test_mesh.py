from __future__ import annotations

import numpy as np
import pytest

from firmware_service.perceive.mesh import LEFT_EYE, LIPS, RIGHT_EYE, refined, unrefined

MESH = np.arange(468 * 3, dtype=np.float32)


def test_each_output_replaces_its_own_points_and_leaves_depth() -> None:
    sizes = (80, 71, 71, 5, 5)
    regions = [np.full((1, 1, 1, 2 * n), 1000.0 * k, np.float32) for k, n in enumerate(sizes, 1)]
    regions[0].ravel()[:2] = (7, 8)  # the first lip point, the patient's right mouth corner
    points = refined(MESH, regions, presence=2.0).points
    assert points.shape == (478, 3)
    assert tuple(points[61]) == (7, 8, MESH[61 * 3 + 2])
    assert (points[list(LIPS[1:]), :2] == 1000).all()
    assert (points[list(LEFT_EYE), :2] == 2000).all()
    assert (points[list(RIGHT_EYE), :2] == 3000).all()
    assert (points[468:473, :2] == 4000).all()
    assert (points[473:, :2] == 5000).all()
    np.testing.assert_array_equal(points[:468, 2], MESH[2::3])
    untouched = sorted(set(range(468)) - {*LIPS, *LEFT_EYE, *RIGHT_EYE})
    np.testing.assert_array_equal(points[untouched], MESH.reshape(468, 3)[untouched])


def test_an_iris_is_as_deep_as_its_eye() -> None:
    regions = [np.zeros(2 * n, np.float32) for n in (80, 71, 71, 5, 5)]
    points = refined(MESH, regions, presence=0.0).points
    contour = (33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173)
    assert points[468:473, 2] == pytest.approx(MESH.reshape(468, 3)[list(contour), 2].mean())


def test_the_plain_mesh_measures_no_iris() -> None:
    points = unrefined(MESH, presence=0.0).points
    np.testing.assert_array_equal(points[:468].ravel(), MESH)
    assert np.ptp(points[468:473], axis=0).max() == 0
    assert np.ptp(points[473:], axis=0).max() == 0


@pytest.mark.parametrize(("logit", "expected"), [(0, 0.5), (1e6, 1.0), (-1e6, 0.0)])
def test_confidence_is_the_probability_of_a_face(logit: float, expected: float) -> None:
    assert unrefined(MESH, logit).confidence == pytest.approx(expected)
