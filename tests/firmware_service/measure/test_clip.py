from __future__ import annotations

from collections.abc import Sequence

import pytest

from firmware_service.measure.clip import ClipJudgement, RegionTrend, judge_clip
from firmware_service.measure.events import EventKind
from firmware_service.screen.thresholds import CLIP_GATES, DROOP_SCALE
from firmware_service.types import FaceReading, Region, Side, WhyNot
from tests.firmware_service.measure.synthetic import (
    SIZE,
    Face,
    Half,
    clip,
    flagged,
    photographed,
    reading,
)


def judge(readings: Sequence[FaceReading]) -> ClipJudgement:
    return judge_clip(readings, SIZE, CLIP_GATES, DROOP_SCALE)


def smiling(left_mm: float, right_mm: float) -> Face:
    return Face(
        Half(drop=-0.74 * left_mm, out=0.67 * left_mm),
        Half(drop=-0.74 * right_mm, out=0.67 * right_mm),
    )


def acted(left_mm: float = 8.0, right_mm: float = 8.0) -> list[Face]:
    """Rest 1 s, smile 2 s, rest 1 s, brows 1 s, rest 1 s, eyes closed 1 s, at 30 fps."""
    still, shut = [Face()] * 30, Face(Half(closing=10), Half(closing=10))
    ramp = [smiling(left_mm * part, right_mm * part) for part in (0.25, 0.5, 0.75)]
    smile = [*ramp, *[smiling(left_mm, right_mm)] * 54, *reversed(ramp)]
    raised = [Face(Half(brow=5.0), Half(brow=4.0))] * 30
    return [*still, *smile, *still, *raised, *still, *[shut] * 30]


def trend(judgement: ClipJudgement, region: Region) -> RegionTrend:
    return next(t for t in judgement.trends if t.region is region)


def test_what_was_done_is_found_with_its_time_and_sides() -> None:
    found = judge(clip(acted()))
    kinds = [event.kind for event in found.events]
    assert kinds == [EventKind.SMILE, EventKind.BROW_RAISE, EventKind.EYE_CLOSURE]
    smile, brows, eyes = found.events
    assert (smile.start_s, smile.end_s) == pytest.approx((1.0, 3.0), abs=0.15)
    assert (smile.left_mm, smile.right_mm) == pytest.approx((8.0, 8.0), abs=0.3)
    assert (brows.left_mm, brows.right_mm) == pytest.approx((5.0, 4.0), abs=0.3)
    assert (eyes.left_mm, eyes.right_mm) == pytest.approx((10.0, 10.0), abs=0.5)
    assert found.droop_score is not None
    assert found.droop_score < 0.15


@pytest.mark.parametrize("side", list(Side))
def test_a_smile_of_one_half_gives_the_weak_side_away(side: Side) -> None:
    doses = (1.0, 8.0) if side is Side.LEFT else (8.0, 1.0)
    found = judge(clip(acted(*doses)))
    assert found.droop_score is not None
    assert found.droop_score > 0.8
    assert found.weaker_side is side


def test_the_rest_is_found_where_nothing_moves() -> None:
    found = judge(clip(acted()))
    assert found.rest is not None
    assert found.rest.features.left.corner_height_mm == pytest.approx(-62.0, abs=0.8)
    assert found.rest.features.left.fissure_mm == pytest.approx(10.0, abs=0.5)


def test_a_droop_that_grows_is_a_slope_per_minute() -> None:
    faces = [Face(left=Half(drop=4.0 * at / 300)) for at in range(300)]
    mouth = trend(judge(clip(faces, fps=15.0)), Region.MOUTH)
    assert mouth.slope_per_min == pytest.approx(4.0 / 20 * 60, rel=0.1)
    assert mouth.level_mm == pytest.approx(2.0, abs=0.2)
    assert mouth.longest_exceed_s == pytest.approx(5.0, abs=0.7)


def test_a_turned_or_empty_clip_is_refused_with_nulls() -> None:
    turned = [
        reading(photographed(Face(), jitter_px=0.1, seed=i), i / 30, flagged(WhyNot.FACE_TURNED))
        for i in range(60)
    ]
    for readings, why_not in (
        (turned, WhyNot.FACE_TURNED),
        ([reading(None, i / 30, None) for i in range(60)], WhyNot.NO_FACE),
        ([reading(photographed(Face()), i / 30) for i in range(60)], WhyNot.FROZEN_PICTURE),
    ):
        found = judge(readings)
        assert not found.usable
        assert found.why_not[0] is why_not
        assert found.droop_score is None
        assert found.events == ()
        assert found.trends == ()
        assert all(r.why_not is why_not and r.left_mm is None for r in found.regions)


def test_an_empty_clip_is_refused() -> None:
    found = judge([])
    assert not found.usable
    assert found.droop_score is None
