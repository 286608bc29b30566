"""Where a network's features are, in which layout, and how they are made of it. Imports torch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import torch
from torch import Tensor

from camviewer.core.runtimes.torch_recording import (
    Call,
    Place,
    Recording,
)

_MOST_PREFIX_TOKENS = 16


class Layout(StrEnum):
    """How a tensor holds channels and cells."""

    NCHW = "NCHW"
    NHWC = "NHWC"
    TOKENS = "NTC"


@dataclass(frozen=True, slots=True)
class Norm:
    """A norm over the channels after the mean, whose scale is held. centred: LayerNorm; else RMSNorm."""

    centred: bool
    epsilon: float


@dataclass(frozen=True, slots=True)
class Capture:
    """Where in a network its features are, and how they are made of what is there.

    prefix: so many tokens before those of the cells stand for no cell.
    """

    place: Place
    layout: Layout
    prefix: int = 0
    norm: Norm | None = None

    def features(self, output: Tensor, size: tuple[int, int]) -> Tensor:
        """[n, C, h, w] of what the call at the place returned for an input of this height and width."""
        cells = in_cells(output, self.layout, self.prefix, size)
        if self.norm is None:
            return cells
        mean = cells.mean((2, 3), keepdim=True)
        if self.norm.centred:
            cells = cells - cells.mean(1, keepdim=True)
            mean = mean - mean.mean(1, keepdim=True)
        return cells * (mean.square().mean(1, keepdim=True) + self.norm.epsilon).rsqrt()


def in_cells(output: Tensor, layout: Layout, prefix: int, size: tuple[int, int]) -> Tensor:
    """A layer's output as [n, C, h, w]. size: of the input. Raises ValueError if tokens fill no rectangle."""
    if layout is Layout.NCHW:
        return output
    if layout is Layout.NHWC:
        return output.permute(0, 3, 1, 2)
    rows, columns = grid(output.shape[1] - prefix, size)
    return output[:, prefix:].transpose(1, 2).reshape(len(output), -1, rows, columns)


def grid(cells: int, size: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of so many cells, shaped as the input is. Raises ValueError if there are none."""
    rows = round(math.sqrt(cells * size[0] / size[1])) if cells > 0 else 0
    for near in (rows, rows + 1, rows - 1):
        if near > 0 and cells % near == 0 and abs(near * size[1] - cells // near * size[0]) < sum(size):
            return near, cells // near
    raise ValueError(f"{cells} tokens are not the cells of an input of {size}")


def captures(call: Call, size: tuple[int, int]) -> Iterator[Capture]:
    """The ways to see cells in what a call returned. size: of the input, height and width."""
    if isinstance(call.output, Tensor):
        for layout, prefix in ways_to_see(call.output, size):
            yield Capture(call.place, layout, prefix)


def ways_to_see(output: Tensor, size: tuple[int, int]) -> Iterator[tuple[Layout, int]]:
    """Layouts, and numbers of prefix tokens, with which one frame's output has cells shaped as the input."""
    shape = output.shape
    if len(shape) == 4 and shape[0] == 1:
        if _as_shaped(shape[2], shape[3], size):
            yield Layout.NCHW, 0
        if _as_shaped(shape[1], shape[2], size):
            yield Layout.NHWC, 0
    if len(shape) == 3 and shape[0] == 1:
        prefix = prefix_tokens(shape[1], size)
        if prefix is not None:
            yield Layout.TOKENS, prefix


def _as_shaped(rows: int, columns: int, size: tuple[int, int]) -> bool:
    """Whether these are cells of an input of that height and width, more than one."""
    return rows * columns > 1 and rows * size[1] == columns * size[0]


def prefix_tokens(tokens: int, size: tuple[int, int]) -> int | None:
    """How many tokens before those of the cells stand for no cell; None if there can't be cells."""
    for prefix in range(min(_MOST_PREFIX_TOKENS, tokens - 1)):
        try:
            rows, columns = grid(tokens - prefix, size)
        except ValueError:
            continue
        if _as_shaped(rows, columns, size):
            return prefix
    return None


def vectors_of(calls: Iterable[Call]) -> list[Tensor]:
    """What was returned and has no cells: one number a channel."""
    outputs = [call.output for call in calls if isinstance(call.output, Tensor)]
    return [each for each in outputs if each.ndim >= 2 and each.numel() == max(each.shape) > 1]


def equal_to(wanted: Tensor, vectors: list[Tensor]) -> list[Tensor]:
    """Those with the same numbers."""
    atol = 1e-5 * float(wanted.abs().max())
    return [
        each
        for each in vectors
        if each.numel() == wanted.numel()
        and torch.allclose(each.flatten(), wanted.flatten(), rtol=1e-4, atol=atol)
    ]


def layer_of(recording: Recording, call: Call, size: tuple[int, int]) -> str:
    """The name of the module that returned what this call did; of the last one before it, if none did."""
    memory = call.output.untyped_storage().data_ptr()
    named = [each for each in recording.outputs if each.name]
    # A view of it, or what was changed in place, is of the same memory.
    same = [each for each in named if each.output.untyped_storage().data_ptr() == memory]
    if not same:
        until = recording.count - len(recording.after(call.output))
        before = [each for each in named if each.calls <= until and list(ways_to_see(each.output, size))]
        same = [each for each in before if each.output is before[-1].output]
    if not same:
        return call.place.module
    names = [each.name for each in same if each.output.shape == same[0].output.shape]
    depth = min(name.count(".") for name in names)
    return [name for name in names if name.count(".") == depth][-1]
