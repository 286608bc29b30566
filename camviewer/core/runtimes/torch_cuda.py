"""The runtime that computes networks on GPUs with torch: CUDA, Metal and others. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from camviewer.core.arrays import AnyArray
from camviewer.core.models.spec import ModelSpec
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device import (
    CPU,
    Device,
)
from camviewer.core.runtimes.torch_base import TorchRun


class TorchCuda:
    """The runtime of everything that is no CPU."""

    name = "torch_cuda"

    def devices(self) -> tuple[Device, ...]:
        """CUDA's first GPU, else Metal's, else none."""
        if torch.cuda.is_available():
            return (Device("cuda"),)
        return (Device("mps"),) if torch.backends.mps.is_available() else ()

    def resolve(self, device: Device) -> Device | None:
        """The device, if torch knows its kind, and it is no CPU."""
        if device.kind == CPU:
            return None
        try:
            return Device(torch.device(device))
        except RuntimeError:
            return None

    def title(self, device: Device) -> str:
        """The GPU's name, or ``Metal``. Raises RuntimeError or AssertionError if there is no such GPU."""
        if device.kind == "cuda":
            return torch.cuda.get_device_name(device)
        return "Metal" if device == "mps" else device

    def load(
        self, spec: ModelSpec, state: Mapping[str, AnyArray], device: Device, labels_file: Path | None = None
    ) -> ModelRun:
        """As `Runtime.load`."""
        return TorchRun(spec, state, device, self.title(device), labels_file)
