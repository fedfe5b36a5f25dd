"""Attention mesh in ONNX: fp16 weights, and int8 weights with fp16 output heads."""

import sys
from pathlib import Path

from models import convert, wheels
from models.attention_mesh import regions

# The convolutions that give the coordinates: int8 there moved the mouth corners to one side.
HEADS = {
    "output_mesh",
    "conv_lips",
    "conv_left_eye",
    "conv_right_eye",
    "conv_left_iris",
    "conv_right_iris",
    "conv_faceflag_raw_output___15:0",
}


def build(out: Path) -> None:
    """Write attention_mesh_fp16.onnx and attention_mesh_int8.onnx into `out`."""
    tflite = wheels.take(wheels.ATTENTION_MESH)
    for name in ("attention_mesh_fp16", "attention_mesh_int8"):
        model = convert.from_tflite(tflite)
        regions.with_standard_operations(model)
        convert.prelu_as_convolutions(model)
        if name.endswith("int8"):
            convert.weights_as_int8(model, keep_fp16=HEADS)
        else:
            convert.weights_as_fp16(model)
        out.joinpath(f"{name}.onnx").write_bytes(convert.serialise(model, name))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
