"""Clinical grades of the face as estimates: each with its interval and what was not examined.

They describe; they decide nothing. The face item and its level come from `face_item` alone, so a
peripheral-like face never lowers the priority.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from firmware_service.measure.synkinesis import Synkinesis, SynkinesisScale, synkinesis
from firmware_service.screen import thresholds as limit
from firmware_service.screen.face_item import MouthEvidence, measured, mouth_evidence
from firmware_service.types import PalsyPattern, Region, Severity, Side, Task, TaskResult

Results = Mapping[Task, TaskResult]

_CLOSURES = (Task.GENTLE_CLOSURE, Task.EYES, Task.TIGHT_CLOSURE)
_VOLUNTARY = ("brow raise", "gentle eye closure", "open-mouth smile", "snarl", "lip pucker")
_AT_REST = (("eye", 1), ("cheek", 2), ("mouth", 1))
_SYNKINESIS_SCALE = SynkinesisScale(
    narrowing_smiling=(limit.NARROWING_HEALTHY.value, limit.NARROWING_SYNKINETIC.value),
    narrowing_puckering=(limit.PUCKER_HEALTHY.value, limit.PUCKER_SYNKINETIC.value),
    mouth_mm_closing=(limit.CLOSING_MOUTH_HEALTHY.value, limit.CLOSING_MOUTH_SYNKINETIC.value),
)


@dataclass(frozen=True, slots=True)
class Grade:
    """An estimate on a scale from `lowest` to `highest`, with its interval."""

    name: str
    value: float
    interval: tuple[float, float]
    lowest: float
    highest: float
    examined: tuple[str, ...]
    not_examined: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegionGrade:
    """0…100, 100 = both sides alike, as in eFACE: standing still, and in its own movement."""

    region: Region
    static: float | None
    motor: float | None


@dataclass(frozen=True, slots=True)
class FaceGrades:
    """What a face would be on clinical scales; None where too little was seen to say it."""

    weaker_side: Side | None
    pattern: PalsyPattern | None
    severity: Severity | None
    upper_loss: float | None
    lower_loss: float | None
    grades: tuple[Grade, ...]
    regions: tuple[RegionGrade, ...]
    synkinesis: Synkinesis | None


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of the weaker side: the share that is left, with the bounds of the error."""

    name: str
    region: Region
    side: Side
    ratio: float
    low: float
    high: float
    difference_mm: float

    @property
    def loss(self) -> float:
        """What the weaker side lacks of the other's movement, 0…1."""
        return 1.0 - self.ratio


def grade_face(results: Results) -> FaceGrades | None:
    """Estimate the grades from the attempts that count; None when no movement was performed."""
    looks = [e for task in (Task.REST, Task.SMILE) if (e := _mouth(results, task)) is not None]
    strongest = max(looks, key=lambda look: look.strength, default=None)
    raised = strongest is not None and strongest.positive
    weaker = strongest.weaker_side if strongest is not None and raised else None
    moves = {task: m for task in results if (m := _movement(results[task], weaker)) is not None}
    if not moves:
        return None
    smile, brows = moves.get(Task.SMILE), moves.get(Task.BROWS)
    lids = next((moves[task] for task in _CLOSURES if task in moves), None)
    upper = [m for m in (brows, lids) if m is not None]
    worst = max(upper, key=_upper_loss, default=None)
    upper_loss = None if worst is None else _upper_loss(worst)
    lower_loss = None if smile is None else smile.loss
    pattern = palsy_pattern(upper_loss, lower_loss, raised=raised) if looks else None
    together = _synkinesis(results)
    return FaceGrades(
        weaker_side=weaker or (worst.side if worst is not None and upper_loss else None),
        pattern=pattern,
        severity=severity(upper_loss, lower_loss, raised=raised) if looks else None,
        upper_loss=upper_loss,
        lower_loss=lower_loss,
        grades=(
            *(() if brows is None and smile is None else (house_brackmann(brows, smile),)),
            sunnybrook(results, moves, together),
        ),
        regions=tuple(_region(region, results, moves) for region in _SCORED),
        synkinesis=together,
    )


def palsy_pattern(
    upper_loss: float | None, lower_loss: float | None, *, raised: bool
) -> PalsyPattern | None:
    """Central or peripheral by what upper (U) and lower face (L) lack of their movement.

    L ≥ .3 and U ≤ .5 L central-like; U ≥ .3 and U ≥ .7 L peripheral-like; else mixed. A mouth that
    was raised at rest alone counts as L = .3. None when the upper face was not seen.
    """
    if upper_loss is None:
        return None
    lower = max(lower_loss or 0.0, limit.MOUTH_SMILE_LOSS.value if raised else 0.0)
    if not raised and upper_loss < limit.UPPER_FACE_LOSS.value:
        return PalsyPattern.NONE
    if (
        upper_loss >= limit.UPPER_FACE_LOSS.value
        and upper_loss >= limit.UPPER_TO_LOWER.value * lower
    ):
        return PalsyPattern.PERIPHERAL
    if raised and upper_loss <= limit.SPARED_TO_LOWER.value * lower:
        return PalsyPattern.CENTRAL
    return PalsyPattern.MIXED


def severity(
    upper_loss: float | None, lower_loss: float | None, *, raised: bool
) -> Severity | None:
    """The NIHSS's facial palsy item: minor, partial (lower face), complete (both)."""
    if not raised:
        return Severity.NONE if lower_loss is not None else None
    total = limit.NEARLY_TOTAL_LOSS.value
    if lower_loss is None or lower_loss < total:
        return Severity.MINOR
    return Severity.COMPLETE if upper_loss is not None and upper_loss >= total else Severity.PARTIAL


def house_brackmann(brows: Movement | None, smile: Movement | None) -> Grade:
    """Grade I…VI as 1…6 from brow-up and corner-outward, four points each (House 1985).

    At least one of the two must have been seen.

    A point stands for a quarter of the better side's movement (2.5 of 10 mm). A movement that was
    not seen counts as the other one, and as anything from 0 to 4 in the interval.
    """
    points: list[tuple[float, float, float]] = [
        (4 * m.ratio, 4 * m.low, 4 * m.high) for m in (brows, smile) if m is not None
    ]
    missing = tuple(
        name for name, m in (("brow raise", brows), ("mouth corner outward", smile)) if m is None
    )
    middle = sum(p[0] for p in points) * 2 / len(points)
    low = sum(p[1] for p in points)
    high = sum(p[2] for p in points) + 4 * len(missing)
    return Grade(
        name="House-Brackmann",
        value=float(_house_brackmann(middle)),
        interval=(float(_house_brackmann(high)), float(_house_brackmann(low))),
        lowest=1.0,
        highest=6.0,
        examined=tuple(m.name for m in (brows, smile) if m is not None),
        not_examined=missing,
    )


def _house_brackmann(points: float) -> int:
    """8, 7, 5–6, 3–4, 1–2, 0 points are grades I … VI."""
    return {8: 1, 7: 2, 6: 3, 5: 3, 4: 4, 3: 4, 2: 5, 1: 5, 0: 6}[round(min(8.0, max(0.0, points)))]


def sunnybrook(
    results: Results, moves: Mapping[Task, Movement], together: Synkinesis | None
) -> Grade:
    """The composite 0…100 (Ross 1996): 4 Σ voluntary − 5 Σ rest − Σ synkinesis.

    Voluntary items are 1 + 4 × what is left of the movement. Items that were not examined count as
    the mean of the others, and as their worst and best in the interval.
    """
    tasks = ((Task.BROWS,), _CLOSURES, (Task.SMILE,), (), (Task.PUCKER,))
    voluntary = [next((moves[t] for t in those if t in moves), None) for those in tasks]
    scores = [(_item(m.ratio), _item(m.low), _item(m.high)) for m in voluntary if m is not None]
    absent = len(voluntary) - len(scores)
    mean = sum(s[0] for s in scores) / len(scores)
    rest = _rest_items(results)
    resting = sum(points for _, points, _ in rest)
    unrested = sum(most for _, most in _AT_REST) - sum(most for _, _, most in rest)
    indices = [] if together is None else [together.oral_ocular, together.ocular_oral]
    involuntary = sum(round(3 * index) for index in indices if index is not None)
    unseen = 3 * (5 - sum(index is not None for index in indices))
    best = 4 * (sum(s[2] for s in scores) + 5 * absent) - 5 * resting - involuntary
    worst = (
        4 * (sum(s[1] for s in scores) + absent) - 5 * (resting + unrested) - involuntary - unseen
    )
    value = 4 * (sum(s[0] for s in scores) + absent * mean) - 5 * resting - involuntary
    examined = [n for n, m in zip(_VOLUNTARY, voluntary, strict=True) if m is not None]
    seen_at_rest = {name for name, _, _ in rest}
    return Grade(
        name="Sunnybrook",
        value=_percent(round(value)),
        interval=(_percent(worst), _percent(best)),
        lowest=0.0,
        highest=100.0,
        examined=(*examined, *(f"{name} at rest" for name, _, _ in rest)),
        not_examined=(
            *(n for n, m in zip(_VOLUNTARY, voluntary, strict=True) if m is None),
            *(f"{name} at rest" for name, _ in _AT_REST if name not in seen_at_rest),
        ),
    )


def _item(ratio: float) -> int:
    return 1 + round(4 * min(1.0, max(0.0, ratio)))


def _percent(value: float) -> float:
    return float(min(100.0, max(0.0, value)))


def _rest_items(results: Results) -> list[tuple[str, int, int]]:
    """Name, points and most points of the resting items that were seen."""
    still = results.get(Task.REST)
    found: list[tuple[str, int, int]] = []
    for name, region, noticed in (
        ("eye", Region.EYE, limit.NOTICED_EYE.value),
        ("mouth", Region.MOUTH, limit.MOUTH_REST_DIFFERENCE.value),
    ):
        seen = None if still is None else measured(still, region)
        if seen is not None:
            found.append((name, int(abs(seen[2]) >= noticed), 1))
    return found


_NAMES = {
    Task.SMILE: "open-mouth smile",
    Task.BROWS: "brow raise",
    Task.EYES: "eye closure",
    Task.GENTLE_CLOSURE: "gentle eye closure",
    Task.TIGHT_CLOSURE: "tight eye closure",
    Task.PUCKER: "lip pucker",
}
_ABOUT = {Task.SMILE: Region.MOUTH, Task.BROWS: Region.BROW, Task.PUCKER: Region.MOUTH}
_SCORED = (Region.MOUTH, Region.EYE, Region.BROW)
_UNCERTAINTY = {
    Region.MOUTH: limit.MOUTH_UNCERTAINTY,
    Region.EYE: limit.LID_UNCERTAINTY,
    Region.BROW: limit.BROW_UNCERTAINTY,
}
_NOTICED = {
    Region.MOUTH: limit.NOTICED_MOUTH,
    Region.EYE: limit.NOTICED_EYE,
    Region.BROW: limit.NOTICED_BROW,
}


def _movement(result: TaskResult, weaker: Side | None) -> Movement | None:
    """The weaker side's share; with no weaker side known, that of the side that moves less."""
    if result.task not in _NAMES:
        return None
    region = _ABOUT.get(result.task, Region.EYE)
    seen = measured(result, region)
    if seen is None:
        return None
    left, right, _ = seen
    side = weaker or (Side.LEFT if left < right else Side.RIGHT)
    own, other = (left, right) if side is Side.LEFT else (right, left)
    if max(own, other) <= 0.0:
        return None
    error = _UNCERTAINTY[region].value

    def share(mm: float) -> float:
        return 1.0 if other <= 0.0 else min(1.0, max(0.0, mm / other))

    return Movement(
        _NAMES[result.task],
        region,
        side,
        share(own),
        share(own - error),
        share(own + error),
        other - own,
    )


def _upper_loss(m: Movement) -> float:
    """An upper face's loss, which must also be one in mm."""
    return m.loss if m.difference_mm >= limit.UPPER_FACE_DIFFERENCE.value else 0.0


def _region(region: Region, results: Results, moves: Mapping[Task, Movement]) -> RegionGrade:
    still = results.get(Task.REST)
    standing = None if still is None else measured(still, region)
    noticed = _NOTICED[region].value
    own = [m.ratio for task, m in moves.items() if m.region is region and task is not Task.PUCKER]
    return RegionGrade(
        region=region,
        static=None
        if standing is None
        else _percent(round(100 * (1 - abs(standing[2]) / (2 * noticed)))),
        motor=None if not own else _percent(round(100 * min(own))),
    )


def _mouth(results: Results, task: Task) -> MouthEvidence | None:
    return mouth_evidence(results[task]) if task in results else None


def _synkinesis(results: Results) -> Synkinesis | None:
    done = {task: r.function for task, r in results.items() if r.usable and r.function is not None}
    return synkinesis(done, _SYNKINESIS_SCALE)
