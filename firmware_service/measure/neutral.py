"""The stretch of a clip in which the face comes nearest to rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.features import SMILE_OUT, SMILE_UP, SideFeatures
from firmware_service.measure.window import MeasuredFrame

_LOW = 20.0
_OPEN = 60.0
_EYE_WEIGHT = 0.5


def _unrest_mm(frames: Sequence[MeasuredFrame]) -> NDArray[np.float64]:
    """How far each frame is from a quiet face, mm: corners and brows low, eyes and sides as usual.

    Low and usual are percentiles of this very clip. What a palsied side cannot do does not matter,
    because it is the same in every frame; a mouth pulled aside for a while does.
    """
    sides = np.array([frame.features for frame in frames])
    of = {name: sides[:, :, column] for column, name in enumerate(SideFeatures._fields)}
    corner = SMILE_UP * of["corner_height_mm"] + SMILE_OUT * of["corner_out_mm"]
    smile, pull = corner.mean(axis=1), corner[:, 1] - corner[:, 0]
    brow, lids = of["brow_height_mm"].mean(axis=1), of["fissure_mm"].mean(axis=1)
    unrest: NDArray[np.float64] = (
        np.abs(smile - np.percentile(smile, _LOW))
        + np.abs(pull - np.median(pull))
        + np.abs(brow - np.percentile(brow, _LOW))
        + _EYE_WEIGHT * np.abs(lids - np.percentile(lids, _OPEN))
    )
    return unrest


def neutral_stretch(frames: Sequence[MeasuredFrame], rest_s: float) -> list[MeasuredFrame]:
    """The most neutral unbroken stretch of about `rest_s` seconds, at least one frame.

    `frames` are in order of time and not empty.
    """
    unrest = _unrest_mm(frames)
    times = np.array([frame.captured_at for frame in frames])
    ends = np.searchsorted(times, times + rest_s, side="right")
    whole = [
        (start, end)
        for start, end in enumerate(ends.tolist())
        if times[start] + rest_s <= times[-1] + 1e-9
    ] or [(0, len(frames))]
    usual = float(np.median([end - start for start, end in whole]))
    full = [span for span in whole if span[1] - span[0] >= usual / 2]
    start, end = min(full, key=lambda span: float(np.median(unrest[span[0] : span[1]])))
    return list(frames[start:end])
