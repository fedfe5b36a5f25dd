"""The words that the page and the tables share, kept to signs that every PDF viewer can show."""

from __future__ import annotations

import unicodedata

from firmware_service.wire.terms import ArmDrift, Finding, Level, Region, ReportStatus, Side, Task

PAGE_ENCODING = "windows-1252"  # what PDF's built-in Helvetica can show: no font has to be shipped
ELLIPSIS = "…"
NOT_MEASURED = "not measured"

TASK = {
    Task.REST: "Rest",
    Task.SMILE: "Smile",
    Task.BROWS: "Brow raise",
    Task.EYES: "Eye closure",
    Task.GENTLE_CLOSURE: "Gentle closure",
    Task.TIGHT_CLOSURE: "Tight closure",
    Task.PUCKER: "Pucker",
    Task.PHRASE: "Phrase",
    Task.ARMS: "Arms",
}
REGION = {
    Region.MOUTH: "mouth corner",
    Region.EYE: "eye",
    Region.BROW: "brow",
    Region.NOSE: "nose",
}
FINDING = {Finding.FACE: "FACE", Finding.ARM: "ARMS", Finding.SPEECH: "SPEECH"}
LEVEL = {
    Level.RAISED: "RAISED",
    Level.NOT_RAISED: "NOT RAISED",
    Level.UNKNOWN: "NOT ASSESSABLE",
}
STATUS = {
    ReportStatus.COMPLETE: "complete",
    ReportStatus.PARTIAL: "PARTIAL: a part of the screen is missing",
    ReportStatus.INTERRUPTED: "INTERRUPTED: the device restarted during the screen",
    ReportStatus.CANCELLED: "CANCELLED by the paramedic",
}
ARMS = {
    ArmDrift.NONE: "no drift seen",
    ArmDrift.LEFT: "patient's left arm drifts",
    ArmDrift.RIGHT: "patient's right arm drifts",
    ArmDrift.BOTH: "both arms drift",
    ArmDrift.CANNOT_TEST: "could not be tested",
    ArmDrift.NOT_DONE: "not done",
}
# The region that each task is about: the others are shown after it.
TARGET = {
    Task.REST: Region.MOUTH,
    Task.SMILE: Region.MOUTH,
    Task.BROWS: Region.BROW,
    Task.EYES: Region.EYE,
    Task.GENTLE_CLOSURE: Region.EYE,
    Task.TIGHT_CLOSURE: Region.EYE,
    Task.PUCKER: Region.MOUTH,
}

_SPELT_OUT = str.maketrans(
    {"≥": ">=", "≤": "<=", "≈": "~", "−": "-", "→": "->", "‑": "-", "′": "'", "″": '"'}
)


def printable(text: str) -> str:
    """The text on one line in signs of `PAGE_ENCODING`; what has no such sign becomes "?"."""
    shown: list[str] = []
    for sign in unicodedata.normalize("NFC", text).translate(_SPELT_OUT):
        category = unicodedata.category(sign)
        if category in {"Cc", "Zs", "Zl", "Zp"}:
            shown.append(" ")
        elif category != "Cf":
            shown.append(sign if _is_shown(sign) else _nearest(sign))
    return " ".join("".join(shown).split())


def _is_shown(sign: str) -> bool:
    return bool(sign.encode(PAGE_ENCODING, "ignore"))


def _nearest(sign: str) -> str:
    plain = "".join(part for part in unicodedata.normalize("NFKD", sign) if _is_shown(part))
    return plain or "?"


def patients(side: Side) -> str:
    """The side as everybody in the room understands it."""
    return f"patient's {side.value}"


def weaker_by_difference(difference_mm: float) -> Side:
    """The side that is lower or moves less; differences are right − left."""
    return Side.LEFT if difference_mm > 0 else Side.RIGHT


def manner(task: Task, region: Region) -> str:
    """In what way the weaker side differs: at rest by its level, in a task by its movement."""
    if task is not Task.REST:
        return "less"
    return "narrower" if region is Region.EYE else "lower"


def signed(value: float, digits: int) -> str:
    """The number with its sign, and none where it is zero as shown."""
    shown = f"{value:+.{digits}f}"
    return shown[1:] if float(shown) == 0.0 else shown
