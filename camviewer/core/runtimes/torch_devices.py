"""What torch's drivers say of this computer's GPUs, and memory that is given back to them. Imports torch."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import torch

from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.processor import nvidia_driver_version


@dataclass(frozen=True, slots=True)
class GpuFacts:
    """Of an NVIDIA GPU. memory, free: bytes; capability: such as 9.0; driver: its version, "" if unknown."""

    memory: int
    free: int
    capability: str
    driver: str


def gpu_facts(device: Device) -> GpuFacts:
    """Raises RuntimeError or AssertionError if the device fails."""
    free, memory = torch.cuda.mem_get_info(device)
    major, minor = torch.cuda.get_device_capability(device)
    return GpuFacts(memory, free, f"{major}.{minor}", nvidia_driver_version())


def torch_version() -> str:
    """With what it was built for: ``2.14.1+cu130``."""
    return str(torch.__version__)


def has_cuda() -> bool:
    """Whether this torch is made for NVIDIA's GPUs."""
    return torch.version.cuda is not None


def driver_error() -> Exception | None:
    """Why none of NVIDIA's GPUs can be used; None if one can, or if torch is made without them."""
    if not has_cuda():
        return None
    try:
        torch.cuda.init()  # type: ignore[no-untyped-call]
    except (RuntimeError, AssertionError) as error:
        # Another one, that wasn't raised: what is raised remembers the error before it, which may be that
        # of a model, and so keeps its memory.
        return RuntimeError(str(error))
    return None


def release_memory() -> None:
    """Give back what torch keeps of GPUs' memory for later, such as what a model had that is gone.

    Never raises: after some errors CUDA answers to nothing any more.
    """
    with suppress(RuntimeError, AssertionError):
        if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
            torch.cuda.empty_cache()
    with suppress(RuntimeError, AssertionError):
        if torch.backends.mps.is_available():
            torch.mps.empty_cache()
