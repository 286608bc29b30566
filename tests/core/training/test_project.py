"""A project in its folder: kept whole, read back, and no files elsewhere are touched."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from camviewer.core.failures import SourceFailure
from camviewer.core.training.project import (
    INDEX,
    PICTURES,
    SIDE,
    KeptExample,
    Project,
    delete_project,
    picture_of,
    read_project,
    stored_picture,
    write_picture,
    write_project,
)

PROJECT = Project().with_class("cat").with_class("Löwe").with_examples([KeptExample("a.jpg", 1, "m")])


def image(height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    write_project(PROJECT, tmp_path)
    write_picture(stored_picture(image(50, 70)), "a.jpg", tmp_path)
    assert read_project(tmp_path) == PROJECT
    delete_project(tmp_path)
    assert read_project(tmp_path) == Project()


def test_pictures_and_examples_without_each_other_go(tmp_path: Path) -> None:
    write_project(PROJECT, tmp_path)
    write_picture(b"x", "stray.jpg", tmp_path)
    assert read_project(tmp_path).examples == ()
    assert list((tmp_path / PICTURES).iterdir()) == []


def test_pictures_are_reduced_once(tmp_path: Path) -> None:
    small, large = picture_of(stored_picture(image(100, 130))), picture_of(stored_picture(image(1080, 1920)))
    assert small.shape == (100, 130, 3)
    assert large.shape[0] == SIDE
    assert abs(large.shape[1] - SIDE * 16 / 9) <= 1


@pytest.mark.parametrize(
    "change",
    [
        {"camviewer_project": 9},
        {"classes": [{"key": 1, "name": "a"}, {"key": 1, "name": "b"}]},
        {"examples": [{"file": "../../secret.jpg", "class": 1, "moment": "m"}]},
        {"examples": [{"file": "a.jpg", "class": 7, "moment": "m"}]},
        {"examples": 3},
    ],
)
def test_a_damaged_index_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    write_project(PROJECT, tmp_path)
    index = tmp_path / INDEX
    index.write_text(json.dumps(json.loads(index.read_text()) | change))
    with pytest.raises(SourceFailure, match="can't be read"):
        read_project(tmp_path)


def test_a_class_takes_its_examples_along() -> None:
    assert PROJECT.without_class(1).examples == ()
    assert PROJECT.renamed(1, "dog").classes[0].name == "dog"
    assert [each.name for each in PROJECT.taught_classes] == ["cat"]
    assert PROJECT.without_class(1).with_examples([KeptExample("b.jpg", 1, "m")]).examples == ()
