"""Gradients of any nn.Module: what is held, what is left alone, and what nothing is spoilt by."""

from __future__ import annotations

import gc
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torchvision
from timm.layers.norm import LayerNorm2d, RmsNorm, SimpleNorm
from torch import Tensor, nn
from torch.nn import functional

from camviewer.core.runtimes.torch_gradients import ModuleGradients
from camviewer.core.runtimes.torch_scales import AttentionWeights, HeldScales
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from tests.core.methods.networks import (
    NetworkRun,
    frame,
    geometry,
    prepare,
    randomised,
    run_of,
    timms_vit,
)

NORMS: dict[str, nn.Module] = {
    "LayerNorm": nn.LayerNorm(8),
    "RMSNorm": nn.RMSNorm(8),
    "RMSNorm with eps": nn.RMSNorm(8, eps=1e-3),
    "timm's RmsNorm": RmsNorm(8),
    "timm's SimpleNorm": SimpleNorm(8),
    "normalize": nn.Identity(),
    "GroupNorm": nn.GroupNorm(2, 6),
    "LayerNorm2d": LayerNorm2d(6),
}


def normed(name: str, x: Tensor) -> Tensor:
    return functional.normalize(x, dim=-1) if name == "normalize" else NORMS[name](x)


@pytest.mark.parametrize("name", NORMS)
def test_a_norm_with_its_scale_held_gives_the_same_and_is_linear(name: str) -> None:
    torch.manual_seed(0)
    x = torch.randn(3, 6, 4, 8).requires_grad_()
    weight = torch.randn(3, 6, 4, 8)
    with torch.no_grad():
        for parameter in NORMS[name].parameters():
            parameter.uniform_(0.5, 1.5)
        if isinstance(NORMS[name], (nn.LayerNorm, nn.GroupNorm)):
            NORMS[name].bias.zero_()  # type: ignore[operator]
    plain = normed(name, x)
    (blind,) = torch.autograd.grad((plain * weight).sum(), x)
    with HeldScales():
        held = normed(name, x)
    torch.testing.assert_close(held, plain)
    (gradient,) = torch.autograd.grad((held * weight).sum(), x)
    total = float((held * weight).detach().sum())
    assert float((gradient * x.detach()).sum()) == pytest.approx(total, rel=1e-4)
    assert abs(float((blind * x.detach()).sum())) < 0.01 * abs(total), "not held, it has no scale"


def attention_by_hand(x: Tensor, attention: nn.MultiheadAttention) -> Tensor:
    heads, width = attention.num_heads, attention.embed_dim
    q, k, v = functional.linear(x, attention.in_proj_weight, attention.in_proj_bias).chunk(3, -1)
    q, k, v = (t.unflatten(-1, (heads, -1)).transpose(1, 2) for t in (q, k, v))  # type: ignore[no-untyped-call]
    weights = (q @ k.mT / (width // heads) ** 0.5).softmax(-1)
    mixed: Tensor = attention.out_proj((weights @ v).transpose(1, 2).flatten(2))
    return mixed


@pytest.mark.parametrize("need_weights", [False, True])
def test_attention_by_nn_multihead_attention(need_weights: bool) -> None:
    torch.manual_seed(0)
    attention = nn.MultiheadAttention(12, 3, batch_first=True).eval()
    x = torch.randn(2, 5, 12)
    expected, mean = attention(x, x, x, need_weights=True)
    with torch.no_grad(), HeldScales() as held:
        found, weights = attention(x, x, x, need_weights=need_weights)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(found, attention_by_hand(x, attention))
    assert [w.shape for w in held.weights] == [(2, 3, 5, 5)]
    torch.testing.assert_close(held.weights[0].mean(1), mean)
    assert (weights is None) == (not need_weights)


@pytest.mark.parametrize(
    "options", [{}, {"is_causal": True}, {"attn_mask": True}, {"scale": 0.3}, {"bias": True}]
)
def test_scaled_dot_product_attention(options: dict[str, object]) -> None:
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 3, 5, 4, requires_grad=True) for _ in range(3))
    if "attn_mask" in options:
        options = {"attn_mask": torch.ones(5, 5, dtype=torch.bool).tril()}
    if "bias" in options:
        options = {"attn_mask": torch.randn(1, 3, 5, 5)}
    expected = functional.scaled_dot_product_attention(q, k, v, **options)  # type: ignore[arg-type]
    with AttentionWeights() as noted:
        found = functional.scaled_dot_product_attention(q, k, v, **options)  # type: ignore[arg-type]
    torch.testing.assert_close(found, expected)
    gradients = torch.autograd.grad(found.sum(), (q, k, v), allow_unused=True)
    assert [g is None for g in gradients] == [True, True, False], "nothing flows through the weights"
    torch.testing.assert_close(gradients[2], noted.weights[0].mT @ torch.ones_like(v))


SOFTMAXES: dict[str, Callable[[Tensor], Tensor]] = {
    "functional": lambda x: functional.softmax(x, -1),
    "torch": lambda x: torch.softmax(x, dim=3),
    "method": lambda x: x.softmax(dim=-1),
    "module": nn.Softmax(-1),
    "float": lambda x: functional.softmax(x, dim=-1, dtype=torch.float32),
}


@pytest.mark.parametrize("name", SOFTMAXES)
def test_every_way_to_write_softmax(name: str) -> None:
    x = torch.randn(2, 3, 4, 4, requires_grad=True)
    with AttentionWeights() as noted:
        weights = SOFTMAXES[name](x)
        probabilities = torch.randn(2, 7, requires_grad=True).softmax(-1)
    torch.testing.assert_close(weights, x.detach().softmax(-1))
    assert not weights.requires_grad
    assert len(noted.weights) == 1
    assert probabilities.requires_grad, "classes' probabilities are no attention"


def test_gradients_are_those_of_autograd() -> None:
    run = run_of("mobilenet_v3_small")
    targets: list[Target] = [ClassScore(2), ScoreDifference(2, 5), ChannelPart(2, 7)]
    found = run.gradients.of(frame(1), geometry(), "features", targets)
    features = run.network.get_submodule("features")(prepare(frame(1), geometry())).requires_grad_()
    pooled = run.network.get_submodule("avgpool")(features).flatten(1)
    logits = run.network.get_submodule("classifier")(pooled)[0]
    np.testing.assert_allclose(found.logits, logits.detach(), atol=1e-5)
    np.testing.assert_allclose(found.activations, features[0].detach(), atol=1e-5)
    for index, score in enumerate((logits[2], logits[2] - logits[5], logits[2])):
        (gradient,) = torch.autograd.grad(score, features, retain_graph=True)
        np.testing.assert_allclose(found.gradients[index], gradient[0], atol=1e-6)
    assert found.elsewhere is None
    for array in (found.logits, found.activations, found.gradients):
        assert array.dtype == np.float32
        assert not array.flags.writeable


def test_what_follows_in_place_spoils_nothing() -> None:
    """DenseNet rectifies its last batch norm's output in place; ResNet's stem likewise."""
    torch.manual_seed(0)
    network = randomised(torchvision.models.densenet121(weights=None, num_classes=4))
    run = NetworkRun(network)
    found = run.gradients.of(frame(1), geometry(), "features", [ClassScore(1)])
    assert found.activations.min() < 0, "as it was before the ReLU"
    mean = float((found.gradients[0] * found.activations).sum())
    (bias,) = [m.bias[1] for m in network.modules() if isinstance(m, nn.Linear)]
    assert mean + float(bias) == pytest.approx(float(found.logits[1]), abs=1e-4)


@pytest.mark.parametrize("trainable", [False, True])
def test_it_works_whatever_the_state_of_torch_and_leaves_it_so(trainable: bool) -> None:
    torch.manual_seed(0)
    network = randomised(
        nn.Sequential(nn.Conv2d(3, 4, 8, stride=8), nn.ReLU(), nn.Flatten(), nn.Linear(576, 3))
    )
    network.requires_grad_(trainable)
    gradients = ModuleGradients(network, prepare)
    expected = gradients.of(frame(1), geometry(), "1", [ClassScore(1)])
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            found = gradients.of(frame(1), geometry(), "1", [ClassScore(1)], hold_scales=True)
            assert not torch.is_grad_enabled()
        np.testing.assert_array_equal(found.gradients, expected.gradients)
    assert torch.is_grad_enabled()
    assert all(parameter.grad is None for parameter in network.parameters())


def test_nothing_is_kept() -> None:
    run = run_of("vit_b_16")
    gc.collect()

    def tensors() -> int:
        gc.collect()
        return sum(issubclass(type(thing), Tensor) for thing in gc.get_objects())

    run.gradients.of(frame(1), geometry(), run.layer, [ClassScore(1)], hold_scales=True)
    before = tensors()
    for _ in range(2):
        run.gradients.of(frame(1), geometry(), run.layer, [ClassScore(1)], hold_scales=True)
    assert tensors() == before
    assert not any(module._forward_hooks for module in run.network.modules())


def test_a_layer_that_the_score_does_not_follow_from() -> None:
    run = run_of("vit_b_16")
    found = run.gradients.of(frame(1), geometry(), "encoder.ln", [ClassScore(1)])
    assert not found.gradients.any()
    assert found.elsewhere is not None
    assert abs(float(found.elsewhere[0])) > 1e-3


@pytest.mark.parametrize("fused", [True, False])
def test_timms_attention_is_held_fused_or_not(fused: bool) -> None:
    torch.manual_seed(0)
    network = randomised(timms_vit(fused=fused, depth=2))
    found = NetworkRun(network).gradients.of(
        frame(1), geometry(), "blocks.0", [ClassScore(1)], hold_scales=True
    )
    values = (found.gradients[0] * found.activations).sum(0)
    assert np.abs(values).max() > 1e-3
    assert found.elsewhere is not None
