"""The person's own resting face, against which every movement is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.features import FaceFeatures, SideFeatures
from firmware_service.measure.normalise import HeadSize
from firmware_service.types import Region


@dataclass(frozen=True, slots=True)
class RestingFace:
    """Medians over good resting frames; `known` are the regions that were seen.

    A feature of a region that is not in `known` is NaN. `frames` is how many frames it rests on.
    """

    features: FaceFeatures
    head: HeadSize
    known: frozenset[Region]
    frames: int


def region_of_feature(feature: str) -> Region:
    """The region that a field of `SideFeatures` belongs to."""
    start = feature.split("_", maxsplit=1)[0]
    return {
        "corner": Region.MOUTH,
        "fissure": Region.EYE,
        "brow": Region.BROW,
        "ala": Region.NOSE,
    }[start]


def as_array(series: Sequence[FaceFeatures]) -> NDArray[np.float64]:
    """The features of n frames as float64 [n, 2, N_FEATURES], the left side first."""
    return np.array(series, dtype=np.float64)


def from_array(values: NDArray[np.float64]) -> FaceFeatures:
    """One frame's features from float64 [2, N_FEATURES], the left side first."""
    left, right = (SideFeatures(*(float(value) for value in side)) for side in values)
    return FaceFeatures(left, right)


def resting_face(
    series: Sequence[FaceFeatures],
    seen: Sequence[frozenset[Region]],
    head: HeadSize,
    min_frames: int,
) -> RestingFace | None:
    """The resting face of n frames; None when no region was seen in `min_frames` of them.

    Args:
        series: the features of n frames.
        seen: the regions that could be measured in each of the n frames.
        head: this person's head size.
        min_frames: frames that a region must have been seen in.

    Blinks do not matter to a median; they would to a mean.
    """
    if not series:
        return None
    values = as_array(series)
    middle = np.full(values.shape[1:], np.nan)
    known = set()
    for column, feature in enumerate(SideFeatures._fields):
        region = region_of_feature(feature)
        rows = [row for row, regions in enumerate(seen) if region in regions]
        if len(rows) >= min_frames:
            middle[:, column] = np.median(values[rows, :, column], axis=0)
            known.add(region)
    if not known:
        return None
    return RestingFace(from_array(middle), head, frozenset(known), len(series))
