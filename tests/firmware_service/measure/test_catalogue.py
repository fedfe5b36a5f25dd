"""Known doses come out in the right column, with the right sign and size."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_service.measure.catalogue import (
    CATALOGUE_COLUMNS,
    Catalogue,
    catalogue,
    median_catalogue,
    only_seen,
)
from firmware_service.measure.normalise import as_photographed, in_millimetres
from firmware_service.types import HeadPose, Region
from tests.firmware_service.measure.synthetic import SIZE, Face, Half, photographed

PAIRED = [name for name in CATALOGUE_COLUMNS if "_left_" in name]
SIGNED = [
    name for name in CATALOGUE_COLUMNS if name.endswith(("difference_mm", "tilt_deg"))
    or "deviation" in name
]  # fmt: skip


def corrected(face: Face, pose: HeadPose | None = None) -> Catalogue:
    found = in_millimetres(photographed(face, pose), *SIZE)
    assert found is not None
    return catalogue(found)


def raw(face: Face, pose: HeadPose | None = None) -> Catalogue:
    taken = photographed(face, pose)
    found = in_millimetres(taken, *SIZE)
    assert found is not None
    return catalogue(as_photographed(taken, found.mm_per_px))


UNEVEN = Face(left=Half(drop=4.0, out=-2.0, brow=-3.0, closing=2.0, ala=-1.5))


@pytest.mark.parametrize("measure", [corrected, raw])
def test_mirroring_swaps_the_sides_and_changes_every_sign(measure: object) -> None:
    assert callable(measure)
    one, other = measure(UNEVEN), measure(UNEVEN.mirrored())
    for name in PAIRED:
        twin = name.replace("_left_", "_right_")
        assert getattr(one, name) == pytest.approx(getattr(other, twin), abs=0.05), name
    for name in SIGNED:
        assert getattr(one, name) == pytest.approx(-getattr(other, name), abs=0.05), name
    assert set(CATALOGUE_COLUMNS) == {
        *PAIRED, *(n.replace("_left_", "_right_") for n in PAIRED), *SIGNED,
    }  # fmt: skip


def test_known_doses_are_read_with_their_sign() -> None:
    plain, uneven = corrected(Face()), corrected(UNEVEN)
    change = {n: getattr(uneven, n) - getattr(plain, n) for n in CATALOGUE_COLUMNS}
    assert change["mouth_height_difference_mm"] == pytest.approx(4.0, abs=0.1)
    assert change["mouth_out_difference_mm"] == pytest.approx(2.0, abs=0.1)
    assert change["mouth_tilt_deg"] == pytest.approx(np.degrees(np.arctan2(4.0, 44.0)), abs=0.2)
    assert change["eye_opening_difference_mm"] == pytest.approx(2.0, abs=0.1)
    assert change["upper_lid_height_difference_mm"] == pytest.approx(2.0, abs=0.1)
    assert change["lower_lid_height_difference_mm"] == pytest.approx(0.0, abs=0.05)
    assert change["brow_height_difference_mm"] == pytest.approx(3.0, abs=0.1)
    assert change["ala_height_difference_mm"] == pytest.approx(1.5, abs=0.1)
    assert change["nose_tip_deviation_mm"] == pytest.approx(0.0, abs=0.05)


def test_correction_takes_the_pose_out_that_the_raw_values_keep() -> None:
    turned = HeadPose(8.0, 6.0, 20.0)
    ahead = corrected(Face())
    held = corrected(Face(), turned).mouth_out_difference_mm - ahead.mouth_out_difference_mm
    kept = raw(Face(), turned).mouth_out_difference_mm - raw(Face()).mouth_out_difference_mm
    assert abs(held) < 0.2
    assert abs(kept) > 5 * abs(held) + 0.5


def test_a_region_that_was_not_seen_is_not_a_number() -> None:
    seen = only_seen(corrected(UNEVEN), frozenset({Region.EYE}))
    assert np.isnan(seen.mouth_height_difference_mm)
    assert np.isfinite(seen.eye_opening_difference_mm)
    both = median_catalogue([seen, corrected(Face())])
    assert both.mouth_height_difference_mm == pytest.approx(
        corrected(Face()).mouth_height_difference_mm
    )
    assert np.isnan(median_catalogue([]).chin_deviation_mm)
