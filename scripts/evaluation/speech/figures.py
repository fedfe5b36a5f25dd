"""Areas, rates and their 95 % intervals by bootstrap over speakers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

DRAWS = 300
Scored = Sequence[tuple[str, float]]
"""(speaker, value) of each take."""


def area(ill: Scored, healthy: Scored) -> float:
    """The area under the ROC curve (Mann–Whitney)."""
    a, b = np.array([v for _, v in ill])[:, None], np.array([v for _, v in healthy])
    return float((a > b).mean() + 0.5 * (a == b).mean())


def share(takes: Scored) -> float:
    """The mean."""
    return float(np.mean([v for _, v in takes]))


def interval(groups: Sequence[Scored], figure: Callable[..., float]) -> tuple[float, float, float]:
    """The figure and its 95 % interval; all groups draw the same speakers."""
    people = sorted({who for group in groups for who, _ in group})
    by = [{who: [(w, v) for w, v in g if w == who] for who in people} for g in groups]
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        names = rng.choice(people, len(people))
        some = [[row for name in names for row in own[name]] for own in by]
        if all(some):
            drawn.append(figure(*some))
    low, high = np.percentile(drawn, (2.5, 97.5))
    return figure(*groups), float(low), float(high)


def told(found: tuple[float, float, float]) -> str:
    """As the table prints it."""
    return f"{found[0]:.2f} ({found[1]:.2f}–{found[2]:.2f})"
