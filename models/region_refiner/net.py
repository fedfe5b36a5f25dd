"""The refiner's network: where each point lies in a patch, how surely, and whether it is covered.

A small encoder and decoder gives, for each point, a map of where it may be (a softmax over cells of
4 px) and a correction in every cell; the point is the mean of cell + correction under that map.
Such a reading moves with the picture, so a corner that hangs lower than any healthy one is found
where it is seen.
"""

from __future__ import annotations

import torch
from torch import nn

STRIDE = 4
WIDTHS = (16, 32, 64)


def _block(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


def cells(size_px: tuple[int, int]) -> torch.Tensor:
    """The cells' centres in cells from the patch's middle, [2, rows · columns], x first."""
    columns, rows = (length // STRIDE for length in size_px)
    y, x = torch.meshgrid(
        torch.arange(rows) - (rows - 1) / 2, torch.arange(columns) - (columns - 1) / 2,
        indexing="ij",
    )  # fmt: skip
    return torch.stack([x.reshape(-1), y.reshape(-1)])


class RefinerNet(nn.Module):
    """Patches [n, 3, h, w], standardised, to points [n, p, 2] mm, log variances, cover logits.

    Training runs in bfloat16 up to the last layer, five times as fast on a processor that has it.
    """

    def __init__(self, size_px: tuple[int, int], pitch_mm: float, count: int) -> None:
        super().__init__()
        thin, middle, wide = WIDTHS
        self.count, self.cell_mm = count, STRIDE * pitch_mm
        self.stem = _block(3, thin, 2)
        self.down = nn.Sequential(_block(thin, middle, 2), _block(middle, middle))
        self.deep = nn.Sequential(_block(middle, wide, 2), _block(wide, wide), _block(wide, wide))
        self.sense = nn.Linear(wide, wide)
        self.join = nn.Conv2d(wide, middle, 1)
        self.up = _block(middle, wide)
        self.read = nn.Conv2d(wide, 3 * count, 1)
        self.judge = nn.Linear(wide, count + 1)
        self.register_buffer("cells", cells(size_px))

    def forward(self, patch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """As the class says."""
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.training):
            near = self.down(self.stem(patch))
            deep = self.deep(near)
            pooled = deep.mean(dim=(2, 3))
            whole = torch.relu(self.sense(pooled))
            deep = deep + whole[:, :, None, None]
            back = nn.functional.interpolate(self.join(deep), scale_factor=2, mode="nearest")
            high = self.up(near + back)
        maps = self.read(high.float()).flatten(2)
        where, dx, dy = maps.split(self.count, dim=1)
        weight = torch.softmax(where, dim=2)
        points = torch.stack(
            [(weight * (dx + self.cells[0])).sum(2), (weight * (dy + self.cells[1])).sum(2)], dim=2
        )
        judged = self.judge(whole.float())
        return points * self.cell_mm, judged[:, : self.count], judged[:, self.count]
