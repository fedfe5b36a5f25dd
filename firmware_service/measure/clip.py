"""An unscripted clip: the rest found in it, what the face did, and what that says of a droop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware_service.measure.asymmetry import at_rest
from firmware_service.measure.baseline import RestingFace, as_array, from_array, resting_face
from firmware_service.measure.droop import DroopScale, Pattern, evidence, judge, strength
from firmware_service.measure.events import EventGates, FaceEvent, find_events
from firmware_service.measure.exceedance import Exceedance, exceedance, trend_p
from firmware_service.measure.features import MEASURED_IN, level_mm
from firmware_service.measure.function import FunctionGates
from firmware_service.measure.neutral import neutral_stretch
from firmware_service.measure.quality import is_frozen
from firmware_service.measure.trend import longest_exceed_s, region_trend
from firmware_service.measure.window import (
    FaceGates,
    MeasuredFrame,
    feature_medians,
    measure_frames,
    persons_head,
    too_little,
    window_quality,
)
from firmware_service.types import (
    FaceReading,
    FeatureMedian,
    Region,
    RegionResult,
    Side,
    Task,
    WhyNot,
)


@dataclass(frozen=True, slots=True)
class ClipGates:
    """What a clip must hold. `face.min_fraction` is of all its frames.

    `noticed_mm` is, for each region, the left–right difference that people notice; `rest_s` the
    length of the stretch taken as rest; `blocks` how many blocks a trend is taken over, none
    shorter than `face.block_s` or longer than `longest_block_s`.
    """

    face: FaceGates
    events: EventGates
    function: FunctionGates
    noticed_mm: tuple[tuple[Region, float], ...]
    rest_s: float
    blocks: int
    longest_block_s: float


@dataclass(frozen=True, slots=True)
class RegionTrend:
    """A region's left–right difference over a clip.

    `longest_exceed_s` is how long it was noticeable without a break; `slope_per_min` (mm),
    `spread_mm` and `exceeded` are None in a clip too short for them, and so is `p`, by Mann–Kendall
    on blocks of `ClipGates.longest_block_s`, the only ones on which it can be trusted.
    """

    region: Region
    level_mm: float
    slope_per_min: float | None
    spread_mm: float | None
    longest_exceed_s: float
    p: float | None
    exceeded: Exceedance | None


@dataclass(frozen=True, slots=True)
class ClipJudgement:
    """What a clip shows. Score, interval, side and pattern are None when not usable."""

    usable: bool
    why_not: tuple[WhyNot, ...]
    frames: int
    usable_frames: int
    droop_score: float | None
    interval: tuple[float, float] | None
    weaker_side: Side | None
    pattern: Pattern | None
    regions: tuple[RegionResult, ...]
    trends: tuple[RegionTrend, ...]
    events: tuple[FaceEvent, ...]
    rest: RestingFace | None
    features: tuple[FeatureMedian, ...]


def judge_clip(
    readings: Sequence[FaceReading],
    size: tuple[int, int],
    gates: ClipGates,
    scale: DroopScale,
    own_rest: RestingFace | None = None,
) -> ClipJudgement:
    """Judge a clip in which nobody was asked for anything.

    Args:
        readings: what the face stage read, in order.
        size: (width, height) of the pictures, px.
        gates: what a clip must hold.
        scale: the coefficients of the droop score.
        own_rest: the person's resting face, if it is known from elsewhere.

    Without `own_rest` the most neutral stretch of the clip serves as rest. Smiles, brow raises and
    eye closures are found against rest. The droop is the strongest of several looks: the face in
    its most neutral stretch (as it stands, or against `own_rest`), and every held smile against
    rest. Regions and their levels are those of the most neutral stretch.
    """
    frozen = is_frozen(readings, gates.face.frozen_s)
    head = persons_head(readings, size, own_rest, gates.face)
    frames = [] if frozen else measure_frames(readings, size, head, gates.face)
    refusals: dict[Region, WhyNot] = {}
    for region in MEASURED_IN[Task.REST]:
        n_seen = sum(region in frame.seen for frame in frames)
        why_not = too_little(region, n_seen, readings, gates.face)
        if frozen or why_not is not None:
            refusals[region] = WhyNot.FROZEN_PICTURE if frozen else why_not or WhyNot.NO_FACE
    known = frozenset(Region) - frozenset(refusals)
    clip = ClipJudgement(
        usable=Region.MOUTH in known,
        why_not=window_quality(readings, len(frames), 0, frozen=frozen).flags,
        frames=len(readings),
        usable_frames=len(frames),
        droop_score=None,
        interval=None,
        weaker_side=None,
        pattern=None,
        regions=tuple(RegionResult.refused(region, why) for region, why in refusals.items()),
        trends=tuple(_trend(region, frames, gates) for region in sorted(known)),
        events=(),
        rest=None,
        features=(),
    )
    if not known:
        return clip
    still = neutral_stretch(frames, gates.rest_s)
    neutral = resting_face([f.features for f in still], [f.seen & known for f in still], head, 1)
    regions = tuple(
        at_rest(region, _levels_mm(region, seen), gates.face.movement)
        for region in sorted(known)
        if (seen := [frame for frame in still if region in frame.seen])
    )
    clip = replace(
        clip,
        rest=own_rest or neutral,
        regions=(*regions, *clip.regions),
        features=feature_medians(still),
    )
    rest = clip.rest
    if neutral is None or rest is None or not clip.usable or Region.MOUTH not in rest.known:
        return clip
    happened = find_events(frames, rest, gates.face.movement, gates.events, gates.function)
    both = known & rest.known & neutral.known
    looks = [
        evidence(neutral.features, both, None if own_rest is None else own_rest.features, scale)
    ]
    for happening in happened:
        if happening.event.region is Region.MOUTH:
            held = np.median(as_array([f.features for f in happening.held]), axis=0)
            looks.append(evidence(from_array(held), both, rest.features, scale))
    droop = judge(max(looks, key=lambda look: strength(look, scale)), scale)
    return replace(
        clip,
        events=tuple(happening.event for happening in happened),
        droop_score=droop.score,
        interval=droop.interval,
        weaker_side=droop.weaker_side,
        pattern=droop.pattern,
    )


def _levels_mm(region: Region, frames: Sequence[MeasuredFrame]) -> NDArray[np.float64]:
    """[n, 2] mm, left first."""
    return np.array([[level_mm(region, side) for side in f.features] for f in frames])


def _trend(region: Region, frames: Sequence[MeasuredFrame], gates: ClipGates) -> RegionTrend:
    seen = [frame for frame in frames if region in frame.seen]
    times = [frame.captured_at for frame in seen]
    left, right = _levels_mm(region, seen).T
    block_s = min(
        max((times[-1] - times[0]) / gates.blocks, gates.face.block_s), gates.longest_block_s
    )
    line = region_trend(region, times, right - left, block_s)
    noticed = dict(gates.noticed_mm)[region]
    return RegionTrend(
        region=region,
        level_mm=float(np.median(right - left)),
        slope_per_min=None if line is None else 60.0 * line.slope_per_s,
        spread_mm=None if line is None else line.spread,
        longest_exceed_s=longest_exceed_s(times, right - left, noticed),
        p=trend_p(times, right - left, gates.longest_block_s),
        exceeded=exceedance(times, right - left, noticed, block_s),
    )
