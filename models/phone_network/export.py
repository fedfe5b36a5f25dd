"""Writes the trained network as ONNX: batch norms folded, int8 (static, per channel, QDQ)."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from torch import nn

from models.phone_network.corpora import load
from models.phone_network.digest import record
from models.phone_network.network import PhoneNetwork
from models.phone_network.spoil import World, example

OPSET = 17
CALIBRATION = 96


def folded(conv: nn.Conv1d, norm: nn.BatchNorm1d | None) -> tuple[NDArray[np.float32], ...]:
    """A convolution's weight and bias with the batch norm after it multiplied in."""
    weight = conv.weight.detach().numpy()
    if norm is None:
        return weight, conv.bias.detach().numpy()
    scale = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach().numpy()
    shift = norm.bias.detach().numpy() - norm.running_mean.detach().numpy() * scale
    return weight * scale[:, None, None], shift


def graph(network: PhoneNetwork) -> onnx.ModelProto:
    """The network as standard operations: input `mels` [1, 40, frames], output `logits`."""
    nodes, tensors = [], []

    def convolution(name: str, source: str, conv: nn.Conv1d, norm: nn.BatchNorm1d | None) -> str:
        weight, bias = folded(conv, norm)
        tensors.append(numpy_helper.from_array(weight.astype(np.float32), f"{name}.weight"))
        tensors.append(numpy_helper.from_array(bias.astype(np.float32), f"{name}.bias"))
        pad = conv.padding[0]
        nodes.append(
            helper.make_node(
                "Conv", [source, f"{name}.weight", f"{name}.bias"], [name], name,
                kernel_shape=list(conv.kernel_size), strides=list(conv.stride), pads=[pad, pad],
                dilations=list(conv.dilation), group=conv.groups,
            )
        )  # fmt: skip
        return name

    def rectified(source: str) -> str:
        nodes.append(helper.make_node("Relu", [source], [f"{source}.on"], f"{source}.on"))
        return f"{source}.on"

    x = rectified(convolution("first", "mels", network.first, network.norm))
    for number, block in enumerate(network.blocks):
        seen = rectified(convolution(f"{number}.depth", x, block.depthwise, block.norm))
        point = convolution(f"{number}.point", seen, block.pointwise, block.out_norm)
        nodes.append(helper.make_node("Add", [x, point], [f"{number}.sum"], f"{number}.sum"))
        x = rectified(f"{number}.sum")
    convolution("logits", x, network.last, None)
    made = helper.make_graph(
        nodes,
        "phone_network",
        [helper.make_tensor_value_info("mels", TensorProto.FLOAT, [1, 40, "frames"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 40, "steps"])],
        tensors,
    )
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="phone_network"
    )
    model.ir_version = 9
    onnx.checker.check_model(model)
    return model


class Calibration(CalibrationDataReader):
    """Training examples, one at a time."""

    def __init__(self, mels: list[NDArray[np.float32]]) -> None:
        self._left = iter(mels)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """The next example, or None."""
        mels = next(self._left, None)
        return None if mels is None else {"mels": mels.T[None]}


def main() -> None:
    """Write both files and the digest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    chosen = parser.parse_args()
    network = PhoneNetwork()
    network.load_state_dict(torch.load(chosen.work / "network.pt", weights_only=True))
    network.eval()
    here = Path(__file__).parent
    rng = np.random.default_rng(5)
    world = World.of(chosen.data)
    voices = [u for u in load(chosen.work) if u.training]
    mels = [
        example(voices[int(rng.integers(len(voices)))], voices, world, rng)[0]
        for _ in range(CALIBRATION)
    ]
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "phone_network.onnx"
        onnx.save(graph(network), whole)
        quantize_static(
            str(whole), str(here / "phone_network_int8.onnx"), Calibration(mels),
            quant_format=QuantFormat.QDQ, per_channel=True, activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8, calibrate_method=CalibrationMethod.MinMax,
            extra_options={"ActivationSymmetric": False},
        )  # fmt: skip
        (chosen.work / "phone_network.onnx").write_bytes(whole.read_bytes())
    record(here / "phone_network_int8.onnx")
    size = (here / "phone_network_int8.onnx").stat().st_size
    print(f"phone_network_int8.onnx: {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
