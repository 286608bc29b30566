"""The ready networks are torchvision's, as torchvision itself describes them."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torchvision.models import get_model_weights
from torchvision.transforms import InterpolationMode

from camviewer.core.models.ready import READY, ReadyNetwork, ready_with_sha256

every = pytest.mark.parametrize("network", READY.values(), ids=READY.keys())


def test_those_of_the_menu() -> None:
    assert [network.title for network in READY.values()] == [
        *("ResNet50", "MobileNetV3", "EfficientNet-B0", "ConvNeXt-Tiny", "Swin-T"),
        *("ViT-B/16", "DenseNet121", "VGG16", "AlexNet", "SqueezeNet"),
    ]
    assert len({network.reason for network in READY.values()}) == len(READY)
    assert READY["vgg16"].reason == "It flattens its features; see what that costs."


@every
def test_file_hash_and_size_are_those_of_torchvision(network: ReadyNetwork) -> None:
    weights = get_model_weights(network.name)[network.weights_name]
    official = network.official
    assert official.url == weights.url
    assert len(official.sha256) == 8
    assert official.file_name.endswith(f"-{official.sha256}.pth")
    assert not official.exact
    assert official.size == pytest.approx(weights.meta["_file_size"] * 2**20, abs=600)
    # The unit of _file_size: four bytes a weight, and little more.
    assert official.size == pytest.approx(4 * weights.meta["num_params"], rel=0.03)
    assert len(weights.meta["categories"]) == 1000


@every
def test_preprocessing_is_that_of_torchvision(network: ReadyNetwork) -> None:
    preset = get_model_weights(network.name)[network.weights_name].transforms()
    seen = network.preprocessing
    assert ([seen.resize], [seen.crop]) == (preset.resize_size, preset.crop_size)
    assert (list(seen.mean), list(seen.std)) == (preset.mean, preset.std)
    assert seen.bicubic == (preset.interpolation == InterpolationMode.BICUBIC)
    assert not seen.bgr


@every
def test_torchvision_builds_them(network: ReadyNetwork) -> None:
    import torchvision

    assert network.architecture.library == "torchvision"
    with torch.device("meta"):
        built = torchvision.models.get_model(network.name)
    weights = get_model_weights(network.name)[network.weights_name]
    assert sum(parameter.numel() for parameter in built.parameters()) == weights.meta["num_params"]


def test_a_file_is_known_by_its_hash() -> None:
    assert ready_with_sha256("11ad3fa6" + "0" * 56) is READY["resnet50"]
    assert ready_with_sha256("0" * 64) is None


def test_no_torch_is_needed() -> None:
    code = (
        "import sys, camviewer.core.models.ready; print({'numpy', 'torch', 'torchvision'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
