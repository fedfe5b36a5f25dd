"""Synkinesis: lids that close with the mouth, a mouth that moves with the lids.

After a facial nerve palsy fibres grow to the wrong muscle. Healthy lids narrow in a smile as well,
so an index runs from the healthy mean (0) to the synkinetic mean (1).
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware_service.types import Function, Task


@dataclass(frozen=True, slots=True)
class SynkinesisScale:
    """Means (healthy, synkinetic): shares of the lid opening, and mm of the mouth corner."""

    narrowing_smiling: tuple[float, float]
    narrowing_puckering: tuple[float, float]
    mouth_mm_closing: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Synkinesis:
    """Indices 0…1 for each side; None where it was not examined."""

    oral_ocular_left: float | None
    oral_ocular_right: float | None
    ocular_oral_left: float | None
    ocular_oral_right: float | None

    @property
    def oral_ocular(self) -> float | None:
        """The worse side's lids while the mouth moves."""
        return _worse(self.oral_ocular_left, self.oral_ocular_right)

    @property
    def ocular_oral(self) -> float | None:
        """The worse side's mouth while the eyes close."""
        return _worse(self.ocular_oral_left, self.ocular_oral_right)


def synkinesis(done: dict[Task, Function], scale: SynkinesisScale) -> Synkinesis | None:
    """The indices out of what moved along in each task; None when nothing could be seen."""
    left, right = [], []
    for task, means in (
        (Task.SMILE, scale.narrowing_smiling),
        (Task.PUCKER, scale.narrowing_puckering),
    ):
        if (function := done.get(task)) is not None:
            left.append(_index(function.left_narrowing, means))
            right.append(_index(function.right_narrowing, means))
    mouth_left, mouth_right = [], []
    for task in (Task.EYES, Task.GENTLE_CLOSURE, Task.TIGHT_CLOSURE):
        if (function := done.get(task)) is not None:
            mouth_left.append(_index(function.left_mouth_mm, scale.mouth_mm_closing))
            mouth_right.append(_index(function.right_mouth_mm, scale.mouth_mm_closing))
    found = Synkinesis(_worse(*left), _worse(*right), _worse(*mouth_left), _worse(*mouth_right))
    seen = (found.oral_ocular, found.ocular_oral)
    return None if all(index is None for index in seen) else found


def _index(value: float | None, means: tuple[float, float]) -> float | None:
    healthy, synkinetic = means
    return None if value is None else min(1.0, max(0.0, (value - healthy) / (synkinetic - healthy)))


def _worse(*indices: float | None) -> float | None:
    return max((index for index in indices if index is not None), default=None)
