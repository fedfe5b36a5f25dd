"""What the face shows, in numbers and in words: the mouth decides, the upper face is remarked on.

A weak forehead suggests a facial nerve palsy, but 76 % of stroke palsies show some upper weakness
(Neurol Int 2025): it is said, and it never lowers the level.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from firmware_service.screen import thresholds as limit
from firmware_service.types import Region, RegionResult, Side, Task, TaskResult, WhyNot


@dataclass(frozen=True, slots=True)
class MouthEvidence:
    """One look at the mouth: `strength` is 1 at the threshold; `score` and `interval` are 0…1."""

    task: Task
    weaker_side: Side
    strength: float
    score: float
    interval: tuple[float, float]
    words: str

    @property
    def positive(self) -> bool:
        """Whether this look alone makes the face item positive."""
        return self.strength >= 1.0


def mouth_evidence(result: TaskResult) -> MouthEvidence | None:
    """What the mouth showed in REST or SMILE; None when it was not measured."""
    mouth = measured(result, Region.MOUTH)
    if mouth is None:
        return None
    left, right, difference = mouth
    weaker = Side.LEFT if difference > 0 else Side.RIGHT
    if result.task is Task.REST:
        words = f"{weaker} mouth corner {abs(difference):.1f} mm lower at rest"
        return _evidence(result.task, weaker, abs(difference), None, words)
    words = f"left mouth corner moved {left:.1f} mm, right {right:.1f} mm on smiling"
    return _evidence(result.task, weaker, abs(difference), max(left, right), words)


def measured(result: TaskResult, region: Region) -> tuple[float, float, float] | None:
    """Left, right and right − left of a region in mm; None unless task and region are usable."""
    found = region_of(result, region)
    if (
        found is None
        or not (result.usable and found.usable)
        or found.left_mm is None
        or found.right_mm is None
        or found.difference_mm is None
    ):
        return None
    return found.left_mm, found.right_mm, found.difference_mm


def region_of(result: TaskResult, region: Region) -> RegionResult | None:
    """The region's entry in a result, usable or not."""
    return next((r for r in result.regions if r.region is region), None)


def why_unmeasured(result: TaskResult, region: Region) -> WhyNot:
    """The reason why a region could not be measured, the region's own before the task's."""
    found = region_of(result, region)
    own = found.why_not if found is not None else None
    return own or result.why_not or WhyNot.TOO_FEW_FRAMES


def upper_face_note(
    brows: TaskResult | None, eyes: TaskResult | None, smile: TaskResult | None, weaker: Side
) -> str | None:
    """One remark on forehead and lids beside a weak mouth; None when neither was measured."""
    raised = None if brows is None else measured(brows, Region.BROW)
    closed = None if eyes is None else measured(eyes, Region.EYE)
    losses = [
        loss if abs(m[2]) >= limit.UPPER_FACE_DIFFERENCE.value else 0.0
        for m in (raised, closed)
        if m and (loss := _loss(m, weaker)) is not None
    ]
    if not losses:
        return None
    upper = max(losses)
    mouth = None if smile is None else measured(smile, Region.MOUTH)
    lower = _loss(mouth, weaker) if mouth else None
    seen = "; ".join(
        f"{name} left {m[0]:.1f} mm, right {m[1]:.1f} mm"
        for name, m in (("brow raise", raised), ("lid closure", closed))
        if m
    )
    floor = limit.UPPER_TO_LOWER.value * (lower or 0.0)
    if upper >= limit.UPPER_FACE_LOSS.value and upper >= floor:
        return f"{weaker} upper face weak too ({seen}): seen in nerve palsy and in stroke"
    if lower is not None and upper <= limit.SPARED_TO_LOWER.value * lower:
        return f"{weaker} upper face spared ({seen}): as in a central palsy"
    return f"upper face: {seen}"


def _loss(m: tuple[float, float, float], weaker: Side) -> float | None:
    weak, other = (m[0], m[1]) if weaker is Side.LEFT else (m[1], m[0])
    return None if other <= 0 else max(0.0, 1.0 - weak / other)


def _evidence(
    task: Task, weaker: Side, difference: float, better: float | None, words: str
) -> MouthEvidence:
    def strength(mm: float) -> float:
        return rest_strength(mm) if better is None else smile_strength(mm, better)

    spread = limit.MOUTH_UNCERTAINTY.value
    return MouthEvidence(
        task=task,
        weaker_side=weaker,
        strength=strength(difference),
        score=_score(strength(difference)),
        interval=(
            _score(strength(max(0.0, difference - spread))),
            _score(strength(difference + spread)),
        ),
        words=words,
    )


def rest_strength(difference_mm: float) -> float:
    """The difference in corner height as a multiple of its threshold."""
    return difference_mm / limit.MOUTH_REST_DIFFERENCE.value


def smile_strength(difference_mm: float, better_mm: float) -> float:
    """The difference in movement as a multiple of its threshold, in mm and as a loss, both needed.

    A faint smile has its own pair of thresholds: fewer mm, but half of the movement.
    """
    if better_mm <= 0:
        return 0.0
    loss = difference_mm / better_mm
    return max(
        min(
            difference_mm / limit.MOUTH_SMILE_DIFFERENCE.value, loss / limit.MOUTH_SMILE_LOSS.value
        ),
        min(
            difference_mm / limit.SMALL_SMILE_DIFFERENCE.value, loss / limit.SMALL_SMILE_LOSS.value
        ),
    )


def _score(strength: float) -> float:
    return 1.0 / (1.0 + exp(-limit.SCORE_STEEPNESS.value * (strength - 1.0)))
