"""Networks for tests of runs of any module: small, with random weights, and norms that do something."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import Tensor, nn

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.frames import Fit
from camviewer.core.geometry import InputGeometry, input_geometry
from camviewer.core.models.spec import Preprocessing, SizeRule
from camviewer.core.runtimes.torch_module import ModuleRun, module_run


def preprocessing(side: int, channels: int = 3, bgr: bool = False) -> Preprocessing:
    """Each channel has its own numbers, so that no two can be confused."""
    mean = tuple(0.4 + 0.05 * i for i in range(channels))
    return Preprocessing(side, side, mean, tuple(0.2 + 0.03 * i for i in range(channels)), bgr=bgr)


def randomised(network: nn.Module, seed: int = 0) -> nn.Module:
    """In eval mode. A fresh norm changes nothing, and a fresh head may be zero: mistakes wouldn't show."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for module in network.modules():
            for name, tensor in (*module._parameters.items(), *module._buffers.items()):
                if tensor is None or tensor.ndim > 1 or not tensor.is_floating_point():
                    continue
                if name == "running_var":
                    tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
                elif name in ("running_mean", "bias"):
                    tensor.copy_(0.2 * torch.randn(tensor.shape, generator=generator))
                elif name == "weight":
                    tensor.copy_(0.7 + 0.6 * torch.rand(tensor.shape, generator=generator))
            if isinstance(module, nn.Linear) and not module.weight.any():
                module.weight.copy_(0.1 * torch.randn(module.weight.shape, generator=generator))
    return network.eval()


def frame(seed: int = 0, height: int = 60, width: int = 80) -> ByteArray:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return read_only(pixels)


def geometry(side: int) -> InputGeometry:
    return input_geometry(80, 60, Fit.CROP, side, preprocessing(side), fixed(side))


def fixed(side: int) -> SizeRule:
    return SizeRule(side, side, side)


def run_of(
    network: nn.Module, side: int = 32, channels: int = 3, sizes: SizeRule | None = None, bgr: bool = False
) -> ModuleRun:
    """The run of a copy of the network, which stays as it is: the oracle."""
    mine = copy.deepcopy(network)
    with torch.no_grad():
        logits = scores(mine(torch.randn(1, channels, side, side)))
    labels = [f"class {i}" for i in range(max(logits.shape[1], 2))]
    return module_run(mine, preprocessing(side, channels, bgr), sizes or fixed(side), labels)


def scores(output: object) -> Tensor:
    """Of those networks that return a tensor."""
    assert isinstance(output, Tensor)
    return output if output.ndim == 2 else output[:, None]


class Convolutions(nn.Module):
    """A small backbone and a head that subclasses define. Features: ReLU'd, [n, 16, side / 4, side / 4]."""

    def __init__(self, classes: int = 5, channels: int = 3) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(channels, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True)
        )
        self.body = nn.Sequential(nn.Conv2d(8, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU())
        self.head = nn.Linear(16, classes)

    def forward(self, x: Tensor) -> object:
        return self.scores(self.body(self.stem(x)))

    def scores(self, features: Tensor) -> object:
        return self.head(features.mean((2, 3)))


class Tokens(nn.Module):
    """A transformer of one block. prefix: tokens before those of the cells; pooled: those that count."""

    def __init__(self, prefix: int = 0, pooled: slice | int = slice(None), norm_after: bool = False) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 16, 8, 8)
        self.first = nn.Parameter(torch.randn(1, prefix, 16))
        self.block = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(16)
        self.head = nn.Linear(16, 5)
        self.pooled, self.norm_after = pooled, norm_after

    def forward(self, x: Tensor) -> Tensor:
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        tokens = self.block(torch.cat((self.first.expand(len(x), -1, -1), tokens), 1))
        if not self.norm_after:
            tokens = self.norm(tokens)
        chosen = tokens[:, self.pooled]
        vector = chosen if isinstance(self.pooled, int) else chosen.mean(1)
        scores: Tensor = self.head(self.norm(vector) if self.norm_after else vector)
        return scores


def tokens(seed: int = 0, **kwargs: object) -> nn.Module:
    torch.manual_seed(seed)
    return randomised(Tokens(**kwargs))  # type: ignore[arg-type]
