"""Voice activity detector, as the wheel's own ONNX file (fp32: int8 flipped 7 % of decisions)."""

import sys
from pathlib import Path

from models import wheels


def build(out: Path) -> None:
    """Write silero_vad.onnx into `out`."""
    out.joinpath("silero_vad.onnx").write_bytes(wheels.take(wheels.SILERO_VAD))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
