"""Writes the refiners' sha256 into models/manifest.toml after a training.

.venv/bin/python -m models.region_refiner.register
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from firmware_service.perceive.refine import REFINERS

MODELS = Path(__file__).parents[1]


def main() -> None:
    """Replace the digest below each refiner's file line."""
    manifest = MODELS / "manifest.toml"
    text = manifest.read_text(encoding="utf-8")
    for name in REFINERS:
        file = f"region_refiner/{name}.onnx"
        digest = hashlib.sha256((MODELS / file).read_bytes()).hexdigest()
        line = rf'(file = "{re.escape(file)}"\nsha256 = ")[^"]*'
        text, count = re.subn(line, rf"\g<1>{digest}", text)
        if count != 1:
            raise SystemExit(f"{manifest}: no sha256 line directly below the line of {file}")
        print(f"{name}: {digest}")
    manifest.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
