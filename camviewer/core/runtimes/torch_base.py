"""The common part of torch's runtimes: from a state dict to a network, from a frame to features and logits.

Imports torch: only the runtimes import this, and `registry` imports them when one is needed.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from camviewer.core.arrays import (
    AnyArray,
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.failures import ModelFailure
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.labels import labels_for
from camviewer.core.models.spec import (
    LinearHead,
    ModelSpec,
)
from camviewer.core.runtimes.base import (
    BasicRun,
    ForwardPass,
    Needs,
)
from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.torch_input import InputPreparation
from camviewer.core.runtimes.torch_methods import (
    give_methods,
    offers_of,
)
from camviewer.core.text import Text


class FrameRun(BasicRun):
    """The way from frames to features and logits, which all runs in torch have in common."""

    prepare: InputPreparation
    head: LinearHead | None
    labels: tuple[str, ...]
    layer: str
    device: Device
    device_title: str

    @property
    def offers(self) -> Needs:
        """As `ModelRun.offers`."""
        return offers_of(self)

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """As `ModelRun.run`. Raises RuntimeError if the device fails."""
        return self.run_batch([image], [geometry])[0]

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `ModelRun.run_batch`. Raises RuntimeError if the device fails."""
        # Not inference mode: what a network keeps of a pass would be of no use for gradients.
        with torch.no_grad():
            pixels = [self.prepare.pixels(i, g) for i, g in zip(images, geometries, strict=True)]
            network_input = self.prepare.normalised(pixels)
            start = time.perf_counter()
            features, logits = self._features_and_logits(network_input)
            all_features = features.float().contiguous().cpu().numpy()
            all_logits = logits.float().cpu().numpy()
            forward = (time.perf_counter() - start) / len(pixels)  # .cpu() has waited for the device
        return [
            # A copy of the pixels: what is cut out of a large frame must not keep all of it in memory.
            ForwardPass(_own(all_features, i), _own(all_logits, i), forward, read_only(each.copy()))
            for i, each in enumerate(pixels)
        ]

    def _features_and_logits(self, network_input: Tensor) -> tuple[Tensor, Tensor]:
        """Features [n, C, h, w] and logits [n, N] of an input that `prepare` made."""
        raise NotImplementedError


class TorchRun(FrameRun):
    """A network in torch: batch norms fused, channels last, float32, inference mode.

    It is kept as it was, too: methods look into that one.
    """

    head: LinearHead

    def __init__(
        self,
        spec: ModelSpec,
        state: Mapping[str, AnyArray],
        device: Device,
        device_title: str,
        labels_file: Path | None = None,
    ) -> None:
        """Raises ModelFailure if the state dict is not of this model; RuntimeError if the device fails."""
        self.device, self.device_title = device, device_title
        self.prepare = InputPreparation(spec.preprocessing, device)
        network = _trained(spec, state)
        weight, bias = state[spec.head.weight_key], state[spec.head.bias_key]
        self.head = LinearHead(
            read_only(weight.astype(np.float32)),
            read_only(bias.astype(np.float32)),
            labels_for(len(bias), labels_file, spec.labels),
        )
        self.labels, self.layer = self.head.labels, spec.layer
        architecture = spec.architecture
        features = architecture.simplified(fused(architecture.features(network), architecture.conv_bn))
        self.features: nn.Module = features.to(device).to(memory_format=torch.channels_last)
        """The network up to its features: float32 [n, 3, h, w] → [n, C, h', w']."""
        self._weight, self._bias = (
            torch.from_numpy(each.copy()).to(device) for each in (self.head.weight, self.head.bias)
        )

        plain = network.requires_grad_(False).to(device).to(memory_format=torch.channels_last)
        give_methods(self, plain, self.prepare, (spec.preprocessing.crop, spec.preprocessing.crop))

    def _features_and_logits(self, network_input: Tensor) -> tuple[Tensor, Tensor]:
        features = self.features(network_input)
        # From the very tensor that is returned, so that mean(CAM) + bias is the logit.
        return features, nn.functional.linear(features.mean((2, 3)), self._weight, self._bias)


def fused(network: nn.Module, pairs: tuple[tuple[str, str], ...]) -> nn.Module:
    """The same function with every named batch norm folded into the convolution before it."""
    network = copy.deepcopy(network)
    with torch.no_grad():
        for module in network.modules():
            for conv_name, bn_name in pairs:
                conv, bn = getattr(module, conv_name, None), getattr(module, bn_name, None)
                if isinstance(conv, nn.Conv2d) and isinstance(bn, nn.BatchNorm2d):
                    setattr(module, conv_name, fuse_conv_bn_eval(conv, bn))
                    setattr(module, bn_name, nn.Identity())
    return network.requires_grad_(False)


def _own(batch: FloatArray, index: int) -> FloatArray:
    """One of a batch, in memory of its own: it must not keep the others alive."""
    return read_only(batch[index] if len(batch) == 1 else batch[index].copy())


def trained(network: nn.Module, state: Mapping[str, AnyArray]) -> nn.Module:
    """The network with these weights, which are copied. Raises RuntimeError if they are of another one."""
    network.load_state_dict({name: torch.from_numpy(values) for name, values in state.items()})
    return network.eval()


def _trained(spec: ModelSpec, state: Mapping[str, AnyArray]) -> nn.Module:
    weight = state.get(spec.head.weight_key)
    other = Text("Choose a state dict of torchvision's {model}, or another model.", model=spec.title)
    if weight is None or weight.ndim != 2 or spec.head.bias_key not in state:
        keys = ", ".join(sorted(state)[:20])
        raise ModelFailure("These weights are not of {model}.", other, keys, model=spec.title)
    network = spec.architecture.build(len(weight))
    try:
        return trained(network, state)
    except RuntimeError as error:
        raise ModelFailure(
            "These weights are not of {model}.", other, str(error), model=spec.title
        ) from error
