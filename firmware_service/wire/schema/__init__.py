"""The JSON Schemas of version 1, made from the models and committed beside this file.

They describe what a consumer must accept: version 1 grows, so unknown fields are allowed here even
though our own producer never writes any.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from firmware_service.wire.codec import DOCUMENTS
from firmware_service.wire.header import Envelope

FOLDER = Path(__file__).parent / "v1"


def schemas() -> dict[str, str]:
    """File name to text, for every kind of document and the envelope."""
    models: dict[str, type[BaseModel]] = {**DOCUMENTS, "envelope": Envelope}
    return {f"{kind}.json": _text(kind, model) for kind, model in sorted(models.items())}


def drifted(folder: Path = FOLDER) -> list[str]:
    """The names of the files that are not what the models say, missing and surplus ones too."""
    wanted = schemas()
    present = {path.name: path.read_text() for path in folder.glob("*.json")}
    return sorted(
        name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name)
    )


def write(folder: Path = FOLDER) -> None:
    """Make the folder say what the models say."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in drifted(folder):
        (folder / name).unlink(missing_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text)


def _text(kind: str, model: type[BaseModel]) -> str:
    schema = _open(model.model_json_schema(by_alias=True, mode="validation"))
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:stroke-screen:v1:{kind}",
        **schema,
    }
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _open(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """Without `additionalProperties: false`: a consumer ignores what it does not know."""
    if isinstance(node, dict):
        return {
            name: _open(value)
            for name, value in node.items()
            if not (name == "additionalProperties" and value is False)
        }
    return [_open(value) for value in node] if isinstance(node, list) else node
