"""The committed region refiners are what the device expects of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from firmware_service.perceive import patches
from firmware_service.perceive.refine import REFINERS
from firmware_service.perceive.registry import Registry

MODELS = Path(__file__).parents[2] / "models"
MAX_BYTES = 1_000_000
REGISTRY = Registry.load(MODELS)


def network(kind: patches.PatchKind) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(REGISTRY.read_for_measuring(f"{kind.name}_refiner"))


def test_all_together_are_small() -> None:
    assert sum(len(REGISTRY.read(name)) for name in REFINERS) < MAX_BYTES


@pytest.mark.parametrize("kind", patches.KINDS, ids=lambda kind: kind.name)
def test_every_patch_is_judged_for_itself(kind: patches.PatchKind) -> None:
    width, height = kind.size_px
    batch = np.random.default_rng(0).integers(0, 255, (2, height, width, 3), np.uint8)
    session = network(kind)
    points, log_var, covered = session.run(["points", "log_var", "covered"], {"patch": batch})
    count = len(kind.points[0])
    assert points.shape == (2, count, 2)
    assert log_var.shape == (2, count)
    assert covered.shape == (2, 1)
    alone = session.run(["points"], {"patch": batch[:1]})[0]
    np.testing.assert_allclose(alone, points[:1], atol=1e-4)


@pytest.mark.parametrize("kind", patches.KINDS, ids=lambda kind: kind.name)
def test_points_stay_inside_the_patch(kind: patches.PatchKind) -> None:
    width, height = kind.size_px
    batch = np.random.default_rng(1).integers(0, 255, (8, height, width, 3), np.uint8)
    points = network(kind).run(["points"], {"patch": batch})[0]
    assert np.abs(points[..., 0]).max() < width * kind.pitch_mm / 2
    assert np.abs(points[..., 1]).max() < height * kind.pitch_mm / 2


@pytest.mark.parametrize("kind", patches.KINDS, ids=lambda kind: kind.name)
def test_half_the_light_is_the_same_face(kind: patches.PatchKind) -> None:
    width, height = kind.size_px
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    picture = 120 + 90 * np.tanh(4 * (y - 0.2 * x * x))[..., None] * (1.0, 0.9, 0.8)
    session = network(kind)
    bright, dim = (
        session.run(["points"], {"patch": (picture * gain).astype(np.uint8)[None]})[0]
        for gain in (1.0, 0.5)
    )
    assert np.abs(bright - dim).max() < 0.5
