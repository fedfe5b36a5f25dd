"""Short-range face detector: the wheel's own TFLite file, and ONNX with fp16 weights."""

import sys
from pathlib import Path

from models import convert, wheels


def build(out: Path) -> None:
    """Write face_detector.tflite and face_detector_fp16.onnx into `out`."""
    tflite = wheels.take(wheels.FACE_DETECTOR)
    out.joinpath("face_detector.tflite").write_bytes(tflite)
    model = convert.from_tflite(tflite)
    convert.weights_as_fp16(model)
    content = convert.serialise(model, "face_detector")
    out.joinpath("face_detector_fp16.onnx").write_bytes(content)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
