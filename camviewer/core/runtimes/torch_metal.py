"""The runtime of GPUs that are not NVIDIA's: Apple's (Metal), Intel's and others. Imports torch.

It has never run on one of them: there was none at hand. Its code is the CPU's, with another device's name.
"""

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
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.torch_base import TorchRun
from camviewer.core.runtimes.torch_precision import precisions


class TorchMetal:
    """The runtime of everything that is neither a CPU nor NVIDIA's."""

    name = "torch_metal"

    def devices(self) -> tuple[Device, ...]:
        """Metal's GPU, where there is one."""
        return (Device("mps"),) if torch.backends.mps.is_available() else ()

    def resolve(self, device: Device) -> Device | None:
        """The device, if torch knows its kind, and no other runtime does."""
        if device.kind in (CPU, "cuda"):
            return None
        try:
            return Device(torch.device(device))
        except RuntimeError:
            return None

    def title(self, device: Device) -> str:
        """``Metal``, or the device's name."""
        return "Metal" if device == "mps" else device

    def precisions(self, device: Device) -> tuple[Precision, ...]:
        """As `Runtime.precisions`."""
        return precisions(device)

    def load(
        self,
        spec: ModelSpec,
        state: Mapping[str, AnyArray],
        device: Device,
        labels_file: Path | None = None,
        precision: Precision | None = None,  # noqa: ARG002
    ) -> ModelRun:
        """As `Runtime.load`."""
        return TorchRun(spec, state, device, self.title(device), labels_file)
