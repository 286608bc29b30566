"""Networks with random weights, and a run around one that has what methods use."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import timm
import torch
import torchvision
from timm.layers.config import set_fused_attn
from torch import Tensor, nn

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.frames import Fit
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.methods.base import PassedFrame
from camviewer.core.models.spec import Preprocessing, SizeRule
from camviewer.core.runtimes.base import BasicRun, ForwardPass, Needs
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.torch_attention import attention_of
from camviewer.core.runtimes.torch_gradients import ModuleGradients
from camviewer.core.runtimes.torch_layers import spatial_layers
from camviewer.core.runtimes.torch_passes import ModulePasses
from camviewer.core.runtimes.torch_recording import logits_of

SIDE = 96
CLASSES = 7
PREPROCESSING = Preprocessing(SIDE, SIDE, (0.5, 0.5, 0.5), (0.25, 0.25, 0.25))


def frame(seed: int = 0, width: int = SIDE, height: int = SIDE) -> ByteArray:
    """Blobs and noise: uint8 [height, width, 3]."""
    numbers = np.random.default_rng(seed)
    coarse = numbers.integers(0, 256, (4, 4, 3)).repeat(-(-height // 4), 0).repeat(-(-width // 4), 1)
    noise = numbers.integers(-20, 20, (height, width, 3))
    return read_only(np.clip(coarse[:height, :width] + noise, 0, 255).astype(np.uint8))


def geometry(width: int = SIDE, height: int = SIDE) -> InputGeometry:
    """A frame goes into the network as it is."""
    sizes = SizeRule(stride=1, smallest=1, largest=1024)
    return input_geometry(width, height, Fit.WHOLE, min(width, height), PREPROCESSING, sizes)


def prepare(image: ByteArray, geometry: InputGeometry) -> Tensor:
    """The network's input of a frame that has its size."""
    pixels = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float() / 255
    return (pixels - 0.5) / 0.25


def randomised(network: nn.Module, seed: int = 0, head: float = 30.0) -> nn.Module:
    """In eval mode, with batch norms as after some training, no weight all zero, and logits of some size."""
    numbers = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                assert module.running_mean is not None
                assert module.running_var is not None
                module.running_mean.normal_(0, 0.1, generator=numbers)
                module.running_var.uniform_(0.5, 1.5, generator=numbers)
            if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm)):
                module.weight.uniform_(0.5, 1.5, generator=numbers)
                module.bias.normal_(0, 0.1, generator=numbers)
            elif isinstance(module, (nn.Linear, nn.Conv2d)):
                if not module.weight.any():
                    module.weight.normal_(0, 0.02, generator=numbers)
                if module.bias is not None:
                    module.bias.normal_(0, 0.1, generator=numbers)
        last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
        last.weight *= head
    return network.eval().requires_grad_(False)


@cache
def torchvision_network(name: str) -> nn.Module:
    """One of torchvision's, the same at each call; transformers for small inputs."""
    torch.manual_seed(0)
    size = {"image_size": SIDE} if name.startswith("vit") else {}
    return randomised(torchvision.models.get_model(name, weights=None, num_classes=CLASSES, **size))


def timms_vit(*, fused: bool = True, depth: int = 3, **options: Any) -> nn.Module:
    """One of timm's, the same at each call. fused: its attention is one function of torch."""
    torch.manual_seed(0)
    set_fused_attn(fused)
    try:
        network: nn.Module = timm.create_model(
            "vit_tiny_patch16_224", img_size=SIDE, depth=depth, num_classes=4, **options
        )
    finally:
        set_fused_attn(True)
    return network


class NetworkRun(BasicRun):
    """A `ModelRun` around a network, with all that methods may use."""

    head, device, device_title = None, CPU, "CPU"

    def __init__(self, network: nn.Module, width: int = SIDE, height: int = SIDE) -> None:
        example = prepare(frame(99, width, height), geometry(width, height))
        self.network = network
        self.layers = spatial_layers(network, example)
        self.layer = self.layers[-1].name
        self.gradients: ModuleGradients = ModuleGradients(network, prepare)
        self.passes: ModulePasses = ModulePasses(network, prepare)
        self.attention = attention_of(network, prepare, example)
        with torch.no_grad():
            classes = logits_of(network(example)).shape[1]
        self.labels = tuple(f"class {i}" for i in range(classes))
        self.offers = Needs.GRADIENTS | Needs.MANY_PASSES
        if self.attention is not None:
            self.offers |= Needs.ATTENTION

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        with torch.inference_mode():
            logits = logits_of(self.network(prepare(image, geometry)))[0].numpy()
        return ForwardPass(self.passes.activations(image, geometry, self.layer), read_only(logits), 0.0)

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        return [self.run(i, g) for i, g in zip(images, geometries, strict=True)]

    def passed(self, image: ByteArray, layer: str | None = None) -> PassedFrame:
        """The frame, gone through the network once."""
        size = geometry(image.shape[1], image.shape[0])
        return PassedFrame(image, size, self.run(image, size), layer)


@cache
def run_of(name: str) -> NetworkRun:
    """A run around `torchvision_network`."""
    return NetworkRun(torchvision_network(name))
