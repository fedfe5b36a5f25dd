from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_service.measure.baseline import RestingFace
from firmware_service.measure.task_result import JudgedFace, judge_face_task
from firmware_service.screen.thresholds import FACE_GATES
from firmware_service.types import FaceReading, Region, RegionResult, Side, Task, WhyNot
from tests.firmware_service.measure.synthetic import (
    SIZE,
    Face,
    Half,
    clip,
    flagged,
    photographed,
    reading,
    weak,
)

N = 45


def judge(
    task: Task, readings: Sequence[FaceReading], rest: RestingFace | None = None, skipped: int = 0
) -> JudgedFace:
    return judge_face_task(task, 1, (0.0, 10.0), readings, SIZE, rest, FACE_GATES, skipped)


def resting(face: Face | None = None) -> RestingFace:
    rest = judge(Task.REST, clip([face or Face()] * N)).rest
    assert rest is not None
    return rest


def region(judged: JudgedFace, which: Region) -> RegionResult:
    return next(r for r in judged.result.regions if r.region is which)


def smiling(left_mm: float, right_mm: float) -> Face:
    """Corners that go up and out by these amounts along the smile's own direction."""
    return Face(
        Half(drop=-0.74 * left_mm, out=0.67 * left_mm, ala=0.4 * left_mm),
        Half(drop=-0.74 * right_mm, out=0.67 * right_mm, ala=0.4 * right_mm),
    )


@settings(max_examples=12, deadline=None)
@given(drop=st.floats(0, 8), side=st.sampled_from(list(Side)))
def test_rest_reports_the_lower_corner_with_its_side(drop: float, side: Side) -> None:
    judged = judge(Task.REST, clip([weak(side, drop=drop)] * 20))
    mouth = region(judged, Region.MOUTH)
    sign = 1 if side is Side.LEFT else -1
    assert mouth.difference_mm == pytest.approx(sign * drop, abs=0.2)
    assert judged.result.usable
    assert judged.rest is not None
    assert judged.rest.known == frozenset(Region)


@settings(max_examples=12, deadline=None)
@given(left=st.floats(-2, 9), right=st.floats(4, 9))
def test_a_smile_is_recovered_per_side_against_own_rest(left: float, right: float) -> None:
    crooked = resting(weak(Side.RIGHT, drop=2.0))
    ramp = [smiling(left * part, right * part) for part in (0, 0.3, 0.6, *([1.0] * 30), 0.5, 0)]
    for face in ramp:
        face.right.drop += 2.0
    judged = judge(Task.SMILE, clip(ramp), crooked)
    mouth = region(judged, Region.MOUTH)
    assert mouth.left_mm == pytest.approx(left, abs=0.35)
    assert mouth.right_mm == pytest.approx(right, abs=0.35)
    assert mouth.difference_mm == pytest.approx(right - left, abs=0.4)
    assert judged.rest is None


def test_mirroring_a_patient_swaps_sides_and_flips_signs() -> None:
    faces = [smiling(1.0 * part, 7.0 * part) for part in (0, 0.5, *([1.0] * 25))]
    one = judge(Task.SMILE, clip(faces, jitter_px=0.0), resting())
    other = judge(Task.SMILE, clip([f.mirrored() for f in faces], jitter_px=0.0), resting())
    for which in (Region.MOUTH, Region.NOSE):
        a, b = region(one, which), region(other, which)
        assert a.left_mm == pytest.approx(b.right_mm, abs=0.1)
        assert a.difference_mm == pytest.approx(-(b.difference_mm or 0), abs=0.1)
        assert a.index == pytest.approx(-(b.index or 0), abs=0.05)
    assert sum(s.index for s in one.samples) == pytest.approx(
        -sum(s.index for s in other.samples), abs=0.5
    )


def test_brow_raise_and_closure_name_the_side_that_does_less() -> None:
    raised = judge(Task.BROWS, clip([Face(Half(brow=1.0), Half(brow=6.0))] * N), resting())
    brow = region(raised, Region.BROW)
    assert (brow.left_mm, brow.right_mm) == pytest.approx((1.0, 6.0), abs=0.2)
    closed = judge(Task.EYES, clip([Face(Half(closing=3), Half(closing=10))] * N), resting())
    eye = region(closed, Region.EYE)
    assert eye.difference_mm == pytest.approx(7.0, abs=0.5)
    assert (eye.index or 0) > 0


def test_a_smile_that_was_not_performed_is_refused_and_never_symmetric() -> None:
    judged = judge(Task.SMILE, clip([smiling(1.0, 2.0)] * N), resting())
    for refused in judged.result.regions:
        assert (refused.left_mm, refused.right_mm, refused.difference_mm, refused.index) == (
            None,
            None,
            None,
            None,
        )
    assert region(judged, Region.MOUTH).why_not is WhyNot.NOT_PERFORMED
    assert not judged.result.usable
    assert judged.result.why_not is WhyNot.NOT_PERFORMED
    assert judged.result.trends == ()


@pytest.mark.parametrize(("task"), [Task.SMILE, Task.BROWS, Task.EYES])
def test_movement_needs_a_baseline(task: Task) -> None:
    judged = judge(task, clip([smiling(6, 6)] * N))
    assert judged.result.why_not is WhyNot.NO_BASELINE
    assert all(r.difference_mm is None for r in judged.result.regions)


def test_a_covered_mouth_is_refused_alone() -> None:
    hidden = flagged(WhyNot.MOUTH_COVERED, covered=frozenset({Region.MOUTH, Region.NOSE}))
    readings = [
        reading(photographed(Face(), jitter_px=0.1, seed=i), i / 30, hidden) for i in range(N)
    ]
    judged = judge(Task.REST, readings)
    assert region(judged, Region.MOUTH).why_not is WhyNot.MOUTH_COVERED
    assert region(judged, Region.NOSE).why_not is WhyNot.MOUTH_COVERED
    assert region(judged, Region.BROW).usable
    assert judged.result.usable
    assert judged.result.quality.flags == (WhyNot.MOUTH_COVERED,)
    assert judged.rest is not None
    assert Region.MOUTH not in judged.rest.known
    smile = judge(Task.SMILE, clip([smiling(6, 6)] * N), judged.rest)
    assert smile.result.why_not is WhyNot.NO_BASELINE


def test_a_turned_face_is_refused_with_the_commonest_reason() -> None:
    readings = [
        reading(photographed(Face(), jitter_px=0.1, seed=i), i / 30, flagged(WhyNot.FACE_TURNED))
        for i in range(N)
    ]
    judged = judge(Task.REST, [*readings, reading(None, 1.6, None)], skipped=10)
    assert judged.result.why_not is WhyNot.FACE_TURNED
    assert judged.result.usable_frames == 0
    assert judged.result.quality.skipped_fraction == 1.0
    assert judged.rest is None


def test_no_face_and_no_frames_are_told_apart_from_a_still_picture() -> None:
    nobody = judge(Task.REST, [reading(None, i / 30, None) for i in range(N)])
    assert nobody.result.why_not is WhyNot.NO_FACE
    assert judge(Task.REST, []).result.why_not is WhyNot.TOO_FEW_FRAMES
    still = photographed(Face())
    frozen = judge(Task.REST, [reading(still, i / 30) for i in range(N)])
    assert frozen.result.why_not is WhyNot.FROZEN_PICTURE
    assert frozen.result.quality.flags == (WhyNot.FROZEN_PICTURE,)
    assert frozen.rest is None


def test_only_the_window_is_looked_at_and_skips_are_told() -> None:
    readings = clip([Face()] * 60)
    judged = judge_face_task(Task.REST, 2, (0.5, 1.0), readings, SIZE, None, FACE_GATES, skipped=16)
    assert judged.result.frames == 16
    assert judged.result.usable_frames == 16
    assert judged.result.quality.skipped_fraction == pytest.approx(0.5)
    assert judged.result.attempt == 2


def test_a_blink_does_not_disturb_the_resting_face() -> None:
    blink = Face(Half(closing=10), Half(closing=10))
    rest = judge(Task.REST, clip([*[Face()] * 30, *[blink] * 6, *[Face()] * 10])).rest
    assert rest is not None
    assert rest.features.left.fissure_mm == pytest.approx(10.0, abs=0.3)


def test_the_camera_does_not_judge_the_phrase() -> None:
    with pytest.raises(ValueError, match="phrase"):
        judge(Task.PHRASE, [])
