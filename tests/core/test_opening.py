"""From a file to its card: where each fact comes from, and whose word counts."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save_file
from torch import nn
from torchvision.models import resnet18

from camviewer.core.explainer import Explainer
from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Fit, Frame
from camviewer.core.geometry import input_geometry
from camviewer.core.models.card import ArchitectureName, FactOrigin, FileFormat, MapKind, ModelCard
from camviewer.core.models.corrections import Corrections, card_path, remember, write_card
from camviewer.core.models.files import find_model_file
from camviewer.core.models.proof import HeadKind
from camviewer.core.models.spec import Link, Preprocessing
from camviewer.core.opened import OpenedModel, cards_folder
from camviewer.core.opening import open_card, open_model
from camviewer.core.runtimes.onnx_builtin import BuiltinRun
from camviewer.core.targets import ClassScore

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def saved(network: nn.Module, path: Path) -> Path:
    torch.save(network.state_dict(), path)
    return path


def opened(path: Path, asked: Corrections | None = None) -> OpenedModel:
    return open_model(find_model_file(path), asked)


def test_a_card_says_where_each_fact_comes_from(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("cat\ndog\nowl\n", "utf-8")
    card = open_card(saved(resnet18(num_classes=3), tmp_path / "pets.pt"))
    assert card.format is FileFormat.TORCH
    assert card.architecture.value == ArchitectureName("torchvision", "resnet18")
    assert card.architecture.origin is FactOrigin.WEIGHTS
    assert ArchitectureName("timm", "resnet18") in card.fits_as_well
    assert (card.classes, card.channels.value) == (3, 3)
    assert card.parameters == sum(p.numel() for p in resnet18(num_classes=3).parameters())
    assert card.labels.value == ("cat", "dog", "owl")
    assert (card.labels.origin, card.labels.place) == (FactOrigin.BESIDE, "labels.txt")
    assert (card.preprocessing.value.mean, card.preprocessing.value.std) == (MEAN, STD)
    assert card.preprocessing.origin is FactOrigin.ARCHITECTURE
    assert card.sizes.origin is FactOrigin.MEASURED
    assert card.sizes.value.stride == 32
    assert (card.link.value, card.link.origin) == (Link.SOFTMAX, FactOrigin.ASSUMED)
    assert card.proof is not None
    assert card.proof.kind is HeadKind.POOLED_LINEAR
    assert card.maps is MapKind.EXACT
    assert card.layers[-1].name == "layer4"


def facts(card: ModelCard) -> tuple[Any, ...]:
    return card.labels.value, card.labels.origin, card.preprocessing.value.bgr


def test_what_is_said_last_counts_most(tmp_path: Path) -> None:
    path = saved(resnet18(num_classes=2), tmp_path / "net.pth")
    assert facts(open_card(path)) == (("class 0", "class 1"), FactOrigin.ASSUMED, False)
    write_card(Corrections(labels=("a", "b"), bgr=True), card_path(path))
    assert facts(open_card(path)) == (("a", "b"), FactOrigin.CARD, True)
    remember(cards_folder(), open_card(path).sha256, Corrections(labels=("c", "d")))
    assert facts(open_card(path)) == (("c", "d"), FactOrigin.USER, True)
    assert facts(open_card(path, Corrections(labels=("e", "f")))) == (("e", "f"), FactOrigin.CARD, True)


def test_the_card_of_one_file_is_not_that_of_another_with_the_same_stem(tmp_path: Path) -> None:
    first = saved(resnet18(num_classes=2), tmp_path / "net.pth")
    other = saved(resnet18(num_classes=3), tmp_path / "net.pt")
    write_card(Corrections(labels=("a", "b")), card_path(first))
    assert open_card(other).labels.value == ("class 0", "class 1", "class 2")


def test_a_head_of_other_layers_says_what_is_assumed(tmp_path: Path) -> None:
    network: Any = resnet18()
    network.fc = nn.Sequential(nn.Linear(512, 8), nn.Tanh(), nn.Linear(8, 3))
    card = open_card(saved(network, tmp_path / "net.pth"))
    assert any("ReLU is assumed" in sentence for sentence in card.assumed)
    assert card.maps is MapKind.LOCAL
    assert open_card(saved(resnet18(num_classes=3), tmp_path / "plain.pth")).assumed == ()


def test_labels_of_timm_are_those_for_people(tmp_path: Path) -> None:
    save_file(resnet18(num_classes=2).state_dict(), tmp_path / "model.safetensors")
    config = {
        "architecture": "resnet18",
        "num_classes": 2,
        "label_names": ["n01440764", "n01443537"],
        "label_descriptions": {"n01440764": "tench, Tinca tinca", "n01443537": "goldfish"},
        "pretrained_cfg": {"mean": [0.5] * 3, "std": [0.25] * 3, "input_size": [3, 128, 128]},
    }
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    card = open_card(tmp_path)
    assert card.labels.value[1] == "goldfish"
    assert "tench" in card.labels.value[0]
    assert card.labels.origin is FactOrigin.CONFIG
    assert card.architecture.origin is FactOrigin.CONFIG
    assert opened(tmp_path).info.title == f"{tmp_path.name} (resnet18)"
    found = card.preprocessing
    assert (found.value.crop, found.value.mean, found.origin) == (128, (0.5,) * 3, FactOrigin.CONFIG)


@pytest.mark.parametrize("channels", [1, 4])
def test_other_numbers_of_channels(channels: int, tmp_path: Path) -> None:
    network: Any = resnet18(num_classes=2)
    network.conv1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=False)
    model = opened(saved(network, tmp_path / "net.pth"))
    assert model.card.channels.value == channels
    assert len(model.preprocessing.mean) == len(model.preprocessing.std) == channels
    assert model.preprocessing.mean[0] == pytest.approx(0.449 if channels == 1 else 0.485)
    explainer = Explainer(model.run, model, model.info)
    frame = Frame(np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8))
    explanation = explainer.explain(frame, ExplainRequest())
    assert explanation.map(ClassScore(0)).score == pytest.approx(float(explanation.logits[0]), abs=1e-4)


def test_one_score_is_two_sides(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("healthy\nsick\n", "utf-8")
    model = opened(saved(resnet18(num_classes=1), tmp_path / "net.pth"))
    assert (model.card.classes, model.link) == (2, Link.SIGMOID)
    frame = Frame(np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8))
    explanation = Explainer(model.run, model, model.info).explain(frame, ExplainRequest())
    assert explanation.logits[0] == pytest.approx(-float(explanation.logits[1]), abs=1e-5)
    assert explanation.probabilities.sum() == pytest.approx(1)
    assert explanation.labels == ("healthy", "sick")
    sides = [explanation.map(ClassScore(side)).values for side in (0, 1)]
    np.testing.assert_allclose(sides[0], -sides[1], atol=1e-6)


def test_the_card_of_one_score_has_no_softmax(tmp_path: Path) -> None:
    path = saved(resnet18(num_classes=1), tmp_path / "net.pth")
    with pytest.raises(ModelFailure, match="one score, and a softmax needs one for each class") as told:
        opened(path, Corrections(link=Link.SOFTMAX))
    assert told.value.mend == "Leave the probabilities at sigmoid."
    # What a version before this one remembered must not keep the file from opening.
    card = opened(path).card
    assert card.one_score
    remember(cards_folder(), card.sha256, Corrections(link=Link.SOFTMAX, bicubic=True))
    again = opened(path)
    assert (again.link, again.preprocessing.bicubic) == (Link.SIGMOID, True)


def test_what_no_network_fits_names_the_nearest(tmp_path: Path) -> None:
    network: Any = resnet18(num_classes=3)
    network.layer4 = nn.Sequential(nn.Conv2d(256, 512, 3))
    expected = "of no network that camviewer knows. The nearest: .*resnet18"
    with pytest.raises(ModelFailure, match=expected) as told:
        open_card(saved(network, tmp_path / "net.pth"))
    assert "torch.onnx.export(" in told.value.mend


def test_another_architecture_that_does_not_fit_says_so(tmp_path: Path) -> None:
    path = saved(resnet18(num_classes=3), tmp_path / "net.pth")
    with pytest.raises(ModelFailure, match="doesn't fit"):
        open_card(path, Corrections(architecture=ArchitectureName("timm", "vit_tiny_patch16_224")))


def flattening(path: Path, side: int) -> Path:
    """An ONNX network with an open input that runs with one size only: its features are flattened."""
    rng = np.random.default_rng(0)
    cells = (side // 16) ** 2
    weights = {
        "w": rng.normal(0, 0.1, (4, 3, 16, 16)).astype(np.float32),
        "m": rng.normal(0, 0.1, (4 * cells, 5)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["f"], strides=[16, 16]),
        helper.make_node("Flatten", ["f"], ["v"]),
        helper.make_node("MatMul", ["v", "m"], ["scores"]),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", 5])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def test_an_open_size_of_onnx_is_found_by_trying(tmp_path: Path) -> None:
    card = open_card(flattening(tmp_path / "net.onnx", 128))
    assert card.preprocessing.value.crop == 128
    assert card.preprocessing.origin is FactOrigin.MEASURED
    assert card.sizes.value.fixed
    with pytest.raises(ModelFailure, match="can't be run with an image of 224 × 224"):
        open_card(flattening(tmp_path / "odd.onnx", 144))


def test_what_timms_training_was_given_is_taken(tmp_path: Path) -> None:
    arguments = {"mean": [0.5] * 3, "std": [0.25] * 3, "interpolation": "bicubic", "crop_pct": 0.9}
    path = tmp_path / "last.pth.tar"
    state = {"state_dict": resnet18(num_classes=3).state_dict(), "metric": 77.1}
    torch.save({**state, "arch": "resnet18", "args": Namespace(**arguments)}, path)
    card = open_card(path)
    assert card.architecture.value == ArchitectureName("timm", "resnet18")
    assert (card.architecture.origin, card.architecture.place) == (FactOrigin.FILE, "arch")
    found = card.preprocessing
    assert (found.origin, found.place) == (FactOrigin.FILE, "args: resize, mean, std, bicubic")
    assert found.value == Preprocessing(248, 224, (0.5,) * 3, (0.25,) * 3, True)
    assert card.left_out == ()
    torch.save({**state, "arch": "resnet34"}, path)
    assert open_card(path).architecture.origin is FactOrigin.WEIGHTS


@pytest.mark.parametrize("side", [96, 100])
def test_own_files_of_a_built_in_architecture_run_in_onnx_runtime_on_the_cpu(
    tmp_path: Path, side: int
) -> None:
    """Faster than in torch, and the same numbers; what needs gradients has them."""
    network = resnet18(num_classes=7).eval()
    torch.save(network.state_dict(), tmp_path / "own.pth")
    write_card(Corrections(resize=side, crop=side), card_path(tmp_path / "own.pth"))
    opened = open_model(find_model_file(tmp_path / "own.pth"))
    assert isinstance(opened.run, BuiltinRun)
    assert opened.card.parameters == sum(p.numel() for p in network.parameters())
    assert opened.card.proof is not None
    assert opened.card.proof.error < 1e-4
    assert opened.sizes.takes(side)
    assert opened.sizes.fixed == (side % 32 != 0)
    assert opened.run.gradients is not None
    image = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    geometry = input_geometry(side, side, Fit.SQUASH, None, opened.preprocessing, opened.sizes)
    passed = opened.run.run(image, geometry)
    mean, std = (
        torch.tensor(each).view(3, 1, 1) for each in (opened.preprocessing.mean, opened.preprocessing.std)
    )
    with torch.no_grad():
        theirs = network((torch.from_numpy(image).permute(2, 0, 1)[None] / 255 - mean) / std)[0].numpy()
    np.testing.assert_allclose(passed.logits, theirs, atol=1e-4)
