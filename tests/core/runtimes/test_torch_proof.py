"""What kind of head a network has, by numbers: small networks, each with a trap, and libraries' families."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from camviewer.core.failures import ModelFailure
from camviewer.core.models.proof import HeadKind
from camviewer.core.runtimes.torch_input import InputPreparation
from camviewer.core.runtimes.torch_proof import ProvedHead, prove_head
from tests.core.runtimes.module_networks import Convolutions, preprocessing, randomised, tokens

LINEAR, NORM, SCORES, OTHER = HeadKind


def proved(network: nn.Module, side: int = 32, channels: int = 3) -> ProvedHead:
    prepare = InputPreparation(preprocessing(side, channels), "cpu", torch.contiguous_format)  # type: ignore[arg-type]
    return prove_head(network, prepare, (side, side))


def network_with(scores: Callable[[Any, Tensor], object], **parts: nn.Module) -> nn.Module:
    """The small backbone, and a head made of parts."""

    class Network(Convolutions):
        def scores(self, features: Tensor) -> object:
            return scores(self, features)

    torch.manual_seed(0)
    network = Network()
    for name, part in parts.items():
        network.add_module(name, part)
    return randomised(network)


def pooled(features: Tensor) -> Tensor:
    return features.mean((2, 3))


EXACT = {
    "modules": (
        LINEAR,
        network_with(lambda n, f: n.head(n.pool(f).flatten(1)), pool=nn.AdaptiveAvgPool2d(1)),
    ),
    "functions": (
        LINEAR,
        network_with(
            lambda n, f: n.head(
                torch.flatten(nn.functional.adaptive_avg_pool2d(nn.functional.relu(f - 0.3), (1, 1)), 1)
            )
        ),
    ),
    "mean over one side, then the other": (LINEAR, network_with(lambda n, f: n.head(f.mean(3).mean(2)))),
    "a dropout": (LINEAR, network_with(lambda n, f: n.head(n.drop(pooled(f))), drop=nn.Dropout(0.5, True))),
    "channels last": (LINEAR, network_with(lambda n, f: n.head(f.permute(0, 2, 3, 1).mean((1, 2))))),
    "a convolution of one cell": (
        LINEAR,
        network_with(lambda n, f: n.fc(f.mean((2, 3), keepdim=True)).flatten(1), fc=nn.Conv2d(16, 7, 1)),
    ),
    "a batch norm after": (
        LINEAR,
        network_with(lambda n, f: n.head(n.norm(pooled(f))), norm=nn.BatchNorm1d(16)),
    ),
    "two linear layers with nothing between": (
        LINEAR,
        network_with(lambda n, f: n.head(n.first(pooled(f))), first=nn.Linear(16, 16)),
    ),
    "two heads and their mean": (
        LINEAR,
        network_with(lambda n, f: (n.head(p := pooled(f)) + n.other(p)) / 2, other=nn.Linear(16, 5)),
    ),
    "matrices": (
        LINEAR,
        network_with(lambda n, f: torch.addmm(n.head.bias, pooled(f), n.head.weight.t()) * 3),
    ),
    "scaled": (LINEAR, network_with(lambda n, f: n.head(pooled(f) / 7 + 2))),
    "a layer norm after": (
        NORM,
        network_with(lambda n, f: n.head(n.norm(pooled(f))), norm=nn.LayerNorm(16, eps=1e-3)),
    ),
    "a layer norm without weights": (
        NORM,
        network_with(lambda n, f: n.head(n.norm(pooled(f))), norm=nn.LayerNorm(16, elementwise_affine=False)),
    ),
    "an RMS norm after": (NORM, network_with(lambda n, f: n.head(n.norm(pooled(f))), norm=nn.RMSNorm(16))),
    "scores of cells": (
        SCORES,
        network_with(lambda n, f: pooled(n.fc(f).relu()), fc=nn.Conv2d(16, 5, 1)),
    ),
    "tokens": (LINEAR, tokens()),
    "tokens without the class token": (LINEAR, tokens(prefix=1, pooled=slice(1, None))),
    "tokens, a layer norm after": (NORM, tokens(prefix=2, pooled=slice(2, None), norm_after=True)),
}
"""The kind of head, and a network: all of these have an exact map."""


@pytest.mark.parametrize("name", EXACT)
def test_exact_heads(name: str) -> None:
    kind, network = EXACT[name]
    head = proved(network)
    assert (head.proof.kind, head.proof.reason) == (kind, "")
    assert head.proof.error <= 1e-5
    assert head.cells in ((8, 8), (4, 4))
    assert head.weight is not None
    assert head.proof.layer in ("body", "body.2", "norm", "block", "fc")


INEXACT = {
    "flattened": ("flattened", network_with(lambda n, f: n.fc(f.flatten(1)), fc=nn.Linear(16 * 64, 5))),
    "flattened after pooling to some cells": (
        "flattened",
        network_with(lambda n, f: n.fc(n.pool(f).flatten(1)), pool=nn.AvgPool2d(2), fc=nn.Linear(16 * 16, 5)),
    ),
    "an activation between": (
        "Two linear layers",
        network_with(lambda n, f: n.head(n.first(pooled(f)).relu()), first=nn.Linear(16, 16)),
    ),
    "the maximum": ("largest value", network_with(lambda n, f: n.head(f.amax((2, 3))))),
    "mean and maximum": (
        "More than the mean",
        network_with(lambda n, f: n.head(0.5 * (pooled(f) + f.amax((2, 3))))),
    ),
    "a power": (
        "not linear",
        network_with(lambda n, f: n.head((f + 1e-6).pow(3).mean((2, 3)).pow(1 / 3))),
    ),
    "the features once more": (
        "More than the mean",
        network_with(lambda n, f: n.head(pooled(f)) + 0.01 * f.amax((1, 2, 3))[:, None]),
    ),
    "probabilities": ("probabilities", network_with(lambda n, f: n.head(pooled(f)).softmax(1))),
    "a unit vector": (
        "not linear",
        network_with(lambda n, f: n.head(nn.functional.normalize(pooled(f)))),
    ),
    "a class token": ("class token", tokens(prefix=1, pooled=0)),
    "a class token in the mean": ("take part in the mean", tokens(prefix=1)),
}
"""A part of the reason, and a network: none of these has an exact map."""


@pytest.mark.parametrize("name", INEXACT)
def test_other_heads_say_why(name: str) -> None:
    part, network = INEXACT[name]
    head = proved(network)
    assert head.proof.kind is OTHER
    assert part in head.proof.reason
    assert head.weight is None
    assert head.bias is None
    assert head.proof.layer in ("body", "norm", "pool", "block")


def test_scores_that_hardly_change_prove_nothing() -> None:
    """With weights so small that all inputs give the biases, anything would seem to be affine."""

    class Squeezed(Convolutions):
        def scores(self, features: Tensor) -> object:
            parts: Any = self
            gate = parts.gate(features.mean((2, 3))).sigmoid()
            return self.head(parts.last(features * gate[:, :, None, None]).amax((2, 3)))

    torch.manual_seed(0)
    network = Squeezed()
    network.gate, network.last = nn.Linear(16, 16), nn.Conv2d(16, 16, 1)
    with torch.no_grad():
        for module in (network.gate, network.last, network.head):
            module.weight.mul_(1e-4)
    assert proved(network.eval()).proof.kind is OTHER


def test_a_mean_that_only_zeros_have_in_common() -> None:
    """Of an input of zeros every channel is constant, and the middle cell is the mean."""

    class Middle(Convolutions):
        def scores(self, features: Tensor) -> object:
            return self.head(features[:, :, 4, 4])

    torch.manual_seed(0)
    assert proved(Middle().eval()).proof.kind is OTHER


def test_a_network_without_cells_is_refused() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Linear(3 * 32 * 32, 20), nn.ReLU(), nn.Linear(20, 4)).eval()
    with pytest.raises(ModelFailure, match="has cells"):
        proved(network)


def test_what_is_no_classifier_is_refused() -> None:
    with pytest.raises(ModelFailure, match="not one score for each class"):
        proved(nn.Conv2d(3, 4, 3).eval())
