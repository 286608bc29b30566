"""Sees what a network does: every function of torch that it calls, in which module, with what."""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.fx.node import map_aggregate
from torch.overrides import TorchFunctionMode

from camviewer.core.failures import ModelFailure
from camviewer.core.runtimes.torch_precision import tf32

_KEPT = 96
"""So many of the last calls are kept: a head takes a dozen, and all activations would fill the memory."""


_OF_FRAME = "_camviewer_of_frame"
"""The name of the mark on tensors that depend on the network's input."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a network calls a function: in which module, and which of the calls there it is."""

    module: str
    ordinal: int


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A function that was called. output: a tensor, or a tuple or list of tensors."""

    place: Place
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    output: Any

    @property
    def name(self) -> str:
        """The function's, such as ``conv2d``."""
        return getattr(self.function, "__name__", "")


@dataclass(frozen=True, slots=True, eq=False)
class ModuleOutput:
    """What a module returned, and how many calls there were by then."""

    name: str
    module: nn.Module
    output: Tensor
    calls: int


class Watch(TorchFunctionMode):
    """While this context is entered, `on_call` gets every call that a network makes and that returns tensors.

    on_output gets the tensors that its modules return.
    """

    def __init__(
        self,
        network: nn.Module,
        on_call: Callable[[Call], None],
        on_output: Callable[[str, nn.Module, Tensor], None] | None = None,
    ) -> None:
        super().__init__()
        self._network, self._on_call, self._on_output = network, on_call, on_output
        self._inside: list[tuple[str, int]] = [("", 0)]
        self._hooks: list[Any] = []

    def __enter__(self) -> Self:
        for name, module in self._network.named_modules():
            # The network itself is where one is before any module.
            self._hooks += (
                []
                if not name
                else [
                    module.register_forward_pre_hook(self._entered(name)),
                    module.register_forward_hook(self._left(name)),
                ]
            )
        super().__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *args: object) -> None:
        super().__exit__(*args)  # type: ignore[no-untyped-call]
        for hook in self._hooks:
            hook.remove()
        self._hooks, self._inside = [], [("", 0)]

    def start(self) -> None:
        """As entering the context."""
        self.__enter__()

    def stop(self) -> None:
        """As leaving it."""
        self.__exit__(None, None, None)

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Called by torch for each function."""
        output = func(*args, **(kwargs or {}))
        if isinstance(output, Tensor) or (
            isinstance(output, (tuple, list)) and output and isinstance(output[0], Tensor)
        ):
            name, count = self._inside[-1]
            self._inside[-1] = name, count + 1
            self._on_call(Call(Place(name, count), func, args, kwargs or {}, output))
        return output

    def _entered(self, name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: object) -> None:  # noqa: ARG001
            self._inside.append((name, 0))

        return hook

    def _left(self, name: str) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: object, output: object) -> None:  # noqa: ARG001
            self._inside.pop()
            # Not in dicts of everything: what they hold is some other module's output.
            if self._on_output is not None and isinstance(output, (Tensor, tuple, list)):
                for each in tensors_in(output):
                    self._on_output(name, module, each)

        return hook


@dataclass(slots=True, eq=False)
class Recording:
    """The end of one pass: the last calls and modules' outputs, in order, and the logits float32 [1, N]."""

    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=_KEPT))
    outputs: deque[ModuleOutput] = field(default_factory=lambda: deque(maxlen=2 * _KEPT))
    count: int = 0
    logits: Tensor = field(default_factory=lambda: torch.empty(0))

    @classmethod
    def of(cls, network: nn.Module, network_input: Tensor) -> Recording:
        """Runs the network in eval mode without gradients. Raises what it raises, and as `logits_of`."""
        recording = cls()

        setattr(network_input, _OF_FRAME, True)

        def on_call(call: Call) -> None:
            if any(hasattr(each, _OF_FRAME) for each in tensors_in((call.args, dict(call.kwargs)))):
                for each in tensors_in(call.output):
                    setattr(each, _OF_FRAME, True)
            recording.calls.append(call)
            recording.count += 1

        def on_output(name: str, module: nn.Module, output: Tensor) -> None:
            recording.outputs.append(ModuleOutput(name, module, output, recording.count))

        with torch.no_grad(), Watch(network, on_call, on_output):
            recording.logits = logits_of(network(network_input))
        return recording

    def after(self, tensor: Tensor) -> list[Call]:
        """The calls after the one that returned the tensor."""
        calls = list(self.calls)
        at = max((i for i, call in enumerate(calls) if returned(call, tensor)), default=-1)
        return calls[at + 1 :]

    def passes_through(self, tensor: Tensor) -> bool:
        """Whether the calls after the tensor see nothing else of the frame than it."""
        derived = {id(tensor)}
        for call in self.after(tensor):
            inputs = list(tensors_in((call.args, dict(call.kwargs))))
            if any(id(each) in derived for each in inputs):
                if any(hasattr(each, _OF_FRAME) and id(each) not in derived for each in inputs):
                    return False
                derived.update(id(each) for each in tensors_in(call.output))
        return id(self.logits) in derived

    def replayed(self, tensor: Tensor, value: Tensor) -> Tensor:
        """The logits if the tensor, which a call returned, had another value.

        Raises LookupError where they don't depend on it, and what the functions raise.
        """
        new: dict[int, Any] = {id(tensor): value}
        for call in self.after(tensor):
            used = False

            def replaced(each: Any) -> Any:
                nonlocal used
                used = used or (isinstance(each, Tensor) and id(each) in new)
                return new.get(id(each), each) if isinstance(each, Tensor) else each

            args, kwargs = map_aggregate(call.args, replaced), map_aggregate(dict(call.kwargs), replaced)
            if used:
                output = call.function(*args, **kwargs)
                if isinstance(call.output, Tensor):
                    new[id(call.output)] = output
                else:
                    new.update((id(old), each) for old, each in zip(call.output, output, strict=True))
        result: Tensor = new[id(self.logits)]
        return result


def copy_with_same_tensors(network: nn.Module) -> nn.Module:
    """A copy that costs no memory: what a pass changes in modules, other than weights, stays in it."""
    shared = {id(each): each for each in (*network.parameters(), *network.buffers())}
    return copy.deepcopy(network, shared)


@contextmanager
def full_precision() -> Iterator[None]:
    """While numbers are compared: no convolutions of 10 bits, which GPUs are allowed by default."""
    with tf32(False), torch.no_grad():
        yield


def tensors_in(values: Any) -> list[Tensor]:
    """The tensors in nested tuples, lists and dicts."""
    found: list[Tensor] = []

    def look(each: Any) -> Any:
        if isinstance(each, Tensor):
            found.append(each)
        return each

    map_aggregate(values, look)
    return found


def returned(call: Call, tensor: Tensor) -> bool:
    """Whether the call returned this very tensor."""
    return call.output is tensor or (
        not isinstance(call.output, Tensor) and any(each is tensor for each in call.output)
    )


def returned_scores(output: Any) -> Any:
    """Of what a network returns, what stands for the scores: a tuple's first, or what is named logits."""
    if isinstance(output, Mapping) and output:
        output = output["logits"] if "logits" in output else next(iter(output.values()))
    output = getattr(output, "logits", output)
    if isinstance(output, (tuple, list)) and output:
        return output[0]
    return output


def is_one_score(output: Any) -> bool:
    """Whether what a network returns for one frame is one number: a score that stands for two classes."""
    scores = returned_scores(output)
    return isinstance(scores, Tensor) and scores.numel() == 1


def logits_of(output: Any) -> Tensor:
    """The scores [n, N] in what a network returns: a tensor, a tuple's first, or what is named logits.

    [n, N, 1, 1] is as good. One logit becomes two, of both sides: [-z, z]. Raises ModelFailure for anything
    else.
    """
    output = returned_scores(output)
    if isinstance(output, Tensor) and output.ndim > 2 and output[0, 0].numel() == 1:
        output = output.flatten(1)
    if not isinstance(output, Tensor) or output.ndim > 2 or not output.is_floating_point():
        raise ModelFailure(
            "The network's output is not one score for each class.",
            "Open a classifier: camviewer can't explain detectors, segmentation and the like.",
            str(getattr(output, "shape", type(output))),
        )
    if output.ndim == 1:  # one score for each frame, without a dimension of classes
        output = output[:, None]
    return torch.cat((-output, output), 1) if output.shape[1] == 1 else output
