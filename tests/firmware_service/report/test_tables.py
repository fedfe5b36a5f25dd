"""The tables: empty where nothing was measured, units in the header, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_service.report.tables import (
    FUNCTIONAL_COLUMNS,
    SYMMETRY_COLUMNS,
    Measured,
    estimates_csv,
    features_csv,
    functional_csv,
    symmetry_csv,
)
from firmware_service.wire import examples
from firmware_service.wire.terms import Region, Task
from tests.firmware_service.report import reports

NUMBERS = (
    "patient_right_mm",
    "patient_left_mm",
    "difference_mm",
    "index",
    "weaker_over_stronger",
    "trend_level_mm",
)


def rows(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode(), newline=""), strict=True))


def one_row(table: bytes, **wanted: str) -> dict[str, str]:
    (found,) = (row for row in rows(table) if wanted.items() <= row.items())
    return found


def test_rest_is_a_level_for_each_side() -> None:
    table = symmetry_csv([Measured.from_report(reports.left_droop())])
    mouth = one_row(table, region="mouth")
    assert float(mouth["patient_left_mm"]) == pytest.approx(-65.1)
    assert float(mouth["patient_right_mm"]) == pytest.approx(-62.1)
    assert float(mouth["difference_mm"]) == pytest.approx(3.0)
    assert mouth["weaker_side"] == "left"
    assert mouth["note"] == "screen complete; simulated"


def test_a_smile_has_its_ratio() -> None:
    table = functional_csv([Measured.from_report(reports.left_droop())])
    smile = one_row(table, task="smile", region="mouth")
    assert float(smile["weaker_over_stronger"]) == pytest.approx(3.1 / 9.9, abs=1e-4)
    assert (smile["frames_used"], smile["frames_read"]) == ("112", "120")


def test_what_was_not_measured_is_empty_and_says_why() -> None:
    measured = [Measured.from_report(reports.nothing_measured())]
    found = rows(symmetry_csv(measured)) + rows(functional_csv(measured))
    assert len(found) == 4 + 4
    for row in found:
        assert {row[name] for name in NUMBERS if name in row} == {""}
        assert row["usable"] == "no"
        assert row["why_not"] in {"no face", "camera lost"}


def test_a_task_that_was_not_done_still_has_its_rows() -> None:
    found = rows(functional_csv([Measured.from_report(reports.interrupted())]))
    assert [(row["task"], row["why_not"]) for row in found] == [
        (task.value, "not done") for task in (Task.SMILE, Task.BROWS, Task.EYES)
    ]


def test_an_unreadable_file_does_not_vanish() -> None:
    measured = [
        Measured("a.jpg", reports.healthy().tasks),
        Measured("b.jpg", (), "no picture that can be read"),
    ]
    found = rows(symmetry_csv(measured))
    assert [row["source"] for row in found] == ["a.jpg"] * 4 + ["b.jpg"] * 4
    assert {row["note"] for row in found[4:]} == {"no picture that can be read"}


def test_a_measured_zero_is_not_empty() -> None:
    rest = reports.face_task(Task.REST, {Region.EYE: (10.0, 10.0)}, 0)
    eye = one_row(symmetry_csv([Measured("still.jpg", [rest])]), region="eye")
    assert float(eye["difference_mm"]) == 0.0
    assert eye["weaker_side"] == ""


@pytest.mark.parametrize("source", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r\n=1"])
def test_no_cell_is_a_formula(source: str) -> None:
    for table in (symmetry_csv, functional_csv):
        for row in rows(table([Measured(source, (), source)])):
            assert row["source"] == row["note"] == "'" + source


@given(st.text(), st.text())
def test_any_name_survives_the_table(source: str, note: str) -> None:
    for table, columns in ((symmetry_csv, SYMMETRY_COLUMNS), (functional_csv, FUNCTIONAL_COLUMNS)):
        made = table([Measured(source, (), note)])
        header, *body = csv.reader(io.StringIO(made.decode(), newline=""), strict=True)
        assert tuple(header) == columns
        assert {len(row) for row in body} == {len(columns)}
        assert {row[0].removeprefix("'") for row in body} == {source.removeprefix("'")}
        assert made.endswith(b"\r\n")


def test_estimates_and_features_are_tables_of_their_own() -> None:
    report = examples.report()
    measured = [Measured.from_report(report)]
    (feature,) = rows(features_csv(measured))
    assert (feature["feature"], feature["corrected"], feature["raw"]) == (
        "mouth_tilt_deg", "3.6000", "4.1000",
    )  # fmt: skip
    found = {row["estimate"]: row for row in rows(estimates_csv(measured))}
    house = found["House-Brackmann"]
    assert (house["value"], house["interval_low"], house["interval_high"]) == (
        "3.0000", "2.0000", "5.0000",
    )  # fmt: skip
    assert house["not_examined"] == "brow raise"
    assert found["pattern"]["value"] == ""
    assert found["severity"]["value"] == "minor"
    assert found["mouth_motor"]["value"] == "58.0000"


def test_how_a_movement_was_done_stands_beside_its_own_region_only() -> None:
    found = rows(functional_csv([Measured.from_report(examples.report())]))
    smile = {row["region"]: row for row in found if row["task"] == "smile"}
    assert smile["mouth"]["onset_lag_s"] == "0.0600"
    assert smile["mouth"]["left_gap_mm"] == ""
    assert smile["eye"]["speed_ratio"] == ""
