"""Corrected labels: a row for each, on the disk, that comes back and never spoils another file."""

from __future__ import annotations

import csv
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from camviewer.core.failures import Failure, SaveFailure
from camviewer.core.review.corrections import (
    Correction,
    append_correction,
    corrected_truth,
    read_corrections,
    written_name,
)
from camviewer.core.review.truth import ClassNames, Truth, read_label_table, table_truth

LABELS = ("tabby", "acorn", "=1+1", "crane", "crane", "'quoted'")
NAMES = ClassNames(LABELS)
TIME = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def correction(path: Path, label: str, old: str = "tabby") -> Correction:
    return Correction(path, label, old, "tabby", TIME)


def test_rows_are_added_and_the_last_one_of_a_photo_counts(tmp_path: Path) -> None:
    file, photo = tmp_path / "labels.csv", tmp_path / "a, b" / "1.png"
    append_correction(file, correction(photo, "acorn"))
    append_correction(file, correction(tmp_path / "2.png", "=1+1"))
    append_correction(file, correction(photo, "tabby", "acorn"))
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows == [
        ["path", "label", "old_label", "predicted", "time"],
        [str(photo), "acorn", "tabby", "tabby", "2026-03-04T05:06:07+00:00"],
        [str(tmp_path / "2.png"), "'=1+1", "tabby", "tabby", "2026-03-04T05:06:07+00:00"],
        [str(photo), "tabby", "acorn", "tabby", "2026-03-04T05:06:07+00:00"],
    ]
    assert read_corrections(file) == {photo: "tabby", tmp_path / "2.png": "=1+1"}


def test_the_review_reads_it_as_a_table_of_classes(tmp_path: Path) -> None:
    file, photo = tmp_path / "labels.csv", tmp_path / "1.png"
    append_correction(file, correction(photo, "acorn"))
    truth = table_truth(read_label_table(file), [photo], [tmp_path], NAMES)
    assert truth.ids == {photo: 1}


def test_every_class_comes_back(tmp_path: Path) -> None:
    """Whatever it is called, and however many are called so."""
    file = tmp_path / "labels.csv"
    photos = [tmp_path / f"{class_id}.png" for class_id in range(len(LABELS))]
    for class_id, photo in enumerate(photos):
        append_correction(file, correction(photo, written_name(class_id, NAMES)))
    truth = corrected_truth(None, file, photos, NAMES)
    assert truth is not None
    assert truth.ids == {photo: class_id for class_id, photo in enumerate(photos)}
    assert truth.notes == ("6 labels are from labels.csv.",)


def test_they_go_before_the_folders_names(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    photos = [tmp_path / f"{number}.png" for number in range(4)]
    for photo, label in zip(photos, ("zebra", "acorn", ""), strict=False):
        append_correction(file, correction(photo, label))
    append_correction(file, correction(tmp_path / "elsewhere.png", "acorn"))
    folders = Truth("the folders' names", dict.fromkeys(photos, 0), ("A note.",))
    truth = corrected_truth(folders, file, photos, NAMES)
    assert truth is not None
    assert list(truth.ids.values()) == [0, 1, 0, 0]
    assert truth.origin == folders.origin
    assert truth.notes == (
        "A note.",
        "1 label is from labels.csv.",
        "labels.csv has labels that this network doesn't know, such as 'zebra'.",
    )


def test_a_file_that_is_no_use_is_a_note(tmp_path: Path) -> None:
    folders = Truth("the folders' names", {tmp_path / "1.png": 0})
    assert corrected_truth(folders, tmp_path / "none.csv", [], NAMES) == folders
    assert corrected_truth(None, tmp_path / "none.csv", [tmp_path / "1.png"], NAMES) is None
    (tmp_path / "other.csv").write_text("a,b\n", "utf-8")
    truth = corrected_truth(folders, tmp_path / "other.csv", [], NAMES)
    assert truth is not None
    assert truth.ids == folders.ids
    assert "something else" in truth.notes[0]


def test_a_last_line_that_was_left_open_is_ended_first(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    append_correction(file, correction(tmp_path / "1.png", "acorn"))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().rstrip(b"\n"))  # as an editor may
    append_correction(file, correction(tmp_path / "2.png", "acorn"))
    assert len(read_corrections(file)) == 2


def test_what_is_something_else_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("path,label\n1.png,acorn\n", "utf-8")
    with pytest.raises(SaveFailure, match="something else"):
        append_correction(file, correction(tmp_path / "1.png", "acorn"))
    with pytest.raises(Failure, match="something else"):
        read_corrections(file)
    assert file.read_text("utf-8") == "path,label\n1.png,acorn\n"


def test_where_nothing_can_be_written_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SaveFailure, match=r"doesn't exist.*Choose another folder"):
        append_correction(tmp_path / "gone" / "labels.csv", correction(tmp_path / "1.png", "acorn"))
    with pytest.raises(SaveFailure, match=r"is a folder.*Choose"):
        append_correction(tmp_path, correction(tmp_path / "1.png", "acorn"))
    assert read_corrections(tmp_path / "none.csv") == {}
    with pytest.raises(Failure, match="can't be read"):
        read_corrections(tmp_path)


def test_a_full_disk_leaves_no_half_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "labels.csv"
    append_correction(file, correction(tmp_path / "1.png", "acorn"))
    before = file.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SaveFailure, match=r"There is no room for labels\.csv"):
        append_correction(file, correction(tmp_path / "2.png", "acorn"))
    assert file.read_bytes() == before
