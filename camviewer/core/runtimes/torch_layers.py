"""Layers whose output has cells: which a network has, and how their outputs hold the cells. Imports torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import torch
from torch import Tensor, nn

from camviewer.core.geometry import InputGeometry
from camviewer.core.models.card import Layer
from camviewer.core.runtimes.torch_recording import logits_of

Prepare = Callable[[Any, InputGeometry], Tensor]
"""A frame uint8 [H, W, 3] and its geometry → the network's normalised input, float32 [1, channels, h, w]."""

MAX_EXTRA_TOKENS = 16
"""More tokens than this in front of those of the cells aren't looked for."""

_WRAPPER_SHARE = 0.9
"""A module inside of which so many of all outputs with cells are made is the network itself, in a wrapper."""

_UNTOUCHED = ("Dropout", "DropPath", "Identity", "Permute", "Pool", "Softmax", "StochasticDepth")
"""Parts of the names of classes that make nothing new of their input, or only fewer cells."""


class _Order(Enum):
    CHANNELS_FIRST = auto()
    """[n, C, h, w]"""
    CHANNELS_LAST = auto()
    """[n, h, w, C]"""
    TOKENS = auto()
    """[n, extra + h·w, C]"""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a layer's output holds its cells. extra: how many tokens come before those of the cells."""

    order: _Order
    rows: int
    columns: int
    extra: int = 0

    def planes(self, output: Tensor) -> Tensor:
        """The cells of a layer's output: [n, C, rows, columns]."""
        if self.order is _Order.TOKENS:
            cells = output[:, self.extra :].mT
            return cells.reshape(*cells.shape[:2], self.rows, self.columns)
        return output if self.order is _Order.CHANNELS_FIRST else output.permute(0, 3, 1, 2)

    def output(self, planes: Tensor, like: Tensor) -> Tensor:
        """An output with these cells, [n, C, rows, columns]. like: gives the extra tokens, [1, T, C]."""
        if self.order is _Order.TOKENS:
            extra = like[:, : self.extra].expand(len(planes), -1, -1)
            return torch.cat((extra, planes.flatten(2).mT), dim=1)
        return planes if self.order is _Order.CHANNELS_FIRST else planes.permute(0, 2, 3, 1)


def layout_of(module: nn.Module, output: Tensor, network: nn.Module, network_input: Tensor) -> Layout | None:
    """How the output of a module of the network holds cells; None where it has no cells, or only one.

    Cells lie as the pixels of the input do, [n, channels, h, w]: that tells rows and columns.
    """
    height, width = network_input.shape[-2:]
    if len(output) != len(network_input) or not output.is_floating_point():
        return None

    def fits(rows: int, columns: int) -> bool:
        small = rows <= height and columns <= width and rows * columns > 1
        return small and abs(rows * width / height - columns) <= max(1, width / height)

    if output.ndim == 4:
        first, last = fits(*output.shape[2:]), fits(*output.shape[1:3])
        if first and last:  # such as 96×96×96
            last = _ends_channels_last(module)
        if last:
            return Layout(_Order.CHANNELS_LAST, *output.shape[1:3])
        return Layout(_Order.CHANNELS_FIRST, *output.shape[2:]) if first else None
    if output.ndim == 3:
        known = getattr(network, "num_prefix_tokens", None)  # timm's
        tokens = output.shape[1]
        for extra in range(MAX_EXTRA_TOKENS + 1) if not isinstance(known, int) else (known, 0):
            cells = tokens - extra
            rows = round(math.sqrt(max(cells, 0) * height / width))
            if rows and cells > extra and cells % rows == 0 and fits(rows, cells // rows):
                return Layout(_Order.TOKENS, rows, cells // rows, extra)
    return None


def _ends_channels_last(module: nn.Module) -> bool:
    """By what it is made of: LayerNorm and Linear work on the last axis, convolutions on the second."""
    kinds = [type(m) for m in module.modules() if any(True for _ in m.parameters(recurse=False))]
    return bool(kinds) and (kinds[-1] is nn.LayerNorm or (nn.Linear in kinds and nn.Conv2d not in kinds))


def layer_layout(network: nn.Module, layer: str, output: Tensor, network_input: Tensor) -> Layout:
    """As `layout_of`, of a layer by its name. Raises ValueError where it has no cells."""
    layout = layout_of(network.get_submodule(layer), output, network, network_input)
    if layout is None:
        raise ValueError(f"the output of {layer} has no cells: {tuple(output.shape)}")
    return layout


@contextmanager
def replaced_output(network: nn.Module, layer: str, replace: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """While this lasts, the network goes on with what `replace` makes of the layer's output.

    layer: its name in the network.
    """

    def hook(module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:  # noqa: ARG001
        if isinstance(output, Tensor):
            return replace(output)
        return type(output)((replace(output[0]), *output[1:]))

    handle = network.get_submodule(layer).register_forward_hook(hook)
    try:
        yield
    finally:
        handle.remove()


@dataclass(frozen=True, slots=True, eq=False)
class _Output:
    """What a module put out. The tensor is kept so that no other gets its place in memory meanwhile."""

    module: nn.Module
    tensor: Tensor
    layout: Layout

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, rows, columns."""
        return self.layout.planes(self.tensor).shape[1], self.layout.rows, self.layout.columns

    @property
    def is_leaf(self) -> bool:
        """A convolution, a norm, an activation, or two of them as one module."""
        return not any(True for child in self.module.children() for _ in child.parameters())


def spatial_layers(network: nn.Module, example: Tensor) -> tuple[Layer, ...]:
    """The layers that a method may look at: stages and blocks, in the order in which they run.

    example: a network input, [1, channels, h, w]. The last layer is the deepest from whose cells the scores
    follow: of class-token networks, the one before the last attention. Empty where none has cells.
    """
    outputs = _outputs(network, example)
    names = _without_repeats(outputs, set(_menu(network, "", outputs)))
    if names and outputs[names[-1]].layout.extra:
        counting = (n for n in reversed(range(len(names))) if cells_count(network, example, names[n]))
        # Where none counts all stay: a head that isn't trained may be all zeros.
        names = names[: next(counting, len(names)) + 1]
    return tuple(Layer(name, type(outputs[name].module).__name__, *outputs[name].shape) for name in names)


def token_layers(network: nn.Module, example: Tensor) -> tuple[tuple[str, int, Layout], ...]:
    """Layers whose output are tokens, [n, T, C]: name, T, and how they hold the cells; as they run.

    example: as `spatial_layers`.
    """
    return tuple(
        (name, output.tensor.shape[1], output.layout)
        for name, output in _outputs(network, example).items()
        if output.layout.order is _Order.TOKENS
    )


def _outputs(network: nn.Module, example: Tensor) -> dict[str, _Output]:
    """By name, in the order in which the modules end. Those that run more than once are left out."""
    outputs: dict[str, _Output] = {}
    calls: dict[str, int] = {}

    def hook_for(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, args: Any, output: Any) -> None:  # noqa: ARG001
            calls[name] = calls.get(name, 0) + 1
            first = output[0] if isinstance(output, (tuple, list)) and output else output
            layout = layout_of(module, first, network, example) if isinstance(first, Tensor) else None
            if layout is not None:
                outputs[name] = _Output(module, first, layout)

        return hook

    handles = [
        module.register_forward_hook(hook_for(name)) for name, module in network.named_modules() if name
    ]
    try:
        with torch.no_grad():
            network(example)
    finally:
        for handle in handles:
            handle.remove()
    return {name: output for name, output in outputs.items() if calls[name] == 1}


def _menu(network: nn.Module, prefix: str, outputs: dict[str, _Output]) -> Iterator[str]:
    """Names of stages and blocks. What a block is made of is no layer of its own."""
    for child, module in network.named_children():
        name = f"{prefix}{child}"
        inside = sum(other.startswith(f"{name}.") for other in outputs)
        if name in outputs and not _is_untouched(outputs[name]):
            yield name
        is_list = type(module) in (nn.Sequential, nn.ModuleList, nn.ModuleDict)
        if inside and (is_list or name not in outputs or inside >= _WRAPPER_SHARE * len(outputs)):
            yield from _menu(module, f"{name}.", outputs)


def _is_untouched(output: _Output) -> bool:
    kind = type(output.module).__name__
    return "Position" in kind or (output.is_leaf and any(part in kind for part in _UNTOUCHED))


def _without_repeats(outputs: dict[str, _Output], names: set[str]) -> Sequence[str]:
    """Of names for one tensor the highest in the tree; of leaves in a row with equal cells the last."""
    ordered = [name for name in outputs if name in names]
    of_tensor: dict[tuple[int, torch.Size], str] = {}
    for name in ordered:
        tensor = outputs[name].tensor
        key = tensor.data_ptr(), tensor.shape
        before = of_tensor.get(key)
        # In place: the last of several on one level has what goes on.
        if before is None or name.count(".") <= before.count("."):
            of_tensor[key] = name
    ordered = [name for name in ordered if name in of_tensor.values()]
    kept: list[str] = []
    for name in ordered:
        if kept and outputs[kept[-1]].is_leaf:
            previous, this = outputs[kept[-1]], outputs[name]
            if previous.shape == this.shape and (this.is_leaf or kept[-1].startswith(f"{name}.")):
                kept.pop()
        kept.append(name)
    return kept


def cells_count(network: nn.Module, example: Tensor, layer: str) -> bool:
    """Whether the scores follow from the cells of this layer, and not only from other tokens."""
    with torch.inference_mode(False), torch.enable_grad():
        logits, captured = forward_from(network, example, layer)
        if not logits.requires_grad:
            return False
        (gradient,) = torch.autograd.grad(logits.square().sum(), captured, materialize_grads=True)
    return bool(layer_layout(network, layer, captured, example).planes(gradient).any())


def forward_from(
    network: nn.Module, network_input: Tensor, layer: str, mode: AbstractContextManager[Any] | None = None
) -> tuple[Tensor, Tensor]:
    """Logits [n, N] as a function of the layer's output, and that output, to take gradients of.

    mode: is entered after the layer. What comes before it runs as fast as without gradients. Not to be called
    in inference mode.
    """
    captured: list[Tensor] = []

    def capture(output: Tensor) -> Tensor:
        if not captured:
            after_layer.enter_context(torch.enable_grad())
            after_layer.enter_context(mode or nullcontext())
        captured.append(output.detach().clone().requires_grad_())
        return captured[-1].clone()  # what follows may change it in place

    with (
        torch.no_grad(),
        ExitStack() as after_layer,
        replaced_output(network, layer, capture),
    ):
        # A copy: what was made in inference mode can't take part.
        logits = logits_of(network(network_input.clone()))
    return logits, captured[-1]
