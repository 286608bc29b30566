"""Lists of photos, classes and boxes."""

from __future__ import annotations

from pathlib import Path

import pytest

from camviewer.core.failures import Failure
from camviewer.core.quality.items import check_classes, read_items


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(b"not read here")
    return path


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_lists_are_read_as_imagenet_s_are(photo: Path, tmp_path: Path) -> None:
    boxes = write(
        tmp_path / "b.txt", "val/photo.png,1,2,3,4", "val/gone.png,1,2,3,4", "val/photo.png,5,6,7.5,8", ""
    )
    labels = write(tmp_path / "l.txt", "val/photo.png,7", "val/gone.png,3")
    (item,), missing = read_items(photo.parent, boxes, labels)
    assert item.truth is not None
    assert (item.path, item.truth.class_id, missing) == (photo, 7, 1)
    assert item.truth.boxes.tolist() == [[1, 2, 3, 4], [5, 6, 7.5, 8]]


@pytest.mark.parametrize(
    ("boxes", "labels", "message"),
    [
        ("photo.png,1,2,3", "photo.png,7", "has not 5 fields"),
        ("photo.png,1,2,3,x", "photo.png,7", "can't be read"),
        ("photo.png,1,2,3,4", "other.png,7", "no class for photo.png"),
        ("photo.png,1,2,3,4", "photo.png", "has not 2 fields"),
        ("photo.png,1,2,nan,4", "photo.png,7", "has no numbers after the path"),
        ("gone.png,1,2,3,4", "gone.png,7", "There are no photos of"),
    ],
)
def test_bad_lists_are_told(photo: Path, tmp_path: Path, boxes: str, labels: str, message: str) -> None:
    with pytest.raises(Failure, match=message):
        read_items(photo.parent, write(tmp_path / "b.txt", boxes), write(tmp_path / "l.txt", labels))


def test_headings_are_passed_over(photo: Path, tmp_path: Path) -> None:
    boxes = write(tmp_path / "b.csv", "\ufeffpath,left,top,right,bottom", "photo.png,1,2,3,4")
    labels = write(tmp_path / "l.csv", "path,class", "photo.png,7")
    (item,), _ = read_items(photo.parent, boxes, labels)
    assert item.truth is not None
    assert item.truth.class_id == 7


def test_a_class_that_the_model_does_not_have_is_told(photo: Path, tmp_path: Path) -> None:
    boxes, labels = write(tmp_path / "b", "photo.png,1,2,3,4"), write(tmp_path / "l", "photo.png,7")
    items, _ = read_items(photo.parent, boxes, labels)
    check_classes(items, 8)
    with pytest.raises(Failure, match=r"photo\.png: class 7 is not among 0\.\.6"):
        check_classes(items, 7)
    with pytest.raises(Failure, match="none can't be read"):
        read_items(photo.parent, tmp_path / "none", labels)
