"""Gradients of scores with respect to a layer's output, for any nn.Module. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from camviewer.core.arrays import (
    ByteArray,
    read_only,
)
from camviewer.core.geometry import InputGeometry
from camviewer.core.runtimes.base import LayerPass
from camviewer.core.runtimes.torch_layers import (
    Prepare,
    forward_from,
    layer_layout,
)
from camviewer.core.runtimes.torch_scales import HeldScales
from camviewer.core.targets import Target


class ModuleGradients:
    """As `base.Gradients`: one forward pass, and one backward pass a target down to the layer."""

    def __init__(self, network: nn.Module, prepare: Prepare) -> None:
        """network: in eval mode; its parameters may be frozen. prepare: see `Prepare`."""
        self._network, self._prepare = network, prepare

    def of(
        self,
        image: ByteArray,
        geometry: InputGeometry,
        layer: str,
        targets: Sequence[Target],
        *,
        hold_scales: bool = False,
    ) -> LayerPass:
        """As `Gradients.of`. Raises ValueError for a layer without cells."""
        with torch.inference_mode(False), torch.enable_grad():
            network_input = self._prepare(image, geometry)
            held = HeldScales() if hold_scales else None
            logits, output = forward_from(self._network, network_input, layer, held)
            gradients = [_gradient(logits, output, target) for target in targets]
        layout = layer_layout(self._network, layer, output, network_input)
        elsewhere = None
        if layout.extra:
            parts = [(g * output)[:, : layout.extra].sum(dtype=torch.float64).item() for g in gradients]
            elsewhere = read_only(np.array(parts, np.float32))
        planes = [layout.planes(tensor)[0] for tensor in (output.detach(), *gradients)]
        activations, *rest = (p.float().contiguous().cpu().numpy() for p in planes)
        gradient_planes = np.stack(rest) if rest else np.zeros((0, *activations.shape), np.float32)
        return LayerPass(
            read_only(logits[0].detach().cpu().numpy()),
            read_only(activations),
            read_only(gradient_planes),
            elsewhere,
        )


def _gradient(logits: Tensor, output: Tensor, target: Target) -> Tensor:
    """Of the target's score with respect to the layer's output, in its shape."""
    score = logits[0, target.class_id]
    if target.other is not None:
        score = score - logits[0, target.other]
    gradient: Tensor | None = None
    if score.requires_grad:
        (gradient,) = torch.autograd.grad(score, output, retain_graph=True, allow_unused=True)
    # None: the score doesn't follow from this layer.
    return torch.zeros_like(output) if gradient is None else gradient
