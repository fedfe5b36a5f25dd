"""Attention mesh: ONNX with fp16 or int8 weights and fp16 heads, and TFLite."""

import sys
from pathlib import Path

from models import convert, wheels
from models.attention_mesh import lanes, regions, tflite

# The convolutions that give the coordinates: int8 there moved the mouth corners to one side.
REGION_HEADS = ["conv_lips", "conv_left_eye", "conv_right_eye", "conv_left_iris", "conv_right_iris"]
HEADS = {"output_mesh", *REGION_HEADS, "conv_faceflag_raw_output___15:0"}


def build(out: Path) -> None:
    """Write attention_mesh_{fp16,int8}.onnx and attention_mesh.tflite into `out`."""
    source = wheels.take(wheels.ATTENTION_MESH)
    out.joinpath("attention_mesh.tflite").write_bytes(tflite.with_builtin_operations(source))
    for name in ("attention_mesh_fp16", "attention_mesh_int8"):
        model = convert.from_tflite(source)
        regions.with_standard_operations(model)
        convert.channel_pads_as_convolutions(model)
        lanes.side_by_side(model, REGION_HEADS)
        convert.prelu_as_convolutions(model)
        if name.endswith("int8"):
            convert.weights_as_int8(model, keep_fp16=HEADS)
        else:
            convert.weights_as_fp16(model)
        out.joinpath(f"{name}.onnx").write_bytes(convert.serialise(model, name))


if __name__ == "__main__":
    build(Path(sys.argv[1]))
