"""The models the device may load: a manifest, and the refusal of every file that does not match it.

A model is only ever an ONNX or TFLite file, norms are JSON: nothing here unpickles or executes
what it reads.
"""

import difflib
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from firmware_service.ports import ModelError

MANIFEST = "manifest.toml"
REMEDY = "run scripts/build-models or install the release again"


class ManifestInvalid(ModelError):
    """The manifest is absent, is not TOML, or says something that it should not."""


class ModelMissing(ModelError):
    """The manifest names no such model, or its file cannot be read."""


class ModelCorrupted(ModelError):
    """The file is not the one that was tested: its sha256 differs from the manifest's."""


class ModelNotForMeasuring(ModelError):
    """The model may follow a face and must not measure one."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One model: where it lies, what it expects, and what it may be used for."""

    name: str
    version: str
    path: Path
    sha256: str
    input: str
    quantisation: str
    licence: str
    source: str
    may_measure: bool


def _inside(file: str) -> str:
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts or path.suffix not in {".onnx", ".tflite", ".json"}:
        raise ValueError("want a relative path of an .onnx, .tflite or .json file")
    return file


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Entry(_Strict):
    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    version: Annotated[str, Field(min_length=1)]
    file: Annotated[str, AfterValidator(_inside)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    input: str
    quantisation: str
    licence: str
    source: str
    may_measure: bool


class _Manifest(_Strict):
    # "schema" is an attribute of pydantic's own.
    layout: Annotated[Literal[1], Field(alias="schema")]
    model: list[_Entry]


class Registry:
    """The models of one folder. Every hand-over checks the file again."""

    def __init__(self, models: Mapping[str, ModelFile]) -> None:
        self._models = dict(models)

    @classmethod
    def load(cls, models_dir: Path) -> Self:
        """Read manifest.toml of a folder; ManifestInvalid when it is not entirely as expected."""
        path = models_dir / MANIFEST
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as failure:
            raise ManifestInvalid(f"{path}: cannot be read ({failure}); {REMEDY}") from failure
        try:
            manifest = _Manifest.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as failure:
            raise ManifestInvalid(f"{path}: not TOML ({failure}); {REMEDY}") from failure
        except ValidationError as failure:
            first = failure.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ManifestInvalid(f"{path}: {place}: {first['msg']}; {REMEDY}") from failure
        models: dict[str, ModelFile] = {}
        for entry in manifest.model:
            if entry.name in models:
                raise ManifestInvalid(f"{path}: {entry.name} appears twice; {REMEDY}")
            fields = entry.model_dump(exclude={"file"})
            models[entry.name] = ModelFile(path=models_dir / entry.file, **fields)
        return cls(models)

    def get(self, name: str) -> ModelFile:
        """The model of that name, its file verified; ModelMissing or ModelCorrupted."""
        self.read(name)
        return self._named(name)

    def read(self, name: str) -> bytes:
        """The model's content, so that what was verified is what gets loaded.

        Raises ModelMissing or ModelCorrupted.
        """
        model = self._named(name)
        try:
            content = model.path.read_bytes()
        except OSError as failure:
            raise ModelMissing(
                f"{model.path}: cannot be read ({failure.strerror}); {REMEDY}"
            ) from failure
        found = hashlib.sha256(content).hexdigest()
        if found != model.sha256:
            raise ModelCorrupted(
                f"{model.path}: sha256 {found[:12]}… is not {model.sha256[:12]}… of the manifest; "
                f"{REMEDY}"
            )
        return content

    def read_for_measuring(self, name: str) -> bytes:
        """Like `read`, and ModelNotForMeasuring when the model may only follow a face."""
        model = self._named(name)
        if not model.may_measure:
            able = ", ".join(n for n, m in sorted(self._models.items()) if m.may_measure)
            raise ModelNotForMeasuring(
                f"{model.path}: {name} may follow a face and not measure it; use one of {able}"
            )
        return self.read(name)

    def digests(self) -> dict[str, str]:
        """The manifest's sha256 of every model by name, for the report."""
        return {name: model.sha256 for name, model in sorted(self._models.items())}

    def _named(self, name: str) -> ModelFile:
        model = self._models.get(name)
        if model is None:
            near = difflib.get_close_matches(name, self._models, n=1) or sorted(self._models)
            raise ModelMissing(f"{MANIFEST} names no model {name}; it has {', '.join(near)}")
        return model
