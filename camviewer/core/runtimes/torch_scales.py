"""Passes in which norms' scales and attention weights are numbers of this frame. Imports torch.

A norm has no scale: f and 2·f give the same output, so gradient · activation through one is zero, whatever
it looks at. With its standard deviation held it is linear, and so is attention with its weights held.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

_SOFTMAX = (functional.softmax, torch.softmax, Tensor.softmax)
MAY_ATTEND = (
    functional.scaled_dot_product_attention,
    functional.multi_head_attention_forward,
    *_SOFTMAX,
)
"""The functions with which networks make attention weights. Softmax makes other things, too."""


class AttentionWeights(TorchFunctionMode):
    """While active: attention has weights that gradients don't flow through, in `weights`.

    weights: one an attention, in the order in which they run: [n, heads, T, S], or whatever shape
    the network uses.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weights: list[Tensor] = []
        self._replaced: dict[Any, Callable[..., Any]] = {
            functional.scaled_dot_product_attention: self._scaled_dot_product,
            functional.multi_head_attention_forward: self._multi_head,
            **dict.fromkeys(_SOFTMAX, self._softmax),
        }

    def __torch_function__(
        self, func: Any, _: Sequence[type], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """What torch calls instead of each of its functions."""
        return self._replaced.get(func, func)(*args, **(kwargs or {}))

    def _noted(self, weights: Tensor) -> Tensor:
        self.weights.append(weights.detach())
        return self.weights[-1]

    def _softmax(self, scores: Tensor, dim: int | None = None, *_: Any, **options: Any) -> Tensor:
        weights = functional.softmax(scores, dim, dtype=options.get("dtype"))
        # Over the last of more than two: attention. Of two: probabilities of classes.
        attends = scores.ndim > 2 and dim in (-1, scores.ndim - 1)
        return self._noted(weights) if attends else weights

    def _scaled_dot_product(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attn_mask: Tensor | None = None,
        dropout_p: float = 0.0,
        is_causal: bool = False,
        scale: float | None = None,
        enable_gqa: bool = False,
    ) -> Tensor:
        if enable_gqa:
            key, value = (x.repeat_interleave(query.shape[-3] // x.shape[-3], -3) for x in (key, value))
        scores = query @ key.mT * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
        if is_causal:
            attn_mask = torch.ones_like(scores, dtype=torch.bool).tril()
        if attn_mask is not None:
            kept = attn_mask.dtype is torch.bool
            scores = scores.masked_fill(~attn_mask, -math.inf) if kept else scores + attn_mask
        return self._noted(functional.dropout(scores.softmax(-1), dropout_p)) @ value

    def _multi_head(
        self, query: Tensor, key: Tensor, value: Tensor, width: int, heads: int, *args: Any, **kwargs: Any
    ) -> tuple[Tensor, Tensor | None]:
        """As in nn.MultiheadAttention: query [L, n, width], key and value [S, n, …]."""
        names = (
            "in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "add_zero_attn", "dropout_p",
            "out_proj_weight", "out_proj_bias",
        )  # fmt: skip
        options = {**dict(zip(names, args, strict=False)), **kwargs}
        wanted, mean = options.get("need_weights", True), options.get("average_attn_weights", True)
        options.update(need_weights=True, average_attn_weights=False)
        _, computed = functional.multi_head_attention_forward(query, key, value, width, heads, **options)
        assert computed is not None, "need_weights says so"
        weights = self._noted(computed)
        weight, bias = options.get("v_proj_weight"), options["in_proj_bias"]
        if weight is None:
            weight = options["in_proj_weight"][2 * width :]
        values = functional.linear(value, weight, None if bias is None else bias[2 * width :])
        per_head = values.view(*values.shape[:2], heads, -1).permute(1, 2, 0, 3)  # [n, heads, S, width/heads]
        mixed = (weights @ per_head).permute(2, 0, 1, 3).flatten(2)
        output = functional.linear(mixed, options["out_proj_weight"], options["out_proj_bias"])
        return output, (weights.mean(1) if mean else weights) if wanted else None


class HeldScales(AttentionWeights):
    """While active: gradients don't flow through attention weights, nor through the scales of norms."""

    def __init__(self) -> None:
        super().__init__()
        scales = (
            torch.rsqrt, Tensor.rsqrt, torch.sqrt, Tensor.sqrt, torch.std, Tensor.std,
            torch.norm, Tensor.norm, torch.linalg.norm, torch.linalg.vector_norm,
        )  # fmt: skip
        self._replaced |= {
            functional.layer_norm: _layer_norm,
            torch.layer_norm: _layer_norm,
            functional.rms_norm: _rms_norm,
            torch.rms_norm: _rms_norm,
            functional.group_norm: _group_norm,
            torch.group_norm: _group_norm,
            functional.normalize: _normalize,
            # Norms that are written out: nothing else of a network takes these.
            **{scale: _detached(scale) for scale in scales},
        }


def _detached(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda *args, **kwargs: function(*args, **kwargs).detach()


def _scaled(x: Tensor, square: Tensor, eps: float) -> Tensor:
    return x * (square.detach() + eps).rsqrt()


def _affine(x: Tensor, weight: Tensor | None, bias: Tensor | None) -> Tensor:
    x = x if weight is None else x * weight
    return x if bias is None else x + bias


def _layer_norm(
    x: Tensor,
    shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    *_: Any,
) -> Tensor:
    dims = tuple(range(-len(shape), 0))
    centred = x - x.mean(dims, keepdim=True)
    return _affine(_scaled(centred, centred.square().mean(dims, keepdim=True), eps), weight, bias)


def _rms_norm(
    x: Tensor, shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    square = x.square().mean(tuple(range(-len(shape), 0)), keepdim=True)
    return _affine(_scaled(x, square, torch.finfo(x.dtype).eps if eps is None else eps), weight, None)


def _group_norm(
    x: Tensor,
    groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    *_: Any,
) -> Tensor:
    grouped = x.reshape(len(x), groups, -1)
    normed = _layer_norm(grouped, grouped.shape[2:], eps=eps).reshape(x.shape)
    channels = (-1, *(1,) * (x.ndim - 2))
    return _affine(normed, *(None if p is None else p.view(channels) for p in (weight, bias)))


def _normalize(x: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: None = None) -> Tensor:  # noqa: ARG001
    norm: Tensor = torch.linalg.vector_norm(x, p, dim, keepdim=True)
    return x / norm.clamp_min(eps).detach()
