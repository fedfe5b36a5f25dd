"""From the rows of a run to the table: one line a figure, one column a contender."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from evaluation.face.contenders import NAMES, REFINED
from evaluation.face.measuring import FEATURES, Row
from evaluation.face.statistics import Estimate, area, limits, over_people, share, slope

from firmware_service.types import WhyNot

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPECIFICITY: Final = 0.95
HEIGHT, OUT, FISSURE, BROW = range(4)
SCENES: Final = {
    HEIGHT: {"still", "droop", "up", "down", "both"},
    OUT: {"still", "droop", "sideways", "both"},
    FISSURE: {"still", "lid", "both lids"},
    BROW: {"still", "brow", "both brows"},
}
UNMOVED: Final = {"both", "brow", "lid", "both brows", "both lids"}
"""Scenes in which both mouth corners do the same."""

Line = tuple[str, list[Estimate]]


def difference(values: Sequence[float] | None, feature: int) -> float:
    """Left minus right, mm; NaN where nothing was measured."""
    return float("nan") if values is None else values[2 * feature] - values[2 * feature + 1]


def _quantile(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.quantile(known, SPECIFICITY)) if known else float("nan")


class Table:
    """All figures of one run."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = list(rows)

    def lines(self) -> list[Line]:
        """Every line of the table."""
        out: list[Line] = []
        for feature, unit in ((HEIGHT, "corner, vertical"), (OUT, "corner, horizontal")):
            out.append((f"slope {unit}", self._agreement(feature, slope)))
            out.append((f"95 % limits ± mm {unit}", self._agreement(feature, limits)))
        for feature, unit in ((FISSURE, "fissure"), (BROW, "brow")):
            out.append((f"slope {unit}", self._agreement(feature, slope)))
            out.append((f"95 % limits ± mm {unit}", self._agreement(feature, limits)))
        out += [
            (f"one still, {dose:.0f} mm, sensitivity", self._still("droop", dose))
            for dose in (3.0, 5.0, 6.0, 8.0)
        ]
        out.append(("  false positives, held-out stills", self._still("still", 0.0)))
        out += [(f"against own rest, {dose:.0f} mm", self._own_rest(dose)) for dose in (3.0, 5.0)]
        out.append(("side correct, 3 mm", self._side()))
        out.append(("false positives, yaw ±15 with pitch ±12", self._still("turned", 0.0)))
        out.append(("  of these refused", self._refused("turned", "")))
        out.append(("droop 5 mm, turned so", self._still("turned droop", 5.0)))
        for note in sorted({r.note for r in self._rows if r.group == "spoiled"}):
            out.append((f"5 mm at {note}", self._still("spoiled", 5.0, note)))
            out.append((f"  false positives at {note}", self._still("spoiled", 0.0, note)))
            out.append((f"  refused at {note}", self._refused("spoiled", note)))
        out.append(("composites, one still, AUC", self._composites(own=False)))
        out.append(("composites, own neutral, AUC", self._composites(own=True)))
        out.append(("composites, side correct", self._composite_side()))
        return out

    def covers(self) -> list[str]:
        """How each cover was noticed: by the refiner's logit and by the pixels' heuristic."""
        lines = []
        free = self._pick(REFINED, {"uncovered", "still"})
        for note in sorted({r.note for r in self._rows if r.group == "cover"}):
            hidden = self._pick(REFINED, {"cover"}, note=note)
            found = [r for r in hidden if np.isfinite(r.covered)]
            both = [*found, *(r for r in free if np.isfinite(r.covered))]
            learnt = over_people(
                [r.person for r in both],
                np.array([[float(r.group == "cover"), r.covered] for r in both]),
                area,
            )
            old = over_people(
                [r.person for r in both],
                np.array([[float(r.group == "cover"), -r.lips] for r in both]),
                area,
            )
            flagged = np.mean([r.covered > 0.5 for r in found]) if found else float("nan")
            lips = (
                np.mean([WhyNot.MOUTH_COVERED.value in r.flags for r in found])
                if found
                else float("nan")
            )
            lines.append(
                f"{note:20} AUC learnt {learnt}  lips' pixels {old}  flagged learnt {flagged:.0%} "
                f"pixels {lips:.0%}  no face {1 - len(found) / max(len(hidden), 1):.0%}"
            )
        wrong = np.mean([r.covered > 0.5 for r in free])
        pixels = np.mean([WhyNot.MOUTH_COVERED.value in r.flags for r in free])
        lines.append(f"{'nothing':20} flagged learnt {wrong:.1%} pixels {pixels:.1%}")
        return lines

    def _pick(self, name: str, groups: set[str], **fixed: object) -> list[Row]:
        return [
            row
            for row in self._rows
            if row.contender == name
            and row.group in groups
            and all(getattr(row, key) == value for key, value in fixed.items())
        ]

    def _each(self, figure: Callable[[str], Estimate]) -> list[Estimate]:
        return [figure(name) for name in NAMES]

    def _agreement(
        self, feature: int, statistic: Callable[[NDArray[np.float64]], float]
    ) -> list[Estimate]:
        def figure(name: str) -> Estimate:
            rows = [r for r in self._pick(name, SCENES[feature]) if r.change is not None]
            pairs = np.array(
                [(difference(r.true, feature), difference(r.change, feature)) for r in rows]
            )
            return over_people([r.person for r in rows], pairs, statistic)

        return self._each(figure)

    def threshold(self, name: str) -> float:
        """The difference in corner height, mm, that one healthy still in twenty exceeds."""
        healthy = [abs(difference(r.measured, HEIGHT)) for r in self._pick(name, {"healthy"})]
        return _quantile(healthy)

    def _still(self, group: str, dose: float, note: str | None = None) -> list[Estimate]:
        def figure(name: str) -> Estimate:
            fixed: dict[str, object] = {"dose": dose} | ({} if note is None else {"note": note})
            rows = self._pick(name, {group}, **fixed)
            found = [
                [float(abs(difference(r.measured, HEIGHT)) > self.threshold(name))] for r in rows
            ]
            return over_people([r.person for r in rows], np.array(found), share)

        return self._each(figure)

    def _refused(self, group: str, note: str) -> list[Estimate]:
        rows = [r for r in self._pick(REFINED, {group}) if not note or r.note == note]
        found = np.array([[float(bool(r.flags))] for r in rows])
        once = over_people([r.person for r in rows], found, share)
        blank = Estimate(float("nan"), float("nan"), float("nan"), 0)
        return [once] + [blank] * (len(NAMES) - 1)

    def _own_rest(self, dose: float) -> list[Estimate]:
        def figure(name: str) -> Estimate:
            unmoved = [abs(difference(r.change, HEIGHT)) for r in self._pick(name, UNMOVED)]
            limit = _quantile(unmoved)
            rows = self._pick(name, {"droop"}, dose=dose)
            found = [[float(abs(difference(r.change, HEIGHT)) > limit)] for r in rows]
            return over_people([r.person for r in rows], np.array(found), share)

        return self._each(figure)

    def _side(self) -> list[Estimate]:
        def figure(name: str) -> Estimate:
            rows = self._pick(name, {"droop"}, dose=3.0)
            found = [
                [float((difference(r.change, HEIGHT) < 0) == (r.sides == ("left",)))] for r in rows
            ]
            return over_people([r.person for r in rows], np.array(found), share)

        return self._each(figure)

    def _score(self, row: Row, *, own: bool) -> float:
        values = row.change if own else row.measured
        return 0.74 * difference(values, HEIGHT) + 0.67 * difference(values, OUT)

    def _composites(self, *, own: bool) -> list[Estimate]:
        def figure(name: str) -> Estimate:
            cases = self._pick(name, {"composite"})
            controls = self._pick(name, {"smile from neutral"} if own else {"still"})
            rows = [r for r in (*cases, *controls) if (r.change if own else r.measured) is not None]
            values = [(float(r.group == "composite"), abs(self._score(r, own=own))) for r in rows]
            return over_people([r.person for r in rows], np.array(values), area)

        return self._each(figure)

    def _composite_side(self) -> list[Estimate]:
        def figure(name: str) -> Estimate:
            rows = [r for r in self._pick(name, {"composite"}) if r.change is not None]
            found = [
                [float((self._score(r, own=True) < 0) == (r.sides == ("left",)))] for r in rows
            ]
            return over_people([r.person for r in rows], np.array(found), share)

        return self._each(figure)


def printed(lines: list[Line]) -> str:
    """The table as text."""
    head = f"{'':42}" + "".join(f"{name:>22}" for name in NAMES)
    body = [f"{name:42}" + "".join(f"{value!s:>22}" for value in values) for name, values in lines]
    return "\n".join([head, *body])


__all__ = ["FEATURES", "Table", "printed"]
