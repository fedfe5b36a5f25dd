"""`stroke-screen study`: measure a labelled folder, and say how well that tells the labels."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TextIO

import numpy as np

from firmware_service.analyse import tables
from firmware_service.perceive.face_stage import FaceStage
from firmware_service.ports import CaptureError
from firmware_service.study import pictures
from firmware_service.study.bias import statement
from firmware_service.study.classify import cross_validate, enough_people
from firmware_service.study.conditions import leak_check
from firmware_service.study.errors import CannotWrite, FolderInvalid
from firmware_service.study.features import ASYMMETRIES, CLASSIFIED, Asymmetry, fold
from firmware_service.study.labelled import LabelledFile, LabelledFolder, read_folder
from firmware_service.study.performance import performance
from firmware_service.study.reading import CONDITIONS, MeasuredFile, read_file
from firmware_service.study.results import Results, as_json, as_text, features_csv, predictions_csv

CUT: Final = 0.5
MEASURED_SHARE: Final = 0.9
"""A feature is classified by when this share of either label's files has it."""
_TELL_EVERY_S: Final = 2.0


def study(
    folder: Path,
    out: Path,
    stage: FaceStage,
    *,
    healthy: str | None,
    show: TextIO,
    progress: TextIO,
) -> None:
    """Study a labelled folder and leave everything in `out`, which is made if need be.

    The tables, `features.csv` and `distributions.png` are there even when too few people can be
    measured for the classifier. A file that cannot be used is named on `progress`, and the study
    goes on.

    Args:
        folder: one sub-folder for each label; see `labelled`.
        out: where the tables and pictures go.
        stage: the face stage.
        healthy: the label of the healthy; by default the one that is called so.
        show: takes the printed summary.
        progress: takes a line now and then, and one for each file that is refused.

    Raises:
        FolderInvalid: the folder does not say what a study needs.
        TooFewPeople: says how many there are and how many it takes.
        CannotWrite: `out` cannot be written.
        ModelError: a model is missing or altered.
    """
    if out.resolve().is_relative_to(folder.resolve()):
        raise FolderInvalid(f"--out {out}: lies in the labelled folder and would become a label")
    labelled = read_folder(folder, healthy)
    enough_people(
        [file.label != labelled.healthy for file in labelled.files],
        [file.person for file in labelled.files],
    )
    refused = dict(labelled.refused)
    for name, why in refused.items():
        print(f"{name}: {why}", file=progress)
    measured = _measure(labelled, stage, refused, progress)
    try:
        tables.write(out, [one.table for one in measured])
        (out / "features.csv").write_bytes(features_csv(measured))
        _plot_distributions(out, labelled, measured)
        found = _classify(labelled, measured, refused)
        _plot_classifier(out, found)
        text = as_text(found)
        (out / "predictions.csv").write_bytes(predictions_csv(found))
        (out / "summary.txt").write_text(text, "utf-8")
        (out / "classifier.json").write_text(
            json.dumps(as_json(found), ensure_ascii=False, allow_nan=False, indent=1) + "\n",
            "utf-8",
        )
    except OSError as error:
        raise CannotWrite(f"{out}: cannot be written ({error.strerror})") from None
    print(text, file=show, end="")


def _measure(
    labelled: LabelledFolder, stage: FaceStage, refused: dict[str, str], progress: TextIO
) -> list[MeasuredFile]:
    """Every file that can be read; those that cannot be used are added to `refused`."""
    measured: list[MeasuredFile] = []
    seen: dict[str, str] = {}
    told = time.monotonic()
    for i, file in enumerate(labelled.files):
        if time.monotonic() - told > _TELL_EVERY_S:
            told = time.monotonic()
            print(f"measured {i} of {len(labelled.files)} files", file=progress, flush=True)
        try:
            one = _first_time(file, stage, seen)
        except CaptureError as error:
            refused[file.name] = str(error).removeprefix(str(file.path)).strip(": ")
        else:
            measured.append(one)
            if not one.usable:
                refused[file.name] = "; ".join(why.value for why in one.why_not) or "no face"
        if file.name in refused:
            print(f"{file.name}: {refused[file.name]}", file=progress, flush=True)
    return measured


def _first_time(file: LabelledFile, stage: FaceStage, seen: dict[str, str]) -> MeasuredFile:
    """Measure a file whose content has not been seen under another name.

    Raises:
        CaptureError: it cannot be read, or is another file again: a copy under another person's
            name would stand on both sides of a split.
    """
    try:
        content = hashlib.sha256(file.path.read_bytes()).hexdigest()
    except OSError as error:
        raise CaptureError(f"cannot be read ({error.strerror})") from None
    if content in seen:
        raise CaptureError(f"the same file as {seen[content]}")
    seen[content] = file.name
    return read_file(file, stage)


def _classify(
    labelled: LabelledFolder, measured: Sequence[MeasuredFile], refused: Mapping[str, str]
) -> Results:
    usable = [one for one in measured if one.usable]
    columns, left_out = _columns(labelled, usable)
    folded = {one.file.name: fold(one.values) for one in usable}
    classified, refusals = [], dict(refused)
    for one in usable:
        missing = [c.words for c in columns if folded[one.file.name][c.column] is None]
        if one.droop_score is None:
            missing.append("droop score")
        if missing:
            refusals[one.file.name] = f"not measured: {', '.join(missing)}"
        else:
            classified.append(one)
    affected = np.array([one.file.label != labelled.healthy for one in classified], np.bool_)
    people = [one.file.person for one in classified]
    enough_people(affected.tolist(), people)
    features = np.array(
        [[folded[one.file.name][c.column] for c in columns] for one in classified], np.float64
    )
    said = cross_validate(features, affected, people)
    scores = np.array([one.droop_score for one in classified], np.float64)
    leaks = leak_check(
        {name: np.array([one.conditions[name] for one in classified]) for name in CONDITIONS},
        affected,
        people,
    )
    return Results(
        folder=labelled,
        refused=refusals,
        left_out=left_out,
        classified=classified,
        columns=columns,
        features=features,
        affected=affected,
        said=said,
        classifier=performance(affected, said.probability, CUT, people),
        scores=scores,
        droop_score=performance(affected, scores, CUT, people),
        leaks=leaks,
        bias=statement(labelled, classified, leaks),
    )


def _columns(
    labelled: LabelledFolder, usable: Sequence[MeasuredFile]
) -> tuple[list[Asymmetry], dict[str, str]]:
    """What to classify by, and what not and why.

    A feature missing more often under one label would tell the labels by its absence.
    """
    columns, left_out = [], {}
    for one in CLASSIFIED:
        shares = []
        for healthy in (True, False):
            values = [
                file.values[one.column]
                for file in usable
                if (file.file.label == labelled.healthy) is healthy
            ]
            shares.append(sum(value is not None for value in values) / max(1, len(values)))
        if min(shares) >= MEASURED_SHARE:
            columns.append(one)
        else:
            left_out[one.column] = (
                f"measured in {shares[0]:.0%} of the healthy and {shares[1]:.0%} of the other files"
            )
    return columns, left_out


def _plot_distributions(
    out: Path, labelled: LabelledFolder, measured: Sequence[MeasuredFile]
) -> None:
    order = sorted(labelled.labels, key=lambda label: label != labelled.healthy)
    folded = {
        label: [fold(one.values) for one in measured if one.usable and one.file.label == label]
        for label in order
    }
    shown = [
        one
        for one in ASYMMETRIES
        if any(values[one.column] is not None for files in folded.values() for values in files)
    ]
    by_label = {
        label: [
            [value for values in files if (value := values[one.column]) is not None]
            for one in shown
        ]
        for label, files in folded.items()
    }
    people = {
        label: len({o.file.person for o in measured if o.usable and o.file.label == label})
        for label in order
    }
    if shown:
        sheet = pictures.distributions([(one.words, one.unit) for one in shown], by_label, people)
        pictures.save(sheet, out / "distributions.png")


def _plot_classifier(out: Path, found: Results) -> None:
    names = [f"{one.words}, {one.unit}" for one in found.columns]
    affected = found.folder.affected
    curves = {
        "classifier": (found.said.probability, found.classifier.figures["roc_auc"]),
        "droop score": (found.scores, found.droop_score.figures["roc_auc"]),
    }
    sheets = {
        "facial_asymmetry_functional_shap.png": pictures.shap_summary(
            found.said.shap_values, found.features, names, affected
        ),
        "confusion_matrix.png": pictures.confusion(
            found.classifier.confusion, found.folder.healthy, affected
        ),
        "roc.png": pictures.roc(found.affected, curves),
    }
    for name, sheet in sheets.items():
        pictures.save(sheet, out / name)
