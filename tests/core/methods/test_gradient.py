"""Gradient × activation: mean(map) + remainder == score, for any head, with a remainder that has reasons."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from camviewer.core.arrays import FloatArray
from camviewer.core.failures import ModelFailure
from camviewer.core.maps import MapUnavailableError, Unit
from camviewer.core.methods.gradient import CLASS_TOKEN, GradientMethod
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from tests.core.methods.networks import (
    CLASSES,
    NetworkRun,
    frame,
    geometry,
    prepare,
    randomised,
    run_of,
    torchvision_network,
)

NAMES = ("resnet18", "resnet50", "vgg11", "mobilenet_v3_small", "convnext_tiny", "vit_b_16")
TARGETS: tuple[Target, ...] = (ClassScore(0), ClassScore(5), ScoreDifference(5, 0), ScoreDifference(2, 6))
METHOD = GradientMethod()


def logits(network: nn.Module, seed: int) -> FloatArray:
    with torch.no_grad():
        found: FloatArray = network(prepare(frame(seed), geometry()))[0].numpy()
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_mean_of_a_map_plus_the_remainder_is_the_score(name: str) -> None:
    run = run_of(name)
    maps = METHOD.maps(run, run.passed(frame(1)), TARGETS)
    wanted = logits(run.network, 1)
    for target in TARGETS:
        found, score = maps.get(target), target.score(wanted)
        assert score is not None
        assert found.unit is Unit.LOGIT
        assert found.values.shape == (run.layers[-1].rows, run.layers[-1].columns)
        assert found.score == pytest.approx(score, abs=1e-4 * max(1, abs(score)))
        assert np.abs(found.values).max() > 1e-3, "the map isn't blind"
        with pytest.raises(ValueError, match="read-only"):
            found.values[0] = 0


@pytest.mark.parametrize(("name", "layer"), [("resnet18", "layer4"), ("convnext_tiny", "features")])
def test_exact_heads_leave_out_the_bias_alone(name: str, layer: str) -> None:
    """With a LayerNorm after the mean, w·β + b: the same for every frame (DESIGN §1)."""
    run = run_of(name)
    assert run.layer == layer
    last = [m for m in run.network.modules() if isinstance(m, nn.Linear)][-1]
    expected = last.bias.double()
    if name == "convnext_tiny":
        norm = run.network.get_submodule("classifier.0")
        assert isinstance(norm, nn.LayerNorm)
        expected = last.weight.double() @ norm.bias.double() + expected
    for seed in (1, 2):
        maps = METHOD.maps(run, run.passed(frame(seed)), [ClassScore(i) for i in range(CLASSES)])
        remainders = [maps.get(ClassScore(i)).remainder for i in range(CLASSES)]
        np.testing.assert_allclose(np.array(remainders, np.float64), expected.numpy(), atol=1e-4)


def test_the_map_of_convnext_is_the_formula_of_the_design() -> None:
    """map = Σ_c w_c·γ_c/σ · (f_c − mean over channels of f)."""
    run = run_of("convnext_tiny")
    norm = run.network.get_submodule("classifier.0")
    last = run.network.get_submodule("classifier.2")
    assert isinstance(norm, nn.LayerNorm)
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        features = run.network.get_submodule("features")(prepare(frame(1), geometry()))[0].double()
    sigma = (features.mean((1, 2)).var(unbiased=False) + norm.eps).sqrt()
    weights = last.weight[3].double() * norm.weight.double() / sigma
    expected = torch.einsum("c,chw->hw", weights, features - features.mean(0))
    found = METHOD.maps(run, run.passed(frame(1)), [ClassScore(3)]).get(ClassScore(3))
    np.testing.assert_allclose(found.values, expected.numpy(), atol=1e-4)


def test_what_flattened_features_leave_out_are_biases() -> None:
    run = run_of("vgg11")
    network = run.network
    linear = [m for m in network.modules() if isinstance(m, nn.Linear)]
    kept = [m.bias.clone() for m in linear]
    for module in linear:
        module.bias.zero_()
    try:
        found = METHOD.maps(run, run.passed(frame(1)), [ClassScore(3)]).get(ClassScore(3))
    finally:
        for module, bias in zip(linear, kept, strict=True):
            module.bias.copy_(bias)
    assert found.remainder == pytest.approx(0, abs=1e-4)


def test_a_class_token_has_its_named_part_of_the_remainder() -> None:
    run = run_of("vit_b_16")
    assert run.layer == "encoder.layers.encoder_layer_10", "the tokens before the last attention"
    found = METHOD.maps(run, run.passed(frame(1)), TARGETS)
    parts = [dict(found.get(target).named)[CLASS_TOKEN] for target in TARGETS]
    assert all(abs(part) > 1e-3 for part in parts)
    assert parts[2] == pytest.approx(parts[1] - parts[0], abs=1e-4)
    assert found.get(TARGETS[0]).remainder != pytest.approx(parts[0], abs=1e-3), "biases are no tokens'"
    assert (
        not METHOD.maps(run_of("resnet18"), run_of("resnet18").passed(frame(1)), TARGETS)
        .get(TARGETS[0])
        .named
    )


@pytest.mark.parametrize("name", ["resnet18", "vit_b_16"])
def test_channels_add_up_to_the_map(name: str) -> None:
    run = run_of(name)
    count = run.layers[-1].channels
    targets: list[Target] = [ClassScore(2), *(ChannelPart(2, c) for c in range(count))]
    maps = METHOD.maps(run, run.passed(frame(1)), targets)
    parts = np.sum([maps.get(target).values for target in targets[1:]], axis=0)
    np.testing.assert_allclose(parts, maps.get(ClassScore(2)).values, atol=1e-3)
    assert maps.get(ChannelPart(2, 0)).remainder == 0
    missing = METHOD.maps(run, run.passed(frame(1)), [ClassScore(2), ChannelPart(2, count)])
    with pytest.raises(MapUnavailableError):
        missing.get(ChannelPart(2, count))


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_of_the_menu_has_a_map(name: str) -> None:
    run = run_of(name)
    for layer in (run.layers[0], run.layers[len(run.layers) // 2]):
        found = METHOD.maps(run, run.passed(frame(1), layer.name), TARGETS[:1]).get(TARGETS[0])
        assert found.layer == layer.name
        assert found.values.shape == (layer.rows, layer.columns)
        assert found.score == pytest.approx(float(logits(run.network, 1)[0]), abs=1e-3)


def test_a_layer_that_is_not_there() -> None:
    run = run_of("resnet18")
    with pytest.raises(ModelFailure, match=r"no layer layer9.*relu, layer1\.0, .*layer4"):
        METHOD.maps(run, run.passed(frame(1), "layer9"), TARGETS)


def test_a_network_with_one_output_has_both_sides() -> None:
    torch.manual_seed(0)
    network = randomised(
        nn.Sequential(
            nn.Conv2d(3, 8, 8, stride=8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 1)
        )
    )
    run = NetworkRun(network)
    maps = METHOD.maps(run, run.passed(frame(1)), [ClassScore(0), ClassScore(1)])
    yes, no = maps.get(ClassScore(1)), maps.get(ClassScore(0))
    assert yes.score == pytest.approx(float(logits(network, 1)[0]), abs=1e-4)
    np.testing.assert_allclose(yes.values, -no.values, atol=1e-6)


def test_the_frame_may_be_wide() -> None:
    run = NetworkRun(torchvision_network("resnet18"), 192, 96)
    found = METHOD.maps(run, run.passed(frame(1, 192, 96)), TARGETS[:1]).get(TARGETS[0])
    assert found.values.shape == (3, 6)
