"""The face on clinical scales, in one sentence: estimates, with what they could not see."""

from __future__ import annotations

from firmware_service.wire.terms import PalsyPattern
from firmware_service.wire.v1 import FaceEstimates, GradeEstimate

HOUSE_BRACKMANN = "House-Brackmann"
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI")


def estimate_words(found: FaceEstimates) -> str:
    """Grades with their intervals, pattern, severity, motor scores, and what was not examined."""
    parts = [grade_words(grade) for grade in found.grades]
    if found.pattern is not None and found.pattern is not PalsyPattern.NONE:
        parts.append(f"pattern {found.pattern.value}")
    if found.severity is not None:
        parts.append(f"severity {found.severity.value}")
    motor = [f"{r.region.value} {r.motor:.0f}" for r in found.regions if r.motor is not None]
    if motor:
        parts.append("motor of 100: " + ", ".join(motor))
    missing = dict.fromkeys(item for grade in found.grades for item in grade.not_examined)
    if missing:
        parts.append("not seen: " + ", ".join(missing))
    return "Face, estimated: " + "; ".join(parts)


def grade_words(grade: GradeEstimate) -> str:
    """The grade with its interval, as it is written: House-Brackmann in Roman numerals."""
    value, low, high = (_shown(grade, v) for v in (grade.value, *grade.interval))
    return f"{grade.name} {value}" + ("" if low == high else f" ({low} to {high})")


def _shown(grade: GradeEstimate, value: float) -> str:
    at = round(value)
    if grade.name == HOUSE_BRACKMANN and 1 <= at < len(_ROMAN):
        return _ROMAN[at]
    return f"{value:.0f}"
