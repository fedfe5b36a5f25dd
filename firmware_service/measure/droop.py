"""From asymmetries in millimetres to a droop score with its interval, a side and a pattern.

Everything is signed and positive when the patient's left is the weaker side: a weak side's corner
hangs lower and lies nearer to the midline, its ala lower, its eye stands wider, its brow lower.
Healthy faces are crooked too, so a score of 0.5 lies where one healthy smile in twenty lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, hypot
from typing import Final

from firmware_service.measure.features import FaceFeatures
from firmware_service.types import Region, Side

_Z_95: Final = 1.96


@dataclass(frozen=True, slots=True)
class DroopScale:
    """The coefficients of the score, in evidence per mm unless said otherwise.

    `corner_height`, `corner_out` and `ala_height` weigh the differences of the lower face;
    `fissure` and `brow` count only from `fissure_free_mm` and `brow_free_mm` on, because healthy
    eyes and brows differ by as much, and together weigh at most `upper_most`. The score is logistic
    in the evidence, 0.5 at `midpoint` (at `midpoint_own_rest` against the person's own rest), with
    `steepness`. `natural_sd` and `natural_sd_own_rest` are the evidence's spread between healthy
    faces, `slope_error` the relative error of a droop as the landmarks show it. `peripheral_at` is
    the upper face's evidence at which nerve and brain are equally likely, `peripheral_steepness`
    how fast that turns.
    """

    corner_height: float
    corner_out: float
    ala_height: float
    fissure: float
    fissure_free_mm: float
    brow: float
    brow_free_mm: float
    upper_most: float
    midpoint: float
    midpoint_own_rest: float
    steepness: float
    natural_sd: float
    natural_sd_own_rest: float
    slope_error: float
    peripheral_at: float
    peripheral_steepness: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """Signed evidence of a weaker side, > 0 for the patient's left; `own_rest` as compared."""

    mouth: float
    upper: float
    own_rest: bool

    @property
    def total(self) -> float:
        """Mouth and upper face together."""
        return self.mouth + self.upper


@dataclass(frozen=True, slots=True)
class Pattern:
    """How likely none, a central-like and a peripheral-like weakness are; they sum to 1.

    A peripheral-like face never lowers the priority: 76 % of stroke palsies show some weakness of
    the upper face (Neurol Int 2025).
    """

    none: float
    central: float
    peripheral: float


@dataclass(frozen=True, slots=True)
class Droop:
    """A droop score 0…1 with its 95 % interval; `weaker_side` is None when it cannot be told."""

    score: float
    interval: tuple[float, float]
    weaker_side: Side | None
    pattern: Pattern


def _beyond(difference_mm: float, free_mm: float) -> float:
    """What of a difference exceeds what is natural."""
    size = max(0.0, abs(difference_mm) - free_mm)
    return size if difference_mm > 0 else -size


def _standing(now_mm: float, change_mm: float) -> float:
    """What of a change from rest also stands as a difference; the smaller of both, 0 if opposed.

    Lids that close together lose whatever difference they had at rest, which is no weakness.
    """
    if now_mm * change_mm <= 0.0:
        return 0.0
    return now_mm if abs(now_mm) < abs(change_mm) else change_mm


def _differences_mm(features: FaceFeatures) -> tuple[float, float, float, float, float]:
    """Corner height and distance, ala height, fissure, brow: > 0 when the left is weaker."""
    left, right = features
    return (
        right.corner_height_mm - left.corner_height_mm,
        right.corner_out_mm - left.corner_out_mm,
        right.ala_height_mm - left.ala_height_mm,
        left.fissure_mm - right.fissure_mm,
        right.brow_height_mm - left.brow_height_mm,
    )


def evidence(
    features: FaceFeatures,
    seen: frozenset[Region],
    rest: FaceFeatures | None,
    scale: DroopScale,
) -> Evidence:
    """Weigh one face's asymmetries, against the person's own rest where that is known.

    Args:
        features: the face in mm.
        seen: the regions that were seen; the mouth must be among them, others add nothing if not.
        rest: the same person's resting features.
        scale: the coefficients.

    Raises:
        ValueError: the mouth was not seen, so there is nothing to judge a droop by.
    """
    if Region.MOUTH not in seen:
        message = "a droop cannot be judged without the mouth; refuse the picture instead"
        raise ValueError(message)
    now = _differences_mm(features)
    still = (0.0,) * len(now) if rest is None else _differences_mm(rest)
    height, out, ala, fissure, brow = (a - b for a, b in zip(now, still, strict=True))
    if rest is not None:
        fissure, brow = _standing(now[3], fissure), _standing(now[4], brow)
    mouth = scale.corner_height * height + scale.corner_out * out
    mouth += scale.ala_height * ala if Region.NOSE in seen else 0.0
    upper = scale.fissure * _beyond(fissure, scale.fissure_free_mm) if Region.EYE in seen else 0.0
    upper += scale.brow * _beyond(brow, scale.brow_free_mm) if Region.BROW in seen else 0.0
    upper = max(-scale.upper_most, min(scale.upper_most, upper))
    return Evidence(mouth, upper, own_rest=rest is not None)


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + exp(-max(-60.0, min(60.0, value))))


def strength(found: Evidence, scale: DroopScale) -> float:
    """The evidence as a multiple of its midpoint: 1 scores 0.5."""
    return abs(found.total) / (scale.midpoint_own_rest if found.own_rest else scale.midpoint)


def judge(found: Evidence, scale: DroopScale) -> Droop:
    """The droop that this evidence stands for.

    The interval takes the evidence ± 1.96 of its uncertainty through the same curve: the spread
    between healthy faces and the landmarks' own error, which many frames do not average away.
    """
    size = abs(found.total)
    midpoint = scale.midpoint_own_rest if found.own_rest else scale.midpoint
    natural = scale.natural_sd_own_rest if found.own_rest else scale.natural_sd
    spread = hypot(natural, scale.slope_error * size)

    def score(value: float) -> float:
        return _logistic(scale.steepness * (max(0.0, value) - midpoint))

    side = None if size < spread else Side.LEFT if found.total > 0 else Side.RIGHT
    droop = score(size)
    towards = found.upper if found.total > 0 else -found.upper
    share = _logistic(scale.peripheral_steepness * (towards - scale.peripheral_at))
    return Droop(
        score=droop,
        interval=(score(size - _Z_95 * spread), score(size + _Z_95 * spread)),
        weaker_side=side,
        pattern=Pattern(1.0 - droop, droop * (1.0 - share), droop * share),
    )
