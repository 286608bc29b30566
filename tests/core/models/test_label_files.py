"""Where a model's labels are found, and what is said of those that don't fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from camviewer.core.models.card import FactOrigin
from camviewer.core.models.label_files import FoundLabels, find_labels
from camviewer.core.models.labels import imagenet_labels

PETS = ("cat", "dog", "fox")
NOTHING: Mapping[str, object] = {}


def found(
    folder: Path,
    extras: Mapping[str, object] = NOTHING,
    config: Mapping[str, object] = NOTHING,
    classes: int = 3,
    *,
    imagenet_allowed: bool = False,
) -> FoundLabels:
    return find_labels(folder / "net.pth", classes, extras, config, imagenet_allowed=imagenet_allowed)


def where(result: FoundLabels) -> tuple[FactOrigin, str]:
    return result.labels.origin, result.labels.place


@pytest.mark.parametrize(
    ("extras", "place"),
    [
        ({"classes": list(PETS)}, "classes"),
        ({"CLASSES": PETS}, "CLASSES"),
        ({"epoch": 3, "class_to_idx": {"fox": 2, "cat": 0, "dog": 1}}, "class_to_idx"),
        ({"idx_to_class": dict(enumerate(PETS))}, "idx_to_class"),
        ({"vocab": list(PETS)}, "vocab"),
        ({"hyper_parameters": {"num_classes": 3, "class_names": list(PETS)}}, "hyper_parameters.class_names"),
        ({"args": {"labels": "cat,dog,fox"}}, "args.labels"),
        ({"meta": {"dataset_meta": {"classes": PETS}}}, "meta.dataset_meta.classes"),
        ({"names": "{0: 'cat', 1: 'dog', 2: 'fox'}", "stride": "32"}, "names"),
        ({"classes": 3, "config": {"label2id": {"cat": 0, "dog": 1, "fox": 2}}}, "config.label2id"),
    ],
)
def test_in_the_model_file(tmp_path: Path, extras: Mapping[str, object], place: str) -> None:
    result = found(tmp_path, extras)
    assert result.labels.value == PETS
    assert where(result) == (FactOrigin.FILE, place)
    assert result.passed_over == ()


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"architecture": "resnet18", "label_names": list(PETS)}, "config.json: label_names"),
        ({"id2label": {"0": "cat", "1": "dog", "2": "fox"}}, "config.json: id2label"),
        ({"pretrained_cfg": {"label_names": list(PETS)}}, "config.json: pretrained_cfg.label_names"),
    ],
)
def test_in_the_config(tmp_path: Path, config: Mapping[str, object], place: str) -> None:
    result = found(tmp_path, config=config)
    assert result.labels.value == PETS
    assert where(result) == (FactOrigin.CONFIG, place)


@pytest.mark.parametrize(
    "name",
    [
        "labels.txt",
        "classes.txt",
        "class_names.txt",
        "net.txt",
        "net.labels.txt",
        "net.json",
        "class_indices.json",
        "idx_to_class.json",
        "names.yaml",
        "data.yaml",
        "dataset.yml",
        "labels.csv",
    ],
)
def test_beside_the_model_file(tmp_path: Path, name: str) -> None:
    text = {"json": json.dumps(PETS), "yaml": "names: [cat, dog, fox]", "yml": "names: [cat, dog, fox]"}
    (tmp_path / name).write_text(text.get(name.rsplit(".", 1)[1], "cat\ndog\nfox\n"), "utf-8")
    result = found(tmp_path)
    assert result.labels.value == PETS
    assert where(result) == (FactOrigin.BESIDE, name)
    if not name.startswith("net"):
        assert find_labels(tmp_path, 3, {}, {}) == result, "a checkpoint that is a folder"


def test_the_nearest_labels_win(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("a\nb\nc")
    (tmp_path / "net.txt").write_text("d\ne\nf")
    config: Mapping[str, object] = {"label_names": ["g", "h", "i"]}
    assert found(tmp_path, {"classes": list(PETS)}, config).labels.value == PETS
    assert found(tmp_path, config=config).labels.value == ("g", "h", "i")
    assert found(tmp_path).labels.value == ("d", "e", "f"), "named as the model file"


def test_what_does_not_fit_is_passed_over_and_told(tmp_path: Path) -> None:
    (tmp_path / "net.txt").write_text("trained on Monday\n")
    (tmp_path / "labels.txt").write_text("a\nb\nc\nd\n")
    (tmp_path / "classes.txt").write_bytes(b"caf\xe9")
    (tmp_path / "labels.csv").write_text("id,label\n0,cat\n1,dog\n2,fox\n")
    result = found(tmp_path, {"class_to_idx": {"cat": 1, "dog": 2, "fox": 3}, "classes": ["x"]})
    assert where(result) == (FactOrigin.BESIDE, "labels.csv")
    first, *rest, unreadable = result.passed_over
    assert first == "net.pth: classes has 1 labels, but the model has 3 classes."
    assert rest == [
        "net.pth: class_to_idx numbers 3 labels from 1 to 3, not from 0 to 2.",
        "net.txt has 1 labels, but the model has 3 classes.",
        "labels.txt has 4 labels, but the model has 3 classes.",
    ]
    assert "classes.txt can't be read" in unreadable


def test_placeholders_are_no_labels(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("\n".join(PETS))
    config: Mapping[str, object] = {"id2label": {str(i): f"LABEL_{i}" for i in range(3)}}
    result = found(tmp_path, config=config)
    assert result.labels.value == PETS
    assert result.passed_over == ()


def test_labels_of_imagenet_are_assumed_only_where_that_is_allowed(tmp_path: Path) -> None:
    result = found(tmp_path, classes=1000, imagenet_allowed=True)
    assert result.labels.value == imagenet_labels()
    assert where(result) == (FactOrigin.ASSUMED, "ImageNet")
    assert found(tmp_path, classes=1000).labels.value[999] == "class 999"
    assert found(tmp_path, classes=21841, imagenet_allowed=True).labels.value[21840] == "class 21840"
    own = [f"own {i}" for i in range(1000)]
    assert found(tmp_path, {"classes": own}, classes=1000, imagenet_allowed=True).labels.value[0] == "own 0"


def test_without_any(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").mkdir()  # no file
    result = found(tmp_path, {"labels": "labels.txt", "classes": 3})
    assert result.labels.value == ("class 0", "class 1", "class 2")
    assert where(result) == (FactOrigin.ASSUMED, "")
    assert result.passed_over == ()
