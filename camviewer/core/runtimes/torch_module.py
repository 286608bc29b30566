"""Runs any classifier that is a module of torch: exact maps where its head allows them. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from camviewer.core.arrays import (
    read_only,
)
from camviewer.core.models.labels import check_labels
from camviewer.core.models.spec import (
    LinearHead,
    Preprocessing,
    SizeRule,
)
from camviewer.core.runtimes.device import (
    CPU,
    Device,
)
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.torch_base import FrameRun
from camviewer.core.runtimes.torch_fast import (
    Passing,
    fastest,
    halved,
)
from camviewer.core.runtimes.torch_input import InputPreparation
from camviewer.core.runtimes.torch_layout import Capture
from camviewer.core.runtimes.torch_methods import (
    give_methods,
)
from camviewer.core.runtimes.torch_precision import (
    half_of,
    switched,
)
from camviewer.core.runtimes.torch_proof import (
    ProvedHead,
    prove_head,
)
from camviewer.core.runtimes.torch_recording import logits_of
from camviewer.core.runtimes.torch_sizes import measured_sizes


class ModuleRun(FrameRun):
    """A network in torch that runs; made by `module_run`.

    network: the plain one, in eval mode, on the device.
    """

    def __init__(
        self,
        network: nn.Module,
        head: ProvedHead,
        prepare: InputPreparation,
        sizes: SizeRule,
        labels: Sequence[str],
        device: Device,
        device_title: str = "CPU",
        precision: Precision | None = None,
    ) -> None:
        """sizes: of the input: the faster network is checked at two. Raises ModelFailure for the labels.

        A network that doesn't compute what it should with 16 bits keeps float32.
        """
        self.labels = check_labels(labels, head.classes)
        self.network, self.prepare, self.sizes = network, prepare, sizes
        self.device, self.device_title = device, device_title
        self.proved, self.proof, self.layer = head, head.proof, head.proof.layer
        self.head = _linear_head(head, self.labels)
        examples = _examples(head, prepare, sizes)
        half = half_of(precision) if precision is not None else None
        passing = halved(network, head, examples, half) if half is not None else None
        if half is not None and passing is None:
            precision = Precision.FLOAT32
        self.precision = precision or Precision.FLOAT32
        self.passing = passing or fastest(network, head, examples)
        own = precision if device.kind == "cuda" else None
        self.compute_by(_Captured(self.passing, head.capture, head.weight, head.bias, own), precision)


@dataclass(frozen=True, slots=True, eq=False)
class _Captured:
    """As `torch_frames.Computing`: what a network computes at a place, and its own scores, or its head's.

    weight, bias: of an exact head, else None. precision: as of `LinearHeaded`.
    """

    passing: Passing
    capture: Capture
    weight: Tensor | None
    bias: Tensor | None
    precision: Precision | None

    def __call__(self, network_input: Tensor) -> tuple[Tensor, Tensor]:
        with switched(self.precision):
            at_place, output = self.passing(network_input)
        size = (network_input.shape[2], network_input.shape[3])
        features = self.capture.features(at_place.float(), size)
        if self.weight is None:
            return features, logits_of(output).float()
        # From the very tensor that is returned, so that mean(CAM) + bias is the logit.
        return features, nn.functional.linear(features.mean((2, 3)), self.weight, self.bias)


def module_run(
    network: nn.Module,
    preprocessing: Preprocessing,
    sizes: SizeRule | None,
    labels: Sequence[str],
    device: Device = CPU,
    device_title: str = "CPU",
    precision: Precision | None = None,
) -> ModuleRun:
    """A network that runs: its head is looked at, and it is made as fast as it can be.

    The network becomes the run's: it is put into eval mode, float32, and on the device. sizes: measured if
    None. labels: two for a network of one logit, the negative side first.

    precision: one that the device has. None, in other people's process: as torch's switches are there, and
    without CUDA graphs, which would get in the way of other work on the GPU.

    Raises ModelFailure if it is no classifier of frames, or there are other
    labels; RuntimeError and others if it can't run.
    """
    network = network.eval().requires_grad_(False).float().to(device)
    crop = (preprocessing.crop, preprocessing.crop)
    memory_format = torch.channels_last
    prepare = InputPreparation(preprocessing, device, memory_format)
    try:
        head = prove_head(network.to(memory_format=memory_format), prepare, crop)
    except RuntimeError:
        # Some networks view memory in the order that they know; what else fails, fails again.
        memory_format = torch.contiguous_format
        prepare = InputPreparation(preprocessing, device, memory_format)
        head = prove_head(network.to(memory_format=memory_format), prepare, crop)
    if sizes is None:
        sizes = measured_sizes(network, prepare, preprocessing.crop, head.cells)
    run = ModuleRun(network, head, prepare, sizes, labels, device, device_title, precision)
    give_methods(run, network, prepare, head.size)
    if run.head is None and run.layers:
        run.layer = run.layers[-1].name
    return run


def _linear_head(head: ProvedHead, labels: tuple[str, ...]) -> LinearHead | None:
    if head.weight is None or head.bias is None:
        return None
    weight, bias = head.weight.float().cpu().numpy(), head.bias.float().cpu().numpy()
    return LinearHead(read_only(weight.copy()), read_only(bias.copy()), labels)


def _examples(head: ProvedHead, prepare: InputPreparation, sizes: SizeRule) -> list[Tensor]:
    """Inputs of all sizes at which the faster network is compared: the usual one, and another."""
    chosen = [head.size]
    if not sizes.fixed:
        other = sizes.smallest if sizes.smallest != head.size[0] else head.size[0] + sizes.stride
        chosen.append((other, other))
    return [prepare.noise(size, seed=3) for size in chosen]
