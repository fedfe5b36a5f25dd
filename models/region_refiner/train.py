"""Trains the refiners on the patches that data.py made and writes them as ONNX.

    scripts/train-refiner --data DIR            both steps, in the environment .train
    .train/bin/python -m models.region_refiner.train --patches FOLDER [--kind mouth] [--minutes 8]

The learning rate falls to zero over the allotted minutes, so a longer run is a better model.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch

from firmware_service.perceive.patches import KINDS, PatchKind
from models.region_refiner.export import to_onnx
from models.region_refiner.net import RefinerNet

HERE = Path(__file__).parent
BATCH = 64
PEAK_RATE = 3e-3
FLOOR = 2.0  # grey levels added to a patch's spread
NEAR_MM = 0.5  # errors below this count quadratically
JITTER_MM = {"mouth": 2.0, "eye": 1.0, "brow": 1.0}
"""How far a patch is shifted at random, beyond how far the detection already shifted it."""


class Patches:
    """One kind's stored patches in memory."""

    def __init__(self, kind: PatchKind, files: list[Path]) -> None:
        parts = [np.load(file) for file in files]

        def whole(name: str) -> np.ndarray:
            return np.concatenate([part[name] for part in parts])

        self.kind = kind
        self.image = torch.from_numpy(whole("image"))
        self.truth = torch.from_numpy(whole("truth"))
        self.seen = torch.from_numpy(whole("seen"))
        self.hidden = torch.from_numpy(whole("hidden"))
        self.covered = torch.from_numpy(whole("covered").astype(np.float32))

    def __len__(self) -> int:
        return len(self.image)

    def batch(self, rows: torch.Tensor, *, jitter: bool) -> tuple[torch.Tensor, torch.Tensor]:
        """Standardised patches [n, 3, h, w] and the truth [n, p, 2] mm in them."""
        kind = self.kind
        count = len(rows)
        width, height = kind.size_px
        turn = torch.zeros(count)
        grow = torch.ones(count)
        shift = torch.zeros(count, 2)
        if jitter:
            turn = torch.randn(count) * math.radians(4)
            grow = torch.exp(torch.randn(count) * 0.05)
            shift = torch.randn(count, 2) * JITTER_MM[kind.name]
        c, s = torch.cos(turn) * grow, torch.sin(turn) * grow
        axes = torch.stack([torch.stack([c, -s], 1), torch.stack([s, c], 1)], 1)
        y, x = torch.meshgrid(
            torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2,
            indexing="ij",
        )  # fmt: skip
        mm = torch.stack([x, y], -1).reshape(1, -1, 2) * kind.pitch_mm
        at = mm @ axes.transpose(1, 2) + shift[:, None]
        large = self.image[rows].permute(0, 3, 1, 2).float()
        scale = torch.tensor([2.0 / large.shape[3], 2.0 / large.shape[2]]) / kind.pitch_mm
        grid = (at * scale).reshape(count, height, width, 2)
        image = torch.nn.functional.grid_sample(
            large, grid, mode="bilinear", padding_mode="border", align_corners=False
        )
        if jitter:
            image = image * torch.exp(torch.randn(count, 3, 1, 1) * 0.05)
            image = image + torch.randn_like(image) * torch.rand(count, 1, 1, 1) * 3
        image = image - image.mean(dim=(1, 2, 3), keepdim=True)
        image = image / (image.square().mean(dim=(1, 2, 3), keepdim=True).sqrt() + FLOOR)
        truth = (self.truth[rows] - shift[:, None]) @ torch.linalg.inv(axes).transpose(1, 2)
        return image, truth


def loss_of(
    net: RefinerNet, patches: Patches, rows: torch.Tensor, *, jitter: bool
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The loss, each point's error [n, p, 2] mm and the cover logits."""
    image, truth = patches.batch(rows, jitter=jitter)
    points, log_var, covered = net(image)
    error = points - truth
    told = (~patches.hidden[rows]).float()
    known = patches.covered[rows]
    told = told * (known < 1).float()[:, None]
    size = torch.nn.functional.smooth_l1_loss(points, truth, reduction="none", beta=NEAR_MM).sum(2)
    place = (size * told).sum() / told.sum().clamp(min=1)
    square = error.detach().square().mean(2).clamp(max=100)
    sure = 0.5 * (log_var + square * torch.exp(-log_var))
    sure = (sure * told).sum() / told.sum().clamp(min=1)
    cover = torch.nn.functional.binary_cross_entropy_with_logits(
        covered, known.clamp(min=0), reduction="none"
    )
    cover = (cover * (known >= 0)).sum() / (known >= 0).sum().clamp(min=1)
    return place + 0.1 * sure + 0.5 * cover, error, covered


def report(net: RefinerNet, patches: Patches) -> str:
    """What the network does on patches it never trained on."""
    net.eval()
    errors, logits = [], []
    with torch.no_grad():
        for rows in torch.arange(len(patches)).split(256):
            _, error, covered = loss_of(net, patches, rows, jitter=False)
            errors.append(error)
            logits.append(covered)
    net.train()
    error, logit = torch.cat(errors), torch.cat(logits)
    free = patches.covered == 0
    before = (patches.seen - patches.truth)[free]
    rms = error[free].square().mean(dim=(0, 1)).sqrt()
    first = error[free][:, 0].square().mean(dim=0).sqrt()
    was = before[:, 0].square().mean(dim=0).sqrt()
    on, off = logit[patches.covered == 1], logit[free]
    auc = (on[:, None] > off[None]).float().mean() if len(on) else torch.nan
    moved = patches.truth[free][:, 0] - patches.seen[free][:, 0]
    found = moved + error[free][:, 0]
    slope = [float((moved[:, a] * found[:, a]).sum() / moved[:, a].square().sum()) for a in (0, 1)]
    return (
        f"rms x {rms[0]:.2f} y {rms[1]:.2f}; first point {first[0]:.2f} {first[1]:.2f} mm "
        f"(mesh {was[0]:.2f} {was[1]:.2f}); residual slope {slope[0]:.2f} {slope[1]:.2f}; "
        f"cover AUC {float(auc):.3f}"
    )


def train(kind: PatchKind, folder: Path, minutes: float, seed: int) -> RefinerNet:
    """One refiner, trained for so many minutes."""
    torch.manual_seed(seed)
    mine = Patches(kind, sorted(folder.glob(f"{kind.name}_train*.npz")))
    others = Patches(kind, sorted(folder.glob(f"{kind.name}_held_out*.npz")))
    net = RefinerNet(kind.size_px, kind.pitch_mm, mine.truth.shape[1])
    print(f"{kind.name}: {len(mine)} patches, {sum(p.numel() for p in net.parameters())} weights")
    best = torch.optim.AdamW(net.parameters(), lr=PEAK_RATE, weight_decay=1e-3)
    started = time.monotonic()
    turns, told = 0, 0.0
    while (done := (time.monotonic() - started) / (60 * minutes)) < 1:
        for rows in torch.randperm(len(mine)).split(BATCH):
            done = min((time.monotonic() - started) / (60 * minutes), 1.0)
            rate = PEAK_RATE * min(1.0, done / 0.03 + 0.02) * 0.5 * (1 + math.cos(math.pi * done))
            best.param_groups[0]["lr"] = rate
            loss, _, _ = loss_of(net, mine, rows, jitter=True)
            best.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
            best.step()
            if done >= 1:
                break
        turns += 1
        if done - told > 0.15 or done >= 1:
            told = done
            print(f"{kind.name} {done:4.0%} turn {turns}: {report(net, others)}", flush=True)
    return net.eval()


def main() -> None:
    """Train the wanted kinds and write their files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--patches", type=Path, required=True)
    parser.add_argument("--kind", choices=[kind.name for kind in KINDS])
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=HERE)
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    for kind in KINDS:
        if wanted.kind in {None, kind.name}:
            net = train(kind, wanted.patches, wanted.minutes, wanted.seed)
            name = f"{kind.name}_refiner"
            content = to_onnx(net, name, kind.size_px)
            (wanted.out / f"{name}.onnx").write_bytes(content)
            print(f"{name}.onnx: {len(content) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
