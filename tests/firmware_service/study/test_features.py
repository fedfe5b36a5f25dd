"""A palsy of the left and the same palsy of the right are one thing to the classifier."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_service.measure.catalogue import CATALOGUE_COLUMNS, Catalogue
from firmware_service.measure.events import EventKind, FaceEvent
from firmware_service.study.features import (
    ASYMMETRIES,
    CLASSIFIED,
    FOLDED_BY,
    face_values,
    fold,
    movement_values,
)
from firmware_service.types import Region

mm = st.floats(-20, 20)


def _smile(left_mm: float, right_mm: float) -> FaceEvent:
    return FaceEvent(EventKind.SMILE, Region.MOUTH, 1.0, 2.0, left_mm, right_mm)


@given(st.lists(mm, min_size=len(CATALOGUE_COLUMNS), max_size=len(CATALOGUE_COLUMNS)))
def test_folding_forgets_the_side_and_nothing_else(numbers: list[float]) -> None:
    values = face_values(Catalogue(*numbers)) | movement_values({EventKind.SMILE: _smile(2, 6)})
    mirrored = values | {
        one.column: None if (v := values[one.column]) is None else -v for one in ASYMMETRIES
    }
    folded = fold(values)
    lower = values[FOLDED_BY]
    assert lower is not None
    if lower != 0.0:
        assert folded == fold(mirrored)
        assert folded[FOLDED_BY] == abs(lower)
    for one in ASYMMETRIES:
        before, after = values[one.column], folded[one.column]
        assert before is after is None or abs(after or 0.0) == abs(before or 0.0)


def test_what_was_not_measured_stays_unmeasured() -> None:
    nothing = face_values(Catalogue(*(math.nan for _ in CATALOGUE_COLUMNS)))
    assert set(nothing.values()) == {None}
    assert set(movement_values({}).values()) == {None}
    assert set(fold(nothing | movement_values({})).values()) == {None}


def test_a_smile_that_lags_on_the_left_is_positive() -> None:
    values = movement_values({EventKind.SMILE: _smile(2.0, 6.0)})
    assert values["smile_asymmetry"] == pytest.approx(0.5)
    assert values["brow_raise_asymmetry"] is None


def test_every_signed_column_is_shown_and_no_level_is() -> None:
    shown = {one.column for one in ASYMMETRIES}
    assert {one.column for one in CLASSIFIED} < shown
    assert not any("_left_" in column or "_right_" in column for column in shown)
    words = [one.words for one in ASYMMETRIES]
    assert len(set(words)) == len(words)
    assert all(one.unit for one in ASYMMETRIES)
