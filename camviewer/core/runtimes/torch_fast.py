"""The fastest way to run a network up to its features that gives the network's own numbers. Imports torch."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.packing import (
    alike,
    packed,
)
from camviewer.core.runtimes.torch_cut import cut_at
from camviewer.core.runtimes.torch_precision import near
from camviewer.core.runtimes.torch_proof import ProvedHead
from camviewer.core.runtimes.torch_recording import (
    Call,
    Place,
    Watch,
    full_precision,
    logits_of,
)

log = logging.getLogger(__name__)

Passing = Callable[[Tensor], tuple[Tensor, Any]]
"""A network's input → what is where the features are, and what the network returns (None if not needed)."""


class Plain:
    """The network as it is. What it computes at a place is kept while it passes there."""

    def __init__(self, network: nn.Module, place: Place) -> None:
        self._network, self._place = network, place

    def __call__(self, network_input: Tensor) -> tuple[Tensor, Any]:
        """As `Passing`. Raises LookupError if the network doesn't pass there."""
        kept: list[Any] = []

        def on_call(call: Call) -> None:
            if call.place == Place("", self._place.ordinal):
                kept[:] = [call.output]

        # Only while the module runs: to see all calls of a network takes time.
        module = self._network.get_submodule(self._place.module)
        watch = Watch(module, on_call)
        hooks = [
            module.register_forward_pre_hook(lambda *_: watch.start()),
            module.register_forward_hook(lambda *_: watch.stop(), always_call=True),
        ]
        try:
            output = self._network(network_input)
        finally:
            for hook in hooks:
                hook.remove()
        if not kept:
            raise LookupError(f"the network doesn't come by {self._place}")
        return kept[0], output


def fastest(network: nn.Module, head: ProvedHead, examples: list[Tensor]) -> Passing:
    """The network's graph up to its features, on the CPU packed; as it is, where that fails or differs.

    The logits are left out where the head makes them. examples: inputs of which the first has the size at
    which the head was proved.
    """
    plain = Plain(network, head.capture.place)
    cut = head.weight is not None
    try:
        with full_precision():
            expected = [plain(example) for example in examples]
            graph: Any = cut_at(network, examples[0], expected[0][0], with_logits=not cut)
            if examples[0].device.type == CPU:
                graph = packed(graph, examples[0])
            for example, theirs in zip(examples, expected, strict=True):
                ours = graph(example)
                same = alike(ours, theirs[0]) if cut else _both_alike(ours, theirs)
                if not same:
                    log.warning("the network's graph computes something else; it is not used")
                    return plain
    except Exception:
        # A network that can't be traced, another torch: slower, but it works.
        log.info("the network has no graph", exc_info=True)
        return plain
    return (lambda network_input: (graph(network_input), None)) if cut else graph


def halved(network: nn.Module, head: ProvedHead, examples: list[Tensor], half: torch.dtype) -> Passing | None:
    """As `fastest`, of a copy of the network that computes with 16 bits; None where that isn't near."""
    try:
        own = copy.deepcopy(network).to(half)
        passing = fastest(own, head, [example.to(half) for example in examples])
        plain = Plain(network, head.capture.place)
        with full_precision():
            for example in examples:
                ours, theirs = passing(example.to(half))[0], plain(example)[0]
                if ours.shape != theirs.shape or not near(ours.float(), theirs.float()):
                    log.warning("the network computes something else with %s", half)
                    return None
    except Exception:
        # What mixes 16 and 32 bits, or has no kernel for 16.
        log.info("the network doesn't run with %s", half, exc_info=True)
        return None
    return lambda network_input: passing(network_input.to(half))


def _both_alike(ours: tuple[Tensor, Any], theirs: tuple[Tensor, Any]) -> bool:
    return alike(ours[0], theirs[0]) and alike(logits_of(ours[1]), logits_of(theirs[1]))
