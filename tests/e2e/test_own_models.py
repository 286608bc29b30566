"""Model files of people's own, by the command line, from the file to the right maps and labels."""

from __future__ import annotations

import argparse
import csv
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from torchvision.datasets import ImageFolder
from torchvision.models import ResNet50_Weights, mobilenet_v3_small, resnet18, resnet50

from camviewer.commands.cli import main
from camviewer.core.models.checkpoint import read_checkpoint
from camviewer.core.models.files import file_format
from camviewer.core.runtimes.torch_base import trained
from camviewer.core.storage.images import read_image

pytestmark = pytest.mark.usefixtures("qapp")

SAMPLE = Path(__file__).resolve().parents[2] / "resources" / "samples" / "cat.png"


def shaken(network: nn.Module) -> nn.Module:
    """With norms that aren't the identity, and scores that differ."""
    torch.manual_seed(0)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0.0, 0.1)
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_(0.0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
    return network.eval()


def explained(
    model: Path, out: Path, *more: str, paths: tuple[Path, ...] = (SAMPLE,)
) -> list[dict[str, Any]]:
    files = ["--out", str(out), "--raw", "--no-images", "--json", str(out / "all.json")]
    arguments = ["explain", *map(str, paths), *files, "--model", str(model), "--device", "cpu", *more]
    assert main(arguments) == 0
    records: list[dict[str, Any]] = json.loads((out / "all.json").read_text("ascii"))
    return records


def adds_up(raw: Path) -> None:
    """mean(map) + remainder = score, for each class."""
    with np.load(raw) as found:
        sums = found["cams"].mean((1, 2)) + found["remainder"]
        scores = found["logits"][found["class_ids"]]
        assert (np.abs(sums - scores) <= 1e-4 * np.maximum(1, np.abs(scores))).all()


@pytest.mark.weights
@pytest.mark.slow
def test_a_real_network_that_is_not_built_in(assets: Path, tmp_path: Path, record_property: Any) -> None:
    """ResNet50: the top 5 of every fourth photo as torchvision's own preset and network give them.

    All of them are ResNet18's, in test_photos.
    """
    file = assets / "weights/resnet50-imagenet1k-pq.pth"
    entries = json.loads((assets / "images/expected.json").read_text("utf-8"))
    photos = tuple(assets / "images" / entry["file"] for entry in entries[::4])
    records = explained(file, tmp_path, paths=photos)
    network = trained(resnet50(), dict(read_checkpoint(file, file_format(file)).tensors))
    preset = ResNet50_Weights.IMAGENET1K_V1.transforms()
    largest, residual, equal = 0.0, 0.0, 0
    for record, path in zip(records, photos, strict=True):
        with torch.inference_mode():
            theirs = network(preset(Image.fromarray(read_image(path)))[None])[0].softmax(0).numpy()
        with np.load(tmp_path / f"{path.stem}.npz") as raw:
            largest = max(largest, float(np.abs(raw["probabilities"] - theirs).max()))
            sums = raw["cams"].mean((1, 2)) + raw["remainder"]
            residual = max(residual, float(np.abs(sums - raw["logits"][raw["class_ids"]]).max()))
        top, best = [p["class_id"] for p in record["predictions"]], np.argsort(-theirs)[:5]
        equal += top == best.tolist()
        np.testing.assert_allclose(theirs[top], theirs[best], atol=1e-6)
    record_property("largest_difference_of_a_probability", largest)
    print(
        f"the same top 5 in {equal} of {len(photos)} photos; probabilities differ by {largest:.1e} at most, "
        f"the identity by {residual:.1e}"
    )
    assert equal == len(photos)
    assert largest < 1e-4
    assert residual < 1e-4


def test_a_residual_network_of_three_own_classes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network = shaken(resnet18(num_classes=3))
    torch.save(network.state_dict(), tmp_path / "pets.pth")
    (tmp_path / "classes.txt").write_text("cat\ndog\nowl\n", "utf-8")
    (record,) = explained(tmp_path / "pets.pth", tmp_path)
    assert {p["label"] for p in record["predictions"]} == {"cat", "dog", "owl"}
    assert record["model"] == "resnet18"
    assert "pets (resnet18) on CPU" in capsys.readouterr().err
    adds_up(tmp_path / "cat.npz")


def test_a_checkpoint_of_lightning_with_arguments(tmp_path: Path) -> None:
    network = shaken(mobilenet_v3_small(num_classes=4))
    checkpoint = {
        "epoch": 3,
        "pytorch-lightning_version": "2.4.0",
        "state_dict": {f"model.{key}": value for key, value in network.state_dict().items()},
        "optimizer_states": [{"state": {}, "param_groups": [{"lr": 0.1}]}],
        "hyper_parameters": {"args": argparse.Namespace(lr=0.1), "classes": ["a", "b", "c", "d"]},
    }
    torch.save(checkpoint, tmp_path / "epoch=3.ckpt")
    (record,) = explained(tmp_path / "epoch=3.ckpt", tmp_path)
    assert {p["label"] for p in record["predictions"]} == set("abcd")
    adds_up(tmp_path / "cat.npz")
    with np.load(tmp_path / "cat.npz") as raw:
        assert str(raw["method"]) == "Gradient × activation"
        assert str(raw["unit"]) == "LOGIT"


def test_a_folder_of_a_hub(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    save_file(shaken(resnet18(num_classes=3)).state_dict(), folder / "model.safetensors")
    config = {
        "architecture": "resnet18",
        "num_classes": 3,
        "label_names": ["red", "green", "blue"],
        "pretrained_cfg": {"mean": [0.5] * 3, "std": [0.5] * 3, "input_size": [3, 160, 160], "crop_pct": 1.0},
    }
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (record,) = explained(folder, tmp_path)
    assert {p["label"] for p in record["predictions"]} == {"red", "green", "blue"}
    with np.load(tmp_path / "cat.npz") as raw:
        assert raw["cams"].shape == (3, 5, 5), "160 pixels of 32 a cell"


def test_an_onnx_file(tmp_path: Path) -> None:
    network = shaken(resnet18(num_classes=3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the newer exporter takes half a minute
        torch.onnx.export(network, (torch.zeros(1, 3, 96, 96),), str(tmp_path / "net.onnx"), dynamo=False)
    (record,) = explained(tmp_path / "net.onnx", tmp_path)
    assert [p["label"] for p in record["predictions"]].count("class 1") == 1
    adds_up(tmp_path / "cat.npz")
    explained(tmp_path / "net.onnx", tmp_path, "--method", "reciprocam")
    with np.load(tmp_path / "cat.npz") as raw:
        assert str(raw["method"]) == "ReciproCAM"
        assert str(raw["unit"]) == "RELATIVE"


def test_a_pickled_module_is_refused_with_the_line_to_paste(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(resnet18(), tmp_path / "whole.pth")
    assert main(["explain", str(SAMPLE), "--out", str(tmp_path), "--model", str(tmp_path / "whole.pth")]) == 1
    told = capsys.readouterr().err
    assert "a program, which opening would run" in told
    assert "torch.save(model.state_dict(), 'weights.pth')" in told


@pytest.mark.parametrize("method", ["gradcam", "grad-cam++", "layercam", "eigencam", "reciprocam"])
def test_methods_by_name(method: str, tmp_path: Path) -> None:
    torch.save(shaken(resnet18(num_classes=3)).state_dict(), tmp_path / "net.pth")
    explained(tmp_path / "net.pth", tmp_path, "--method", method, "--layer", "layer3")
    with np.load(tmp_path / "cat.npz") as raw:
        plain = "".join(c for c in str(raw["method"]).lower() if c.isalnum() or c == "+")
        assert plain == "".join(c for c in method if c.isalnum() or c == "+")
        assert str(raw["layer"]) == "layer3"
        assert raw["cams"].shape == (3, 14, 14)
        assert np.isnan(raw["remainder"]).all()


def test_methods_and_layers_that_there_are_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(shaken(resnet18(num_classes=3)).state_dict(), tmp_path / "net.pth")
    arguments = ["explain", str(SAMPLE), "--out", str(tmp_path), "--model", str(tmp_path / "net.pth")]
    assert main([*arguments, "--method", "attention rollout"]) == 1
    assert "has no maps by Attention rollout" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*arguments, "--method", "gradcam", "--layer", "layer9"])
    assert "layer3, layer4.0, layer4." in capsys.readouterr().err


def test_a_card_corrects_what_was_found(tmp_path: Path) -> None:
    network = shaken(resnet18(num_classes=3))
    torch.save(network.state_dict(), tmp_path / "net.pth")
    card = {"camviewer_card": 1, "crop": 96, "resize": 96, "labels": ["x", "y", "z"], "link": "sigmoid"}
    (tmp_path / "own.json").write_text(json.dumps(card), "utf-8")
    (record,) = explained(tmp_path / "net.pth", tmp_path, "--card", str(tmp_path / "own.json"))
    assert {p["label"] for p in record["predictions"]} == set("xyz")
    with np.load(tmp_path / "cat.npz") as raw:
        assert raw["cams"].shape == (3, 3, 3)
        np.testing.assert_allclose(raw["probabilities"], 1 / (1 + np.exp(-raw["logits"])), rtol=1e-5)


def test_numbered_folders_without_class_names_are_as_they_were_for_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Folders 1 to 12, and a network that fits torchvision's ImageFolder of them: all are right."""
    photos = tmp_path / "photos"
    for number in range(1, 13):
        (photos / str(number)).mkdir(parents=True)
        colour = (20 * number, 255 - 20 * number, 70 * number % 256)
        Image.new("RGB", (256, 256), colour).save(photos / str(number) / "a.png")
    samples = ImageFolder(str(photos)).samples
    assert [Path(path).parent.name for path, _ in samples[:3]] == ["1", "10", "11"]
    network, preset = shaken(resnet18(num_classes=12)), ResNet50_Weights.IMAGENET1K_V1.transforms()
    frames = torch.stack([preset(Image.open(path).convert("RGB")) for path, _ in samples])
    head = network.get_submodule("fc")
    assert isinstance(head, nn.Linear)
    with torch.no_grad():
        features = nn.Sequential(*list(network.children())[:-1])(frames).flatten(1)
        # The head that gives each photo its own class, by least squares.
        head.weight.copy_(10 * torch.linalg.pinv(features - features.mean(0)).T)
        head.weight.copy_(head.weight[torch.argsort(torch.tensor([class_id for _, class_id in samples]))])
        head.bias.copy_(-head.weight @ features.mean(0))
        assert network(frames).argmax(1).tolist() == [class_id for _, class_id in samples]
    torch.save(network.state_dict(), tmp_path / "own.pth")
    report = ("--report", str(tmp_path / "r.html"), "--truth", "folders", "--device", "cpu")
    assert main(["explain", str(photos), *report, "--model", str(tmp_path / "own.pth")]) == 0
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [Path(row["path"]).parent.name for row in rows] == [str(number) for number in range(1, 13)]
    told = capsys.readouterr().err
    assert "12 of 12 right" in told
    assert "as torchvision's ImageFolder numbers them: 1 → 0, 10 → 1, 11 → 2, 12 → 3, …." in told
