"""The registry hands out what the manifest promised, and nothing else."""

import hashlib
import shutil
from pathlib import Path

import pytest

from firmware_service.perceive.registry import (
    ManifestInvalid,
    ModelCorrupted,
    ModelMissing,
    ModelNotForMeasuring,
    Registry,
)

MODELS = Path(__file__).parents[3] / "models"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A copy of the shipped models, free to be damaged."""
    copy = tmp_path / "models"
    shutil.copytree(MODELS, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


def edit(models: Path, old: str, new: str) -> None:
    manifest = models / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    assert old in text
    manifest.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_shipped_model_is_the_one_in_the_manifest() -> None:
    registry = Registry.load(MODELS)
    for name, sha256 in registry.digests().items():
        model = registry.get(name)
        assert hashlib.sha256(model.path.read_bytes()).hexdigest() == sha256 == model.sha256
        assert registry.read(name) == model.path.read_bytes()


def test_every_shipped_model_file_is_in_the_manifest() -> None:
    registry = Registry.load(MODELS)
    listed = {registry.get(name).path for name in registry.digests()}
    assert listed == {
        *MODELS.glob("*/*.onnx"),
        *MODELS.glob("*/*.tflite"),
        *MODELS.glob("*/norms.json"),
    }


def test_every_shipped_model_has_a_card_and_a_recipe() -> None:
    registry = Registry.load(MODELS)
    for name in registry.digests():
        folder = registry.get(name).path.parent
        assert (folder / "card.md").is_file()
        assert (folder / "build.py").is_file() or (folder / "train.py").is_file()


@pytest.mark.parametrize("position", [0, 1000, -1])
def test_one_flipped_bit_is_refused(models: Path, position: int) -> None:
    file = models / "attention_mesh" / "attention_mesh_int8.onnx"
    content = bytearray(file.read_bytes())
    content[position] ^= 1
    file.write_bytes(content)
    registry = Registry.load(models)
    with pytest.raises(ModelCorrupted, match=r"attention_mesh_int8\.onnx.*scripts/build-models"):
        registry.read("attention_mesh_int8")
    with pytest.raises(ModelCorrupted):
        registry.get("attention_mesh_int8")
    assert registry.read("attention_mesh_fp16")


def test_a_cut_off_file_is_refused(models: Path) -> None:
    file = models / "silero_vad" / "silero_vad.onnx"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(ModelCorrupted):
        Registry.load(models).read("silero_vad")


def test_a_missing_file_is_refused(models: Path) -> None:
    (models / "silero_vad" / "silero_vad.onnx").unlink()
    with pytest.raises(ModelMissing, match=r"silero_vad\.onnx.*scripts/build-models"):
        Registry.load(models).get("silero_vad")


def test_an_unknown_model_is_refused_and_the_near_one_named() -> None:
    with pytest.raises(ModelMissing, match=r"attention_mesh_int4.*attention_mesh_int8"):
        Registry.load(MODELS).get("attention_mesh_int4")


def test_the_plain_mesh_follows_and_does_not_measure() -> None:
    registry = Registry.load(MODELS)
    assert registry.read("face_mesh_tflite")
    assert registry.read_for_measuring("attention_mesh_int8")
    with pytest.raises(ModelNotForMeasuring, match=r"face_mesh_tflite.*attention_mesh_fp16"):
        registry.read_for_measuring("face_mesh_tflite")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('version = "1"', 'version = "1"\ntrusted = true', r"model\.0\.trusted"),
        ("schema = 1", "schema = 1\nverify = false", "verify"),
        ("schema = 1", "schema = 2", "schema"),
        ("may_measure = false", 'may_measure = "no"', r"may_measure"),
        ("may_measure = false\n", "", r"may_measure"),
        ('sha256 = "', 'sha256 = "00', r"sha256"),
        ('file = "face_detector/', 'file = "../face_detector/', r"file"),
        ('file = "face_detector/', 'file = "/face_detector/', r"file"),
        ("fp16.onnx", "fp16.pickle", r"file"),
        ('name = "face_detector_tflite"', 'name = "face_detector_fp16"', "appears twice"),
        ("schema = 1", "schema =", "not TOML"),
    ],
)
def test_a_manifest_that_is_not_as_expected_is_refused(
    models: Path, old: str, new: str, named: str
) -> None:
    edit(models, old, new)
    with pytest.raises(ManifestInvalid, match=named) as refusal:
        Registry.load(models)
    assert "\n" not in str(refusal.value)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestInvalid, match=r"manifest\.toml"):
        Registry.load(tmp_path)
