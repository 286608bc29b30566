"""Gives a network in torch what methods need besides its head: layers, gradients, passes, attention."""

from __future__ import annotations

from camviewer.core.runtimes.torch_attention import attention_of
from camviewer.core.runtimes.torch_gradients import ModuleGradients
from camviewer.core.runtimes.torch_layers import spatial_layers
from camviewer.core.runtimes.torch_module import ModuleRun
from camviewer.core.runtimes.torch_passes import ModulePasses


def with_methods(run: ModuleRun) -> ModuleRun:
    """The run itself, offering all that its network has. Runs it a few times to see."""
    example = run.prepare.noise(run.proved.size, seed=0)
    run.layers = spatial_layers(run.network, example)
    if run.layers:
        run.gradients = ModuleGradients(run.network, run.prepare)
        run.passes = ModulePasses(run.network, run.prepare)
        if run.head is None:
            run.layer = run.layers[-1].name
    run.attention = attention_of(run.network, run.prepare, example)
    return run
