"""The runtime that computes networks on the CPU with torch, packed for oneDNN. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn

from camviewer.core.arrays import AnyArray
from camviewer.core.models.spec import ModelSpec
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device import (
    CPU,
    Device,
)
from camviewer.core.runtimes.packing import packed
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.torch_base import TorchRun
from camviewer.core.runtimes.torch_precision import (
    precisions,
    usable,
)


class CpuRun(TorchRun):
    """A network on the CPU, its convolutions packed."""

    def __init__(
        self,
        spec: ModelSpec,
        state: Mapping[str, AnyArray],
        labels_file: Path | None = None,
        precision: Precision = Precision.FLOAT32,
    ) -> None:
        """Raises ModelFailure if the state dict is not of this model."""
        self._channels = spec.channels
        super().__init__(spec, state, CPU, "CPU", labels_file, precision)

    def _faster(self, features: nn.Module, side: int) -> nn.Module:
        example = torch.randn(1, self._channels, side, side, generator=torch.Generator().manual_seed(0))
        for weight in features.parameters():
            example = example.to(weight.dtype)
        return packed(features, example.to(memory_format=torch.channels_last))


class TorchCpu:
    """The runtime of the CPU in torch: for bfloat16, and for gradients. Else ONNX Runtime is faster."""

    name = "torch_cpu"

    def devices(self) -> tuple[Device, ...]:
        """The CPU."""
        return (CPU,)

    def resolve(self, device: Device) -> Device | None:
        """The CPU; None for every other kind."""
        return CPU if device.kind == CPU else None

    def title(self, device: Device) -> str:  # noqa: ARG002
        """``CPU``."""
        return "CPU"

    def precisions(self, device: Device) -> tuple[Precision, ...]:
        """As `Runtime.precisions`."""
        return precisions(device)

    def load(
        self,
        spec: ModelSpec,
        state: Mapping[str, AnyArray],
        device: Device,
        labels_file: Path | None = None,
        precision: Precision | None = None,
    ) -> ModelRun:
        """As `Runtime.load`."""
        return CpuRun(spec, state, labels_file, usable(precision, device))
