"""More passes of any nn.Module, and the attention weights of transformers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import timm
import torch
import torchvision
from torch import nn

from camviewer.core.runtimes import torch_passes
from camviewer.core.runtimes.torch_attention import attention_of
from camviewer.core.runtimes.torch_passes import ModulePasses
from tests.core.methods.networks import (
    SIDE,
    NetworkRun,
    frame,
    geometry,
    prepare,
    randomised,
    run_of,
    timms_vit,
)


def test_masked_inputs_go_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of("resnet18")
    masks = np.random.default_rng(0).random((5, SIDE, SIDE), np.float32)
    network_input = prepare(frame(1), geometry())
    with torch.no_grad():
        expected = torch.cat([run.network(network_input * torch.from_numpy(m)) for m in masks])
    np.testing.assert_allclose(run.passes.of_masked(frame(1), geometry(), masks), expected, atol=1e-3)
    monkeypatch.setattr(torch_passes, "BATCH_PIXELS", 2 * SIDE * SIDE)
    sizes: list[int] = []
    handle = run.network.register_forward_pre_hook(lambda _, args: sizes.append(len(args[0])))
    found = run.passes.of_masked(frame(1), geometry(), masks)
    handle.remove()
    assert sizes == [2, 2, 1]
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize(
    ("name", "layer"),
    [("resnet18", "layer3"), ("vgg11", "features"), ("vit_b_16", "encoder.layers.encoder_layer_3")],
)
def test_activations_go_back_in(name: str, layer: str) -> None:
    run = run_of(name)
    activations = run.passes.activations(frame(1), geometry(), layer)
    assert not activations.flags.writeable
    planes = np.stack([activations, 0 * activations, activations])
    found = run.passes.of_activations(frame(1), geometry(), layer, planes)
    own = run.run(frame(1), geometry()).logits
    np.testing.assert_allclose(found[0], own, atol=1e-3)
    np.testing.assert_array_equal(found[0], found[2])
    assert np.abs(found[1] - own).max() > 0.01


class Bypass(nn.Module):
    """What comes after the layer also needs what came before it, in the same batch."""

    def __init__(self, *, joins: bool) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 8, stride=8), nn.Conv2d(4, 4, 3, padding=1)
        self.head = nn.Linear(8 if joins else 4, 3)
        self.joins = joins

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        before = self.first(x)
        after = self.second(before)
        both = torch.cat((before, after), 1) if self.joins else before + after
        scores: torch.Tensor = self.head(both.mean((2, 3)))
        return scores


@pytest.mark.parametrize("joins", [False, True])
def test_a_way_around_the_layer(joins: bool) -> None:
    torch.manual_seed(0)
    network = Bypass(joins=joins).eval()
    passes = ModulePasses(network, prepare)
    planes = np.random.default_rng(0).random((3, 4, 12, 12), np.float32)
    found = passes.of_activations(frame(1), geometry(), "second", planes)
    with torch.no_grad():
        before = network.first(prepare(frame(1), geometry())).mean((2, 3)).expand(3, -1)
        after = torch.from_numpy(planes).mean((2, 3))
        both = torch.cat((before, after), 1) if joins else before + after
        np.testing.assert_allclose(found, network.head(both), atol=1e-5)


def test_attention_of_torchvisions_vit() -> None:
    run = run_of("vit_b_16")
    assert run.attention is not None
    weights = run.attention.weights(frame(1), geometry())
    assert weights.shape == (12, 12, 37, 37)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
    assert (run.attention.extra_tokens, run.attention.reads_cells) == (1, False)
    assert run.attention.cells(geometry()) == (6, 6)
    block = run.network.get_submodule("encoder.layers.encoder_layer_0")
    kept: list[torch.Tensor] = []
    handle = block.register_forward_pre_hook(lambda _, args: kept.append(args[0]))
    run.run(frame(1), geometry())
    handle.remove()
    with torch.no_grad():
        x = block.get_submodule("ln_1")(kept[0])
        _, expected = block.get_submodule("self_attention")(x, x, x, average_attn_weights=False)
    np.testing.assert_allclose(weights[0], expected[0], atol=1e-5)


@pytest.mark.parametrize("fused", [True, False])
def test_attention_of_timms_vit(fused: bool) -> None:
    network = randomised(timms_vit(fused=fused, reg_tokens=4))
    attention = attention_of(network, prepare, prepare(frame(2), geometry()))
    assert attention is not None
    assert (attention.extra_tokens, attention.reads_cells) == (5, False)
    weights = attention.weights(frame(1), geometry())
    assert weights.shape == (3, 3, 41, 41)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-5)
    other = attention_of(
        randomised(timms_vit(fused=not fused, reg_tokens=4)), prepare, prepare(frame(2), geometry())
    )
    assert other is not None
    np.testing.assert_allclose(other.weights(frame(1), geometry()), weights, atol=1e-5)


def test_scores_that_are_read_from_the_cells() -> None:
    attention = attention_of(randomised(timms_vit(global_pool="avg")), prepare, prepare(frame(2), geometry()))
    assert attention is not None
    assert (attention.extra_tokens, attention.reads_cells) == (1, True)


@pytest.mark.parametrize("how", ["eager", "sdpa"])
def test_attention_of_transformers_vit(how: str) -> None:
    # Slow to import, and only this test needs it.
    from transformers import ViTConfig, ViTForImageClassification

    sizes: dict[str, Any] = {
        "hidden_size": 48,
        "num_attention_heads": 3,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "attn_implementation": how,
    }
    torch.manual_seed(0)
    network = randomised(ViTForImageClassification(ViTConfig(image_size=SIDE, **sizes)))
    attention = NetworkRun(network).attention
    assert attention is not None
    found = attention.weights(frame(1), geometry())
    network.set_attn_implementation("eager")  # type: ignore[operator]
    with torch.no_grad():
        expected = network(prepare(frame(1), geometry()), output_attentions=True).attentions
    np.testing.assert_allclose(found, torch.cat(expected), atol=1e-5)


@pytest.mark.parametrize("name", ["resnet18", "swin_t"])
def test_networks_without_attention_between_all_cells(name: str) -> None:
    network = torchvision.models.get_model(name, weights=None, num_classes=4).eval()
    assert attention_of(network, prepare, prepare(frame(1), geometry())) is None


@pytest.mark.parametrize("name", ["xcit_nano_12_p16_224", "levit_128s", "cait_xxs24_224", "pvt_v2_b0"])
def test_other_attention_of_timm(name: str) -> None:
    size: dict[str, Any] = {} if name in ("xcit_nano_12_p16_224", "pvt_v2_b0") else {"img_size": SIDE}
    network = timm.create_model(name, num_classes=4, **size).eval()
    assert attention_of(network, prepare, prepare(frame(1), geometry())) is None
