from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_service.measure.still import StillJudgement, judge_still
from firmware_service.measure.task_result import judge_face_task
from firmware_service.screen.thresholds import DROOP_SCALE, FACE_GATES
from firmware_service.types import FrameQuality, Landmarks, Region, Side, Task, WhyNot
from tests.firmware_service.measure.synthetic import (
    GOOD,
    HEIGHT,
    SIZE,
    WIDTH,
    Face,
    Half,
    clip,
    flagged,
    photographed,
    weak,
)

HALVES = st.builds(
    Half, st.floats(-2, 8), st.floats(-3, 3), st.floats(-4, 4), st.floats(0, 9), st.floats(-1, 2)
)


def still(face: Face) -> StillJudgement:
    return judge_still(photographed(face), WIDTH, HEIGHT, GOOD, None, DROOP_SCALE)


def score(judgement: StillJudgement) -> float:
    assert judgement.droop_score is not None
    return judgement.droop_score


@pytest.mark.parametrize("side", list(Side))
def test_a_drooping_corner_scores_high_and_names_its_side(side: Side) -> None:
    found = still(weak(side, drop=6.0, out=-2.0))
    assert score(found) > 0.9
    assert found.weaker_side is side


def test_natural_crookedness_stays_low() -> None:
    for drop in (0.0, 1.0, 1.5):
        assert score(still(weak(Side.LEFT, drop=drop))) < 0.3
    assert score(still(weak(Side.LEFT, brow=-2.0))) < 0.1
    assert still(Face()).weaker_side is None


@settings(max_examples=40, deadline=None)
@given(left=HALVES, right=HALVES)
def test_mirroring_swaps_the_side_and_keeps_the_score(left: Half, right: Half) -> None:
    there, back = still(Face(left, right)), still(Face(right, left))
    assert score(there) == pytest.approx(score(back), abs=0.01)
    if there.weaker_side is not None and back.weaker_side is not None:
        assert there.weaker_side is back.weaker_side.other
    for one, other in zip(there.regions, back.regions, strict=True):
        assert one.difference_mm == pytest.approx(-(other.difference_mm or 0.0), abs=0.01)


@settings(max_examples=40, deadline=None)
@given(left=HALVES, right=HALVES)
def test_score_lies_in_its_interval_and_the_pattern_sums_to_one(left: Half, right: Half) -> None:
    found = still(Face(left, right))
    assert found.interval is not None
    assert found.pattern is not None
    assert 0.0 <= found.interval[0] <= score(found) <= found.interval[1] <= 1.0
    pattern = found.pattern
    assert pattern.none + pattern.central + pattern.peripheral == pytest.approx(1.0)


def test_a_weak_brow_and_an_open_eye_beside_a_droop_look_peripheral() -> None:
    central = still(weak(Side.RIGHT, drop=6.0)).pattern
    whole_half = still(
        Face(Half(closing=9.0, brow=2.0), Half(drop=6.0, brow=-4.0, closing=4.0))
    ).pattern
    assert central is not None
    assert whole_half is not None
    assert central.central > central.peripheral
    assert whole_half.peripheral > whole_half.central


def test_the_upper_face_alone_never_makes_a_droop() -> None:
    assert score(still(Face(Half(closing=9.0), Half(closing=1.0, brow=-6.0)))) < 0.5


def test_own_rest_takes_a_lifelong_crooked_mouth_out() -> None:
    crooked = weak(Side.LEFT, drop=4.0)
    rest = judge_face_task(Task.REST, 1, (0, 9), clip([crooked] * 30), SIZE, None, FACE_GATES).rest
    assert score(still(crooked)) > 0.5
    again = judge_still(photographed(crooked), WIDTH, HEIGHT, GOOD, rest, DROOP_SCALE)
    assert score(again) < 0.1
    worse = weak(Side.LEFT, drop=8.0)
    changed = judge_still(photographed(worse), WIDTH, HEIGHT, GOOD, rest, DROOP_SCALE)
    assert score(changed) > 0.5
    assert changed.weaker_side is Side.LEFT


@pytest.mark.parametrize(
    ("landmarks", "quality", "why_not"),
    [
        (None, None, WhyNot.NO_FACE),
        (photographed(Face()), None, WhyNot.NO_FACE),
        (photographed(Face()), flagged(WhyNot.FACE_TURNED), WhyNot.FACE_TURNED),
    ],
)
def test_an_unusable_picture_carries_nothing(
    landmarks: Landmarks | None, quality: FrameQuality | None, why_not: WhyNot
) -> None:
    found = judge_still(landmarks, WIDTH, HEIGHT, quality, None, DROOP_SCALE)
    assert not found.usable
    assert found.why_not == (why_not,)
    assert (found.droop_score, found.interval, found.weaker_side, found.pattern) == (
        None,
        None,
        None,
        None,
    )
    assert {r.region for r in found.regions} == set(Region)
    assert all(r.difference_mm is None and r.why_not is why_not for r in found.regions)


def test_behind_a_mask_only_the_upper_face_is_measured() -> None:
    masked = flagged(WhyNot.MOUTH_COVERED, covered=frozenset({Region.MOUTH, Region.NOSE}))
    found = judge_still(photographed(Face()), WIDTH, HEIGHT, masked, None, DROOP_SCALE)
    assert not found.usable
    assert found.droop_score is None
    assert {r.region for r in found.regions if r.usable} == {Region.EYE, Region.BROW}
