"""The common part of torch's runtimes: from a state dict to a network, from a frame to features and logits.

Imports torch: only the runtimes import this, and `registry` imports them when one is needed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from camviewer.core.arrays import (
    AnyArray,
    ByteArray,
    read_only,
)
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.labels import labels_for
from camviewer.core.models.skeletons import without_initialisation
from camviewer.core.models.spec import (
    LinearHead,
    ModelSpec,
)
from camviewer.core.models.weights import other_networks_weights
from camviewer.core.runtimes.base import (
    BasicRun,
    ForwardPass,
    Needs,
)
from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.libraries import import_without_gc
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.torch_frames import (
    Computing,
    Frames,
    PlainFrames,
)
from camviewer.core.runtimes.torch_graphs import RecordedFrames
from camviewer.core.runtimes.torch_input import InputPreparation
from camviewer.core.runtimes.torch_methods import (
    give_methods,
    offers_of,
)
from camviewer.core.runtimes.torch_precision import (
    Halved,
    allow_tf32,
    half_of,
    switched,
)
from camviewer.core.runtimes.torch_recorder import CudaRecorder


class FrameRun(BasicRun):
    """The way from frames to features and logits, which all runs in torch have in common."""

    prepare: InputPreparation
    head: LinearHead | None
    labels: tuple[str, ...]
    layer: str
    device: Device
    device_title: str
    frames: Frames

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
        return self.frames.run_batch(images, geometries)

    def compute_by(self, computing: Computing, precision: Precision | None) -> None:
        """Let frames go through this network: on an NVIDIA GPU as CUDA graphs, if a precision is chosen.

        computing must not refer to the run: an unused model would stay in memory until a collection.
        precision: None in other people's process. Raises RuntimeError if the device fails.
        """
        self.frames, self.averaging = PlainFrames(computing, self.prepare), None
        if self.device.kind == "cuda" and precision is not None:
            allow_tf32(precision is not Precision.FLOAT32)
            recorded = RecordedFrames(computing, self.prepare, self.device, CudaRecorder(self.device))
            self.frames, self.averaging = recorded, recorded if self.head is not None else None


@dataclass(frozen=True, slots=True, eq=False)
class LinearHeaded:
    """As `torch_frames.Computing`: a network up to its features, and the linear head after them.

    precision: of the network, where torch's switches are this program's; None to leave them as they are.
    """

    features: Callable[[Tensor], Tensor]
    weight: Tensor
    bias: Tensor
    precision: Precision | None

    def __call__(self, network_input: Tensor) -> tuple[Tensor, Tensor]:
        """The head is computed in float32, whatever the network is."""
        with switched(self.precision):
            features = self.features(network_input)
        features = features.float()
        # From the very tensor that is returned, so that mean(CAM) + bias is the logit.
        return features, nn.functional.linear(features.mean((2, 3)), self.weight, self.bias)


class TorchRun(FrameRun):
    """A network in torch: batch norms fused, channels last, inference mode.

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
        precision: Precision = Precision.FLOAT32,
    ) -> None:
        """Raises ModelFailure if the state dict is not of this model; RuntimeError if the device fails."""
        self.device, self.device_title, self.precision = device, device_title, precision
        self.prepare = InputPreparation(spec.preprocessing, device)
        network = _trained(spec, state).requires_grad_(False).to(memory_format=torch.channels_last)
        crop = (spec.preprocessing.crop, spec.preprocessing.crop)
        give_methods(self, network, self.prepare, crop)  # on the CPU: a GPU would load kernels for it
        weight, bias = state[spec.head.weight_key], state[spec.head.bias_key]
        self.head = LinearHead(
            read_only(weight.astype(np.float32)),
            read_only(bias.astype(np.float32)),
            labels_for(len(bias), labels_file, spec.labels),
        )
        self.labels, self.layer = self.head.labels, spec.layer
        architecture = spec.architecture
        features = architecture.simplified(fused(architecture.features(network), architecture.conv_bn))
        features = features.to(device).to(memory_format=torch.channels_last)
        half = half_of(precision)
        if half is None:
            self.features = self._faster(features, spec.preprocessing.crop)
        else:
            self.features = Halved(self._faster(features.to(half), spec.preprocessing.crop), half)
        weight_there, bias_there = (
            torch.from_numpy(each.copy()).to(device) for each in (self.head.weight, self.head.bias)
        )
        own = precision if device.kind == "cuda" else None
        self.compute_by(LinearHeaded(self.features, weight_there, bias_there, own), precision)
        network.to(device)

    features: nn.Module
    """The network up to its features: float32 [n, 3, h, w] → [n, C, h', w']."""

    def _faster(self, features: nn.Module, side: int) -> nn.Module:  # noqa: ARG002
        """The same function, laid out for the device. side: of the usual input, in pixels."""
        return features


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


def trained(network: nn.Module, state: Mapping[str, AnyArray]) -> nn.Module:
    """The network with these weights, which are copied. Raises RuntimeError if they are of another one."""
    network.load_state_dict({name: torch.from_numpy(values) for name, values in state.items()})
    return network.eval()


def _trained(spec: ModelSpec, state: Mapping[str, AnyArray]) -> nn.Module:
    weight = state.get(spec.head.weight_key)
    if weight is None or weight.ndim != 2 or spec.head.bias_key not in state:
        raise other_networks_weights(spec.title, ", ".join(sorted(state)[:20]))
    import_without_gc(*spec.architecture.libraries)
    with without_initialisation():
        network = spec.architecture.build(len(weight))
    try:
        return trained(network, state)
    except RuntimeError as error:
        raise other_networks_weights(spec.title, str(error)) from error
