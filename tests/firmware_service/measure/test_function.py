"""Repetitions, speed, onset and what moved along, recovered from known movements."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from firmware_service.measure.catalogue import CATALOGUE_COLUMNS
from firmware_service.measure.task_result import judge_face_task
from firmware_service.screen.thresholds import FACE_GATES, FUNCTION_GATES
from firmware_service.types import Function, Task, TaskResult, WhyNot
from tests.firmware_service.measure.synthetic import SIZE, Face, Half, clip


def judged(task: Task, faces: list[Face], fps: float = 30.0, jitter_px: float = 0.02) -> TaskResult:
    rest = judge_face_task(
        Task.REST, 1, (0, 10), clip([Face()] * 20, jitter_px=0.02), SIZE, None, FACE_GATES
    ).rest
    return judge_face_task(
        task, 1, (0.0, 60.0), clip(faces, fps=fps, jitter_px=jitter_px), SIZE, rest, FACE_GATES,
        0, FUNCTION_GATES,
    ).result  # fmt: skip


def function(task: Task, faces: list[Face], fps: float = 30.0) -> Function:
    found = judged(task, faces, fps).function
    assert found is not None
    return found


def smile(left_mm: float, right_mm: float) -> Face:
    def half(mm: float) -> Half:
        return Half(drop=-0.74 * mm, out=0.67 * mm)

    return Face(half(left_mm), half(right_mm))


def ramp(at_s: float, start_s: float, over_s: float) -> float:
    return float(np.clip((at_s - start_s) / over_s, 0.0, 1.0))


def smiles(left: Callable[[float], float], right: Callable[[float], float]) -> list[Face]:
    return [smile(left(i / 30), right(i / 30)) for i in range(60)]


def test_a_slow_late_side_is_told_in_speed_and_onset() -> None:
    found = function(
        Task.SMILE, smiles(lambda t: 4.0 * ramp(t, 0.6, 0.4), lambda t: 8.0 * ramp(t, 0.4, 0.4))
    )
    assert found.left_speed_mm_s == pytest.approx(10.0, rel=0.15)
    assert found.right_speed_mm_s == pytest.approx(20.0, rel=0.15)
    assert found.speed_ratio == pytest.approx(0.5, abs=0.08)
    assert found.excursion_ratio == pytest.approx(0.5, abs=0.05)
    assert found.onset_lag_s == pytest.approx(0.2, abs=0.03)
    assert found.repetitions == 1


def test_a_slow_camera_tells_no_lag() -> None:
    faces = smiles(lambda t: 6.0 * ramp(t, 0.6, 0.4), lambda t: 8.0 * ramp(t, 0.4, 0.4))
    assert function(Task.SMILE, faces[::2], fps=15.0).onset_lag_s is None


@pytest.mark.parametrize("times", [1, 2, 4])
def test_repetitions_are_counted(times: int) -> None:
    faces = [
        smile(level, level)
        for level in 7.0 * np.abs(np.sin(np.pi * times * np.arange(30 * times) / (30 * times)))
    ]
    assert function(Task.SMILE, faces).repetitions == times


@pytest.mark.parametrize("task", [Task.EYES, Task.GENTLE_CLOSURE, Task.TIGHT_CLOSURE])
def test_closure_is_a_share_with_the_gap_left_open(task: Task) -> None:
    closed = Face(Half(closing=4.0, out=-3.0), Half(closing=10.0))
    found = function(task, [Face()] * 10 + [closed] * 40)
    assert found.left_closure == pytest.approx(0.4, abs=0.04)
    assert found.right_closure == pytest.approx(1.0, abs=0.04)
    assert found.left_gap_mm == pytest.approx(6.0, abs=0.3)
    assert found.right_gap_mm == pytest.approx(0.0, abs=0.3)
    assert found.left_mouth_mm == pytest.approx(3.0, abs=0.2)
    assert found.right_mouth_mm == pytest.approx(0.0, abs=0.2)
    assert found.left_narrowing is None


def test_lids_that_narrow_with_a_smile_are_seen() -> None:
    narrow = smile(6.0, 6.0)
    narrow.left.closing = 3.5
    found = function(Task.SMILE, [Face()] * 10 + [narrow] * 40)
    assert found.left_narrowing == pytest.approx(0.35, abs=0.04)
    assert found.right_narrowing == pytest.approx(0.0, abs=0.04)


def test_a_pucker_draws_the_corners_in() -> None:
    pucker = Face(Half(out=-2.0), Half(out=-6.0))
    result = judged(Task.PUCKER, [Face()] * 10 + [pucker] * 40)
    (mouth,) = result.regions
    assert (mouth.left_mm, mouth.right_mm) == pytest.approx((2.0, 6.0), abs=0.2)
    slight = judged(Task.PUCKER, [Face()] * 10 + [Face(Half(out=-2.0), Half(out=-2.0))] * 40)
    assert slight.why_not is WhyNot.NOT_PERFORMED
    assert slight.function is None
    assert slight.features == ()


def test_features_are_medians_over_the_hold() -> None:
    found = judged(Task.SMILE, [Face()] * 40 + [smile(2.0, 8.0)] * 20)
    features = {feature.name: feature for feature in found.features}
    assert list(features) == list(CATALOGUE_COLUMNS)
    height = features["mouth_height_difference_mm"]
    assert height.corrected == pytest.approx(0.74 * 6.0, abs=0.2)
    assert height.raw == pytest.approx(0.74 * 6.0, abs=0.6)
