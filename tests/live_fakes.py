"""A small network, and the run of it, until `core.runtimes.torch_module` is there."""

from __future__ import annotations

import importlib.util
import sys
import types
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.failures import ModelFailure
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.card import Layer
from camviewer.core.models.proof import HeadKind, HeadProof
from camviewer.core.models.spec import LinearHead, Preprocessing, SizeRule
from camviewer.core.runtimes.base import BasicRun, ForwardPass, Needs
from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.preprocess import input_pixels, normalised

LABELS = ("cat", "dog", "tiger cat", "crane", "crane", "bird", "owl")


class SmallNet(nn.Module):
    """Two convolutions, dropout, batch norm, and a linear layer after pooling."""

    def __init__(self, classes: int = len(LABELS), channels: int = 3) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, 8, 4, stride=4),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 12, 8, stride=8),
            nn.ReLU(),
        )
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(12, classes)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.fc(self.drop(self.body(x).mean((2, 3))))
        return scores


class FakeRun(BasicRun):
    offers = Needs.LINEAR_HEAD
    layer = "body"

    def __init__(
        self,
        network: Any,
        preprocessing: Preprocessing,
        sizes: None,
        labels: tuple[str, ...],
        device: Device,
        device_title: str,
    ) -> None:
        self._network, self._preprocessing = network, preprocessing
        self.sizes = SizeRule(preprocessing.crop, preprocessing.crop, 4 * preprocessing.crop)
        self.labels, self.device, self.device_title = labels, device, device_title
        last = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
        weight, bias = (t.detach().numpy().copy() for t in (last.weight, last.bias))
        if len(bias) == 1:
            weight, bias = np.concatenate([-weight, weight]), np.concatenate([-bias, bias])
        self.head = LinearHead(weight, bias, labels)
        self.proof = HeadProof(HeadKind.POOLED_LINEAR, "body", 1e-7)
        side = preprocessing.crop // 32
        self.layers = (Layer("body", "Sequential", 12, side, side),)

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        pixels = input_pixels(image, geometry, self._preprocessing)
        shown, preprocessing = pixels, self._preprocessing
        if len(preprocessing.mean) == 1:
            shown = pixels.mean(2, keepdims=True).astype(np.uint8)
        outputs: list[Tensor] = []
        handles = [
            module.register_forward_hook(lambda _module, _inputs, output: outputs.append(output))
            for module in self._network.modules()
        ]
        with torch.inference_mode():
            logits = logits_of(self._network(torch.from_numpy(normalised(shown, preprocessing))))
        for handle in handles:
            handle.remove()
        features = [output for output in outputs if output.ndim == 4][-1]
        return ForwardPass(
            read_only(features[0].numpy()), read_only(logits[0].numpy()), 0.001, read_only(pixels.copy())
        )

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        return [self.run(i, g) for i, g in zip(images, geometries, strict=True)]


def logits_of(output: Any) -> Tensor:
    scores = getattr(output, "logits", output)
    if not isinstance(scores, Tensor) or scores.ndim > 2:
        raise ModelFailure("The network's output is not one score for each class.")
    if scores.ndim == 1:
        scores = scores[:, None]
    return torch.cat((-scores, scores), 1) if scores.shape[1] == 1 else scores


def install() -> None:
    """The fakes in place of the modules, where these are missing."""
    for name, fake in {"torch_module.module_run": FakeRun, "torch_recording.logits_of": logits_of}.items():
        module_name, attribute = f"camviewer.core.runtimes.{name}".rsplit(".", 1)
        if module_name not in sys.modules and importlib.util.find_spec(module_name) is None:
            module = types.ModuleType(module_name)
            setattr(module, attribute, fake)
            sys.modules[module_name] = module
