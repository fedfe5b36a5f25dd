"""The page: exactly one, nothing outside it, nothing over another text, nothing that reassures."""

from __future__ import annotations

import itertools
import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_service.report.page import HEIGHT_MM, WIDTH_MM
from firmware_service.report.particulars import DISCLAIMER
from firmware_service.report.pdf import one_page
from firmware_service.wire.terms import (
    ArmDrift,
    Finding,
    Level,
    Region,
    ReportStatus,
    Side,
    Task,
    WhyNot,
)
from firmware_service.wire.v1 import Report, ScaleScore
from tests.firmware_service.report import reports
from tests.firmware_service.report.pdf_text import Text, page_count, texts

CASES = {
    "healthy": reports.healthy(),
    "left droop": reports.left_droop(),
    "right droop": reports.mirrored(reports.left_droop(simulated=False)),
    "whole side weak": reports.whole_side_weak(),
    "nothing measured": reports.nothing_measured(),
    "interrupted": reports.interrupted(),
    "everything too long": reports.everything_too_long(),
}


def assert_in_order(page: bytes) -> list[Text]:
    assert page_count(page) == 1
    found = texts(page)
    for text in found:
        assert text.left >= 0, text
        assert text.right <= WIDTH_MM, text
        assert text.top >= 0, text
        assert text.bottom <= HEIGHT_MM - 5, text
    for one, other in itertools.combinations(found, 2):
        apart = (
            one.right <= other.left + 0.1
            or other.right <= one.left + 0.1
            or one.bottom <= other.top + 0.25
            or other.bottom <= one.top + 0.25
        )
        assert apart, (one, other)
    return found


@pytest.mark.parametrize("case", CASES)
def test_every_case_is_one_page_on_which_no_text_meets_another(case: str) -> None:
    assert_in_order(one_page(CASES[case]))


@pytest.mark.parametrize("case", CASES)
def test_the_same_report_gives_the_same_bytes(case: str) -> None:
    report = CASES[case]
    assert one_page(report) == one_page(Report.read(report.model_dump_json().encode()))


@pytest.mark.parametrize("case", [case for case in CASES if case != "everything too long"])
def test_an_ordinary_report_is_shown_whole(case: str) -> None:
    assert not [text.words for text in texts(one_page(CASES[case])) if "…" in text.words]


@pytest.mark.parametrize(
    ("case", "word"),
    [
        ("left droop", "RAISED"),
        ("healthy", "NOT RAISED"),
        ("nothing measured", "NOT ASSESSABLE"),
        ("everything too long", "RAISED"),
    ],
)
def test_the_level_stands_first_and_largest(case: str, word: str) -> None:
    found = texts(one_page(CASES[case]))
    assert max(found, key=lambda text: text.bottom - text.top).words == word


@pytest.mark.parametrize(("case", "side"), [("left droop", "left"), ("right droop", "right")])
def test_the_weaker_side_is_the_patients(case: str, side: str) -> None:
    words = [text.words for text in texts(one_page(CASES[case]))]
    assert f"Weaker side: patient's {side}" in words
    assert f"6.8 {side} less" in words
    assert f"Weaker on the patient's {side}" in words


def test_the_drawing_faces_the_reader() -> None:
    """The patient's left is on the right of the drawing, and the label of a left droop with it."""
    left, right = (texts(one_page(CASES[f"{side} droop"])) for side in ("left", "right"))
    heading = {text.words: text.left for text in left}
    assert heading["patient's RIGHT"] < heading["patient's LEFT"]
    at_left, at_right = (
        next(text.left for text in found if text.words == "6.8 mm") for found in (left, right)
    )
    assert at_left > at_right


def test_what_was_not_measured_has_a_reason_and_no_number() -> None:
    words = [text.words for text in texts(one_page(CASES["nothing measured"]))]
    assert sum(text.startswith("not measured: camera lost") for text in words) == 3
    assert words.count("?") == 2 * len(Region)
    assert not [text for text in words if re.fullmatch(r"[-+]?0\.0+( mm)?", text)]


def test_a_task_that_is_missing_is_said_to_be_not_done() -> None:
    words = [text.words for text in texts(one_page(CASES["interrupted"]))]
    assert words.count("not done") == 2 * 3  # three tasks, in the table and in their charts
    assert any(text.startswith("Screen INTERRUPTED") for text in words)


@pytest.mark.parametrize("case", CASES)
def test_nothing_reassures_and_the_disclaimer_is_whole(case: str) -> None:
    words = " ".join(text.words for text in texts(one_page(CASES[case])))
    assert DISCLAIMER in words
    without = words.replace(DISCLAIMER, "").lower()
    for phrase in ("no stroke", "low risk", "normal", "healthy", "ok "):
        assert phrase not in without


def test_an_unconfirmed_clock_is_said() -> None:
    words = " ".join(text.words for text in texts(one_page(CASES["nothing measured"])))
    assert "TIME OF DAY NOT CONFIRMED" in words


def test_a_simulated_patient_cannot_be_taken_for_a_real_one() -> None:
    simulated, real = (
        texts(one_page(reports.left_droop(simulated=flag))) for flag in (True, False)
    )
    assert any("SIMULATED PATIENT" in text.words for text in simulated)
    assert not any("SIMULATED" in text.words.upper() for text in real)


def test_face_and_arm_on_different_sides_are_named_apart() -> None:
    report = reports.left_droop(simulated=False)
    arm = reports.signal(Finding.ARM, Level.RAISED, Side.RIGHT)
    report = report.model_copy(update={"signals": (report.signals[0], arm, report.signals[2])})
    words = [text.words for text in texts(one_page(report))]
    assert "Weaker: face patient's left, arm patient's right" in words


def test_what_is_left_out_of_a_list_is_counted() -> None:
    found = texts(one_page(CASES["everything too long"]))
    assert any(re.fullmatch(r"and \d+ more in the report", text.words) for text in found)
    assert any(re.search(r"\d+ more rows are in the tables", text.words) for text in found)


words = st.one_of(
    st.text(max_size=500),
    st.text("WM@", min_size=400, max_size=500),
    st.text("word \n\t\u200b\u202eé≥−漢", max_size=500),
)
numbers = st.one_of(
    st.floats(-1e307, 1e307),
    st.floats(-80, 80),
    st.sampled_from([0.0, -0.0, 1e-9, 1e300, -1e300]),
)


@st.composite
def any_report(draw: st.DrawFn) -> Report:
    """Every shape the wire allows: any words, any numbers, parts missing or too many."""
    some = draw(st.lists(words, min_size=4, max_size=6))
    heights = draw(st.lists(numbers, min_size=2, max_size=6))
    chance = random.Random(draw(st.integers(0, 2**32 - 1)))  # noqa: S311 - not for secrets
    tasks = [
        reports.face_task(
            task,
            {region: (chance.choice(heights), chance.choice(heights)) for region in Region},
            5.0 * at,
        )
        for at, task in enumerate(chance.choices(list(reports.HEALTHY), k=chance.randint(0, 6)))
    ]
    tasks += [
        reports.failed_task(task, chance.choice(list(WhyNot)), 40)
        for task in chance.sample(list(Task), 2)
    ]
    signals = [
        reports.signal(
            finding,
            chance.choice(list(Level)),
            chance.choice([None, *Side]),
            tuple(chance.choices(some, k=chance.randint(0, 5))),
            chance.choice([None, 0.5]),
        )
        for finding in chance.sample(list(Finding), chance.randint(0, 3))
    ]
    scales = [
        ScaleScore(name=text, points=10 ** chance.randint(0, 9), items_examined=2, items=3)
        for text in some[: chance.randint(0, 5)]
    ]
    return reports.report(
        overall=chance.choice(list(Level)),
        status=chance.choice(list(ReportStatus)),
        summary=some[0],
        signals=tuple(signals),
        tasks=tuple(chance.sample(tasks, len(tasks))),
        arms=chance.choice(list(ArmDrift)),
        scales=tuple(scales),
        not_assessed=tuple(some[: chance.randint(0, 8)]),
        millimetre_scale=some[1],
        models={text: text for text in some},
        clock_synced=False,
        simulated=chance.choice([True, False]),
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(report=any_report())
def test_no_report_that_the_wire_allows_breaks_the_page(report: Report) -> None:
    assert_in_order(one_page(report))
