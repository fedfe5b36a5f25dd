"""What `stroke-hospital show` prints, out of the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hospital_service.lines import report_words, signal_words
from hospital_service.seen import NoSuchScreen
from hospital_service.store.reading import Reading, ScreenRow


def screens_lines(reading: Reading) -> Sequence[str]:
    """The screens heard of last, one line each."""
    return [_screen(row) for row in reading.screens()] or ["no screens yet"]


def screen_lines(reading: Reading, screen_id: str) -> Sequence[str]:
    """One screen in full.

    Raises:
        NoSuchScreen: nothing was received about it.
    """
    row = reading.screen(screen_id)
    if row is None:
        raise NoSuchScreen(f"screen {screen_id} is not here; `stroke-hospital show` lists them")
    lines = [_screen(row), *(f"  {signal_words(body)}" for body in reading.signals(screen_id))]
    stored = reading.report(screen_id)
    if stored is None:
        return [*lines, "  no report yet"]
    lines.append(f"  report {report_words(stored.report)}")
    return [*lines, *(f"  not assessed: {item}" for item in stored.report.not_assessed)]


def quarantine_lines(reading: Reading) -> Sequence[str]:
    """What was refused last, one line each."""
    lines = [
        f"{_time(row.last_at)}  {row.times}×  {row.reason}  {row.size} B  {row.topic}  {row.detail}"
        for row in reading.quarantine()
    ]
    return lines or ["nothing was refused"]


def units_lines(reading: Reading) -> Sequence[str]:
    """Every unit and its link, one line each."""
    lines = [
        f"{row.agency}/{row.unit}  {row.state}  session {row.session}  heard {_time(row.heard_at)}"
        for row in reading.units()
    ]
    return lines or ["no unit was heard yet"]


def _screen(row: ScreenRow) -> str:
    if row.overall is None or row.status is None:
        result = f"no report yet ({row.state or 'no state'})"
    else:
        result = f"{row.overall.value.upper()}, {row.status.value}, version {row.report_version}"
    seen = f"seen by {row.seen_by_role}" if row.seen_by_role else "not seen"
    return f"{_time(row.last_at)}  {row.screen_id}  {row.unit}  {result}; {seen}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
