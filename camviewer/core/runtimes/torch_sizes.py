"""Finds out which inputs a network takes, by giving it some. Imports torch."""

from __future__ import annotations

import math
import warnings

import torch
from torch import Tensor, nn

from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import DEFAULT
from camviewer.core.models.spec import SizeRule
from camviewer.core.runtimes.packing import alike
from camviewer.core.runtimes.torch_input import InputPreparation
from camviewer.core.runtimes.torch_recording import (
    copy_with_same_tensors,
    logits_of,
)


def measured_sizes(
    network: nn.Module, prepare: InputPreparation, crop: int, cells: tuple[int, int]
) -> SizeRule:
    """Runs the network on a few sizes, one frame each.

    network: in eval mode. crop: the side that it was trained with; cells: rows and columns of its features
    then. A size counts as taken if nothing is raised or warned of, as many scores come out, and the first
    size still gives the same scores. A network that takes one size only has a `fixed` rule, one that takes
    no oblong input a `square` one. Raises what the network raises for the crop itself.
    """
    expected, said = _tried(network, prepare, (crop, crop))
    stride = _stride(crop, crop / max(cells))

    def takes(height: int, width: int) -> bool:
        # A copy each time: some networks change themselves to fit a size, and then no longer fit the first.
        changed = copy_with_same_tensors(network)
        try:
            there, warned = _tried(changed, prepare, (height, width))
            again, _ = _tried(changed, prepare, (crop, crop))
        except (RuntimeError, ValueError, AssertionError, IndexError, TypeError, LookupError, ModelFailure):
            return False
        return there.shape == expected.shape and warned <= said and alike(again, expected)

    if not (stride < crop and takes(crop + stride, crop + stride) and takes(crop - stride, crop - stride)):
        return SizeRule(crop, crop, crop, (crop,), square=True)
    usual = DEFAULT.sizes
    smallest = min(crop, math.ceil(usual.smallest / stride) * stride)
    largest = max(crop + stride, usual.largest // stride * stride)
    offered = {round(side / stride) * stride for side in usual.offered} | {crop}
    return SizeRule(
        stride,
        smallest,
        largest,
        tuple(sorted(side for side in offered if smallest <= side <= largest)),
        square=not (takes(crop, crop + stride) and takes(crop + stride, crop)),
    )


def _stride(crop: int, pixels: float) -> int:
    """A number of pixels that divides the crop, about as many as a cell has; the crop if there is none.

    A cell's own may not divide it: networks that don't pad lose some pixels at the edges.
    """
    dividing = [n for n in range(math.ceil(pixels / 4), math.floor(pixels + 1e-6) + 1) if crop % n == 0]
    return max(dividing, default=crop)


def _tried(
    network: nn.Module, prepare: InputPreparation, size: tuple[int, int]
) -> tuple[Tensor, frozenset[str]]:
    """The scores for an input of that size, and what was warned of."""
    with warnings.catch_warnings(record=True) as caught, torch.no_grad():
        warnings.simplefilter("always")
        logits = logits_of(network(prepare.noise(size, seed=0)))
    if len(logits) != 1 or not bool(logits.isfinite().all()):
        raise ValueError("no scores")
    return logits, frozenset(str(each.message) for each in caught)
