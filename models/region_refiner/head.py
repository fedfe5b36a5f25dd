"""Trains the head network: where the points that carry the head's pose truly lie.

    .train/bin/python -m models.region_refiner.head --patches FOLDER [--out FOLDER]

The mesh turns its whole face with a drooping mouth: a droop of 5 mm moves the nose's tip 0.6 mm and
the cheek 1 mm, which hides a tenth of the droop and doubles its error sideways. From the refined
points and the mesh's own the network tells by how much.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from firmware_service.perceive.head import (
    DEPTH_ONLY,
    INPUTS,
    INPUTS_MIRROR,
    OUTPUTS,
    OUTPUTS_MIRROR,
    in_face,
    mirrored,
)
from firmware_service.perceive.patches import KINDS, LEFT_SIDE, RIGHT_SIDE, frame, out_of_patch
from models.region_refiner.export import head_to_onnx

HERE = Path(__file__).parent
HIDDEN = 48
BATCH = 256
TURNS = 120
NOISE_MM = 0.15
MARGIN_PX = 10  # of the stored patches, as in data.py


class HeadNet(nn.Module):
    """Points in the face's frame [n, inputs · 3] to corrections [n, outputs · 3], mm."""

    def __init__(self) -> None:
        super().__init__()
        size = len(INPUTS) * 3
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("spread", torch.ones(size))
        self.straight = nn.Linear(size, 3 * len(OUTPUTS))
        self.hidden = nn.Linear(size, HIDDEN)
        self.bent = nn.Linear(HIDDEN, 3 * len(OUTPUTS))

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """As the class says."""
        x = (points - self.mean) / self.spread
        return self.straight(x) + self.bent(torch.relu(self.hidden(x)))


def refined(folder: Path, split: str, out: Path) -> np.ndarray:
    """The mesh's landmarks [n, 478, 3] px with the points that the trained refiners found."""
    seen = np.load(folder / f"head_{split}.npz")["seen"].astype(np.float64)
    for kind in KINDS:
        stored = np.load(folder / f"{kind.name}_{split}.npz")["image"]
        patches = np.ascontiguousarray(stored[:, MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX])
        session = onnxruntime.InferenceSession(str(out / f"{kind.name}_refiner.onnx"))
        found = np.concatenate(
            [session.run(["points"], {"patch": part})[0] for part in np.array_split(patches, 64)]
        )
        for row, mesh in enumerate(seen.copy()):
            for side in (RIGHT_SIDE, LEFT_SIDE):
                to_px = frame(mesh, kind, side)
                seen[row, list(kind.points[side]), :2] = out_of_patch(found[2 * row + side], to_px)
    return seen


def examples(folder: Path, split: str, out: Path) -> tuple[np.ndarray, np.ndarray]:
    """Inputs [2 n, inputs · 3] and wanted corrections [2 n, outputs · 3]; half are mirrored."""
    data = np.load(folder / f"head_{split}.npz")
    free = ~data["hidden"]
    given, truth = refined(folder, split, out)[free], data["truth"][free].astype(np.float64)
    x, y = [], []
    for mesh, true in zip(given, truth, strict=True):
        axes = in_face(mesh)
        told = axes.into(mesh)
        wanted = axes.into(true)[OUTPUTS] - told[OUTPUTS]
        wanted[:, 2] -= wanted[:, 2].mean()  # depth has no zero of its own
        wanted[DEPTH_ONLY, :2] = 0
        x.append(told[INPUTS])
        y.append(wanted)
    inputs, outputs = np.array(x), np.array(y)
    inputs = np.concatenate([inputs, mirrored(inputs, INPUTS_MIRROR)])
    outputs = np.concatenate([outputs, mirrored(outputs, OUTPUTS_MIRROR)])
    return inputs.reshape(len(inputs), -1), outputs.reshape(len(outputs), -1)


def main() -> None:
    """Train and write head_refiner.onnx."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--patches", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=HERE)
    wanted = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    splits = (examples(wanted.patches, split, wanted.out) for split in ("train", "held_out"))
    (x, y), (tx, ty) = ([torch.from_numpy(v).float() for v in pair] for pair in splits)
    net = HeadNet()
    net.mean.copy_(x.mean(0))
    net.spread.copy_(x.std(0).clamp(min=0.5))
    step = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    rate = torch.optim.lr_scheduler.CosineAnnealingLR(step, TURNS)
    for turn in range(TURNS):
        for rows in torch.randperm(len(x)).split(BATCH):
            noise = torch.randn(len(rows), x.shape[1]) * NOISE_MM
            loss = nn.functional.smooth_l1_loss(net(x[rows] + noise), y[rows], beta=0.5)
            step.zero_grad()
            loss.backward()
            step.step()
        rate.step()
        if turn % 20 == 19:
            with torch.no_grad():
                left = (net(tx) - ty).reshape(len(tx), -1, 3)
            was = ty.reshape(len(tx), -1, 3).square().mean((0, 1)).sqrt().tolist()
            now = left.square().mean((0, 1)).sqrt().tolist()
            print(
                f"turn {turn + 1}: rms x y z "
                + " ".join(f"{a:.2f}→{b:.2f}" for a, b in zip(was, now, strict=True)),
                flush=True,
            )
    (wanted.out / "head_refiner.onnx").write_bytes(head_to_onnx(net))


if __name__ == "__main__":
    main()
