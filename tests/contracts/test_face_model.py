"""What every `FaceModel` promises, on every adapter.

The mediapipe adapter lives in an environment of its own (docs/decisions/0003):
.venv-mediapipe/bin/python -m pytest -m mediapipe tests/contracts/test_face_model.py
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from firmware_service.perceive.face_models import open_face_model
from firmware_service.perceive.registry import Registry
from firmware_service.types import Frame, Landmarks
from models import wheels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firmware_service.ports import FaceModel

ROOT = Path(__file__).parents[2]
PORTRAITS = ROOT / "firmware_service" / "simulate" / "portraits"
REGISTRY = Registry.load(ROOT / "models")
PAIRS = np.array(
    [(33, 263), (133, 362), (159, 386), (145, 374), (61, 291), (98, 327), (70, 300), (105, 334)]
)
MIDLINE = np.array([10, 151, 9, 8, 168, 6, 197, 195, 5, 4, 1, 2, 0, 13, 14, 17, 152])
GREY = 90


@pytest.fixture(
    scope="module",
    params=[
        "onnx",
        "onnx-fp16",
        "tflite",
        "tflite-plain",
        pytest.param(
            "mediapipe",
            marks=[
                pytest.mark.mediapipe,
                pytest.mark.skipif(
                    find_spec("mediapipe") is None,
                    reason="scripts/test runs it in .venv-mediapipe (docs/decisions/0003)",
                ),
            ],
        ),
    ],
)
def opened(request: pytest.FixtureRequest) -> FaceModel:
    return open_face_model(request.param, REGISTRY)


@pytest.fixture
def model(opened: FaceModel) -> FaceModel:
    opened.reset()
    return opened


@pytest.fixture(scope="module", params=["grace_hopper", "eileen_collins"])
def portrait(request: pytest.FixtureRequest) -> NDArray[np.uint8]:
    return picture(request.param)


def picture(name: str) -> NDArray[np.uint8]:
    image: NDArray[np.uint8] | None = cv2.imread(str(PORTRAITS / f"{name}.png"))
    assert image is not None
    image.setflags(write=False)  # a frame lies in the camera's ring: nobody may draw on it
    return image


def frame(image: NDArray[np.uint8], seq: int = 0) -> Frame:
    return Frame(seq, seq / 30, image)


def found(model: FaceModel, image: NDArray[np.uint8], seq: int = 0) -> Landmarks:
    landmarks = model.find(frame(image, seq))
    assert landmarks is not None
    return landmarks


def interocular(points: NDArray[np.float32]) -> float:
    return float(np.linalg.norm(points[33, :2] - points[263, :2]))


def shifted(image: NDArray[np.uint8], x: int, y: int) -> NDArray[np.uint8]:
    return np.roll(image, (y, x), axis=(0, 1))


# protobuf 4 calls one of its own deprecated functions when mediapipe packs a picture.
@pytest.mark.filterwarnings("ignore:SymbolDatabase.GetPrototype:UserWarning")
class TestFaceModel:
    def test_finds_the_face_of_a_portrait(
        self, model: FaceModel, portrait: NDArray[np.uint8]
    ) -> None:
        landmarks = found(model, portrait, seq=7)
        points = landmarks.points
        assert (landmarks.frame_seq, landmarks.captured_at) == (7, 7 / 30)
        assert points.shape == (478, 3)
        assert points.dtype == np.float32
        assert np.isfinite(points).all()
        height, width = portrait.shape[:2]
        assert (points[:, :2] >= 0).all()
        assert (points[:, :2] <= (width, height)).all()
        assert 0.5 <= landmarks.confidence <= 1
        assert model.faces_seen == 1

    def test_sides_are_the_patients(self, model: FaceModel, portrait: NDArray[np.uint8]) -> None:
        landmarks = found(model, portrait)
        x, y = landmarks.points[:, 0], landmarks.points[:, 1]
        assert (x[PAIRS[:, 0]] < x[PAIRS[:, 1]]).all()  # not mirrored: their right is our left
        assert y[105] < y[159] < y[1] < y[13] < y[152]
        assert abs(landmarks.pose.roll_deg) < 5

    def test_irises_lie_in_the_eyes(self, model: FaceModel, portrait: NDArray[np.uint8]) -> None:
        points = found(model, portrait).points[:, :2]
        for iris, corners in ((468, (33, 133)), (473, (362, 263))):
            assert points[corners[0], 0] < points[iris, 0] < points[corners[1], 0]
            rim = np.linalg.norm(points[iris + 1 : iris + 5] - points[iris], axis=1)
            if model.may_measure:
                assert (rim > 0.04 * interocular(points)).all()
            else:
                assert rim.max() < 0.01  # no iris is measured: none may be read off

    @pytest.mark.parametrize("fill", [0, GREY, 255])
    def test_finds_none_in_an_empty_picture(self, model: FaceModel, fill: int) -> None:
        assert model.find(frame(np.full((480, 640, 3), fill, np.uint8))) is None
        assert model.faces_seen == 0

    def test_finds_none_in_noise(self, model: FaceModel) -> None:
        noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
        assert model.find(frame(noise)) is None

    @pytest.mark.parametrize("size", [(1, 1), (200, 3000), (4000, 2), (31, 17)])
    def test_survives_odd_sizes(self, model: FaceModel, size: tuple[int, int]) -> None:
        image = np.full((*size, 3), GREY, np.uint8)
        assert model.find(frame(image)) is None

    def test_changes_size_between_frames(
        self, model: FaceModel, portrait: NDArray[np.uint8]
    ) -> None:
        large = found(model, portrait).points
        small = found(model, cv2.resize(portrait, None, fx=0.5, fy=0.5), seq=1).points
        assert np.abs(small[:, :2] - large[:, :2] / 2).mean() < 0.02 * interocular(small)

    def test_follows_the_same_face(self, model: FaceModel, portrait: NDArray[np.uint8]) -> None:
        first = found(model, portrait).points
        for seq in range(1, 6):
            points = found(model, shifted(portrait, 4 * seq, 2 * seq), seq).points
            moved = points[:, :2] - first[:, :2] - (4 * seq, 2 * seq)
            assert np.linalg.norm(moved, axis=1).mean() < 0.02 * interocular(first)

    def test_loses_the_face_and_finds_it_again(
        self, model: FaceModel, portrait: NDArray[np.uint8]
    ) -> None:
        found(model, portrait)
        assert model.find(frame(np.full_like(portrait, GREY), 1)) is None
        assert model.find(frame(np.full_like(portrait, GREY), 2)) is None
        found(model, portrait, 3)

    def test_reset_makes_the_next_frame_the_first(
        self, model: FaceModel, portrait: NDArray[np.uint8]
    ) -> None:
        first = found(model, portrait).points
        for seq in range(1, 4):
            found(model, shifted(portrait, 8 * seq, 0), seq)
        model.reset()
        assert model.faces_seen == 0
        np.testing.assert_array_equal(found(model, portrait, 4).points, first)

    def test_a_mirrored_picture_swaps_the_sides(
        self, model: FaceModel, portrait: NDArray[np.uint8]
    ) -> None:
        points = found(model, portrait).points[:, :2]
        model.reset()
        mirrored = found(model, cv2.flip(portrait, 1)).points[:, :2]
        mirrored = np.stack([portrait.shape[1] - mirrored[:, 0], mirrored[:, 1]], axis=1)
        for here, there in ((PAIRS[:, 0], PAIRS[:, 1]), (PAIRS[:, 1], PAIRS[:, 0])):
            off = np.linalg.norm(mirrored[here] - points[there], axis=1)
            assert off.mean() < 0.03 * interocular(points)
        midline = np.linalg.norm(mirrored[MIDLINE] - points[MIDLINE], axis=1)
        assert midline.mean() < 0.03 * interocular(points)

    @pytest.mark.parametrize("quarters", [1, 2, 3])
    def test_finds_a_patient_lying_sideways_or_upside_down(
        self, model: FaceModel, portrait: NDArray[np.uint8], quarters: int
    ) -> None:
        upright = found(model, portrait).points
        model.reset()
        turned = np.ascontiguousarray(np.rot90(portrait, -quarters))  # clockwise
        height, width = portrait.shape[:2]
        x, y = upright[:, 0], upright[:, 1]
        expected = {1: (height - y, x), 2: (width - x, height - y), 3: (y, width - x)}[quarters]
        for seq in range(3):  # found, then followed
            points = found(model, turned, seq).points
            off = np.linalg.norm(points[:, :2] - np.stack(expected, axis=1), axis=1)
            assert off.mean() < 0.025 * interocular(upright)

    def test_finds_a_face_in_the_dark(self, model: FaceModel, portrait: NDArray[np.uint8]) -> None:
        bright = found(model, portrait).points
        model.reset()
        dark = found(model, (portrait * 0.2).astype(np.uint8)).points
        off = np.linalg.norm(dark[:, :2] - bright[:, :2], axis=1)
        assert off.mean() < 0.03 * interocular(bright)

    def test_counts_two_faces(self, model: FaceModel) -> None:
        both = np.concatenate([picture("grace_hopper"), picture("eileen_collins")], axis=1)
        found(model, both)
        assert model.faces_seen == 2
        assert model.rivals == 1

    def test_names_the_verified_files_in_use(self, model: FaceModel) -> None:
        sources = {wheels.FACE_DETECTOR[2], wheels.ATTENTION_MESH[2]}
        assert len([name for name in model.digests if not name.endswith("_refiner")]) == 2
        assert set(model.digests.values()) <= {*REGISTRY.digests().values(), *sources}
        assert model.name

    def test_only_the_attention_mesh_may_measure(self, model: FaceModel) -> None:
        assert model.may_measure == any("attention" in name for name in model.digests)
