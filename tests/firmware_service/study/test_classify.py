"""The classifier is judged on people whom it never saw, and its explanation adds up."""

from __future__ import annotations

import numpy as np
import pytest

from firmware_service.study.classify import FOLDS, cross_validate, enough_people
from firmware_service.study.conditions import leak_check
from firmware_service.study.errors import TooFewPeople
from firmware_service.study.performance import area_under_curve


def _people(count: int, each: int) -> list[str]:
    return [str(i // each) for i in range(count * each)]


def test_nobody_stands_on_both_sides_of_a_fold() -> None:
    rng = np.random.default_rng(1)
    people = _people(20, 6)
    affected = rng.random(120) < 0.5
    said = cross_validate(rng.normal(size=(120, 3)), affected, people)
    folds = {person: set() for person in people}
    for person, fold in zip(people, said.fold, strict=True):
        folds[person].add(int(fold))
    assert all(len(fold) == 1 for fold in folds.values())
    assert {fold for one in folds.values() for fold in one} == set(range(FOLDS))


def test_knowing_a_face_again_is_not_knowing_its_palsy() -> None:
    """Features that name the person but say nothing of the label must come out at chance."""
    rng = np.random.default_rng(2)
    areas = []
    for _ in range(6):
        people = _people(40, 5)
        ill = np.repeat(rng.permutation(np.arange(40) % 2 == 0), 5)
        faces = np.repeat(rng.normal(size=(40, 15)), 5, axis=0)
        said = cross_validate(faces + 0.01 * rng.normal(size=faces.shape), ill, people)
        areas.append(area_under_curve(ill, said.probability, people).value)
    assert 0.35 < np.mean(areas) < 0.65


def test_what_tells_the_labels_is_found_and_shap_adds_up_to_the_answer() -> None:
    rng = np.random.default_rng(3)
    people = [str(i) for i in range(100)]
    affected = np.arange(100) % 2 == 0
    features = rng.normal(size=(100, 4))
    features[:, 2] += 2.5 * affected
    said = cross_validate(features, affected, people)
    assert area_under_curve(affected, said.probability, people).value > 0.9
    assert np.abs(said.weights).mean(axis=0).argmax() == 2
    assert np.abs(said.shap_values).mean(axis=0).argmax() == 2
    log_odds = np.log(said.probability / (1 - said.probability))
    for fold in range(FOLDS):
        rest = (log_odds - said.shap_values.sum(axis=1))[said.fold == fold]
        assert np.ptp(rest) < 1e-6


def test_the_same_study_gives_the_same_answer() -> None:
    rng = np.random.default_rng(4)
    features, affected = rng.normal(size=(60, 3)), np.arange(60) % 2 == 0
    people = _people(30, 2)
    first, again = (cross_validate(features, affected, people) for _ in range(2))
    assert np.array_equal(first.probability, again.probability)
    assert np.array_equal(first.shap_values, again.shap_values)


def test_too_few_people_says_how_many_it_takes() -> None:
    affected = [True] * 40 + [False] * 8
    people = [f"p{i % 4}" for i in range(40)] + [f"h{i}" for i in range(8)]
    with pytest.raises(TooFewPeople, match=r"8 healthy and 4 affected people .* at least 5"):
        enough_people(affected, people)


@pytest.mark.parametrize("shift", [-2.0, 2.0])
def test_darker_or_lighter_pictures_under_one_label_are_a_leak(shift: float) -> None:
    rng = np.random.default_rng(5)
    affected = np.arange(80) % 2 == 0
    conditions = {"luma": rng.normal(shift * affected), "iris_px": rng.normal(size=80)}
    found = leak_check(conditions, affected, [str(i) for i in range(80)])
    assert found.together_separates
    assert found.conditions["luma"].separates
    assert not found.conditions["iris_px"].separates
    assert found.conditions["luma"].affected_median - found.conditions[
        "luma"
    ].healthy_median == pytest.approx(shift, abs=0.7)


def test_pictures_taken_alike_are_seldom_called_a_leak() -> None:
    rng = np.random.default_rng(6)
    people, affected, alarms = [str(i) for i in range(80)], np.arange(80) % 2 == 0, 0
    for _ in range(20):
        conditions = {name: rng.normal(size=80) for name in "abcdefgh"} | {"px": np.full(80, 900.0)}
        found = leak_check(conditions, affected, people)
        alarms += any(one.separates for one in found.conditions.values())
        assert not found.conditions["px"].separates
    assert alarms <= 4
