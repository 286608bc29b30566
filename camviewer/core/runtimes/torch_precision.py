"""Precisions in torch: what a device can do, and networks that compute so. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from camviewer.core.runtimes.device import (
    CPU,
    Device,
)
from camviewer.core.runtimes.precision import Precision

_DTYPES = {Precision.FLOAT16: torch.float16, Precision.BFLOAT16: torch.bfloat16}
_LARGEST_DIFFERENCE = 0.1
"""Of features in half the digits, as a share of the largest one: more is another function."""
_AMPERE, _VOLTA = (8, 0), (7, 0)


def precisions(device: Device) -> tuple[Precision, ...]:
    """Those that the device computes quickly, the usual one first. Raises what a device that fails raises."""
    if device == CPU:
        there = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
        fast = there.get("avx512_bf16") or there.get("amx_bf16") or there.get("amx_tile")
        return (Precision.FLOAT32, Precision.BFLOAT16) if fast else (Precision.FLOAT32,)
    if device.kind != "cuda":
        return (Precision.FLOAT32,)
    capability = torch.cuda.get_device_capability(device)
    if capability >= _AMPERE:
        return Precision.TF32, Precision.FLOAT32, Precision.FLOAT16
    return (Precision.FLOAT32, Precision.FLOAT16) if capability >= _VOLTA else (Precision.FLOAT32,)


def usable(wanted: Precision | None, device: Device) -> Precision:
    """The wanted precision if the device has it, else its usual one."""
    offered = precisions(device)
    return wanted if wanted in offered else offered[0]


@contextmanager
def tf32(allowed: bool) -> Iterator[None]:
    """While convolutions and products of matrices may, or may not, round what they multiply to 10 bits.

    torch has one such switch for the whole process, which is put back.
    """
    before = torch.get_float32_matmul_precision()
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=allowed):
        torch.set_float32_matmul_precision("high" if allowed else "highest")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(before)


def switched(precision: Precision | None) -> AbstractContextManager[None]:
    """While a network of this precision runs; None: with torch's switches as they are."""
    return nullcontext() if precision is None else tf32(precision is Precision.TF32)


def allow_tf32(allowed: bool) -> None:
    """For what runs without `tf32`, such as gradients: of the whole process, so not in other people's."""
    torch.backends.cudnn.allow_tf32 = allowed


def half_of(precision: Precision) -> torch.dtype | None:
    """The type of 16 bits that the precision stands for; None for those of 32."""
    return _DTYPES.get(precision)


def near(ours: Tensor, theirs: Tensor) -> bool:
    """Whether features with half the digits are those of the same function."""
    largest = float(theirs.abs().max())
    return (
        bool(torch.isfinite(ours).all())
        and float((ours - theirs).abs().max()) <= _LARGEST_DIFFERENCE * largest
    )


class Halved(nn.Module):
    """Takes float32 into a network of 16 bits, which comes out as it is."""

    def __init__(self, network: nn.Module, dtype: torch.dtype) -> None:
        super().__init__()
        self.inner, self._dtype = network, dtype

    def forward(self, network_input: Tensor) -> Any:
        """As the network."""
        return self.inner(network_input.to(self._dtype))
