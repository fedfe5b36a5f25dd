"""Two screens compared: only what exceeds the measure's own error is called a change."""

from __future__ import annotations

import pytest

from firmware_service.measure.progress import Course, changes
from firmware_service.screen.thresholds import DETECTABLE_CHANGE_MM
from firmware_service.types import Region, Task, WhyNot
from tests.firmware_service.screen.hand import face, refused

LEAST = DETECTABLE_CHANGE_MM[Region.MOUTH]


@pytest.mark.parametrize(
    ("before", "after", "course"),
    [
        ((9.0, 9.0), (9.0 - LEAST - 0.2, 9.0), Course.WORSE),
        ((3.0, 9.0), (3.0 + LEAST + 0.2, 9.0), Course.BETTER),
        ((3.0, 9.0), (3.0 + LEAST - 0.2, 9.0), Course.NO_CHANGE),
        ((3.0, 9.0), (9.0, 3.0), Course.OTHER_SIDE),
    ],
)
def test_a_change_beyond_the_error_is_named(
    before: tuple[float, float], after: tuple[float, float], course: Course
) -> None:
    (change,) = changes(
        [face(Task.SMILE, *before)], [face(Task.SMILE, *after)], DETECTABLE_CHANGE_MM
    )
    assert change.course is course
    assert change.before_mm == pytest.approx(before[1] - before[0])


def test_what_one_of_them_did_not_measure_is_not_compared() -> None:
    smile = face(Task.SMILE, 9.0, 9.0)
    assert changes([smile], [refused(Task.SMILE, WhyNot.BLURRED)], DETECTABLE_CHANGE_MM) == ()
    assert changes([smile], [face(Task.BROWS, 8, 8)], DETECTABLE_CHANGE_MM) == ()
