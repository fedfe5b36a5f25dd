"""The phone network: log-mel bands in, a logit for each of forty phones every 20 ms out."""

from __future__ import annotations

import torch
from torch import nn

from firmware_service.measure.phrase import PHONES

BANDS = 40
CHANNELS = 192
DILATIONS = (1, 2, 4, 1, 2, 4, 1, 2)
"""Reach ± 0.7 s: a syllable's neighbours, too little to learn whole sentences by heart."""


class Block(nn.Module):
    """A depthwise-separable residual block."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        wide = {"padding": 2 * dilation, "dilation": dilation, "groups": CHANNELS}
        self.depthwise = nn.Conv1d(CHANNELS, CHANNELS, 5, bias=False, **wide)
        self.norm = nn.BatchNorm1d(CHANNELS)
        self.pointwise = nn.Conv1d(CHANNELS, CHANNELS, 1, bias=False)
        self.out_norm = nn.BatchNorm1d(CHANNELS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Add what this block sees to what is known so far."""
        seen = torch.relu(self.norm(self.depthwise(x)))
        return torch.relu(x + self.out_norm(self.pointwise(seen)))


class PhoneNetwork(nn.Module):
    """[batch, 40, frames] → [batch, 40 phones, ceil(frames / 2)]."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(BANDS, CHANNELS, 5, stride=2, padding=2, bias=False)
        self.norm = nn.BatchNorm1d(CHANNELS)
        self.blocks = nn.Sequential(*(Block(dilation) for dilation in DILATIONS))
        self.drop = nn.Dropout(0.1)
        self.last = nn.Conv1d(CHANNELS, len(PHONES), 1)

    def forward(self, mels: torch.Tensor) -> torch.Tensor:
        """The logits."""
        x = torch.relu(self.norm(self.first(mels)))
        return self.last(self.drop(self.blocks(x)))
