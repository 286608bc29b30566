"""A live `nn.Module` made ready to be explained, without a change to it.

Imports torch: whoever has such a network has imported it already.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn

from camviewer.core.failures import ModelFailure
from camviewer.core.models.spec import Link
from camviewer.core.runtimes.torch_recording import is_one_score, logits_of
from camviewer.core.runtimes.torch_scores import take_scores


def unwrapped(network: nn.Module) -> nn.Module:
    """The network inside of `torch.compile`, DataParallel and DistributedDataParallel."""
    wrappers = (nn.DataParallel, nn.parallel.DistributedDataParallel)
    while True:
        if isinstance(network, wrappers):
            network = network.module
        elif "_orig_mod" in network._modules:
            network = network.get_submodule("_orig_mod")
        else:
            return network


def evaluating_twin(network: nn.Module) -> nn.Module:
    """The same modules once more, in eval mode, with a copy of the weights as they are now, float32.

    It has no backward hooks; of forward hooks see `without_lookers`. What is done to the twin (hooks, modes,
    moving it) doesn't show in the network; what an optimizer does to
    the network doesn't show in the twin. A run keeps parts of the weights in other forms: were some shared,
    it would compute with two states at once.

    Raises ModelFailure for TorchScript, which has its modules elsewhere, and for lazy layers that have no
    weights yet.
    """
    name = type(network).__name__
    if any(isinstance(module, torch.jit.ScriptModule) for module in network.modules()):
        raise ModelFailure(
            "{name} is a TorchScript module, which can't be looked into.",
            "Give the network that it was made from.",
            name=name,
        )
    if any(isinstance(p, nn.parameter.UninitializedParameter) for p in network.parameters()):
        raise ModelFailure("{name} has lazy layers without weights yet.", "Run it once before.", name=name)
    twins: dict[nn.Module, nn.Module] = {}
    for module in network.modules():
        twin = twins[module] = type(module).__new__(type(module))
        twin.__dict__.update(module.__dict__)
    weights: dict[Tensor, Tensor] = {}

    def copied(tensor: Tensor | None) -> Tensor | None:
        if tensor is None:
            return None
        if tensor not in weights:  # tied weights stay tied
            same = tensor.detach().clone()
            weights[tensor] = nn.Parameter(same, False) if isinstance(tensor, nn.Parameter) else same
        return weights[tensor]

    for module, twin in twins.items():
        for key, value in module.__dict__.items():
            if key in ("_parameters", "_buffers"):
                twin.__dict__[key] = {each: copied(tensor) for each, tensor in value.items()}
            elif key == "_modules":
                twin.__dict__[key] = {each: None if m is None else twins[m] for each, m in value.items()}
            elif "_hooks" in key and isinstance(value, dict):
                twin.__dict__[key] = type(value)() if "_backward" in key else copy.copy(value)
            elif isinstance(value, MethodType) and isinstance(value.__self__, nn.Module):
                # Such as a forward that was replaced by hand.
                owner = twins.get(value.__self__, value.__self__)
                twin.__dict__[key] = MethodType(value.__func__, owner)
    return twins[network].eval().float()


@contextmanager
def without_lookers(twin: nn.Module) -> Iterator[None]:
    """Run the twin once inside: afterwards it has only those forward hooks that returned something then.

    They change the output, and so belong to the network. The others only look, and would see more passes than
    their owner knows of. Hooks before a forward stay: weight norm is one of them.
    """
    hooks = [(m, key, hook) for m in twin.modules() for key, hook in m._forward_hooks.items()]
    changing = set[int]()

    def watched(key: int, hook: Callable[..., object]) -> Callable[..., object]:
        def call(*args: Any) -> object:
            result = hook(*args)
            if result is not None:
                changing.add(key)
            return result

        return call

    for module, key, hook in hooks:
        module._forward_hooks[key] = watched(key, hook)
    yield
    for module, key, hook in hooks:
        if key in changing:
            module._forward_hooks[key] = hook
        else:
            for kept in (
                module._forward_hooks,
                module._forward_hooks_with_kwargs,
                module._forward_hooks_always_called,
            ):
                kept.pop(key, None)


def device_of(network: nn.Module) -> torch.device:
    """Where the weights are; the CPU for a network without any.

    Raises ModelFailure for weights on several devices, or on none.
    """
    devices = {tensor.device for tensor in (*network.parameters(), *network.buffers())}
    if len(devices) > 1 or any(device.type == "meta" for device in devices):
        raise ModelFailure(
            "{name} has its weights on {devices}.",
            "Move it to one device.",
            name=type(network).__name__,
            devices=", ".join(sorted(map(str, devices))),
        )
    return devices.pop() if devices else torch.device("cpu")


def first_channels(network: nn.Module) -> int | None:
    """The channels of the network's input, as its first convolution has it; None without one."""
    convolutions = (module for module in network.modules() if isinstance(module, nn.Conv2d))
    first = next(convolutions, None)
    return None if first is None else first.in_channels


def device_title(device: torch.device) -> str:
    """For people: ``CPU``, ``Metal``, a GPU's name."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return "Metal" if device.type == "mps" else device.type.upper()


@dataclass(frozen=True, slots=True)
class Outputs:
    """What a network gives. link: what makes probabilities of its scores."""

    classes: int
    link: Link


def outputs_of(twin: nn.Module, channels: int, height: int, width: int) -> Outputs:
    """What comes out of one pass. height, width: of the input, in pixels.

    A twin that returns probabilities is changed, and returns the scores that they are made of. Raises
    ModelFailure if it can't take such an input, or gives anything else than scores.
    """
    name = type(twin).__name__
    noise = torch.rand(1, channels, height, width, generator=torch.Generator().manual_seed(0))
    network_input = noise.float().to(device_of(twin))
    try:
        with torch.no_grad():
            with without_lookers(twin):
                twin(network_input)
            link = take_scores(twin, network_input)
            output = twin(network_input)
            scores = logits_of(output)
    except ModelFailure:
        raise
    except Exception as error:  # whatever a network's own code raises
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelFailure(
            "{name} can't take an input of {channels} × {height} × {width} ({reason}).",
            "Give the size that it was trained with: size=…; and a mean for each channel: mean=….",
            repr(error),
            name=name,
            channels=channels,
            height=height,
            width=width,
            reason=reason,
        ) from error
    if len(scores) != 1:
        raise ModelFailure(
            "{name} gives {count} rows of scores for one picture.",
            "Give a network that returns a tensor [pictures, classes].",
            name=name,
            count=len(scores),
        )
    return Outputs(scores.shape[1], link or (Link.SIGMOID if is_one_score(output) else Link.SOFTMAX))


@contextmanager
def plain_torch() -> Iterator[None]:
    """No autocast and no inference mode inside: what is computed is float32, and may have gradients."""
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for device in ("cpu", "cuda", "mps"):
            if torch.is_autocast_enabled(device):
                stack.enter_context(torch.autocast(device, enabled=False))
        yield
