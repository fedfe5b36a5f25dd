"""One picture of a face, judged on its own or against the person's own rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firmware_service.measure.asymmetry import measured
from firmware_service.measure.baseline import RestingFace
from firmware_service.measure.droop import DroopScale, Pattern, evidence, judge
from firmware_service.measure.features import MEASURED_IN, face_features, level_mm
from firmware_service.measure.normalise import in_millimetres
from firmware_service.measure.quality import regions_seen
from firmware_service.measure.window import feature_medians, measured_frame, reasons_against
from firmware_service.types import (
    FaceReading,
    FeatureMedian,
    FrameQuality,
    Landmarks,
    Region,
    RegionResult,
    Side,
    Task,
    WhyNot,
)

_FLOOR_MM: Final = 1.0


@dataclass(frozen=True, slots=True)
class StillJudgement:
    """What one picture shows. Score, interval, side and pattern are None when not usable.

    `regions` are heights in mm as in REST (the eye its opening), each usable on its own.
    """

    usable: bool
    why_not: tuple[WhyNot, ...]
    droop_score: float | None
    interval: tuple[float, float] | None
    weaker_side: Side | None
    pattern: Pattern | None
    regions: tuple[RegionResult, ...]
    features: tuple[FeatureMedian, ...]


def refused_still(
    why_not: tuple[WhyNot, ...],
    regions: tuple[RegionResult, ...],
    features: tuple[FeatureMedian, ...] = (),
) -> StillJudgement:
    """A picture whose droop cannot be judged; what else was seen in it stands."""
    return StillJudgement(
        usable=False,
        why_not=why_not,
        droop_score=None,
        interval=None,
        weaker_side=None,
        pattern=None,
        regions=regions,
        features=features,
    )


def judge_still(  # noqa: PLR0917 - a picture has this many inputs
    landmarks: Landmarks | None,
    width: int,
    height: int,
    quality: FrameQuality | None,
    rest: RestingFace | None,
    scale: DroopScale,
) -> StillJudgement:
    """Judge the droop in one picture, whatever the face is doing in it.

    Args:
        landmarks: the face, in pixels of a `width` × `height` picture; None when none was found.
        width: of the picture, px.
        height: of the picture, px.
        quality: what the picture allows.
        rest: the same person's resting face, if there is one; it takes the natural asymmetry out.
        scale: the coefficients of the score.
    """
    reading = FaceReading(0, 0.0, landmarks, quality)
    seen = regions_seen(reading)
    head = rest.head if rest is not None and rest.head.frames > 0 else None
    face = None if landmarks is None else in_millimetres(landmarks, width, height, head)
    flags = reasons_against(reading, None)
    if face is None or landmarks is None:
        flags = flags or (WhyNot.NO_FACE,)
        return refused_still(flags, tuple(RegionResult.refused(r, flags[0]) for r in Region))
    features = face_features(face)
    listed = feature_medians([measured_frame(0.0, landmarks, face, seen)]) if seen else ()
    regions = tuple(
        measured(
            region, level_mm(region, features.left), level_mm(region, features.right), _FLOOR_MM
        )
        if region in seen
        else RegionResult.refused(
            region, next(iter(reasons_against(reading, region)), WhyNot.NO_FACE)
        )
        for region in MEASURED_IN[Task.REST]
    )
    if Region.MOUTH not in seen:
        return refused_still(flags, regions, listed)
    known = seen if rest is None else seen & rest.known
    compared = rest is not None and Region.MOUTH in known
    found = evidence(
        features,
        known if compared else seen,
        rest.features if rest is not None and compared else None,
        scale,
    )
    droop = judge(found, scale)
    return StillJudgement(
        usable=True,
        why_not=flags,
        droop_score=droop.score,
        interval=droop.interval,
        weaker_side=droop.weaker_side,
        pattern=droop.pattern,
        regions=regions,
        features=listed,
    )
