"""A lightweight classifier, judged on people whom it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shap
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler

from firmware_service.study.errors import TooFewPeople
from firmware_service.study.performance import SEED

FOLDS: Final = 5
MIN_PEOPLE: Final = 5
"""People a label needs: one for each fold."""
STRENGTH: Final = 1.0
"""Inverse of the L2 penalty: the library's default, so nothing is tuned to the folds."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CrossValidated:
    """What the classifier said of every file while its person was held out.

    `probability` [n] of being affected, `fold` [n] in which the file was held out, `shap_values`
    [n, k] each feature's part of that in log-odds, `weights` [folds, k] log-odds for one standard
    deviation of each feature.
    """

    probability: Floats
    fold: NDArray[np.int64]
    shap_values: Floats
    weights: Floats


def enough_people(affected: Sequence[bool], people: Sequence[str]) -> None:
    """Return when there are people enough under either label.

    Raises:
        TooFewPeople: says how many there are and how many it takes.
    """
    both = list(zip(affected, people, strict=True))
    ill = len({person for is_ill, person in both if is_ill})
    well = len({person for is_ill, person in both if not is_ill})
    if min(ill, well) < MIN_PEOPLE:
        raise TooFewPeople(
            f"{well} healthy and {ill} affected people can be measured; the classifier needs at "
            f"least {MIN_PEOPLE} of each, so that every fold tests on people it never saw"
        )


def cross_validate(
    features: Floats, affected: NDArray[np.bool_], people: Sequence[str]
) -> CrossValidated:
    """Standardised logistic regression in folds split by person, both labels weighed alike.

    Args:
        features: [n, k], every one measured.
        affected: [n] the label of each file.
        people: [n] whom each file shows; nobody stands on both sides of a fold.

    Raises:
        TooFewPeople: fewer than `MIN_PEOPLE` under a label.
    """
    enough_people(affected.tolist(), people)
    n, k = features.shape
    probability, fold = np.full(n, np.nan), np.full(n, -1)
    values, weights = np.full((n, k), np.nan), np.full((FOLDS, k), np.nan)
    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for i, (train, test) in enumerate(split.split(features, affected, people)):
        scaler = StandardScaler().fit(features[train])
        known, unseen = scaler.transform(features[train]), scaler.transform(features[test])
        model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
        model.fit(known, affected[train])
        probability[test] = model.predict_proba(unseen)[:, 1]
        fold[test] = i
        everybody = shap.maskers.Independent(known, max_samples=len(known))
        values[test] = shap.LinearExplainer(model, everybody).shap_values(unseen)
        weights[i] = model.coef_[0]
    return CrossValidated(probability, fold, values, weights)
