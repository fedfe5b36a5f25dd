"""Any number that changes in a report is a diff that a person approves (scripts/golden)."""

from pathlib import Path

import pytest

from .sessions import expected, journals, report_of


@pytest.mark.parametrize("journal", journals(), ids=lambda path: path.stem)
def test_the_report_of_a_recorded_session_has_not_changed(journal: Path) -> None:
    assert report_of(journal) == expected(journal).read_text(encoding="utf-8")


def test_there_are_sessions() -> None:
    assert {path.stem for path in journals()} >= {"left-droop", "bells-palsy", "nobody"}
