"""`camviewer inspect`: what it prints, what it corrects, and how it ends."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from camviewer.commands import cli, inspect
from camviewer.commands.options import InspectOptions
from camviewer.commands.parser import parse_inspect
from camviewer.core.failures import ModelFailure
from camviewer.core.models.card import ArchitectureName, Fact, FactOrigin, FileFormat, ModelCard
from camviewer.core.models.corrections import (
    Corrections,
    apply,
    card_json,
    corrections_of,
    read_card,
    write_card,
)
from camviewer.core.models.proof import HeadKind, HeadProof
from camviewer.core.models.spec import Link, SizeRule
from tests.core.models.test_corrections import CARD


@dataclass
class FakeOpening:
    """Opens every file as one card."""

    card: ModelCard = CARD
    asked: list[tuple[Path, Corrections | None]] = field(default_factory=list)

    def __call__(self, path: Path, corrections: Corrections | None) -> ModelCard:
        self.asked.append((path, corrections))
        return apply(self.card, corrections or Corrections(), FactOrigin.CARD)


FILE = Path("pets.pth")


def test_each_fact_and_where_it_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert inspect.run(InspectOptions(FILE), FakeOpening()) == 0
    rows = [tuple(part.strip() for part in line.split("  ") if part.strip()) for line in out(capsys)]
    assert rows == [
        ("file", str(Path("/models/pets.pth"))),
        ("format", "torch"),
        ("SHA-256", "ab" * 32),
        ("architecture", "torchvision: resnet18", "the weights' names and shapes"),
        ("parameters", "11,178,051"),
        ("classes", "3"),
        ("labels", "class 0, class 1, class 2", "assumed"),
        ("passed over", "labels.txt has 4 labels, but the model has 3 classes."),
        ("probabilities", "softmax", "assumed"),
        ("channels", "3", "the weights' names and shapes"),
        ("input sizes", "multiples of 32 from 64 to 896 pixels", "known of the architecture"),
        ("resize, crop", "256 pixels, bilinear; the centre 224", "known of the architecture: IMAGENET1K_V1"),
        ("mean", "0.5, 0.4, 0.3", "known of the architecture: IMAGENET1K_V1"),
        ("std", "0.2, 0.2, 0.2", "known of the architecture: IMAGENET1K_V1"),
        ("order", "RGB", "known of the architecture: IMAGENET1K_V1"),
        ("head", "pooled linear, after layer4", "measured"),
        ("maps", "exact: logits differ by 2.0e-07 at most", "measured"),
        ("layer", "layer4 (Sequential): 512 channels, 7 × 7 cells", "measured"),
        ("left out", "optimizer"),
    ]


def test_columns_are_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    inspect.run(InspectOptions(FILE), FakeOpening())
    lines = out(capsys)
    values = {line.index(value) for line, value in zip(lines, ["/models", "torch", "abab"], strict=False)}
    assert len(values) == 1
    assert len({line.index("known of") for line in lines if "known of" in line}) == 1
    assert lines == [line.rstrip() for line in lines]


def out(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_cards_of_other_models(capsys: pytest.CaptureFixture[str]) -> None:
    many = tuple(f"label {i}" for i in range(3))
    card = replace(
        CARD,
        format=FileFormat.ONNX,
        sizes=Fact(SizeRule(16, 224, 224, square=True), FactOrigin.FILE, "input"),
        labels=Fact((*many, "d", "e", "f"), FactOrigin.BESIDE, "labels.txt"),
        proof=HeadProof(HeadKind.OTHER, "blocks.11", reason="the head takes a class token"),
        fits_as_well=(ArchitectureName("timm", "resnet18"),),
    )
    inspect.run(InspectOptions(FILE), FakeOpening(card))
    text = capsys.readouterr().out
    for part in (
        "label 0, label 1, label 2, d, e, …",
        "a file beside it: labels.txt",
        "224 pixels only, square",
        "the file: input",
        "relative only: the head takes a class token",
        "fits as well   timm: resnet18",
    ):
        assert part in text
    inspect.run(InspectOptions(FILE), FakeOpening(replace(CARD, proof=None)))
    assert "not measured" in capsys.readouterr().out


def test_what_no_tensor_tells_is_told_in_both_forms(capsys: pytest.CaptureFixture[str]) -> None:
    sentence = "Between the linear layers of fc, ReLU is assumed: no tensor says so."
    opening = FakeOpening(replace(CARD, assumed=(sentence,)))
    inspect.run(InspectOptions(FILE), opening)
    assert f"assumed        {sentence}" in out(capsys)
    inspect.run(InspectOptions(FILE, json=True), opening)
    assert json.loads(capsys.readouterr().out)["assumed"] == [sentence]


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert inspect.run(InspectOptions(FILE, json=True), FakeOpening()) == 0
    assert json.loads(capsys.readouterr().out) == card_json(CARD)


def test_a_card_and_labels_correct_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = write_card(
        Corrections(link=Link.SIGMOID, labels=("x", "y", "z"), bgr=True), tmp_path / "a.card.json"
    )
    labels = tmp_path / "labels.json"
    labels.write_text('{"0": "cat", "1": "dog", "2": "fox"}')
    opening = FakeOpening()
    assert inspect.run(InspectOptions(FILE, card=card), opening) == 0
    assert inspect.run(InspectOptions(FILE, labels=labels), opening) == 0
    assert inspect.run(InspectOptions(FILE, card=card, labels=labels), opening) == 0
    assert opening.asked == [
        (FILE, Corrections(link=Link.SIGMOID, labels=("x", "y", "z"), bgr=True)),
        (FILE, Corrections(labels=("cat", "dog", "fox"))),
        (FILE, Corrections(link=Link.SIGMOID, labels=("cat", "dog", "fox"), bgr=True)),
    ]
    text = capsys.readouterr().out
    assert "sigmoid" in text
    assert "cat, dog, fox" in text
    assert "BGR" in text
    assert "a model card" in text


def test_what_fails_is_told_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(path: Path, corrections: Corrections | None) -> ModelCard:
        raise ModelFailure("{name} is a program.", "Export it.", name=path.name)

    assert inspect.run(InspectOptions(FILE), refuse) == 1
    assert capsys.readouterr().err == "camviewer: pets.pth is a program. Export it.\n"
    labels = tmp_path / "labels.txt"
    labels.write_text("cat\ndog")
    assert inspect.run(InspectOptions(FILE, labels=labels), FakeOpening()) == 1
    assert "labels.txt has 2 labels, but the model has 3 classes" in capsys.readouterr().err
    assert inspect.run(InspectOptions(FILE, card=tmp_path / "nowhere.json"), FakeOpening()) == 1
    captured = capsys.readouterr()
    assert "can't be read" in captured.err
    assert captured.out == ""


def test_the_program_knows_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that holds no model is told, whatever opens it."""
    file = tmp_path / "x.pth"
    file.write_bytes(b"no model")
    assert cli.main(["inspect", str(file)]) == 1
    captured = capsys.readouterr()
    assert "x.pth" in captured.err
    assert captured.out == ""
    for wrong in ([], [str(tmp_path / "nowhere.pth")]):
        with pytest.raises(SystemExit) as caught:
            cli.main(["inspect", *wrong])
        assert caught.value.code == 2
        assert "usage: camviewer inspect" in capsys.readouterr().err


def test_a_card_to_edit_is_written_and_read_again(tmp_path: Path) -> None:
    new = tmp_path / "own.json"
    assert inspect.run(InspectOptions(FILE, write_card=new), FakeOpening()) == 0
    assert read_card(new) == corrections_of(CARD)
    with pytest.raises(SystemExit):
        parse_inspect([str(new), "--write-card", str(new)])
