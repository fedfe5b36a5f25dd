"""Runs the layers that lips, eyes and irises have alike side by side, as groups of one layer.

Three regions are refined by equal stacks of small layers, which part into five. A kernel's fixed
cost is most of what such a layer takes, and one with five groups pays it once; the arithmetic is
the same, number by number.
"""

import numpy as np
import onnx
from onnx import helper

from models import convert

LAYERS = ("Conv", "PRelu", "Add", "MaxPool")


def side_by_side(model: onnx.ModelProto, heads: list[str]) -> None:
    """Join the layers between the region cuts and `heads`, the outputs of the last convolutions.

    SystemExit when the regions' layers are not alike.
    """
    producer = {name: node for node in model.graph.node for name in node.output}
    lanes = Lanes(model, producer)
    ends = [producer[head].input[0] for head in heads]
    joined = lanes.join(tuple(ends))
    apart = [f"{end}/apart" for end in ends]
    parting = helper.make_node("Split", [joined], apart, axis=1)
    nodes = [*model.graph.node, *lanes.nodes, parting]
    for head, lane in zip(heads, apart, strict=True):
        producer[head].input[0] = lane
    convert.add_constants(model, lanes.constants)
    convert.replace_nodes(model, nodes)


class Lanes:
    """Builds joined layers from the last one back to where the lanes begin."""

    def __init__(self, model: onnx.ModelProto, producer: dict[str, onnx.NodeProto]) -> None:
        self._values = convert.constants(model.graph)
        self._producer = producer
        self._joined: dict[tuple[str, ...], str] = {}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}

    def join(self, lanes: tuple[str, ...]) -> str:
        """The tensor that holds these tensors' channels one after the other."""
        if lanes not in self._joined:
            name = f"lanes_{len(self._joined)}"
            self._joined[lanes] = name
            self.nodes.append(self._node(lanes, name))
        return self._joined[lanes]

    def _node(self, lanes: tuple[str, ...], name: str) -> onnx.NodeProto:
        once = tuple(dict.fromkeys(lanes))
        layers = [self._producer[lane] for lane in lanes]
        kinds = {layer.op_type for layer in layers}
        if once != lanes:  # here an eye parts into its contour and its iris
            channels = self._values[layers[0].input[1]].size  # of the PRelu before the parting
            each = np.arange(channels)
            chosen = [once.index(lane) * channels + each for lane in lanes]
            self.constants[f"{name}/chosen"] = np.concatenate(chosen)
            inputs = [self.join(once), f"{name}/chosen"]
            return helper.make_node("Gather", inputs, [name], axis=1)
        if kinds == {"Split"}:
            return helper.make_node("Concat", list(lanes), [name], axis=1)
        settings = [attributes(layer) for layer in layers]
        if len(kinds) != 1 or kinds.isdisjoint(LAYERS) or settings.count(settings[0]) != len(lanes):
            raise SystemExit(f"attention mesh: {', '.join(lanes)} are not alike")
        (kind,) = kinds
        columns = zip(*(layer.input for layer in layers), strict=True)
        inputs = [self._joined_input(name, *each) for each in columns]
        if kind == "Conv":
            settings[0]["group"] = settings[0].get("group", 1) * len(lanes)
        return helper.make_node(kind, inputs, [name], **settings[0])

    def _joined_input(self, layer: str, *lanes: str) -> str:
        if lanes[0] not in self._values:
            return self.join(lanes)
        values = [self._values[lane] for lane in lanes]
        name = f"{layer}/of_{lanes[0]}"
        self.constants[name] = np.concatenate(values, axis=1 if values[0].shape[0] == 1 else 0)
        return name


def attributes(node: onnx.NodeProto) -> dict[str, object]:
    """A node's settings by name."""
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}
