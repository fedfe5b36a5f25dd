"""Who is in which picture: a person on both sides of a split would make every figure a lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_service.study.errors import FolderInvalid
from firmware_service.study.labelled import read_folder


def _files(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def test_the_name_up_to_the_first_underscore_is_the_person_also_under_two_labels(
    tmp_path: Path,
) -> None:
    folder = _files(tmp_path, "palsy/001_left_2.jpg", "healthy/001_smile.jpg", "healthy/solo.png")
    found = read_folder(folder, None)
    assert {file.name: file.person for file in found.files} == {
        "healthy/001_smile.jpg": "001",
        "healthy/solo.png": "solo",
        "palsy/001_left_2.jpg": "001",
    }
    assert found.healthy == "healthy"
    assert found.affected == "palsy"


def test_a_folder_between_label_and_file_is_the_person_at_any_depth(tmp_path: Path) -> None:
    folder = _files(tmp_path, "palsy/ann/day_1/a_1.mp4", "palsy/ann/b_2.jpg", "control/bob/c.jpg")
    people = {file.name: file.person for file in read_folder(folder, None).files}
    assert people["palsy/ann/day_1/a_1.mp4"] == people["palsy/ann/b_2.jpg"] == "ann"
    assert people["control/bob/c.jpg"] == "bob"


def test_persons_csv_rules_and_both_kinds_of_gap_are_named(tmp_path: Path) -> None:
    folder = _files(tmp_path, "healthy/a.jpg", "healthy/b.jpg", "palsy/c.jpg")
    (folder / "persons.csv").write_text(
        "path,person,sex,age\nhealthy/a.jpg,ann,f,71\npalsy/c.jpg,ann,f,71\npalsy/gone.jpg,dan,,\n",
        "utf-8-sig",
    )
    found = read_folder(folder, None)
    assert {file.name: file.person for file in found.files} == {
        "healthy/a.jpg": "ann",
        "palsy/c.jpg": "ann",
    }
    assert found.refused == {
        "healthy/b.jpg": "not in persons.csv",
        "palsy/gone.jpg": "no such file",
    }
    assert found.particulars["ann"] == {"sex": "f", "age": "71"}


def test_other_files_are_passed_over(tmp_path: Path) -> None:
    folder = _files(tmp_path, "healthy/a.jpg", "healthy/a.tem", "palsy/b.jpg", "palsy/talk.wav")
    (folder / "notes").mkdir()
    found = read_folder(folder, None)
    assert [file.name for file in found.files] == ["healthy/a.jpg", "palsy/b.jpg"]
    assert found.labels == ("healthy", "palsy")


@pytest.mark.parametrize(
    ("names", "healthy", "said"),
    [
        ((), None, "at least two labels"),
        (("healthy/a.jpg",), None, "found healthy"),
        (("stroke/a.jpg", "tia/b.jpg"), None, "--healthy LABEL"),
        (("stroke/a.jpg", "tia/b.jpg"), "fit", "there are stroke, tia"),
        (("healthy/a.jpg", "control/b.jpg"), None, "--healthy LABEL"),
    ],
)
def test_a_folder_that_does_not_say_enough_is_refused_with_the_remedy(
    tmp_path: Path, names: tuple[str, ...], healthy: str | None, said: str
) -> None:
    with pytest.raises(FolderInvalid, match=said):
        read_folder(_files(tmp_path, *names), healthy)


def test_a_persons_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    folder = _files(tmp_path, "healthy/a.jpg", "palsy/b.jpg")
    (folder / "persons.csv").write_text("file,name\n")
    with pytest.raises(FolderInvalid, match="columns path and person"):
        read_folder(folder, None)
