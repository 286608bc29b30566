"""What methods need of a network in torch besides its head: layers, gradients, passes, attention."""

from __future__ import annotations

from torch import nn

from camviewer.core.runtimes.base import (
    BasicRun,
    ModelRun,
    Needs,
    earlier_layer,
)
from camviewer.core.runtimes.torch_attention import AttentionSearch, attention_of
from camviewer.core.runtimes.torch_gradients import ModuleGradients
from camviewer.core.runtimes.torch_input import InputPreparation
from camviewer.core.runtimes.torch_layers import spatial_layers
from camviewer.core.runtimes.torch_passes import ModulePasses


def give_methods(run: BasicRun, network: nn.Module, prepare: InputPreparation, size: tuple[int, int]) -> None:
    """Let a run offer all that its network has. The network runs once; if it may attend, a few times.

    network: the plain one, in eval mode. It runs where it is now, and may be moved to the device afterwards:
    what is found is the same. size: height and width of an input that it takes.
    """
    weights = next(network.parameters(), None)
    example = prepare.noise(size, seed=0, device=weights.device if weights is not None else None)
    with AttentionSearch() as search:
        run.layers = spatial_layers(network, example)
    if run.layers:
        run.gradients, run.passes = ModuleGradients(network, prepare), ModulePasses(network, prepare)
    run.attention = attention_of(network, prepare, example) if search.found else None


def offers_of(run: ModelRun) -> Needs:
    """A flag for each part that is there."""
    there = {
        Needs.LINEAR_HEAD: run.head,
        Needs.GRADIENTS: run.gradients,
        Needs.MANY_PASSES: run.passes,
        Needs.ATTENTION: run.attention,
        Needs.EARLIER_LAYER: run.passes and earlier_layer(run.layers, run.layer),
    }
    offered = Needs(0)
    for need, part in there.items():
        if part is not None:
            offered |= need
    return offered
