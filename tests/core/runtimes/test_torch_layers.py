"""Which layers of a network a method may look at, and how their outputs hold the cells."""

from __future__ import annotations

from typing import Any

import pytest
import timm
import torch
import torchvision
from torch import Tensor, nn
from torchvision.ops import Permute

from camviewer.core.models.card import Layer
from camviewer.core.runtimes.torch_layers import layer_layout, spatial_layers
from camviewer.core.runtimes.torch_recording import logits_of
from tests.core.methods.networks import SIDE, randomised


def layers_of(network: nn.Module, height: int = SIDE, width: int = SIDE) -> tuple[Layer, ...]:
    return spatial_layers(network.eval(), torch.zeros(1, 3, height, width) + torch.rand(1, 3, height, width))


def torchvision_layers(name: str, **options: object) -> tuple[Layer, ...]:
    return layers_of(torchvision.models.get_model(name, weights=None, num_classes=5, **options))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet18", Layer("layer4", "Sequential", 512, 3, 3)),
        ("mobilenet_v3_small", Layer("features", "Sequential", 576, 3, 3)),
        ("densenet121", Layer("features", "Sequential", 1024, 3, 3)),
        ("convnext_tiny", Layer("features", "Sequential", 768, 3, 3)),
        ("swin_t", Layer("norm", "LayerNorm", 768, 3, 3)),
        ("alexnet", Layer("features", "Sequential", 256, 2, 2)),
    ],
)
def test_the_last_layer_is_the_one_that_people_choose(name: str, expected: Layer) -> None:
    assert torchvision_layers(name)[-1] == expected


def test_the_menu_has_stages_and_blocks_and_no_parts_of_blocks() -> None:
    names = [layer.name for layer in torchvision_layers("resnet18")]
    blocks = [f"layer{stage}{part}" for stage in (1, 2, 3, 4) for part in (".0", "")]
    assert names == ["relu", *blocks], "layer1.1 is layer1; conv1 and bn1 are a part of relu"


def test_of_plain_convolutions_the_last_of_each_size() -> None:
    names = [layer.name for layer in torchvision_layers("alexnet")]
    assert names == ["features.1", "features.4", "features.7", "features.11", "features"]


def test_a_class_token_network_ends_before_the_last_attention() -> None:
    network = timm.create_model("vit_tiny_patch16_224", img_size=SIDE, depth=3, num_classes=5)
    assert [layer.name for layer in layers_of(randomised(network))] == ["patch_embed", "blocks.0", "blocks.1"]
    with torch.no_grad():
        network.get_submodule("head").weight.zero_()  # type: ignore[operator]
    untrained = layers_of(network)
    assert {"blocks.0", "blocks.1", "norm"} <= {layer.name for layer in untrained}, "nothing tells the last"


def test_one_that_reads_the_mean_of_cells_ends_after_the_last_block() -> None:
    network = timm.create_model("vit_tiny_patch16_224", img_size=SIDE, depth=3, global_pool="avg")
    assert layers_of(randomised(network))[-1].name in ("blocks", "norm")


@pytest.mark.parametrize("registers", [0, 4])
def test_tokens_of_wide_inputs(registers: int) -> None:
    network = timm.create_model("vit_tiny_patch16_224", img_size=(96, 176), depth=2, reg_tokens=registers)
    last = layers_of(randomised(network), 96, 176)[-1]
    assert (last.channels, last.rows, last.columns) == (192, 6, 11)


def test_wide_inputs_of_channels_last_networks() -> None:
    layers = layers_of(torchvision.models.swin_t(num_classes=5), 96, 192)
    assert [(layer.rows, layer.columns) for layer in layers][-1] == (3, 6)
    assert {layer.channels for layer in layers} == {96, 192, 384, 768}


@pytest.mark.parametrize(
    "name", ["convnext_atto", "pvt_v2_b0", "levit_128s", "poolformer_s12", "efficientnet_b0"]
)
def test_timm(name: str) -> None:
    size: dict[str, Any] = {"img_size": SIDE} if name == "levit_128s" else {}
    layers = layers_of(timm.create_model(name, num_classes=5, **size))
    assert 3 < len(layers) < 30
    assert all(layer.rows * layer.columns > 1 for layer in layers)
    cells = [layer.rows for layer in layers]
    assert cells == sorted(cells, reverse=True), "deeper ones are coarser"


def test_transformers() -> None:
    # Slow to import, and only this test needs it.
    from transformers import (
        ConvNextConfig,
        ConvNextForImageClassification,
        ViTConfig,
        ViTForImageClassification,
    )

    sizes: dict[str, Any] = {
        "hidden_size": 48,
        "num_attention_heads": 3,
        "intermediate_size": 96,
        "num_hidden_layers": 3,
    }
    vit = ViTForImageClassification(ViTConfig(image_size=SIDE, **sizes))
    assert layers_of(randomised(vit))[-1] == Layer("vit.layers.1", "ViTLayer", 48, 6, 6)
    small = ConvNextConfig(hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1])
    names = [layer.name for layer in layers_of(ConvNextForImageClassification(small))]
    assert names[-1] == "convnext.encoder.stages.3"


def test_no_layer_has_cells() -> None:
    assert layers_of(nn.Sequential(nn.Flatten(), nn.Linear(3 * SIDE * SIDE, 2))) == ()


@pytest.mark.parametrize(
    ("name", "layer"), [("swin_t", "features.3"), ("vit_b_16", "encoder.layers.encoder_layer_0")]
)
def test_cells_go_out_of_an_output_and_back(name: str, layer: str) -> None:
    size = {"image_size": SIDE} if name == "vit_b_16" else {}
    network = torchvision.models.get_model(name, weights=None, **size).eval()
    kept: list[Tensor] = []
    network.get_submodule(layer).register_forward_hook(lambda _m, _i, output: kept.append(output))
    example = torch.rand(1, 3, SIDE, SIDE)
    with torch.no_grad():
        network(example)
    (output,) = kept
    layout = layer_layout(network, layer, output, example)
    planes = layout.planes(output)
    assert planes.shape == (1, output.shape[-1], layout.rows, layout.columns)
    first = output[0, layout.extra] if output.ndim == 3 else output[0, 0, 0]
    assert planes[0, :, 0, 0].equal(first)
    assert layout.output(planes, output).equal(output)
    assert len(layout.output(planes.expand(4, -1, -1, -1), output)) == 4


def test_as_many_channels_as_rows_and_columns() -> None:
    """At 384 pixels Swin's first stage is 96×96×96: channels are still its last axis."""
    network = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 6, 4, stride=4), Permute([0, 2, 3, 1]), nn.LayerNorm(6))
    )
    output = torch.rand(1, 6, 6, 6)
    layout = layer_layout(network, "0", output, torch.rand(1, 3, 24, 24))
    assert layout.planes(output)[0, :, 1, 2].equal(output[0, 1, 2])
    layout = layer_layout(nn.Sequential(nn.Conv2d(6, 6, 1)), "0", output, torch.rand(1, 3, 24, 24))
    assert layout.planes(output).equal(output)


def test_a_layer_without_cells_is_refused() -> None:
    with pytest.raises(ValueError, match="no cells"):
        layer_layout(nn.Sequential(nn.Flatten()), "0", torch.rand(1, 7), torch.rand(1, 3, 8, 8))


def test_logits_of_what_networks_return() -> None:
    logits = torch.rand(2, 3)
    assert logits_of(logits).equal(logits)
    assert logits_of((logits, torch.rand(2, 9))).equal(logits)
    assert logits_of(logits[:, :, None, None]).equal(logits)
    one = torch.tensor([[2.0], [-1.0]])
    assert logits_of(one).tolist() == [[-2, 2], [1, -1]]
    assert logits_of(one[:, 0]).tolist() == [[-2, 2], [1, -1]]
