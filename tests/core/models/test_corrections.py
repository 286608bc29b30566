"""Corrections of a model card: applied, refused, saved, remembered."""

from __future__ import annotations

import json
import os
from dataclasses import fields, replace
from pathlib import Path

import pytest

from camviewer.core.failures import ModelFailure, SaveFailure
from camviewer.core.models.card import ArchitectureName, Fact, FactOrigin, FileFormat, Layer, ModelCard
from camviewer.core.models.corrections import (
    MAX_CARD_BYTES,
    Corrections,
    apply,
    asked_for,
    card_json,
    card_path,
    corrections_of,
    forget,
    read_card,
    remember,
    remembered,
    write_card,
)
from camviewer.core.models.proof import HeadKind, HeadProof
from camviewer.core.models.spec import Link, Preprocessing, SizeRule

CARD = ModelCard(
    path=Path("/models/pets.pth"),
    sha256="ab" * 32,
    format=FileFormat.TORCH,
    architecture=Fact(ArchitectureName("torchvision", "resnet18"), FactOrigin.WEIGHTS),
    parameters=11_178_051,
    classes=3,
    channels=Fact(3, FactOrigin.WEIGHTS),
    preprocessing=Fact(
        Preprocessing(256, 224, (0.5, 0.4, 0.3), (0.2, 0.2, 0.2)), FactOrigin.ARCHITECTURE, "IMAGENET1K_V1"
    ),
    sizes=Fact(SizeRule(32, 64, 896), FactOrigin.ARCHITECTURE),
    labels=Fact(("class 0", "class 1", "class 2"), FactOrigin.ASSUMED),
    link=Fact(Link.SOFTMAX, FactOrigin.ASSUMED),
    proof=HeadProof(HeadKind.POOLED_LINEAR, "layer4", 2e-7),
    layers=(Layer("layer4", "Sequential", 512, 7, 7),),
    left_out=("optimizer",),
    passed_over=("labels.txt has 4 labels, but the model has 3 classes.",),
)
ALL = Corrections(
    architecture=ArchitectureName("timm", "resnet18"),
    resize=300,
    crop=288,
    bicubic=True,
    mean=(0.5, 0.25, 0.125),
    std=(1.0, 2.0, 0.1),
    bgr=True,
    labels=("cat", "dog", "Löwe"),
    link=Link.SIGMOID,
)


def test_what_is_corrected_and_by_whom() -> None:
    card = apply(CARD, ALL)
    assert corrections_of(card) == ALL
    changed = ("architecture", "labels", "link", "preprocessing")
    assert all(getattr(card, name).origin is FactOrigin.USER for name in changed)
    assert card.preprocessing.value == Preprocessing(
        300, 288, (0.5, 0.25, 0.125), (1.0, 2.0, 0.1), bicubic=True, bgr=True
    )
    untouched = {field.name for field in fields(ModelCard)} - {
        "architecture",
        "labels",
        "link",
        "preprocessing",
    }
    assert all(getattr(card, name) is getattr(CARD, name) for name in untouched)


def test_what_is_not_corrected_stays_as_it_was_found() -> None:
    assert apply(CARD, Corrections()) == CARD
    card = apply(CARD, Corrections(mean=(0.0, 0.0, 0.0), bgr=False), FactOrigin.CARD)
    seen = card.preprocessing
    assert (seen.origin, seen.place) == (FactOrigin.CARD, "mean, bgr")
    assert seen.value == replace(CARD.preprocessing.value, mean=(0.0, 0.0, 0.0))
    assert card.labels is CARD.labels


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (Corrections(labels=("cat", "dog")), "The card has 2 labels, but the model has 3 classes"),
        (Corrections(mean=(0.5,)), "mean is not one number for each of the network's 3 channels"),
        (Corrections(std=(1.0, 1.0, 1.0, 1.0)), "std is not one number for each"),
        (Corrections(mean=(0.5, 0.5, float("nan"))), "mean is not one number"),
        (Corrections(std=(1.0, 0.0, 1.0)), "std is not above 0"),
        (Corrections(std=(1.0, -1.0, 1.0)), "std is not above 0"),
        (Corrections(crop=288), "crop of 288 pixels is larger than the 256 pixels"),
        (Corrections(resize=200), "crop of 224 pixels is larger than the 200 pixels"),
        (Corrections(crop=225), "doesn't take 225 pixels"),
        (Corrections(crop=32), "doesn't take 32 pixels"),
    ],
)
def test_what_can_not_be_is_refused(wrong: Corrections, problem: str) -> None:
    with pytest.raises(ModelFailure, match=problem) as raised:
        apply(CARD, wrong)
    assert raised.value.mend


def test_other_networks_take_other_corrections() -> None:
    grey = replace(
        CARD,
        channels=Fact(1, FactOrigin.WEIGHTS),
        preprocessing=Fact(Preprocessing(299, 299, (0.5,), (0.5,)), FactOrigin.ASSUMED),
        sizes=Fact(SizeRule(32, 299, 299, square=True), FactOrigin.ARCHITECTURE),
    )
    assert apply(grey, Corrections(mean=(0.1,))).preprocessing.value.mean == (0.1,)
    with pytest.raises(ModelFailure, match="no blue channel"):
        apply(grey, Corrections(bgr=True))
    with pytest.raises(ModelFailure, match="doesn't take 256 pixels") as raised:
        apply(grey, Corrections(crop=256))
    assert raised.value.mend == "It takes 299 only."


def test_a_wrong_number_of_labels_is_told_with_their_file(tmp_path: Path) -> None:
    labels = tmp_path / "pets.txt"
    labels.write_text("cat\ndog")
    card = write_card(Corrections(labels=("x", "y", "z"), bgr=True), tmp_path / "a.card.json")
    asked = asked_for(card, labels)
    assert asked == Corrections(labels=("cat", "dog"), bgr=True)
    with pytest.raises(ModelFailure, match=r"^pets\.txt has 2 labels, but the model has 3 classes"):
        apply(CARD, asked)
    assert read_card(write_card(asked, tmp_path / "b.card.json")) == asked
    assert asked_for(card, None) == read_card(card)
    assert asked_for(None, None) is None


def test_newer_corrections_go_over_older_ones() -> None:
    older = Corrections(resize=300, link=Link.SIGMOID, bgr=True)
    assert Corrections(resize=256, bgr=False).over(older) == Corrections(
        resize=256, link=Link.SIGMOID, bgr=False
    )
    assert older.over(None) == older


@pytest.mark.parametrize("corrections", [ALL, Corrections(), Corrections(bgr=False, bicubic=False)])
def test_a_file_holds_them(tmp_path: Path, corrections: Corrections) -> None:
    path = write_card(corrections, tmp_path / "a.card.json")
    assert read_card(path) == corrections


def test_the_whole_card_in_a_file(tmp_path: Path) -> None:
    path = card_path(tmp_path / "pets.v2.pth")
    assert path == tmp_path / "pets.v2.pth.card.json"
    path.write_text("old")
    write_card(CARD, path)
    assert read_card(path) == corrections_of(CARD)
    assert json.loads(path.read_text("ascii")) == {
        "camviewer_card": 1,
        "architecture": {"library": "torchvision", "name": "resnet18"},
        "resize": 256,
        "crop": 224,
        "interpolation": "bilinear",
        "mean": [0.5, 0.4, 0.3],
        "std": [0.2, 0.2, 0.2],
        "bgr": False,
        "labels": ["class 0", "class 1", "class 2"],
        "link": "softmax",
    }
    with pytest.raises(SaveFailure, match="doesn't exist"):
        write_card(CARD, tmp_path / "nowhere" / "a.json")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"mena": [1], "std": [1], "x": 2}', "says mena, x, which no model card has"),
        ('{"camviewer_card": 2, "mean": [1]}', "newer form"),
        ('{"resize": "256"}', "resize is not a number of pixels"),
        ('{"resize": 0}', "resize is not a number of pixels"),
        ('{"crop": true}', "crop is not a number of pixels"),
        ('{"crop": 224.5}', "crop is not a number of pixels"),
        ('{"mean": 0.5}', "mean is not a list of numbers"),
        ('{"mean": []}', "mean is not a list of numbers"),
        ('{"std": [true]}', "std is not a list of numbers"),
        ('{"bgr": 1}', "bgr is not true or false"),
        ('{"interpolation": "nearest"}', "interpolation is not bilinear or bicubic"),
        ('{"interpolation": ["bilinear"]}', "interpolation is not bilinear or bicubic"),
        ('{"labels": {"0": "cat"}}', "labels is not a list of labels"),
        ('{"labels": [1]}', "labels is not a list of labels"),
        ('{"link": "relu"}', "link is not softmax or sigmoid"),
        ('{"architecture": "resnet18"}', "architecture is not an object with library and name"),
        ('{"architecture": {"library": "timm"}}', "architecture is not"),
        ('{"architecture": {"library": "timm", "name": 3}}', "architecture is not"),
        ("[]", "is no model card"),
        ("{", "can't be read"),
        ("[" * 100_000, "can't be read"),
    ],
)
def test_a_file_that_says_what_no_card_does(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "a.card.json"
    path.write_text(text)
    with pytest.raises(ModelFailure, match=problem) as raised:
        read_card(path)
    assert raised.value.mend


def test_files_that_can_not_be_read(tmp_path: Path) -> None:
    with pytest.raises(ModelFailure, match="is not a file"):
        read_card(tmp_path)
    with pytest.raises(ModelFailure, match="can't be read"):
        read_card(tmp_path / "nowhere.json")
    large = tmp_path / "large.json"
    large.touch()
    os.truncate(large, MAX_CARD_BYTES + 1)
    with pytest.raises(ModelFailure, match="larger than 20 MB"):
        read_card(large)


def test_fifty_thousand_labels_fit(tmp_path: Path) -> None:
    corrections = Corrections(labels=tuple(f"Löwe {'x' * 60} {i}" for i in range(50_000)))
    assert read_card(write_card(corrections, tmp_path / "a.json")) == corrections


def test_corrections_are_remembered_by_the_files_hash(tmp_path: Path) -> None:
    folder = tmp_path / "cards"
    one, other = "ab" * 32, "cd" * 32
    assert remembered(folder, one) is None
    forget(folder, one)
    remember(folder, one, ALL)
    remember(folder, other, Corrections(bgr=True))
    assert (remembered(folder, one), remembered(folder, other)) == (ALL, Corrections(bgr=True))
    remember(folder, one, Corrections(resize=300))
    assert remembered(folder, one) == Corrections(resize=300), "the whole of them"
    remember(folder, one, Corrections())
    forget(folder, other)
    assert list(folder.iterdir()) == []


def test_a_damaged_memory_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    remember(tmp_path, "ab" * 32, ALL)
    (file,) = tmp_path.iterdir()
    file.write_text("{")
    assert remembered(tmp_path, "ab" * 32) is None
    assert "passed over" in caplog.text


@pytest.mark.parametrize("sha256", ["", "../" + "a" * 61, "AB" * 32, "ab"])
def test_only_a_hash_names_a_file(tmp_path: Path, sha256: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        remembered(tmp_path, sha256)


def test_all_facts_as_json() -> None:
    told = json.loads(json.dumps(card_json(CARD), allow_nan=False))
    assert told == {
        "path": str(Path("/models/pets.pth")),
        "sha256": "ab" * 32,
        "format": "torch",
        "parameters": 11_178_051,
        "classes": 3,
        "facts": {
            "architecture": {
                "value": {"library": "torchvision", "name": "resnet18"},
                "origin": "weights",
                "place": "",
            },
            "channels": {"value": 3, "origin": "weights", "place": ""},
            "preprocessing": {
                "value": {
                    "resize": 256,
                    "crop": 224,
                    "mean": [0.5, 0.4, 0.3],
                    "std": [0.2, 0.2, 0.2],
                    "bgr": False,
                    "squash": False,
                    "interpolation": "bilinear",
                },
                "origin": "architecture",
                "place": "IMAGENET1K_V1",
            },
            "sizes": {
                "value": {"stride": 32, "smallest": 64, "largest": 896, "offered": [], "square": False},
                "origin": "architecture",
                "place": "",
            },
            "labels": {"value": ["class 0", "class 1", "class 2"], "origin": "assumed", "place": ""},
            "link": {"value": "softmax", "origin": "assumed", "place": ""},
        },
        "fits_as_well": [],
        "head": {"kind": "pooled linear", "layer": "layer4", "error": 2e-7, "reason": "", "maps": "exact"},
        "layers": [{"name": "layer4", "kind": "Sequential", "channels": 512, "rows": 7, "columns": 7}],
        "left_out": ["optimizer"],
        "passed_over": ["labels.txt has 4 labels, but the model has 3 classes."],
        "assumed": [],
    }
    assert card_json(replace(CARD, proof=None))["head"] is None


@pytest.mark.parametrize(
    ("format_", "kind", "maps"),
    [
        (FileFormat.ONNX, HeadKind.POOLED_SCORES, "exact"),
        (FileFormat.TORCH, HeadKind.OTHER, "local"),
        (FileFormat.SAFETENSORS, HeadKind.OTHER, "local"),
        (FileFormat.ONNX, HeadKind.OTHER, "relative only"),
    ],
)
def test_the_most_that_maps_can_say(format_: FileFormat, kind: HeadKind, maps: str) -> None:
    assert replace(CARD, format=format_, proof=HeadProof(kind, "x")).maps == maps
    assert replace(CARD, proof=None).maps is None


def test_without_layers_there_are_no_gradients_to_make_local_maps_of() -> None:
    assert replace(CARD, proof=HeadProof(HeadKind.OTHER, "x"), layers=()).maps == "relative only"
    assert replace(CARD, layers=()).maps == "exact"
