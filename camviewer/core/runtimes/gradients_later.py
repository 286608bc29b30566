"""Gradients of a built-in network that torch computes, which is imported when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from camviewer.core.arrays import AnyArray, ByteArray
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.spec import ModelSpec
from camviewer.core.runtimes.base import (
    Gradients,
    LayerPass,
)
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.libraries import prepare_torch
from camviewer.core.targets import Target


class GradientsLater:
    """As `base.Gradients`. The first ones take seconds, and torch takes memory: few people want them."""

    def __init__(self, spec: ModelSpec, state: Mapping[str, AnyArray]) -> None:
        """state: a state dict that is the model's."""
        self._spec, self._state = spec, state

    def of(
        self,
        image: ByteArray,
        geometry: InputGeometry,
        layer: str,
        targets: Sequence[Target],
        *,
        hold_scales: bool = False,
    ) -> LayerPass:
        """As `Gradients.of`. Raises ImportError if torch is damaged."""
        return self._gradients.of(image, geometry, layer, targets, hold_scales=hold_scales)

    @cached_property
    def _gradients(self) -> Gradients:
        prepare_torch()
        from camviewer.core.runtimes.torch_cpu import TorchCpu

        gradients = TorchCpu().load(self._spec, self._state, CPU).gradients
        assert gradients is not None, "convolutional networks have layers with cells"
        return gradients
