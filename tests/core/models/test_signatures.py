"""Which network weights are of: what is known, what isn't, and how long that takes."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from camviewer.core.models.card import ArchitectureName
from camviewer.core.models.signature_index import (
    InputFacts,
    known_input,
    shape_sketch,
    signature_index,
)
from camviewer.core.models.signatures import recognise
from camviewer.core.models.skeletons import shapes_of, skeleton
from camviewer.core.resources import resource_path

ROOT = Path(__file__).resolve().parents[3]
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)
SAMPLED = [
    ("camviewer", "efficientnet_lite0"),
    ("torchvision", "inception_v3"),
    ("torchvision", "resnet18"),
    ("torchvision", "vgg11"),
    ("torchvision", "vit_b_32"),
    ("timm", "convnext_atto"),
    ("timm", "crossvit_tiny_240"),
    ("timm", "deit_tiny_distilled_patch16_224"),
    ("timm", "swinv2_tiny_window8_256"),
    ("timm", "tf_efficientnet_b0"),
]


def shapes_named(library: str, name: str, classes: int = 10) -> dict[str, tuple[int, ...]]:
    return dict(shapes_of(skeleton(ArchitectureName(library, name), classes)))


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("signatures_script", ROOT / "packaging" / "signatures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pickles look there
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("library", "name"), SAMPLED)
def test_the_resource_is_up_to_date(script: ModuleType, library: str, name: str) -> None:
    """Fails when timm or torchvision changed a network: python packaging/signatures.py makes it anew."""
    architecture = ArchitectureName(library, name)
    options = dict(script.names())[architecture]
    made, digests, shapes, names = script.record(architecture, options)
    index = signature_index()
    found = index.variant(architecture)
    assert found is not None
    signature, variant = found
    (own,) = made.variants
    assert (variant.side, variant.position, variant.published) == (own.side, own.position, own.published)
    assert variant.options == options
    for field in ("heads", "width", "root", "root_width", "inputs", "position", "keys", "parameters"):
        assert getattr(signature, field) == getattr(made, field), field
    number = index.places[architecture]
    assert all(number in index.digests[digest] for digest in digests if digest)
    if signature.variants[0] == variant:
        assert np.array_equal(index.shape_sketches[number], shapes)
        assert np.array_equal(index.name_sketches[number], names)


def test_the_resource_is_small() -> None:
    assert resource_path("architectures/signatures.npz").stat().st_size < 600_000


def test_recognising_takes_no_time() -> None:
    """The first time, the resource being read; without torch, timm or numbers drawn for weights."""
    shapes = shapes_named("timm", "resnet50")
    code = (
        f"shapes = {shapes!r}\n"
        "import sys, time\n"
        "from camviewer.core.models.signatures import recognise\n"
        "started = time.process_time()\n"
        "found = recognise(shapes)\n"
        "print(time.process_time() - started, *{'torch', 'timm', 'torchvision'} & set(sys.modules))\n"
        "print(found.candidates[0].architecture)"
    )
    taken = []
    for _ in range(3):  # each its first time; a busy machine has slow ones
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        figures, name = done.stdout.splitlines()
        (seconds,) = figures.split()
        taken.append(float(seconds))
        assert name == "torchvision: resnet50"
    assert min(taken) < 0.1, "25 to 50 ms, by the machine"


# Names that fit


def names_found(shapes: Mapping[str, tuple[int, ...]]) -> list[str]:
    return [str(each.architecture) for each in recognise(shapes).candidates if each.fits]


def test_torchvision_comes_before_timm() -> None:
    assert names_found(shapes_named("timm", "resnet50"))[:2] == ["torchvision: resnet50", "timm: resnet50"]
    assert names_found(shapes_named("torchvision", "densenet121")) == [
        "torchvision: densenet121",
        "timm: densenet121",
    ]


def test_published_and_plain_names_come_first() -> None:
    assert names_found(shapes_named("timm", "tf_efficientnet_b0"))[:2] == [
        "timm: efficientnet_b0",
        "timm: tf_efficientnet_b0",
    ]
    assert names_found(shapes_named("timm", "efficientnet_b6"))[0] == "timm: tf_efficientnet_b6"
    assert names_found(shapes_named("timm", "deit_base_patch16_224"))[0] == "timm: vit_base_patch16_224"


def test_the_order_of_the_tensors_does_not_matter() -> None:
    shapes = shapes_named("torchvision", "resnet18")
    assert recognise(dict(sorted(shapes.items(), reverse=True))) == recognise(shapes)


# Nothing that fits


def test_the_nearest_three_say_what_does_not_fit() -> None:
    shapes = shapes_named("torchvision", "resnet50")
    shapes["layer2.0.attention.weight"] = (512, 512, 1, 1)
    del shapes["layer3.1.conv2.weight"]
    shapes["layer1.0.conv1.weight"] = (32, 64, 1, 1)
    recognition = recognise(shapes)
    assert len(recognition.candidates) == 3
    assert not any(each.fits for each in recognition.candidates)
    first = recognition.candidates[0]
    assert first.architecture == ArchitectureName("torchvision", "resnet50")
    assert first.problems == (
        "1 missing: layer3.1.conv2.weight",
        "1 of another shape: layer1.0.conv1.weight is 32×64×1×1, not 64×64×1×1",
        "1 not of this network: layer2.0.attention.weight",
    )


def test_problems_are_cut_and_counted() -> None:
    shapes = {
        key: shape for key, shape in shapes_named("torchvision", "resnet18").items() if "layer4" not in key
    }
    (missing,) = recognise(shapes).candidates[0].problems
    assert missing.startswith("25 missing: layer4.0.conv1.weight, ")
    assert missing.endswith(" and 22 more")


def test_a_network_of_another_width_is_near_by_its_names() -> None:
    shapes = {
        key: tuple(side + 8 if side >= 64 else side for side in shape)
        for key, shape in shapes_named("torchvision", "resnet18").items()
    }
    assert recognise(shapes).candidates[0].architecture.name == "resnet18"
    assert not recognise(shapes).candidates[0].fits


def test_a_backbone_without_a_classifier_does_not_fit() -> None:
    shapes = shapes_named("torchvision", "resnet18")
    del shapes["fc.weight"], shapes["fc.bias"]
    first = recognise(shapes).candidates[0]
    assert (first.architecture.name, first.fits, first.classes) == ("resnet18", False, 0)
    assert first.problems[-1] == "there is no classifier for its 512 features"


@pytest.mark.parametrize("shapes", [{}, {"a": (3,)}, {"x.weight": (2, 2), "x.bias": (2,)}, {"fc.weight": ()}])
def test_what_is_no_network(shapes: dict[str, tuple[int, ...]]) -> None:
    assert recognise(shapes).candidates == ()


def test_a_sketch_has_its_size_whatever_there_is() -> None:
    assert list(shape_sketch({}, 4)) == [0xFFFFFFFF] * 4
    assert len(shape_sketch({f"a.{n}": (n,) for n in range(99)}, 4)) == 4


# What published weights expect


@pytest.mark.parametrize(
    ("library", "name", "facts"),
    [
        ("torchvision", "vit_b_16", InputFacts(256, 224, IMAGENET_MEAN, IMAGENET_STD, False, True, 1000)),
        ("torchvision", "swin_t", InputFacts(232, 224, IMAGENET_MEAN, IMAGENET_STD, True, False, 1000)),
        ("torchvision", "inception_v3", InputFacts(342, 299, HALF, HALF, False, False, 1000)),
        ("timm", "resnet18", InputFacts(235, 224, IMAGENET_MEAN, IMAGENET_STD, True, False, 1000)),
        ("timm", "vit_tiny_patch16_384", InputFacts(384, 384, HALF, HALF, True, True, 1000)),
        ("camviewer", "efficientnet_lite0", InputFacts(256, 224, HALF, HALF, True, False, 1000)),
    ],
)
def test_known_inputs(library: str, name: str, facts: InputFacts) -> None:
    assert known_input(ArchitectureName(library, name)) == facts


def test_an_unknown_architecture_has_no_known_input() -> None:
    assert known_input(ArchitectureName("timm", "of next year")) is None
