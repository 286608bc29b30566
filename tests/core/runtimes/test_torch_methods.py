"""What a run offers its methods: found in as few passes as it takes, wherever the network is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor, nn

from camviewer.core.arrays import ByteArray
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.builtin import MODELS
from camviewer.core.models.spec import ModelSpec
from camviewer.core.runtimes.base import BasicRun, ForwardPass
from camviewer.core.runtimes.device import CPU, Device
from camviewer.core.runtimes.torch_attention import attention_of
from camviewer.core.runtimes.torch_input import InputPreparation
from camviewer.core.runtimes.torch_methods import give_methods
from tests.core.runtimes.families import timm_network, torchvision_network
from tests.core.runtimes.module_networks import preprocessing


class Run(BasicRun):
    """Holds what it is given, and runs nothing."""

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        raise NotImplementedError


def given(network: nn.Module, side: int, device: Device = CPU) -> tuple[Run, int]:
    """A run that was given what it needs, and how often its network ran for that."""
    passes: list[Tensor] = []
    handle = network.register_forward_hook(lambda _module, args, _output: passes.append(args[0]))
    run = Run()
    give_methods(run, network, InputPreparation(preprocessing(side), device), (side, side))
    handle.remove()
    return run, len(passes)


@pytest.mark.parametrize("spec", MODELS.values(), ids=MODELS.keys())
def test_a_convolutional_network_runs_once(spec: ModelSpec) -> None:
    run, passes = given(spec.architecture.build(5).eval(), 64)
    assert passes == 1
    assert run.attention is None
    assert run.gradients is not None
    assert run.passes is not None
    assert len(run.layers) > 5


@pytest.mark.parametrize(
    ("network", "attends"),
    [
        (torchvision_network("vit"), True),
        (torchvision_network("mobilenet_v3_small"), False),
        (torchvision_network("swin_t"), False),  # between the tokens of a window
        (timm_network("vit_relpos_small_patch16_224"), True),
        (timm_network("levit_128s"), False),
        (timm_network("poolformer_s12"), False),
    ],
    ids=["vit", "mobilenet_v3", "swin", "vit_relpos", "levit", "poolformer"],
)
def test_attention_is_found_where_there_is_some(network: tuple[nn.Module, int], attends: bool) -> None:
    """As in a pass that looks for nothing else."""
    module, side = network
    run, _ = given(module, side)
    prepare = InputPreparation(preprocessing(side), CPU)
    assert (attention_of(module, prepare, prepare.noise((side, side), seed=0)) is not None) == attends
    assert (run.attention is not None) == attends


def test_a_network_is_looked_at_where_it_is() -> None:
    """Not where its frames are prepared: there, each new kind of pass may cost a second."""
    network = MODELS["resnet18"].architecture.build(5).eval()
    here, _ = given(network, 64)
    elsewhere, passes = given(network, 64, Device("meta"))
    assert passes == 1
    assert elsewhere.layers == here.layers != ()
    assert next(network.parameters()).device == torch.device("cpu")
