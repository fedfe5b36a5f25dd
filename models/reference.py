"""MediaPipe itself, stripped to one model: the attention mesh on a picture already cropped."""

import os
from pathlib import Path

os.environ.setdefault("GLOG_minloglevel", "3")
import mediapipe as mp
import numpy as np
from mediapipe.python._framework_bindings import resource_util

OUTPUTS = {  # graph output → how many points
    "output_mesh_identity": 468,
    "output_lips": 80,
    "output_left_eye": 71,
    "output_right_eye": 71,
    "output_left_iris": 5,
    "output_right_iris": 5,
}
MODEL = "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite"
HEAD = f"""
input_stream: "image"
node {{ calculator: "TfLiteCustomOpResolverCalculator" output_side_packet: "OP_RESOLVER:resolver" }}
node {{
  calculator: "ImageToTensorCalculator"
  input_stream: "IMAGE:image"
  output_stream: "TENSORS:input"
  options {{ [mediapipe.ImageToTensorCalculatorOptions.ext] {{
    output_tensor_width: 192 output_tensor_height: 192 output_tensor_float_range {{ min: 0 max: 1 }}
  }} }}
}}
node {{
  calculator: "InferenceCalculator"
  input_stream: "TENSORS:input"
  input_side_packet: "OP_RESOLVER:resolver"
  output_stream: "TENSORS:output"
  options {{ [mediapipe.InferenceCalculatorOptions.ext] {{
    model_path: "{MODEL}" delegate {{ xnnpack {{}} }}
  }} }}
}}
"""
POINTS = """
node {{
  calculator: "TensorsToLandmarksCalculator"
  input_stream: "TENSORS:{name}_tensor"
  output_stream: "LANDMARKS:{name}"
  options {{ [mediapipe.TensorsToLandmarksCalculatorOptions.ext] {{
    num_landmarks: {count} input_image_width: 192 input_image_height: 192
  }} }}
}}
"""


def graph_text() -> str:
    """The graph: crop → network → one landmark list per output, in crop pixels."""
    streams = " ".join(f'output_stream: "{name}_tensor"' for name in OUTPUTS)
    ranges = " ".join(f"ranges: {{ begin: {k} end: {k + 1} }}" for k in range(len(OUTPUTS)))
    split = (
        f'node {{ calculator: "SplitTensorVectorCalculator" input_stream: "output" {streams} '
        f"options {{ [mediapipe.SplitVectorCalculatorOptions.ext] {{ {ranges} }} }} }}"
    )
    points = (POINTS.format(name=name, count=count) for name, count in OUTPUTS.items())
    return "\n".join([HEAD, split, *points])


class Reference:
    """`reference(crop)` gives MediaPipe's points for an RGB picture of 192 × 192."""

    def __init__(self) -> None:
        resource_util.set_resource_dir(str(Path(mp.__file__).parents[1]))
        self._graph = mp.CalculatorGraph(graph_config=graph_text())
        self._latest: dict[str, mp.Packet] = {}
        for name in OUTPUTS:
            self._graph.observe_output_stream(name, self._latest.__setitem__)
        self._graph.start_run({})
        self._time = 0

    def __call__(self, crop: np.ndarray) -> dict[str, np.ndarray]:
        """Points by output name, [n, 2] in crop pixels."""
        self._time += 1
        packet = mp.packet_creator.create_image_frame(
            image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(crop)
        )
        self._graph.add_packet_to_input_stream("image", packet.at(self._time))
        self._graph.wait_until_idle()
        return {
            name: np.array([[p.x, p.y] for p in mp.packet_getter.get_proto(packet).landmark])
            for name, packet in self._latest.items()
        }
