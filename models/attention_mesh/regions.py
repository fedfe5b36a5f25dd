"""MediaPipe's eleven custom nodes of the attention mesh, written with standard ONNX operations.

The mesh finds 468 points; three regions (lips, each eye) are then cut upright out of a feature map
and refined. Landmarks2TransformMatrix frames a region, TransformTensorBilinear cuts it out,
TransformLandmarks carries the refined points back. No angle is needed: the cosine and sine of
a region's turn are the unit vector between its two corner points.
"""

import numpy as np
import onnx
from onnx import helper, numpy_helper, parser

from models import convert

CROP_PX = 192  # the network's input
MAP_PX = 48  # the feature map that regions are cut from
CUT_PX = 16  # a region's side after the cut
POINT_UNITS = 64  # refined points come in 1/64 of the region's side
MARGIN = 1.5  # the frame is the bounding box of a region's points, this much wider and higher

# mesh: points in crop pixels; map: features; names ending in _i are constants made in `settings`.
# turn: its rows are the region's own x and y axes. frame_k: its rows are the sides of the frame.
# mid_k: the frame's middle. The cuts are zero outside the map's outermost pixel centres.
FRAMES = """
agraph (float[1,468,3] mesh, float[1,32,48,48] map) => (float[1,32,16,16] cut_0) {
  xy = Slice (mesh, zero_i, two_i, two_i)
  ends = Gather <axis = 1> (xy, corners_i)
  across = MatMul (first_to_second_i, ends)
  length = ReduceL2 <axes = [3]> (across)
  x_axis = Div (across, length)
  y_axis = MatMul (x_axis, quarter_turn_i)
  turn = Concat <axis = 2> (x_axis, y_axis)

  points = Gather <axis = 1> (xy, subsets_i)
  columns = Transpose <perm = [0, 1, 3, 2]> (points)
  upright = MatMul (turn, columns)
  high = ReduceMax <axes = [3]> (upright)
  low = ReduceMin <axes = [3]> (upright)
  size = Sub (high, low)
  frame = Mul (turn, size)
  sum = Add (high, low)
  twice = Transpose <perm = [0, 1, 3, 2]> (sum)
  middle = Mul (twice, half_i)
  mid = MatMul (middle, turn)
  frame_0, frame_1, frame_2 = Split <axis = 1> (frame)
  mid_0, mid_1, mid_2 = Split <axis = 1> (mid)

  offset = MatMul (pixels_i, frame)
  place = Add (offset, mid)
  scaled = Mul (place, per_half_crop_i)
  grid = Sub (scaled, one_i)
  sampling = Reshape (grid, grid_shape_i)
  sampled = GridSample <
    align_corners = 0, mode = "bilinear", padding_mode = "zeros"
  > (map, sampling)
  distance = Abs (sampling)
  furthest = ReduceMax <axes = [3], keepdims = 0> (distance)
  inside = LessOrEqual (furthest, edge_i)
  mask = Cast <to = 1> (inside)
  mask_4d = Unsqueeze (mask, one_axis_i)
  cuts = Mul (sampled, mask_4d)
  cut_0, cut_1, cut_2 = Split <axis = 2> (cuts)
}
"""

BACK = """
agraph (float[1,N,2] points, float[1,1,2,2] frame, float[1,1,1,2] mid) => (float[1,1,N,2] back) {
  scaled = Mul (points, margin_per_unit_i)
  centred = Sub (scaled, half_margin_i)
  offset = MatMul (centred, frame)
  back = Add (offset, mid)
}
"""


def with_standard_operations(model: onnx.ModelProto) -> None:
    """Replace the custom nodes; SystemExit when the graph is not the one described above."""
    nodes = list(model.graph.node)
    cutters = [node for node in nodes if node.op_type == "TFL_TransformTensorBilinear"]
    makers = {n.output[0]: n for n in nodes if n.op_type == "TFL_Landmarks2TransformMatrix"}
    regions = [options(makers[node.input[1]]) for node in cutters]
    producer = {name: node for node in nodes for name in node.output}
    quartered = {node.input[0] for node in makers.values()}
    (quarter,) = (producer[name] for name in quartered)
    check_scaling(model, quarter, [n for n in nodes if n.op_type == "TFL_TransformLandmarks"])
    (to_nhwc,) = {node.input[0] for node in cutters}
    mesh, feature_map = quarter.input[0], producer[to_nhwc].input[0]

    names = {"mesh": mesh, "map": feature_map}
    to_nchw = {node.input[0]: node for node in nodes if node.op_type == "Transpose"}
    for k, cutter in enumerate(cutters):
        names[f"cut_{k}"] = to_nchw[cutter.output[0]].output[0]
    region_of = {cutter.input[1]: k for k, cutter in enumerate(cutters)}
    layout = {producer[to_nhwc].name} | {to_nchw[c.output[0]].name for c in cutters}
    result = instantiate(FRAMES, names)
    for node in nodes:
        if node.op_type == "TFL_TransformLandmarks":
            k = region_of[producer[node.input[1]].input[0]]
            names = {"points": node.input[0], "frame": f"frame_{k}", "mid": f"mid_{k}"}
            result += instantiate(BACK, names | {"back": node.output[0]}, f"{node.output[0]}/")
        # The Mul nodes are the scalings before and after the matrices that FRAMES does not need.
        elif not node.op_type.startswith(("TFL_", "Mul")) and node.name not in layout:
            result.append(node)
    model.graph.initializer.extend(settings(regions))
    convert.replace_nodes(model, result)


def options(node: onnx.NodeProto) -> dict[str, object]:
    """The settings of a Landmarks2TransformMatrix node."""
    found = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    sizes = [found[key] for key in ("output_width", "output_height", "scale_x", "scale_y")]
    if sizes != [CUT_PX, CUT_PX, MARGIN, MARGIN] or found["target_rotation_radians"] != 0:
        raise SystemExit(f"attention mesh: {node.name} frames its region in an unknown way")
    return found


def check_scaling(
    model: onnx.ModelProto, quarter: onnx.NodeProto, backs: list[onnx.NodeProto]
) -> None:
    """Make sure that crop pixels become map pixels before the matrices and again after them."""
    values = convert.constants(model.graph)
    producer = {name: node for node in model.graph.node for name in node.output}
    scales = {producer[node.input[1]].input[1] for node in backs}
    ratio = CROP_PX / MAP_PX
    expected = np.ones((4, 4))
    expected[:2, 2:] = ratio
    found = [values[name].reshape(4, 4)[:2] for name in scales]
    if values[quarter.input[1]] != 1 / ratio or not all(np.all(f == expected[:2]) for f in found):
        raise SystemExit("attention mesh: its points are scaled in an unknown way")


def instantiate(text: str, names: dict[str, str], prefix: str = "") -> list[onnx.NodeProto]:
    """The nodes of a graph text with `names` put in and other local names prefixed."""
    nodes = list(parser.parse_graph(text).node)
    local = {name for node in nodes for name in node.output} - set(names)
    names = names | {name: prefix + name for name in local}
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    return nodes


def settings(regions: list[dict[str, object]]) -> list[onnx.TensorProto]:
    """The constants of FRAMES and BACK.

    The shorter subsets repeat points, which leaves their bounding box as it is.
    """
    longest = max(len(region["subset_idxs"]) for region in regions)
    subsets = [np.resize(region["subset_idxs"], longest) for region in regions]
    corners = [[region["left_rotation_idx"], region["right_rotation_idx"]] for region in regions]
    centre = (np.arange(CUT_PX) + 0.5) / CUT_PX - 0.5
    pixels = np.stack(np.meshgrid(centre, centre), axis=-1).reshape(-1, 2) * MARGIN
    constant = {
        "zero_i": np.array([0]),
        "two_i": np.array([2]),
        "one_axis_i": np.array([1]),
        "grid_shape_i": np.array([1, len(regions) * CUT_PX, CUT_PX, 2]),
        "corners_i": np.array(corners),
        "subsets_i": np.array(subsets),
        "first_to_second_i": np.float32([[-1, 1]]),
        "quarter_turn_i": np.float32([[0, 1], [-1, 0]]),
        "pixels_i": np.float32(pixels),
        "half_i": np.float32(0.5),
        "one_i": np.float32(1),
        "per_half_crop_i": np.float32(2 / CROP_PX),
        "edge_i": np.float32(1 - 1 / MAP_PX),
        "margin_per_unit_i": np.float32(MARGIN / POINT_UNITS),
        "half_margin_i": np.float32(MARGIN / 2),
    }
    return [numpy_helper.from_array(np.asarray(v), name) for name, v in constant.items()]
