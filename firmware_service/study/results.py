"""Everything a study found, as JSON, as a table of features and as text to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from firmware_service import __version__
from firmware_service.analyse.line import Json, number
from firmware_service.report.tables import csv_table
from firmware_service.study.classify import FOLDS, CrossValidated
from firmware_service.study.conditions import SUSPICIOUS_AUC, LeakCheck
from firmware_service.study.features import Asymmetry
from firmware_service.study.labelled import LabelledFolder
from firmware_service.study.performance import RESAMPLES, SEED, Figure, Performance
from firmware_service.study.reading import CONDITIONS, MeasuredFile

Floats = NDArray[np.float64]

MODEL = (
    f"standardised logistic regression, labels weighed alike; {FOLDS} folds split by person; "
    f"a file is called affected from probability 0.5 on; 95 % intervals from {RESAMPLES} bootstrap "
    f"draws of people; seed {SEED}"
)
_NAMES = {
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall (sensitivity)",
    "f1": "F1",
    "false_positive_rate": "false positives, healthy",
    "roc_auc": "ROC AUC",
}


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """What a study found.

    `classified` are the n files that the classifier saw, `columns` its k features, `features`
    [n, k] their folded values, `affected` [n] the truth, `scores` [n] the instrument's droop score.
    """

    folder: LabelledFolder
    refused: Mapping[str, str]
    left_out: Mapping[str, str]
    classified: Sequence[MeasuredFile]
    columns: Sequence[Asymmetry]
    features: Floats
    affected: NDArray[np.bool_]
    said: CrossValidated
    classifier: Performance
    scores: Floats
    droop_score: Performance
    leaks: LeakCheck
    bias: Sequence[str]


def features_csv(measured: Iterable[MeasuredFile]) -> bytes:
    """One row for each file; an empty cell is something that was not measured."""
    rows = list(measured)
    names = list(next((one.values for one in rows if one.values), {}))
    head = ("path", "label", "person", "kind", "usable", "why_not", "droop_score")
    return csv_table(
        (*head, *names, *CONDITIONS),
        (
            (
                one.file.name,
                one.file.label,
                one.file.person,
                one.file.kind.value,
                one.usable,
                "; ".join(why.value for why in one.why_not),
                one.droop_score,
                *(one.values.get(name) for name in names),
                *(one.conditions.get(name) for name in CONDITIONS),
            )
            for one in rows
        ),
    )


def predictions_csv(found: Results) -> bytes:
    """What was said of each classified file while its person was held out, most wrong first."""
    probability = found.said.probability
    wrong = np.where(found.affected, 1.0 - probability, probability)
    return csv_table(
        ("path", "label", "person", "fold", "probability", "droop_score"),
        (
            (
                file.name,
                file.label,
                file.person,
                int(found.said.fold[i]),
                float(probability[i]),
                float(found.scores[i]),
            )
            for i in np.argsort(-wrong, kind="stable")
            for file in (found.classified[i].file,)
        ),
    )


def as_json(found: Results) -> Json:
    """The whole result; a number that is not defined is null."""
    folder, weights = found.folder, found.said.weights
    return {
        "version": __version__,
        "healthy": folder.healthy,
        "affected": folder.affected,
        "labels": _labels(found),
        "person_rule": folder.rule,
        "model": MODEL,
        "features": [
            {
                "column": one.column,
                "words": one.words,
                "unit": one.unit,
                "log_odds_per_sd": number(float(np.mean(weights[:, i]))),
                "in_each_fold": [number(float(weight)) for weight in weights[:, i]],
            }
            for i, one in enumerate(found.columns)
        ],
        "features_left_out": dict(found.left_out),
        "classifier": _performance(found.classifier),
        "droop_score_at_0.5": _performance(found.droop_score),
        "leak_check": {
            "together": _figure(found.leaks.together) | {"leak": found.leaks.together_separates},
            "level_of_each": number(found.leaks.level),
            "conditions": {
                name: {
                    "what": CONDITIONS[name],
                    "healthy_median": number(one.healthy_median),
                    "affected_median": number(one.affected_median),
                    "roc_auc": _figure(one.roc_auc),
                    "leak": one.separates,
                }
                for name, one in found.leaks.conditions.items()
            },
        },
        "bias": list(found.bias),
        "refused": dict(found.refused),
    }


def _labels(found: Results) -> dict[str, dict[str, int]]:
    return {
        label: {
            "files": sum(file.label == label for file in found.folder.files),
            "files_classified": sum(one.file.label == label for one in found.classified),
            "people_classified": len(
                {one.file.person for one in found.classified if one.file.label == label}
            ),
        }
        for label in found.folder.labels
    }


def _performance(one: Performance) -> dict[str, Json]:
    figures = {name: _figure(figure) for name, figure in one.figures.items()}
    return {**figures, "confusion_files": asdict(one.confusion)}


def _figure(figure: Figure) -> dict[str, Json]:
    return {"value": number(figure.value), "lo": number(figure.lo), "hi": number(figure.hi)}


def _counts(found: Results) -> list[tuple[str, ...]]:
    return [
        (label, *(str(count) for count in counts.values()))
        for label, counts in _labels(found).items()
    ]


def as_text(found: Results) -> str:
    """The table that is printed, with the leak check, the bias and what was refused."""
    folder, leaks = found.folder, found.leaks
    lines = [f"{folder.healthy} (healthy) against {folder.affected}; {folder.rule}.", ""]
    lines += _table(
        ("label", "files", "files classified", "people classified"),
        _counts(found),
    )
    lines += ["", MODEL[0].upper() + MODEL[1:] + ".", ""]
    lines += _table(
        ("figure (95 % interval)", "classifier", "droop score at 0.5"),
        [
            (words, str(found.classifier.figures[name]), str(found.droop_score.figures[name]))
            for name, words in _NAMES.items()
        ],
    )
    mean = np.mean(found.said.weights, axis=0)
    order = np.argsort(-np.abs(mean))
    lines += ["", "What the classifier goes by:", ""]
    lines += _table(
        ("feature, right − left, folded", "log-odds per SD"),
        [(f"{found.columns[i].words}, {found.columns[i].unit}", f"{mean[i]:+.2f}") for i in order],
    )
    verdict = (
        f"a LEAK (at least {SUSPICIOUS_AUC}, clear of 0.5)"
        if leaks.together_separates
        else f"no leak to speak of (a leak is {SUSPICIOUS_AUC} and more, clear of 0.5)"
    )
    lines += [
        "",
        "Features overlap: a weight says what one adds beside the others.",
        "",
        f"Leak check, by the pictures' conditions alone: AUC {leaks.together}, {verdict}.",
    ]
    lines += [""]
    lines += _table(
        ("condition", "healthy", "affected", f"AUC alone ({leaks.level:.1%})", ""),
        [
            (
                CONDITIONS[name],
                f"{one.healthy_median:.3g}",
                f"{one.affected_median:.3g}",
                str(one.roc_auc),
                "LEAK" if one.separates else "",
            )
            for name, one in leaks.conditions.items()
        ],
    )
    lines += [
        "",
        "Below 0.5, the affected have the smaller value.",
        "",
        "Bias:",
        *(f"- {line}" for line in found.bias),
    ]
    if found.left_out:
        lines += ["", "Features left out:"]
        lines += [f"- {name}: {why}" for name, why in found.left_out.items()]
    if found.refused:
        lines += [
            "",
            f"Refused, {len(found.refused)} of {len(folder.files) + len(folder.refused)}:",
        ]
        lines += [f"- {name}: {why}" for name, why in found.refused.items()]
    return "\n".join(lines) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns in line, the first to the left and the others to the right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    return [
        "  "
        + "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]
