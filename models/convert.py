"""TFLite → ONNX, and what makes the result small, fast and the same in every build.

Everything here is exact in real arithmetic except `weights_as_int8`; a graph that does not look
as expected ends the build with SystemExit rather than giving a model that is slightly wrong.
"""

import logging
import tempfile
from collections.abc import Callable, Container
from pathlib import Path

import numpy as np
import onnx
import tf2onnx
from onnx import helper, numpy_helper

OPSET = 17
MAX_FINE = 4096  # weights of a layer's group that stay fp16 when the others become int8
MIN_STORED = 16  # arrays smaller than this stay fp32: a Cast node costs more bytes than it saves


def from_tflite(content: bytes) -> onnx.ModelProto:
    """Convert a TFLite graph to ONNX opset 17; its fp16 weights become fp32 initializers."""
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.tflite")
        path.write_bytes(content)
        model, _ = tf2onnx.convert.from_tflite(str(path), opset=OPSET)
    return model


def constants(graph: onnx.GraphProto) -> dict[str, np.ndarray]:
    """The initializers of a graph by name."""
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


def prelu_as_convolutions(model: onnx.ModelProto) -> None:
    """Write PRelu(x) as x + (1−a)·Relu(−x), both products as depthwise 1×1 convolutions.

    onnxruntime keeps convolutions in its blocked layout, fuses Relu into the first one and the sum
    into the second: two kernels and any slope. Its PRelu leaves that layout and is several times
    slower. 1−a is worked out at load, in fp32.
    """
    values, nodes = constants(model.graph), []
    added = {"one": np.float32(1)}
    for node in model.graph.node:
        if node.op_type != "PRelu":
            nodes.append(node)
            continue
        x, slope_name = node.input
        slope = values[slope_name].reshape(-1, 1, 1, 1)
        group = len(slope)
        y = node.output[0]
        a, rest, minus = f"{y}/slope", f"{y}/one_minus_slope", f"minus_{group}"
        added |= {a: slope, minus: np.full_like(slope, -1)}
        nodes += [
            helper.make_node("Sub", ["one", a], [rest]),
            helper.make_node("Conv", [x, minus], [f"{y}/minus"], group=group, kernel_shape=[1, 1]),
            helper.make_node("Relu", [f"{y}/minus"], [f"{y}/below"]),
            helper.make_node(
                "Conv", [f"{y}/below", rest], [f"{y}/raised"], group=group, kernel_shape=[1, 1]
            ),
            helper.make_node("Add", [f"{y}/raised", x], [y]),
        ]
    add_constants(model, added)
    replace_nodes(model, nodes)


def channel_pads_as_convolutions(model: onnx.ModelProto) -> None:
    """Write a Pad that appends channels of zeros as a 1×1 convolution with identity weights.

    Pad leaves onnxruntime's blocked layout; the convolution stays in it, and takes the sum that
    follows along. SystemExit for any other Pad.
    """
    values, nodes, added = constants(model.graph), [], {}
    producer = {name: node for node in model.graph.node for name in node.output}
    for node in model.graph.node:
        if node.op_type != "Pad":
            nodes.append(node)
            continue
        x, (y,) = node.input[0], node.output
        more = int(values[node.input[1]][5])
        (total,) = (each for each in model.graph.node if y in each.input)
        (other,) = (producer[name] for name in total.input if name != y)
        channels = len(values[other.input[1]])
        if values[node.input[1]].tolist() != [0, 0, 0, 0, 0, more, 0, 0] or total.op_type != "Add":
            raise SystemExit(f"{y}: this Pad does more than append channels to a sum")
        weights = f"identity_{channels - more}_{channels}"
        added[weights] = np.eye(channels, channels - more, dtype=np.float32)[:, :, None, None]
        nodes.append(helper.make_node("Conv", [x, weights], [y], group=1, kernel_shape=[1, 1]))
    add_constants(model, added)
    replace_nodes(model, nodes)


def weights_as_fp16(model: onnx.ModelProto) -> None:
    """Store every fp32 array as fp16 behind a Cast, which the runtime folds when it loads."""
    store(model, lambda _name, value: [np.float16(value)])


def weights_as_int8(model: onnx.ModelProto, keep_fp16: Container[str]) -> None:
    """Store large convolution weights as int8 × a scale per output channel, the rest as fp16.

    keep_fp16: names of convolution outputs whose weights stay fp16 however large. Small weights,
    counted per group, are the stem, the depthwise filters and the last narrow layers before an
    output: a tenth of the bytes, and most of the error (the attention mesh's falls from 0.133 to
    0.037 %).
    """
    groups = {
        node.input[1]: next((a.i for a in node.attribute if a.name == "group"), 1)
        for node in model.graph.node
        if node.op_type == "Conv" and node.output[0] not in keep_fp16
    }

    def pack(name: str, value: np.ndarray) -> list[np.ndarray]:
        if name not in groups or value.size <= MAX_FINE * groups[name]:
            return [np.float16(value)]
        scale = np.abs(value).max(axis=(1, 2, 3), keepdims=True) / np.float32(127)
        return [np.rint(value / scale).astype(np.int8), scale]

    store(model, pack)


def store(model: onnx.ModelProto, pack: Callable[[str, np.ndarray], list[np.ndarray]]) -> None:
    """Replace each larger fp32 initializer by `pack`'s arrays, cast to fp32 and multiplied.

    A filter of small whole numbers, an identity for instance, becomes int8 always: nothing is lost.
    """
    unpack, kept = [], []
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.size < MIN_STORED:
            kept.append(tensor)
            continue
        whole_numbers = value.clip(-127, 127).astype(np.int8)
        exact = value.ndim == 4 and np.array_equal(whole_numbers, value)
        small, *scale = [whole_numbers] if exact else pack(tensor.name, value)
        whole = [tensor.name] if not scale else [f"{tensor.name}/steps"]
        kept.append(numpy_helper.from_array(small, f"{tensor.name}/stored"))
        unpack.append(helper.make_node("Cast", [f"{tensor.name}/stored"], whole, to=1))
        for factor in scale:
            kept.append(numpy_helper.from_array(factor, f"{tensor.name}/scale"))
            factors = [*whole, f"{tensor.name}/scale"]
            unpack.append(helper.make_node("Mul", factors, [tensor.name]))
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    replace_nodes(model, [*unpack, *model.graph.node])


def add_constants(model: onnx.ModelProto, values: dict[str, np.ndarray]) -> None:
    """Add initializers to the graph."""
    model.graph.initializer.extend(numpy_helper.from_array(v, name) for name, v in values.items())


def replace_nodes(model: onnx.ModelProto, nodes: list[onnx.NodeProto]) -> None:
    """Put `nodes` in place of the graph's nodes and drop the initializers no longer used."""
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in model.graph.initializer if tensor.name in used]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)


def in_order_of_need(graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    """The graph's nodes depth first from its outputs; what no output needs is left out."""
    producer = {name: k for k, node in enumerate(graph.node) for name in node.output}
    ordered: dict[int, None] = {}
    waiting = [(producer[value.name], False) for value in reversed(graph.output)]
    while waiting:
        k, inputs_done = waiting.pop()
        if k in ordered:
            continue
        if inputs_done:
            ordered[k] = None
            continue
        waiting.append((k, True))
        needed = [producer[name] for name in graph.node[k].input if name in producer]
        waiting += [(earlier, False) for earlier in reversed(needed)]
    return [graph.node[k] for k in ordered]


def serialise(model: onnx.ModelProto, name: str) -> bytes:
    """Check the model and return bytes that depend on its content only.

    Nodes are put in the order in which the outputs need them and tensors renamed in that order:
    the converter's own order and names differ from run to run.
    """
    graph = model.graph
    ordered = in_order_of_need(graph)
    public = [value.name for value in [*graph.input, *graph.output]]
    renamed: dict[str, str] = {"": ""} | {name: name for name in public}
    nodes = []
    for node in ordered:
        for tensor in [*node.input, *node.output]:
            renamed.setdefault(tensor, f"t{len(renamed)}")
        nodes.append(
            onnx.NodeProto(
                op_type=node.op_type,
                input=[renamed[tensor] for tensor in node.input],
                output=[renamed[tensor] for tensor in node.output],
                attribute=sorted(node.attribute, key=lambda attribute: attribute.name),
            )
        )
    weights = [
        numpy_helper.from_array(value, renamed[name])
        for name, value in constants(graph).items()
        if name in renamed
    ]
    result = helper.make_model(
        helper.make_graph(
            nodes,
            name,
            list(graph.input),
            list(graph.output),
            sorted(weights, key=lambda tensor: int(tensor.name[1:])),
        ),
        ir_version=8,
        opset_imports=[helper.make_opsetid("", OPSET)],
        producer_name="stroke-screen",
    )
    onnx.checker.check_model(result, full_check=True)
    return result.SerializeToString(deterministic=True)
