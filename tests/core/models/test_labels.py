"""Where a head's labels come from."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from torchvision.models._meta import _IMAGENET_CATEGORIES

from camviewer.core.failures import ModelFailure
from camviewer.core.models.label_reading import read_labels
from camviewer.core.models.labels import imagenet_labels, labels_for


def labels_file(folder: Path, content: str | bytes) -> Path:
    path = folder / "labels.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_imagenet_labels_are_those_of_torchvision() -> None:
    assert list(imagenet_labels()) == list(_IMAGENET_CATEGORIES)


@pytest.mark.parametrize(
    "content",
    [
        "cat\ndog\nLöwe, gelb\n",
        "cat\r\ndog\r\nLöwe, gelb",
        "\ufeffcat\ndog\nLöwe, gelb\n",
        "\n\n  cat  \n \t\ndog\n\nLöwe, gelb\n\n\n",
    ],
    ids=["plain", "windows", "bom", "blank-lines"],
)
def test_one_label_a_line(tmp_path: Path, content: str) -> None:
    path = labels_file(tmp_path, content)
    assert read_labels(path) == ("cat", "dog", "Löwe, gelb")
    assert labels_for(3, path) == ("cat", "dog", "Löwe, gelb")


@pytest.mark.parametrize("classes", [2, 4, 1000])
def test_a_wrong_number_of_labels(tmp_path: Path, classes: int) -> None:
    path = labels_file(tmp_path, "a\nb\nc")
    with pytest.raises(ModelFailure, match=f"labels.txt has 3 labels, but the model has {classes} classes"):
        labels_for(classes, path)


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff"])
def test_an_empty_file(tmp_path: Path, content: str) -> None:
    with pytest.raises(ModelFailure, match="is empty"):
        read_labels(labels_file(tmp_path, content))


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    for path in (labels_file(tmp_path, "Löwe".encode("latin-1")), tmp_path / "missing.txt"):
        with pytest.raises(ModelFailure, match="can't be read") as raised:
            labels_for(1, path)
        assert "UTF-8" in raised.value.mend


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(ModelFailure, match="holds no folders"):
        read_labels(tmp_path)
    if sys.platform == "win32":
        return
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(ModelFailure, match="is not a file") as raised:
            read_labels(path)
        assert "UTF-8" in raised.value.mend


def test_a_file_of_4_gb_is_refused(tmp_path: Path) -> None:
    path = labels_file(tmp_path, "cat\ndog\n")
    os.truncate(path, 4_000_000_000)  # sparse: takes no room
    with pytest.raises(ModelFailure, match=r"labels\.txt is larger than 10 MB"):
        read_labels(path)


def test_without_a_file() -> None:
    assert labels_for(1000, None) == imagenet_labels()
    assert labels_for(3, None) == ("class 0", "class 1", "class 2")


def test_a_file_of_the_user_goes_before_imagenet(tmp_path: Path) -> None:
    own = [f"own {i}" for i in range(1000)]
    assert labels_for(1000, labels_file(tmp_path, "\n".join(own))) == tuple(own)
