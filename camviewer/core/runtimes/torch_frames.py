"""Frames through a network in torch, on any device: prepared, computed, brought back. Imports torch."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.geometry import InputGeometry
from camviewer.core.runtimes.base import ForwardPass
from camviewer.core.runtimes.torch_input import InputPreparation

Computing = Callable[[Tensor], tuple[Tensor, Tensor]]
"""A network's input float32 [n, C, h, w] → features [n, C, h', w'] and logits [n, N]."""


class Frames(Protocol):
    """How frames go through a network."""

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `ModelRun.run_batch`. Raises RuntimeError if the device fails."""
        ...


class PlainFrames:
    """Frames prepared on the CPU, one call after the other."""

    def __init__(self, computing: Computing, prepare: InputPreparation) -> None:
        self._computing, self._prepare = computing, prepare

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `Frames.run_batch`."""
        # Not inference mode: what a network keeps of a pass would be of no use for gradients.
        with torch.no_grad():
            pixels = [self._prepare.pixels(i, g) for i, g in zip(images, geometries, strict=True)]
            network_input = self._prepare.normalised(pixels)
            start = time.perf_counter()
            features, logits = self._computing(network_input)
            all_features = features.float().contiguous().cpu().numpy()
            all_logits = logits.float().cpu().numpy()
            forward = (time.perf_counter() - start) / len(pixels)  # .cpu() has waited for the device
        return [
            # A copy of the pixels: what is cut out of a large frame must not keep all of it in memory.
            ForwardPass(_own(all_features, i), _own(all_logits, i), forward, read_only(each.copy()))
            for i, each in enumerate(pixels)
        ]


def _own(batch: FloatArray, index: int) -> FloatArray:
    """One of a batch, in memory of its own: it must not keep the others alive."""
    return read_only(batch[index] if len(batch) == 1 else batch[index].copy())
