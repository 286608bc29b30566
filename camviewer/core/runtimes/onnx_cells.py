"""Where a tensor of a graph has its cells and where its channels: ONNX files don't say so."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import FloatArray

MOST_EXTRA = 8
"""Tokens for no cell that a transformer may have: a class token, a distillation token, registers."""


class Order(Enum):
    """The order of a tensor's axes."""

    CHANNELS_FIRST = "[n, C, h, w]"
    CHANNELS_LAST = "[n, h, w, C]"
    TOKENS = "[n, T, C]"


@dataclass(frozen=True, slots=True)
class Cells:
    """How to read a tensor as features. extra: how many tokens before those of the cells stand for none."""

    order: Order
    extra: int = 0

    def taken(self, tensor: NDArray[Any], height: int, width: int) -> FloatArray:
        """Features [n, C, h, w] of a tensor that an input of height x width pixels led to.

        Raises RuntimeError if its tokens make no grid of that form.
        """
        if self.order is Order.CHANNELS_FIRST:
            return tensor
        if self.order is Order.CHANNELS_LAST:
            return tensor.transpose(0, 3, 1, 2)
        count, channels = tensor.shape[1] - self.extra, tensor.shape[2]
        rows = max(round(math.sqrt(count * height / width)), 1)
        if rows * (count // rows) != count:
            raise RuntimeError(f"{count} tokens make no grid for an input of {width}x{height} pixels")
        return tensor[:, self.extra :].transpose(0, 2, 1).reshape(len(tensor), channels, rows, -1)

    def put(self, tensor: NDArray[Any], features: FloatArray) -> FloatArray:
        """The tensor of one image with each of these features [n, C, h, w] in its place."""
        if self.order is Order.CHANNELS_FIRST:
            return features
        if self.order is Order.CHANNELS_LAST:
            return np.ascontiguousarray(features.transpose(0, 2, 3, 1))
        tokens = features.reshape(*features.shape[:2], -1).transpose(0, 2, 1)
        if not self.extra:
            return tokens
        extra = np.broadcast_to(tensor[:, : self.extra], (len(features), self.extra, tensor.shape[2]))
        return np.concatenate([extra, tokens], axis=1, dtype=np.float32)


def possible_cells(shape: tuple[int, ...]) -> list[Cells]:
    """The ways to read a tensor that a square input led to, the likelier first. () if it has no cells."""
    found = []
    if len(shape) == 4:
        if shape[2] == shape[3] > 1:
            found.append(Cells(Order.CHANNELS_FIRST))
        if shape[1] == shape[2] > 1:
            found.append(Cells(Order.CHANNELS_LAST))
    elif len(shape) == 3:
        side = math.isqrt(shape[1])
        extra = shape[1] - side * side
        if side > 1 and extra <= MOST_EXTRA:
            found.append(Cells(Order.TOKENS, extra))
    return found
