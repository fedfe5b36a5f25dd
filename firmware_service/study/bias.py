"""What the data cannot show, said before anybody believes the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from firmware_service.study.conditions import LeakCheck
from firmware_service.study.labelled import PARTICULARS, PERSONS_FILE, LabelledFolder
from firmware_service.study.reading import CONDITIONS, MeasuredFile

_FEW_PEOPLE = 100


def statement(
    folder: LabelledFolder, classified: Sequence[MeasuredFile], leaks: LeakCheck
) -> list[str]:
    """The limits of this data, a sentence each."""
    people = {one.file.person for one in classified}
    well = {one.file.person for one in classified if one.file.label == folder.healthy}
    ill = {one.file.person for one in classified if one.file.label != folder.healthy}
    lines = [
        f"{len(people)} people: {len(well)} under {folder.healthy}, {len(ill)} under "
        f"{folder.affected}, {len(well & ill)} of them under both"
        + (
            f"; fewer than {_FEW_PEOPLE}, so the intervals are wide and a rare face is not there."
            if len(people) < _FEW_PEOPLE
            else "."
        ),
        "The label is the name of the folder; nobody examined these people here. Composites, warps "
        "and simulated faces are not patients: figures on them say that the measure works, not how "
        "it does in stroke.",
        "Precision depends on how many of the files are affected, which an ambulance never shares.",
        "The folds hold people out of the classifier only: where this folder holds pictures that a "
        "face model was trained on (its card under models/ names them), the face model saw them.",
        "The droop score was scaled on the pictures that screen/thresholds.py names; where this "
        "folder holds them, its figures are not held out.",
        *(_known(key, people, folder.particulars) for key in PARTICULARS),
    ]
    named = [CONDITIONS[name] for name, one in leaks.conditions.items() if one.separates]
    if leaks.together_separates or named:
        lines.append(
            "The labels differ in how the pictures were taken"
            + (f" ({'; '.join(named)})" if named else "")
            + f": conditions alone reach AUC {leaks.together}. Part of any figure here may be that."
        )
    else:
        lines.append(
            "Light, sharpness, noise, size and pose do not tell the labels apart "
            f"(AUC {leaks.together}); what else differs between the folders was not measured."
        )
    return lines


def _known(key: str, people: set[str], particulars: Mapping[str, Mapping[str, str]]) -> str:
    said = [particulars[one][key] for one in people if key in particulars.get(one, {})]
    if not said:
        return (
            f"{key.capitalize()} is not known ({PERSONS_FILE} may say), so nothing is shown for it."
        )
    unknown = len(people) - len(said)
    shown = _ages(said) if key == "age" else _shares(said)
    return f"{key.capitalize()}: {shown}" + (f"; not known of {unknown}." if unknown else ".")


def _shares(said: Sequence[str]) -> str:
    return ", ".join(f"{what} {count}" for what, count in sorted(Counter(said).items()))


def _ages(said: Sequence[str]) -> str:
    ages = sorted(float(one) for one in said if one.replace(".", "", 1).isdigit())
    if not ages:
        return "no numbers"
    return (
        f"{ages[0]:.0f} to {ages[-1]:.0f} years, median {ages[len(ages) // 2]:.0f}, of {len(ages)}"
    )
