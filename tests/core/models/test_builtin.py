"""The registry: what the models say of themselves, and that saying it costs nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from torch import nn

from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import DEFAULT, EMBEDDED, MODELS, spec_named
from camviewer.core.models.labels import known_labels
from camviewer.core.models.spec import Link, ModelInfo, ModelSpec, SizeRule, WeightsOrigin
from camviewer.core.runtimes.device import CPU

every = pytest.mark.parametrize("spec", MODELS.values(), ids=MODELS.keys())


def test_models_by_name() -> None:
    assert spec_named("resnet18").title == "ResNet18"
    assert spec_named(None) is DEFAULT
    assert {DEFAULT.name, EMBEDDED.name} <= set(MODELS)
    assert all(name == spec.name for name, spec in MODELS.items())
    with pytest.raises(ModelFailure, match="There is no model 'vgg'") as raised:
        spec_named("vgg")
    assert "resnet18, efficientnet_lite0" in raised.value.mend


def test_names_are_known_without_numpy_and_torch() -> None:
    code = (
        "import sys; from camviewer.core.models.builtin import MODELS;"
        "print(sorted({'numpy', 'torch', 'PIL', 'PySide6'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@every
def test_what_a_model_says_of_itself_is_so(spec: ModelSpec) -> None:
    network = spec.architecture.build(3)
    modules = dict(network.named_modules())
    head = modules[spec.head.key]
    assert isinstance(head, nn.Linear)
    assert {spec.head.weight_key, spec.head.bias_key} <= set(network.state_dict())
    assert spec.layer in modules
    assert spec.sizes.takes(spec.preprocessing.crop)
    assert (spec.link, spec.channels) == (Link.SOFTMAX, 3)
    assert spec.labels is not None
    assert len(known_labels(spec.labels)) == spec.labels.classes == 1000


@every
def test_the_size_rule_of_the_builtin_models(spec: ModelSpec) -> None:
    sizes = spec.sizes
    assert (sizes.stride, sizes.smallest, sizes.largest) == (32, 160, 896)
    assert sizes.offered == (160, 224, 288, 320, 384, 448, 512, 640, 768, 896)
    assert [sizes.check(r) for r in sizes.offered] == list(sizes.offered)


def test_a_size_rule_of_another_network() -> None:
    patches = SizeRule(14, 224, 518)
    assert patches.takes(518)
    assert not patches.takes(512)
    assert not patches.takes(210)
    with pytest.raises(ValueError, match="a multiple of 14 between 224 and 518, not 532"):
        patches.check(532)
    assert [patches.nearest(r) for r in (320, 517.9, 9999)] == [322, 518, 518]


def test_a_model_that_says_little() -> None:
    """As in snapshots of 0.1."""
    info = ModelInfo("m", "M", CPU, "CPU", "0" * 64, "m.pth", WeightsOrigin.FILE)
    assert (info.native_resolution, info.sizes, info.layer, info.link) == (None, None, "", Link.SOFTMAX)


def test_origins_are_what_files_have_always_held() -> None:
    assert [str(origin) for origin in WeightsOrigin] == [
        "file",
        "bundle",
        "cache",
        "embedded",
        "live",
        "taught",
    ]
