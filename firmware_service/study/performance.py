"""How well a score tells two labels apart, with intervals from a bootstrap over people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

SEED: Final = 20_261_120
RESAMPLES: Final = 2_000
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its interval over people, 95 % by default; NaN where it is not defined."""

    value: float
    lo: float
    hi: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.lo:.3f}–{self.hi:.3f})"


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of files: the true label first, then what they were taken for."""

    affected_as_affected: int
    affected_as_healthy: int
    healthy_as_affected: int
    healthy_as_healthy: int


@dataclass(frozen=True, slots=True)
class Performance:
    """The figures of one score; every one has an interval."""

    figures: Mapping[str, Figure]
    confusion: Confusion


def performance(
    affected: NDArray[np.bool_], score: Floats, cut: float, people: Sequence[str]
) -> Performance:
    """Judge a score that is to be higher in the affected.

    Args:
        affected: [n] the truth of each file.
        score: [n] the score of each file.
        cut: from which score on a file is taken for affected.
        people: [n] whom each file shows; people, not files, are drawn in the bootstrap.
    """
    called = score >= cut
    weights = np.vstack([np.ones(len(affected)), _draws(people)])
    cells = {
        (truth, call): weights @ ((affected == truth) & (called == call)).astype(np.float64)
        for truth in (True, False)
        for call in (True, False)
    }
    tp, fn = cells[True, True], cells[True, False]
    fp, tn = cells[False, True], cells[False, False]
    everybody = np.ones_like(affected)
    figures = {
        "accuracy": (_over(tp + tn, tp + tn + fp + fn), everybody),
        "precision": (_over(tp, tp + fp), called),
        "recall": (_over(tp, tp + fn), affected),
        "f1": (_over(2 * tp, 2 * tp + fp + fn), affected),
        "false_positive_rate": (_over(fp, fp + tn), ~affected),
        "roc_auc": (_aucs(affected, score, weights), everybody),
    }
    names = np.asarray(people)
    return Performance(
        {
            name: _figure(values, len(set(names[behind].tolist())))
            for name, (values, behind) in figures.items()
        },
        Confusion(int(tp[0]), int(fn[0]), int(fp[0]), int(tn[0])),
    )


def area_under_curve(
    affected: NDArray[np.bool_], score: Floats, people: Sequence[str], level: float = 0.95
) -> Figure:
    """The area under the ROC curve of a score that is to be higher in the affected.

    `level` is the share of the bootstrap's draws inside the interval.
    """
    weights = np.vstack([np.ones(len(affected)), _draws(people)])
    return _figure(_aucs(affected, score, weights), len(set(people)), level)


def _draws(people: Sequence[str]) -> Floats:
    """[RESAMPLES, n]: how often each file counts when its people are drawn with replacement."""
    names, of = np.unique(np.asarray(people), return_inverse=True)
    rng = np.random.default_rng(SEED)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES)
    counts: Floats = drawn[:, of].astype(np.float64)
    return counts


def _aucs(affected: NDArray[np.bool_], score: Floats, weights: Floats) -> Floats:
    """The Mann–Whitney form of the area for every row of weights."""
    ours, theirs = score[affected], score[~affected]
    wins = (ours[:, None] > theirs[None, :]) + 0.5 * (ours[:, None] == theirs[None, :])
    of_ours, of_theirs = weights[:, affected], weights[:, ~affected]
    won = np.einsum("bi,bi->b", of_ours @ wins, of_theirs)
    return _over(won, of_ours.sum(axis=1) * of_theirs.sum(axis=1))


def _over(part: Floats, whole: Floats) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)
    return ratio


def _figure(values: Floats, n_people: int, level: float = 0.95) -> Figure:
    """The first value with the middle of the others, of those that are defined.

    Where every draw says 0 or every draw says 1 the bootstrap knows no doubt; then the bound is
    that of a proportion without a failure among `n_people` (Clopper and Pearson 1934).
    """
    value, drawn = float(values[0]), values[1:][np.isfinite(values[1:])]
    if not drawn.size:
        return Figure(value, float("nan"), float("nan"))
    tail = (1.0 - level) / 2.0
    lo, hi = (float(bound) for bound in np.quantile(drawn, (tail, 1.0 - tail)))
    sure = tail ** (1.0 / n_people)
    if lo == hi == 1.0:
        lo = sure
    elif lo == hi == 0.0:
        hi = 1.0 - sure
    return Figure(value, lo, hi)
