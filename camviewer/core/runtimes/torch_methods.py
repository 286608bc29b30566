"""What methods need of a network in torch besides its head: layers, gradients, passes, attention."""

from __future__ import annotations

from torch import nn

from camviewer.core.runtimes.base import (
    BasicRun,
    ModelRun,
    Needs,
)
from camviewer.core.runtimes.torch_attention import attention_of
from camviewer.core.runtimes.torch_gradients import ModuleGradients
from camviewer.core.runtimes.torch_input import InputPreparation
from camviewer.core.runtimes.torch_layers import spatial_layers
from camviewer.core.runtimes.torch_passes import ModulePasses


def give_methods(run: BasicRun, network: nn.Module, prepare: InputPreparation, size: tuple[int, int]) -> None:
    """Let a run offer all that its network has. The network runs a few times.

    network: the plain one, in eval mode, on the device; size: height and width of an input that it takes.
    """
    example = prepare.noise(size, seed=0)
    run.layers = spatial_layers(network, example)
    if run.layers:
        run.gradients, run.passes = ModuleGradients(network, prepare), ModulePasses(network, prepare)
    run.attention = attention_of(network, prepare, example)


def offers_of(run: ModelRun) -> Needs:
    """A flag for each part that is there."""
    there = {
        Needs.LINEAR_HEAD: run.head,
        Needs.GRADIENTS: run.gradients,
        Needs.MANY_PASSES: run.passes,
        Needs.ATTENTION: run.attention,
    }
    offered = Needs(0)
    for need, part in there.items():
        if part is not None:
            offered |= need
    return offered
