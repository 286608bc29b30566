"""What kind of head a network has, by numbers: small networks, each with a trap, and libraries' families."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import torch
import torchvision.models
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


def network_with(scores: Callable[[Convolutions, Tensor], object], **parts: nn.Module) -> nn.Module:
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
            gate = self.gate(features.mean((2, 3))).sigmoid()
            return self.head(self.last(features * gate[:, :, None, None]).amax((2, 3)))

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


TORCHVISION = {
    "alexnet": OTHER,
    "convnext_tiny": NORM,
    "densenet121": LINEAR,
    "efficientnet_b0": LINEAR,
    "googlenet": LINEAR,
    "inception_v3": LINEAR,
    "maxvit_t": OTHER,
    "mnasnet0_5": LINEAR,
    "mobilenet_v2": LINEAR,
    "mobilenet_v3_small": OTHER,
    "regnet_x_400mf": LINEAR,
    "resnet18": LINEAR,
    "shufflenet_v2_x0_5": LINEAR,
    "squeezenet1_1": SCORES,
    "swin_t": LINEAR,
    "swin_v2_t": LINEAR,
    "vgg11_bn": OTHER,
    "vit_b_32": OTHER,
}
TIMM = {
    "resnet10t": LINEAR,
    "mobilenetv3_small_050": OTHER,
    "efficientnet_b0": LINEAR,
    "tf_efficientnet_b0": LINEAR,
    "convnext_atto": NORM,
    "vit_tiny_patch16_224": OTHER,
    "vit_relpos_small_patch16_224": NORM,
    "deit_tiny_distilled_patch16_224": OTHER,
    "mixer_s32_224": LINEAR,
    "resmlp_12_224": LINEAR,
    "levit_128s": LINEAR,
    "repvit_m0_9": LINEAR,
    "poolformer_s12": NORM,
    "edgenext_xx_small": NORM,
    "ghostnet_100": OTHER,
    "fastvit_t8": LINEAR,
    "tiny_vit_5m_224": NORM,
    "hgnetv2_b0": OTHER,
    "swin_s3_tiny_224": LINEAR,
    "regnetx_002": LINEAR,
}
SIDES = {"inception_v3": 299, "maxvit_t": 224, "vit_b_32": 224, "swin_t": 224, "swin_v2_t": 256}
"""Of inputs; others take smaller ones, too."""


def torchvision_network(name: str) -> tuple[nn.Module, int]:
    torch.manual_seed(0)
    more = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    network = torchvision.models.get_model(name, weights=None, num_classes=10, **more)
    return randomised(network), SIDES.get(name, 128)


def timm_network(name: str) -> tuple[nn.Module, int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what timm imports
        import timm

        torch.manual_seed(0)
        network = timm.create_model(name, pretrained=False, num_classes=10)
    fixed = network.pretrained_cfg.get("fixed_input_size") or "fast" in name
    return randomised(network), network.pretrained_cfg["input_size"][1] if fixed else 128


@pytest.mark.parametrize("name", TORCHVISION)
def test_the_families_of_torchvision(name: str) -> None:
    head = proved(*torchvision_network(name))
    assert head.proof.kind is TORCHVISION[name]
    assert head.proof.error <= 1e-4
    assert bool(head.proof.reason) == (head.proof.kind is OTHER)


@pytest.mark.parametrize("name", TIMM)
def test_families_of_timm(name: str) -> None:
    head = proved(*timm_network(name))
    assert head.proof.kind is TIMM[name]
    assert head.proof.error <= 1e-4
    assert bool(head.proof.reason) == (head.proof.kind is OTHER)
