"""A trained refiner as ONNX opset 17 with int8 weights, built node by node.

Batch normalisation is folded into the convolutions. Large weights are stored as int8 times a scale
per output channel, the stem and the layer that gives the coordinates as fp16.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from models.region_refiner.head import HeadNet
    from models.region_refiner.net import RefinerNet

OPSET = 17
FINE = ("stem", "read", "judge")
MIN_STORED = 64


class _Graph:
    """Nodes and weights as they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name: str, value: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weight(self, name: str, value: np.ndarray) -> str:
        """A large fp32 array, stored small and unpacked when the model loads."""
        value = value.astype(np.float32)
        if value.size < MIN_STORED:
            return self.constant(name, value)
        if name.startswith(FINE) or value.ndim == 1:
            stored = self.constant(f"{name}/stored", value.astype(np.float16))
            return self.add("Cast", [stored], name, to=TensorProto.FLOAT)
        axes = tuple(range(1, value.ndim))
        scale = np.maximum(np.abs(value).max(axis=axes, keepdims=True), 1e-8) / np.float32(127)
        stored = self.constant(f"{name}/stored", np.rint(value / scale).astype(np.int8))
        steps = self.add("Cast", [stored], f"{name}/steps", to=TensorProto.FLOAT)
        return self.add("Mul", [steps, self.constant(f"{name}/scale", scale)], name)


def _folded(block: object) -> tuple[np.ndarray, np.ndarray]:
    """Weights and bias of a convolution with its batch normalisation in it."""
    conv, norm = block[0], block[1]
    gain = (norm.weight / (norm.running_var + norm.eps).sqrt()).detach().numpy()
    weight = conv.weight.detach().numpy() * gain[:, None, None, None]
    return weight, norm.bias.detach().numpy() - norm.running_mean.numpy() * gain


def to_onnx(net: RefinerNet, name: str, size_px: tuple[int, int]) -> bytes:
    """The network as bytes: `patch` uint8 BGR [n, h, w, 3] to `points`, `log_var`, `covered`."""
    net = net.eval()
    graph = _Graph()

    def conv(x: str, block: object, called: str, stride: int = 1) -> str:
        weight, bias = _folded(block)
        inputs = [x, graph.weight(f"{called}.w", weight), graph.weight(f"{called}.b", bias)]
        y = graph.add("Conv", inputs, f"{called}/conv", pads=[1] * 4, strides=[stride] * 2)
        return graph.add("Relu", [y], called)

    def plain(x: str, layer: object, called: str) -> str:
        weight, bias = (value.detach().numpy() for value in (layer.weight, layer.bias))
        inputs = [x, graph.weight(f"{called}.w", weight), graph.weight(f"{called}.b", bias)]
        if weight.ndim == 4:
            return graph.add("Conv", inputs, called)
        return graph.add("Gemm", inputs, called, transB=1)

    x = _standardised(graph)
    near = conv(x, net.stem, "stem", 2)
    near = conv(conv(near, net.down[0], "down0", 2), net.down[1], "down1")
    deep = conv(near, net.deep[0], "deep0", 2)
    deep = conv(conv(deep, net.deep[1], "deep1"), net.deep[2], "deep2")
    pooled = graph.add("GlobalAveragePool", [deep], "pooled")
    pooled = graph.add("Flatten", [pooled], "pooled/flat", axis=1)
    whole = graph.add("Relu", [plain(pooled, net.sense, "sense")], "whole")
    ahead = graph.constant("ahead", np.array([2, 3], np.int64))
    spread = graph.add("Unsqueeze", [whole, ahead], "whole/spread")
    deep = graph.add("Add", [deep, spread], "deep")
    back = plain(deep, net.join, "join")
    scales = graph.constant("scales", np.array([1, 1, 2, 2], np.float32))
    back = graph.add(
        "Resize", [back, "", scales], "back", mode="nearest",
        coordinate_transformation_mode="asymmetric", nearest_mode="floor",
    )  # fmt: skip
    up = conv(graph.add("Add", [near, back], "joined"), net.up, "up")
    maps = plain(up, net.read, "read")
    cells = net.cells.numpy()
    flat = graph.constant("flat", np.array([0, 3 * net.count, cells.shape[1]], np.int64))
    maps = graph.add("Reshape", [maps, flat], "maps")
    thirds = graph.constant("thirds", np.array([net.count] * 3, np.int64))
    graph.nodes.append(helper.make_node("Split", [maps, thirds], ["where", "dx", "dy"], axis=1))
    weight = graph.add("Softmax", ["where"], "weight", axis=2)
    last = graph.constant("last", np.array([2], np.int64))
    sums = []
    for axis, part in enumerate(("dx", "dy")):
        at = graph.constant(f"{part}/cells", cells[axis][None, None])
        moved = graph.add("Mul", [weight, graph.add("Add", [part, at], f"{part}/at")], f"{part}/w")
        sums.append(graph.add("ReduceSum", [moved, last], f"{part}/sum", keepdims=1))
    pair = graph.add("Concat", sums, "pair", axis=2)
    cell = graph.constant("cell_mm", np.array(net.cell_mm, np.float32))
    graph.add("Mul", [pair, cell], "points")
    judged = plain("whole", net.judge, "judge")
    parts = graph.constant("parts", np.array([net.count, 1], np.int64))
    graph.nodes.append(helper.make_node("Split", [judged, parts], ["log_var", "covered"], axis=1))
    width, height = size_px
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            name,
            [helper.make_tensor_value_info("patch", TensorProto.UINT8, ["n", height, width, 3])],
            [
                helper.make_tensor_value_info("points", TensorProto.FLOAT, ["n", net.count, 2]),
                helper.make_tensor_value_info("log_var", TensorProto.FLOAT, ["n", net.count]),
                helper.make_tensor_value_info("covered", TensorProto.FLOAT, ["n", 1]),
            ],
            graph.weights,
        ),
        ir_version=8,
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="stroke-screen",
    )
    onnx.checker.check_model(made, full_check=True)
    return bytes(made.SerializeToString(deterministic=True))


def head_to_onnx(net: HeadNet) -> bytes:
    """The head network as bytes: `points` float32 [n, k, 3] mm to `corrections` [n, m, 3] mm."""
    graph = _Graph()
    size, out = net.straight.weight.shape[1], net.straight.weight.shape[0]
    flat = graph.constant("flat", np.array([-1, size], np.int64))
    x = graph.add("Reshape", ["points", flat], "points/flat")
    x = graph.add("Sub", [x, graph.constant("mean", net.mean.numpy())], "centred")
    x = graph.add("Div", [x, graph.constant("spread", net.spread.numpy())], "x")

    def layer(given: str, linear: object, called: str) -> str:
        weight, bias = (value.detach().numpy() for value in (linear.weight, linear.bias))
        inputs = [given, graph.weight(f"{called}.w", weight), graph.weight(f"{called}.b", bias)]
        return graph.add("Gemm", inputs, called, transB=1)

    hidden = graph.add("Relu", [layer(x, net.hidden, "hidden")], "hidden/on")
    both = [layer(x, net.straight, "straight"), layer(hidden, net.bent, "bent")]
    total = graph.add("Add", both, "total")
    shape = graph.constant("shape", np.array([-1, out // 3, 3], np.int64))
    graph.add("Reshape", [total, shape], "corrections")
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "head_refiner",
            [helper.make_tensor_value_info("points", TensorProto.FLOAT, ["n", size // 3, 3])],
            [helper.make_tensor_value_info("corrections", TensorProto.FLOAT, ["n", out // 3, 3])],
            graph.weights,
        ),
        ir_version=8,
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="stroke-screen",
    )
    onnx.checker.check_model(made, full_check=True)
    return bytes(made.SerializeToString(deterministic=True))


def _standardised(graph: _Graph) -> str:
    """From uint8 BGR [n, h, w, 3] to [n, 3, h, w] of mean 0 and spread 1, whatever the light."""
    x = graph.add("Cast", ["patch"], "grey", to=TensorProto.FLOAT)
    x = graph.add("Transpose", [x], "grey/planes", perm=[0, 3, 1, 2])
    mean = graph.add("ReduceMean", [x], "mean", axes=[1, 2, 3])
    x = graph.add("Sub", [x, mean], "grey/centred")
    square = graph.add("Mul", [x, x], "grey/square")
    spread = graph.add("Sqrt", [graph.add("ReduceMean", [square], "var", axes=[1, 2, 3])], "spread")
    floor = graph.constant("floor", np.array(2.0, np.float32))
    return graph.add("Div", [x, graph.add("Add", [spread, floor], "spread/safe")], "patch/std")
