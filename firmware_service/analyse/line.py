"""The JSON line of one file. Anything that could not be measured is null, never zero."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from firmware_service.analyse.files import Kind
from firmware_service.measure.clip import ClipJudgement
from firmware_service.measure.droop import Pattern
from firmware_service.measure.still import StillJudgement
from firmware_service.types import FeatureMedian, HeadPose, RegionResult, Side, WhyNot

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

_MM_DECIMALS = 2
_DECIMALS = 4


def number(value: float | None, decimals: int = _DECIMALS) -> float | None:
    """A rounded number; null for what is missing or not a number."""
    return None if value is None or not math.isfinite(value) else round(float(value), decimals)


def reasons(why_not: Iterable[WhyNot]) -> list[Json]:
    """The reasons in words."""
    return [why.value for why in why_not]


def pose_of(pose: HeadPose | None) -> Json:
    """The head's pose in degrees."""
    if pose is None:
        return {"yaw_deg": None, "pitch_deg": None, "roll_deg": None}
    return {
        "yaw_deg": number(pose.yaw_deg, 1),
        "pitch_deg": number(pose.pitch_deg, 1),
        "roll_deg": number(pose.roll_deg, 1),
    }


def droop_of(score: float | None, interval: tuple[float, float] | None) -> Json:
    """The droop score 0…1 with its 95 % interval."""
    bounds = (None, None) if interval is None else interval
    return {"score": number(score), "interval": [number(bounds[0]), number(bounds[1])]}


def pattern_of(pattern: Pattern | None) -> Json:
    """How likely each pattern is; the three sum to 1."""
    if pattern is None:
        return {"none": None, "central": None, "peripheral": None}
    return {
        "none": number(pattern.none),
        "central": number(pattern.central),
        "peripheral": number(pattern.peripheral),
    }


def side_of(side: Side | None) -> Json:
    """The patient's side, or null."""
    return None if side is None else side.value


def regions_of(regions: Iterable[RegionResult]) -> Json:
    """Each region's sides in mm."""
    return {
        region.region.value: {
            "left_mm": number(region.left_mm, _MM_DECIMALS),
            "right_mm": number(region.right_mm, _MM_DECIMALS),
            "difference_mm": number(region.difference_mm, _MM_DECIMALS),
            "index": number(region.index),
            "usable": region.usable,
            "why_not": None if region.why_not is None else region.why_not.value,
        }
        for region in regions
    }


def features_of(features: Iterable[FeatureMedian]) -> Json:
    """The feature catalogue by name, in the unit that the name ends in."""
    return {
        feature.name: {
            "corrected": number(feature.corrected, _MM_DECIMALS),
            "raw": number(feature.raw, _MM_DECIMALS),
        }
        for feature in features
    }


def points_of(points: NDArray[np.float32] | None) -> Json:
    """The landmarks as [478][2] in pixels of the file as stored."""
    if points is None:
        return None
    return [[number(x, 2), number(y, 2)] for x, y in points[:, :2].tolist()]


def dump(line: Mapping[str, Json]) -> str:
    """The object on one line; NaN and Infinity are refused rather than written."""
    return json.dumps(line, ensure_ascii=False, allow_nan=False)


def face_of(
    path: Path,
    judged: StillJudgement | ClipJudgement,
    pose: HeadPose | None,
    iris_px: float | None,
) -> dict[str, Json]:
    """What the line of a picture and that of a clip have in common, in the contract's order."""
    return {
        "path": str(path),
        "kind": Kind.IMAGE if isinstance(judged, StillJudgement) else Kind.VIDEO,
        "usable": judged.usable,
        "why_not": reasons(judged.why_not),
        "pose": pose_of(pose),
        "iris_px": number(iris_px, 1),
        "weaker_side": side_of(judged.weaker_side),
        "droop": droop_of(judged.droop_score, judged.interval),
        "pattern": pattern_of(judged.pattern),
        "regions": regions_of(judged.regions),
        "features": features_of(judged.features),
    }
