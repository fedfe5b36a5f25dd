"""The figures against worked counts and another library, the intervals against the truth."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from firmware_service.study.performance import area_under_curve, performance


def test_the_figures_of_a_worked_confusion_matrix() -> None:
    affected = np.array([True] * 10 + [False] * 20)
    score = np.array([0.9] * 8 + [0.1] * 2 + [0.9] * 3 + [0.1] * 17)
    found = performance(affected, score, 0.5, [str(i) for i in range(30)])
    assert found.confusion.affected_as_affected == 8
    assert found.confusion.affected_as_healthy == 2
    assert found.confusion.healthy_as_affected == 3
    assert found.confusion.healthy_as_healthy == 17
    figures = {name: figure.value for name, figure in found.figures.items()}
    assert figures == pytest.approx(
        {
            "accuracy": 25 / 30,
            "precision": 8 / 11,
            "recall": 0.8,
            "f1": 16 / 21,
            "false_positive_rate": 0.15,
            "roc_auc": 0.5 + 0.5 * (0.8 - 0.15),
        }
    )
    assert all(figure.lo <= figure.value <= figure.hi for figure in found.figures.values())


def test_the_area_agrees_with_scikit_learn_ties_and_all() -> None:
    rng = np.random.default_rng(3)
    affected = rng.random(200) < 0.4
    score = np.round(rng.normal(affected.astype(float), 1.0), 1)
    area = area_under_curve(affected, score, [str(i) for i in range(200)])
    assert area.value == pytest.approx(roc_auc_score(affected, score))


def test_ten_pictures_of_each_person_are_not_ten_people() -> None:
    rng = np.random.default_rng(5)
    ill = np.repeat(np.arange(30) % 2 == 0, 10)
    score = np.repeat(rng.normal(size=30), 10) + ill
    by_person = area_under_curve(ill, score, [str(i // 10) for i in range(300)])
    by_file = area_under_curve(ill, score, [str(i) for i in range(300)])
    assert by_person.value == by_file.value
    assert by_person.hi - by_person.lo > 2 * (by_file.hi - by_file.lo)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    truth, held = 0.7602, 0  # Φ(1/√2), of two normals one standard deviation apart
    for _ in range(100):
        ill = np.arange(80) < 40
        area = area_under_curve(ill, rng.normal(ill.astype(float)), [str(i) for i in range(80)])
        held += area.lo <= truth <= area.hi
    assert 88 <= held <= 99


def test_nothing_called_affected_has_no_precision() -> None:
    found = performance(np.arange(8) < 4, np.zeros(8), 0.5, list("abcdefgh"))
    assert np.isnan(found.figures["precision"].value)
    assert found.figures["recall"].value == 0.0


def test_no_error_among_few_people_is_not_no_doubt() -> None:
    """Ten of ten right: the exact lower bound of Clopper and Pearson is 0.692."""
    affected = np.arange(20) < 10
    found = performance(affected, affected.astype(float), 0.5, [str(i) for i in range(20)])
    recall, wrong = found.figures["recall"], found.figures["false_positive_rate"]
    assert (recall.value, wrong.value) == (1.0, 0.0)
    assert recall.lo == pytest.approx(0.692, abs=0.001)
    assert wrong.hi == pytest.approx(0.308, abs=0.001)
