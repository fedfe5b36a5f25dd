"""What makes an item positive, what leaves it open, and what is said about it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_service.screen.scoring import (
    arm_signal,
    assess,
    cincinnati,
    face_signal,
    judged_attempt,
    overall,
    speech_signal,
)
from firmware_service.screen.session import Attempt, Session
from firmware_service.types import (
    ArmDrift,
    Level,
    Region,
    RegionResult,
    Side,
    Task,
    TaskResult,
    WhyNot,
)
from tests.firmware_service.screen.hand import face, opening, phrase, refused, region


def session(*results: TaskResult, arms: ArmDrift = ArmDrift.NOT_DONE) -> Session:
    attempts = tuple(Attempt(result, ()) for result in results)
    return Session(opening(), "standard", 0.0, attempts, arms)


def mirrored(result: TaskResult) -> TaskResult:
    return replace(
        result,
        regions=tuple(
            RegionResult.refused(r.region, r.why_not or WhyNot.BLURRED)
            if r.left_mm is None or r.right_mm is None
            else region(r.region, r.right_mm, r.left_mm)
            for r in result.regions
        ),
    )


REST = face(Task.REST, 2.0, 2.2)
SMILE = face(Task.SMILE, 8.8, 9.1)


def test_an_even_face_is_not_raised_and_says_its_numbers() -> None:
    signal = face_signal(session(REST, SMILE))
    assert (signal.level, signal.weaker_side) == (Level.NOT_RAISED, None)
    assert "left mouth corner moved 8.8 mm, right 9.1 mm on smiling" in signal.because
    assert signal.score is not None
    assert signal.score < 0.15


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        (3.1, 9.0, Level.RAISED),
        (9.0, 6.1, Level.NOT_RAISED),  # 2.9 mm, a third: within what healthy smiles do
        (9.0, 5.9, Level.RAISED),  # 3.1 mm, a third
        (14.0, 10.5, Level.NOT_RAISED),  # 3.5 mm, but a quarter of a wide smile
        (4.0, 1.9, Level.RAISED),  # a faint smile that lacks half
        (4.0, 2.4, Level.NOT_RAISED),
        (5.0, -1.0, Level.RAISED),  # drawn over to the other side
    ],
)
def test_a_smile_is_raised_by_millimetres_and_by_the_share_that_is_missing(
    left: float, right: float, level: Level
) -> None:
    result = session(REST, face(Task.SMILE, left, right))
    assert face_signal(result).level is level
    weaker = Side.LEFT if left < right else Side.RIGHT
    assert face_signal(result).weaker_side is (weaker if level is Level.RAISED else None)


def test_a_corner_that_hangs_at_rest_is_raised_though_the_smile_was_not_seen() -> None:
    hanging = face(Task.REST, -2.0, 2.5)
    signal = face_signal(session(hanging, refused(Task.SMILE, WhyNot.BLURRED)))
    assert (signal.level, signal.weaker_side) == (Level.RAISED, Side.LEFT)
    assert signal.because[0] == "left mouth corner 4.5 mm lower at rest"
    assert "mouth not assessable on smiling: blurred" in signal.because


@given(left=st.floats(0, 15), right=st.floats(3, 15), rest=st.floats(-6, 6))
def test_mirroring_the_face_swaps_the_side_and_nothing_else(
    left: float, right: float, rest: float
) -> None:
    results = (face(Task.REST, 2.0, 2.0 + rest), face(Task.SMILE, left, right))
    seen = face_signal(session(*results))
    mirror = face_signal(session(*map(mirrored, results)))
    assert (mirror.level, mirror.score, mirror.interval) == (
        seen.level,
        seen.score,
        seen.interval,
    )
    if seen.weaker_side is not None and left != right and rest != 0:
        assert mirror.weaker_side is seen.weaker_side.other


@given(left=st.floats(0, 15), right=st.floats(3, 15))
def test_the_score_crosses_a_half_at_the_threshold_and_lies_in_its_interval(
    left: float, right: float
) -> None:
    signal = face_signal(session(REST, face(Task.SMILE, left, right)))
    assert signal.score is not None
    assert signal.interval is not None
    assert 0.0 <= signal.interval[0] <= signal.score <= signal.interval[1] <= 1.0
    assert (signal.level is Level.RAISED) == (signal.score >= 0.5)


@pytest.mark.parametrize("missing", [Task.REST, Task.SMILE])
@pytest.mark.parametrize("why_not", [None, WhyNot.TOO_DARK, WhyNot.NO_BASELINE])
def test_an_unseen_mouth_is_unknown_without_a_score(missing: Task, why_not: WhyNot | None) -> None:
    results = [r for r in (REST, SMILE) if r.task is not missing]
    if why_not is not None:
        results.append(refused(missing, why_not))
    signal = face_signal(session(*results))
    assert (signal.level, signal.score, signal.interval) == (Level.UNKNOWN, None, None)
    assert str(why_not or WhyNot.NOT_DONE) in signal.because[0]


def test_a_mouth_that_was_refused_is_unknown_though_the_task_is_usable() -> None:
    masked = replace(REST, regions=(RegionResult.refused(Region.MOUTH, WhyNot.MOUTH_COVERED),))
    assert face_signal(session(masked, SMILE)).level is Level.UNKNOWN
    doubtful = replace(SMILE, regions=(replace(SMILE.regions[0], usable=False),))
    assert face_signal(session(REST, doubtful)).level is Level.UNKNOWN


def test_a_region_measured_in_a_task_that_is_not_usable_does_not_count() -> None:
    shaky = replace(SMILE, usable=False, why_not=WhyNot.BLURRED)
    assert face_signal(session(REST, shaky)).level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("brow", "words"),
    [
        (
            8.2,
            "left upper face spared (brow raise left 8.2 mm, right 8.5 mm): as in a central palsy",
        ),
        (
            1.0,
            "left upper face weak too (brow raise left 1.0 mm, right 8.5 mm): "
            "seen in nerve palsy and in stroke",
        ),
        (5.5, "upper face: brow raise left 5.5 mm, right 8.5 mm"),
    ],
)
def test_the_forehead_is_remarked_on_and_never_lowers_the_level(brow: float, words: str) -> None:
    droop = face(Task.SMILE, 3.0, 9.0)
    without = face_signal(session(REST, droop))
    signal = face_signal(session(REST, droop, face(Task.BROWS, brow, 8.5)))
    assert words in signal.because
    assert (signal.level, signal.score) == (Level.RAISED, without.score)


def test_a_weak_brow_alone_is_not_a_stroke_face() -> None:
    assert face_signal(session(REST, SMILE, face(Task.BROWS, 1, 8))).level is Level.NOT_RAISED


def test_the_most_abnormal_usable_attempt_counts() -> None:
    found = session(
        face(Task.SMILE, 3.0, 9.0, attempt=1),
        face(Task.SMILE, 9.0, 9.0, attempt=2),
        refused(Task.SMILE, WhyNot.BLURRED, attempt=3),
    )
    judged = judged_attempt(found, Task.SMILE)
    assert judged is not None
    assert judged.result.attempt == 1


def test_among_unusable_attempts_the_one_with_most_frames_is_reported() -> None:
    poor = refused(Task.SMILE, WhyNot.BLURRED, attempt=1)
    better = replace(refused(Task.SMILE, WhyNot.BLURRED, attempt=2), usable_frames=20)
    judged = judged_attempt(session(better, poor), Task.SMILE)
    assert judged is not None
    assert judged.result.attempt == 2


@pytest.mark.parametrize(
    "result",
    [phrase(), phrase(present=None), refused(Task.PHRASE, WhyNot.MICROPHONE_LOST)],
)
def test_speech_is_never_not_raised_in_this_version(result: TaskResult) -> None:
    signal = speech_signal(session(result))
    assert (signal.level, signal.score) == (Level.UNKNOWN, None)


def test_speech_that_was_heard_says_what_is_missing() -> None:
    (because,) = speech_signal(session(phrase())).because
    assert because == "speech heard for 2.1 s; articulation: no measure yet"


def test_silence_in_noise_is_not_a_finding() -> None:
    noisy = replace(phrase(present=False), why_not=WhyNot.TOO_NOISY)
    assert speech_signal(session(noisy)).level is Level.UNKNOWN


def test_any_raised_item_raises_the_whole_and_any_unknown_leaves_it_open() -> None:
    even = (REST, SMILE, phrase())
    droop = (REST, face(Task.SMILE, 3.0, 9.0))
    assert overall(assess(session(*droop))) is Level.RAISED
    assert overall(assess(session(*even, arms=ArmDrift.NONE))) is Level.UNKNOWN
    assert overall(assess(session(*even, arms=ArmDrift.LEFT))) is Level.RAISED
    assert overall([arm_signal(ArmDrift.NONE)]) is Level.NOT_RAISED
    assert overall([]) is Level.UNKNOWN


def test_the_cincinnati_count_says_how_many_items_were_examined() -> None:
    droop = session(REST, face(Task.SMILE, 3.0, 9.0), phrase(), arms=ArmDrift.NONE)
    scale = cincinnati(assess(droop))
    assert (scale.points, scale.items_examined, scale.items) == (1, 2, 3)
