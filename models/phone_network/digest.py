"""Writes the sha256 of what was trained into the manifest."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

MODELS = Path(__file__).resolve().parents[1]


def record(file: Path) -> None:
    """Put the file's digest below its line in manifest.toml."""
    manifest = MODELS / "manifest.toml"
    named = file.resolve().relative_to(MODELS).as_posix()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    line = rf'(file = "{re.escape(named)}"\nsha256 = ")[^"]*'
    text, count = re.subn(line, rf"\g<1>{digest}", manifest.read_text(encoding="utf-8"))
    if count != 1:
        raise SystemExit(f"manifest.toml: no sha256 line directly below the line of {named}")
    manifest.write_text(text, encoding="utf-8")
