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
MAX_FINE = 4096  # weights of a layer that stay fp16 when the others become int8
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
    """Write PRelu(x) as a·x + (1−a)·Relu(x), both products as depthwise 1×1 convolutions.

    onnxruntime keeps convolutions in its blocked layout and fuses the sum into the second one;
    its PRelu leaves that layout and is several times slower. 1−a is worked out at load, in fp32.
    """
    values, nodes = constants(model.graph), []
    model.graph.initializer.append(numpy_helper.from_array(np.float32(1), "one"))
    for node in model.graph.node:
        if node.op_type != "PRelu":
            nodes.append(node)
            continue
        x, slope_name = node.input
        slope = values[slope_name].reshape(-1, 1, 1, 1)
        y = node.output[0]
        a, rest = f"{y}/slope", f"{y}/one_minus_slope"
        model.graph.initializer.append(numpy_helper.from_array(slope, a))
        group = len(slope)
        nodes += [
            helper.make_node("Sub", ["one", a], [rest]),
            helper.make_node("Relu", [x], [f"{y}/relu"]),
            helper.make_node("Conv", [x, a], [f"{y}/scaled"], group=group, kernel_shape=[1, 1]),
            helper.make_node(
                "Conv", [f"{y}/relu", rest], [f"{y}/kept"], group=group, kernel_shape=[1, 1]
            ),
            helper.make_node("Add", [f"{y}/scaled", f"{y}/kept"], [y]),
        ]
    replace_nodes(model, nodes)


def weights_as_fp16(model: onnx.ModelProto) -> None:
    """Store every fp32 array as fp16 behind a Cast, which the runtime folds when it loads."""
    store(model, lambda _name, value: [np.float16(value)])


def weights_as_int8(model: onnx.ModelProto, keep_fp16: Container[str]) -> None:
    """Store large convolution weights as int8 × a scale per output channel, the rest as fp16.

    keep_fp16: names of convolution outputs whose weights stay fp16 however large. Small weights
    are the stem, the depthwise filters and the last narrow layers before an output: a tenth of the
    bytes, and most of the error (the attention mesh's falls from 0.133 to 0.037 %).
    """
    coarse = {
        node.input[1]
        for node in model.graph.node
        if node.op_type == "Conv" and node.output[0] not in keep_fp16
    }

    def pack(name: str, value: np.ndarray) -> list[np.ndarray]:
        if name not in coarse or value.size <= MAX_FINE:
            return [np.float16(value)]
        scale = np.abs(value).max(axis=(1, 2, 3), keepdims=True) / np.float32(127)
        return [np.rint(value / scale).astype(np.int8), scale]

    store(model, pack)


def store(model: onnx.ModelProto, pack: Callable[[str, np.ndarray], list[np.ndarray]]) -> None:
    """Replace each larger fp32 initializer by `pack`'s arrays, cast to fp32 and multiplied."""
    unpack, kept = [], []
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.size < MIN_STORED:
            kept.append(tensor)
            continue
        small, *scale = pack(tensor.name, value)
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
