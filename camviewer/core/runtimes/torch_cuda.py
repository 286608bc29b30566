"""The runtime that computes networks on NVIDIA's GPUs with torch. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch

from camviewer.core.arrays import AnyArray
from camviewer.core.models.spec import ModelSpec
from camviewer.core.runtimes.base import ModelRun
from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.precision import Precision
from camviewer.core.runtimes.torch_base import TorchRun
from camviewer.core.runtimes.torch_precision import (
    precisions,
    usable,
)


class TorchCuda:
    """The runtime of NVIDIA's GPUs."""

    name = "torch_cuda"

    def devices(self) -> tuple[Device, ...]:
        """All GPUs, the first one first; none without a driver."""
        if not torch.cuda.is_available():
            return ()
        count = torch.cuda.device_count()
        return (Device("cuda"), *(Device(f"cuda:{index}") for index in range(1, count)))

    def resolve(self, device: Device) -> Device | None:
        """The device, if its kind is cuda."""
        return device if device.kind == "cuda" else None

    def title(self, device: Device) -> str:
        """The GPU's name. Raises RuntimeError or AssertionError if there is no such GPU."""
        return torch.cuda.get_device_name(device)

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
        title, precision = self.title(device), usable(precision, device)
        return TorchRun(spec, state, device, title, labels_file, precision)
