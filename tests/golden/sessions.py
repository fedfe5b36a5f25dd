"""Recorded sessions and the reports that are expected of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firmware_service.screen.journal import recover
from firmware_service.screen.summary import DeviceFacts, Issue, build_report

FOLDER = Path(__file__).parent
FACTS = DeviceFacts(
    agency="golden-agency",
    unit="golden-unit",
    software="golden",
    face_model="golden",
    models={"golden": "0" * 64},
    millimetre_scale="golden",
    simulated=True,
)
ISSUE = Issue(datetime(2026, 3, 1, 12, 2, tzinfo=UTC), None, clock_synced=True)
DECIMALS = 6


def journals() -> list[Path]:
    """Every recorded session."""
    return sorted(FOLDER.glob("*.journal"))


def expected(journal: Path) -> Path:
    """Where the expected report of this session stands."""
    return journal.with_suffix(".report.json")


def report_of(journal: Path) -> str:
    """The report that the code makes of this session today, as sorted JSON."""
    recovered = recover(journal.read_bytes())
    assert recovered is not None
    assert recovered.damage is None
    report = build_report(recovered.session, FACTS, ISSUE)
    return json.dumps(_rounded(report.model_dump(mode="json")), indent=1, sort_keys=True) + "\n"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, DECIMALS) if isinstance(value, float) else value


if __name__ == "__main__":
    for one in journals():
        expected(one).write_text(report_of(one), encoding="utf-8")
