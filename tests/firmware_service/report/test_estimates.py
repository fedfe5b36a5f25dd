"""The estimates in one sentence, and on the page without pushing anything off it."""

from __future__ import annotations

import pytest

from firmware_service.report.estimates import estimate_words
from firmware_service.report.pdf import one_page
from firmware_service.screen.grading import grade_face
from firmware_service.screen.summary import estimates_body
from firmware_service.types import Task
from firmware_service.wire import examples
from firmware_service.wire.v1 import FaceEstimates
from tests.firmware_service.report.test_pdf import CASES, assert_in_order
from tests.firmware_service.screen.hand import face


def found() -> FaceEstimates:
    estimates = examples.report().face_estimates
    assert estimates is not None
    return estimates


def test_a_grade_carries_its_interval_and_what_was_not_seen() -> None:
    words = estimate_words(found())
    assert "House-Brackmann III (II to V)" in words
    assert "severity minor" in words
    assert "motor of 100: mouth 58" in words
    assert words.endswith("not seen: brow raise")
    assert "pattern" not in words


def graded() -> FaceEstimates:
    """A left droop whose forehead is spared, as the screen would grade it."""
    results = (
        face(Task.REST, -2.5, 2.0), face(Task.SMILE, 3.0, 9.0), face(Task.BROWS, 7.8, 8.0),
        face(Task.EYES, 9.7, 9.9),
    )  # fmt: skip
    grades = grade_face({result.task: result for result in results})
    assert grades is not None
    return estimates_body(grades)


@pytest.mark.parametrize("case", CASES)
def test_the_estimates_keep_to_their_place_on_the_page(case: str) -> None:
    page = one_page(CASES[case].model_copy(update={"face_estimates": graded()}))
    found = " ".join(text.words for text in assert_in_order(page))
    if case != "everything too long":
        assert estimate_words(graded()) in found
