"""The grades of faces with known movements, and that no grade ever moves a level."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_service.screen.face_item import upper_face_note
from firmware_service.screen.grading import FaceGrades, Grade, grade_face
from firmware_service.screen.scoring import assess, face_signal, overall
from firmware_service.screen.session import Attempt, Session
from firmware_service.types import (
    Function,
    Level,
    PalsyPattern,
    Region,
    Severity,
    Side,
    Task,
    TaskResult,
    WhyNot,
)
from tests.firmware_service.screen.hand import face, opening, refused

REST = face(Task.REST, 2.0, 2.2)
EVEN = (
    REST, face(Task.SMILE, 9.0, 9.2), face(Task.BROWS, 8.0, 8.1), face(Task.EYES, 9.8, 10.0),
)  # fmt: skip
CENTRAL = (
    face(Task.REST, -2.5, 2.0), face(Task.SMILE, 3.0, 9.0), face(Task.BROWS, 7.8, 8.0),
    face(Task.EYES, 9.7, 9.9),
)  # fmt: skip
PERIPHERAL = (
    face(Task.REST, -2.5, 2.0), face(Task.SMILE, 1.0, 9.0), face(Task.BROWS, 0.8, 8.0),
    face(Task.EYES, 3.5, 10.0),
)  # fmt: skip


def grades(*results: TaskResult) -> FaceGrades:
    found = grade_face({result.task: result for result in results})
    assert found is not None
    return found


def named(found: FaceGrades, name: str) -> Grade:
    return next(grade for grade in found.grades if grade.name == name)


def session(*results: TaskResult) -> Session:
    return Session(opening(), "standard", 0.0, tuple(Attempt(r, ()) for r in results))


@pytest.mark.parametrize(
    ("results", "pattern", "severity", "house", "sunnybrook"),
    [
        (EVEN, PalsyPattern.NONE, Severity.NONE, (1, 1), (90, 100)),
        (CENTRAL, PalsyPattern.CENTRAL, Severity.MINOR, (3, 3), (60, 85)),
        (PERIPHERAL, PalsyPattern.PERIPHERAL, Severity.COMPLETE, (5, 6), (5, 40)),
    ],
)
def test_known_faces_get_the_grades_that_a_clinician_would_give(
    results: tuple[TaskResult, ...],
    pattern: PalsyPattern,
    severity: Severity,
    house: tuple[int, int],
    sunnybrook: tuple[int, int],
) -> None:
    found = grades(*results)
    assert (found.pattern, found.severity) == (pattern, severity)
    assert found.weaker_side is (None if pattern is PalsyPattern.NONE else Side.LEFT)
    assert house[0] <= named(found, "House-Brackmann").value <= house[1]
    assert sunnybrook[0] <= named(found, "Sunnybrook").value <= sunnybrook[1]


def test_an_upper_face_between_the_two_is_mixed() -> None:
    assert grades(*CENTRAL[:2], face(Task.BROWS, 4.8, 8.8)).pattern is PalsyPattern.MIXED


def test_what_was_not_examined_is_named_and_widens_the_interval() -> None:
    whole, part = grades(*CENTRAL), grades(*CENTRAL[:2])
    house, guess = named(whole, "House-Brackmann"), named(part, "House-Brackmann")
    assert house.not_examined == ()
    assert guess.not_examined == ("brow raise",)
    assert guess.interval[1] - guess.interval[0] > house.interval[1] - house.interval[0]
    assert part.pattern is None
    assert {"snarl", "lip pucker", "cheek at rest"} <= set(named(whole, "Sunnybrook").not_examined)
    assert "snarl" in named(part, "Sunnybrook").not_examined


def test_a_face_that_did_nothing_has_no_grade() -> None:
    assert grade_face({Task.SMILE: refused(Task.SMILE, WhyNot.NOT_PERFORMED)}) is None
    assert grade_face({}) is None
    unseen = grades(REST, refused(Task.SMILE, WhyNot.MOUTH_COVERED), EVEN[2])
    assert unseen.lower_loss is None
    assert unseen.severity is None


MM = st.floats(0.0, 12.0)


@given(smile=st.tuples(MM, MM), brows=st.tuples(MM, MM), lids=st.tuples(MM, MM))
def test_a_mirrored_face_has_the_same_grades_on_the_other_side(
    smile: tuple[float, float], brows: tuple[float, float], lids: tuple[float, float]
) -> None:
    pairs = ((Task.SMILE, smile), (Task.BROWS, brows), (Task.EYES, lids))
    one = grade_face({t: face(t, *mm) for t, mm in pairs} | {Task.REST: face(Task.REST, 2, 2)})
    other = grade_face(
        {t: face(t, mm[1], mm[0]) for t, mm in pairs} | {Task.REST: face(Task.REST, 2, 2)}
    )
    if one is None or other is None:
        assert one is other
        return
    assert (one.pattern, one.severity, one.regions) == (
        other.pattern,
        other.severity,
        other.regions,
    )
    for grade, twin in zip(one.grades, other.grades, strict=True):
        assert grade == twin
        assert grade.lowest <= grade.interval[0] <= grade.value <= grade.interval[1]
        assert grade.interval[1] <= grade.highest


@given(smile=st.tuples(MM, MM), rest=st.floats(-6, 6), brows=st.tuples(MM, MM))
def test_the_upper_face_never_lowers_the_priority(
    smile: tuple[float, float], rest: float, brows: tuple[float, float]
) -> None:
    mouth = (face(Task.REST, 2.0, 2.0 + rest), face(Task.SMILE, *smile))
    upper = (face(Task.BROWS, *brows), face(Task.EYES, *brows))
    without, seen = session(*mouth), session(*mouth, *upper)
    assert face_signal(seen).level is face_signal(without).level
    assert face_signal(seen).score == face_signal(without).score
    assert overall(assess(seen)) is overall(assess(without))


def test_a_peripheral_like_face_is_raised_like_a_central_one() -> None:
    assert grades(*PERIPHERAL).pattern is PalsyPattern.PERIPHERAL
    assert face_signal(session(*PERIPHERAL)).level is Level.RAISED
    assert overall(assess(session(*PERIPHERAL))) is Level.RAISED


def test_a_small_brow_raise_that_differs_by_little_is_not_called_weak() -> None:
    small = face(Task.BROWS, 1.5, 3.5)  # a loss of .57, but 2 mm: within the measure's error
    note = upper_face_note(small, None, CENTRAL[1], Side.LEFT)
    assert note is not None
    assert "weak too" not in note
    assert grades(*CENTRAL[:2], small).pattern is PalsyPattern.CENTRAL


def test_lids_that_close_with_the_smile_are_synkinesis() -> None:
    smile = replace(CENTRAL[1], function=Function(left_narrowing=0.33, right_narrowing=0.1))
    eyes = replace(CENTRAL[3], function=Function(left_mouth_mm=3.9, right_mouth_mm=0.3))
    found = grades(REST, smile, CENTRAL[2], eyes)
    assert found.synkinesis is not None
    assert found.synkinesis.oral_ocular_left == pytest.approx(1.0)
    assert found.synkinesis.oral_ocular_right == 0.0
    assert found.synkinesis.ocular_oral == pytest.approx(1.0)
    plain = named(grades(REST, *CENTRAL[1:]), "Sunnybrook").value
    assert named(found, "Sunnybrook").value == plain - 6
    assert grades(*CENTRAL).synkinesis is None


def test_regions_are_scored_standing_and_moving() -> None:
    found = {score.region: score for score in grades(*CENTRAL).regions}
    assert found[Region.MOUTH].motor == pytest.approx(33, abs=1)
    assert found[Region.MOUTH].static == pytest.approx(25, abs=1)
    assert found[Region.BROW].static is None
    assert (found[Region.BROW].motor or 0) > 90
