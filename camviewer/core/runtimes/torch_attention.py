"""The attention weights of transformers, for any nn.Module. Imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.geometry import InputGeometry
from camviewer.core.runtimes.torch_layers import (
    Prepare,
    cells_count,
    token_layers,
)
from camviewer.core.runtimes.torch_scales import MAY_ATTEND, AttentionWeights


class ModuleAttention:
    """As `base.Attention`, for transformers all of whose blocks see all tokens; made by `attention_of`."""

    def __init__(
        self,
        network: nn.Module,
        prepare: Prepare,
        patch: tuple[int, int],
        extra_tokens: int,
        reads_cells: bool,
    ) -> None:
        """patch: the pixels of a token, rows and columns. The others: as in `Attention`."""
        self._network, self._prepare, self._patch = network, prepare, patch
        self.extra_tokens, self.reads_cells = extra_tokens, reads_cells

    def cells(self, geometry: InputGeometry) -> tuple[int, int]:
        """As `Attention.cells`."""
        return geometry.crop.height // self._patch[0], geometry.crop.width // self._patch[1]

    def weights(self, image: ByteArray, geometry: InputGeometry) -> FloatArray:
        """As `Attention.weights`: one forward pass."""
        with torch.inference_mode():
            weights = _attention_weights(self._network, self._prepare(image, geometry))
        return read_only(np.stack([w[0].float().cpu().numpy() for w in weights]))


class AttentionSearch(TorchFunctionMode):
    """While active: `found` becomes true as soon as a network calls a function that may be attention.

    Without one, `attention_of` would give None after a pass of its own.
    """

    found = False

    def __torch_function__(
        self, func: Any, _: Sequence[type], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """What torch calls instead of each of its functions."""
        self.found = self.found or func in MAY_ATTEND
        return func(*args, **(kwargs or {}))


def attention_of(network: nn.Module, prepare: Prepare, example: Tensor) -> ModuleAttention | None:
    """What gives the attention weights of this network; None for one without attention between all tokens.

    example: a network input, [1, channels, h, w]. Windows (Swin), several grids (PVT, LeViT), and attention
    between channels (XCiT) have no weights [T, T] in every block.
    """
    weights = _attention_weights(network, example)
    if not weights:
        return None
    tokens = weights[0].shape[-1]
    layers = [(name, layout) for name, count, layout in token_layers(network, example) if count == tokens]
    if not layers or any(w.ndim != 4 or len(w) != 1 or w.shape[2:] != (tokens, tokens) for w in weights):
        return None
    name, layout = layers[-1]
    patch = example.shape[-2] // layout.rows, example.shape[-1] // layout.columns
    return ModuleAttention(network, prepare, patch, layout.extra, cells_count(network, example, name))


def _attention_weights(network: nn.Module, network_input: Tensor) -> Sequence[Tensor]:
    with torch.no_grad(), AttentionWeights() as attention:
        network(network_input)
    weights: list[Tensor] = attention.weights
    return weights
