"""Plain face mesh, as the wheel's own TFLite file."""

import sys
from pathlib import Path

from models import wheels


def build(out: Path) -> None:
    """Write face_mesh.tflite into `out`."""
    out.joinpath("face_mesh.tflite").write_bytes(wheels.take(wheels.FACE_MESH))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
