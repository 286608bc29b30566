"""Finds out by numbers whether a network's class activation maps are exact (DESIGN §1).

The network is run on noise while every function that it calls is seen. Its head is exact if, of some
activation, nothing but the mean over the cells goes on, and all that follows is affine. Neither is taken from
a name: the mean is compared, and the calls after it are repeated with other values. What comes of it is
compared with the network's own output for another input.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch
from torch import Tensor, nn

from camviewer.core.failures import ModelFailure
from camviewer.core.models.proof import (
    HeadKind,
    HeadProof,
)
from camviewer.core.runtimes.torch_recording import (
    Call,
    Place,
    Recording,
    returned,
)

log = logging.getLogger(__name__)

TOLERANCE = 1e-4
"""Of scores: times max(1, |score|)."""
_MOST_PREFIX_TOKENS = 16
_MOST_POOLED_SCORES = 8192
"""The identity as a weight of more classes than this would fill the memory."""


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


@dataclass(frozen=True, slots=True, eq=False)
class ProvedHead:
    """What was found: logits are weight · mean(features) + bias if the kind is exact; else both are None.

    weight: float32 [N, C]; bias: float32 [N]; cells: rows and columns of the features, for an input of `size`.
    classes: scores that come out, two for a network of one logit.
    """

    proof: HeadProof
    capture: Capture
    size: tuple[int, int]
    cells: tuple[int, int]
    classes: int
    weight: Tensor | None = None
    bias: Tensor | None = None


def in_cells(output: Tensor, layout: Layout, prefix: int, size: tuple[int, int]) -> Tensor:
    """A layer's output as [n, C, h, w]. size: of the input. Raises ValueError if tokens fill no rectangle."""
    if layout is Layout.NCHW:
        return output
    if layout is Layout.NHWC:
        return output.permute(0, 3, 1, 2)
    rows, columns = grid(output.shape[1] - prefix, size)
    return output[:, prefix:].transpose(1, 2).unflatten(2, (rows, columns))


def grid(cells: int, size: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of so many cells, shaped as the input is. Raises ValueError if there are none."""
    rows = round(math.sqrt(cells * size[0] / size[1])) if cells > 0 else 0
    for near in (rows, rows + 1, rows - 1):
        if near > 0 and cells % near == 0 and abs(near * size[1] - cells // near * size[0]) < sum(size):
            return near, cells // near
    raise ValueError(f"{cells} tokens are not the cells of an input of {size}")


def noise(channels: int, size: tuple[int, int], seed: int, device: torch.device | str = "cpu") -> Tensor:
    """Coarse and fine structures, as a normalised frame has: float32 [1, channels, h, w]."""
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros(1, channels, *size)
    for divisor in (size[0], 16, 4, 1):
        coarse = [max(side // divisor, 1) for side in size]
        part = torch.randn(1, channels, *coarse, generator=generator)
        total += nn.functional.interpolate(part, size=size, mode="bilinear", align_corners=False)
    return (total * 0.7).to(device)


def prove_head(
    network: nn.Module, channels: int, size: tuple[int, int], memory_format: torch.memory_format
) -> ProvedHead:
    """network: in eval mode; channels, size (height, width): of its input.

    Raises ModelFailure if the output isn't scores, or no layer has cells; what the network raises.
    """
    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    examples = [
        noise(channels, size, seed, device).contiguous(memory_format=memory_format) for seed in (0, 1)
    ]
    recording = Recording.of(network, examples[0])
    for head in _exact_heads(recording, size):
        error = _error(head, network, examples[1])
        if error <= TOLERANCE:
            first = _deviation(head, recording)
            proof = HeadProof(head.proof.kind, head.proof.layer, max(error, first))
            return ProvedHead(
                proof, head.capture, size, head.cells, head.classes, head.weight, head.bias
            )
    return _other(recording, size)


def _exact_heads(recording: Recording, size: tuple[int, int]) -> Iterator[ProvedHead]:
    """Heads that are exact for the recorded input, of the last activations first."""
    classes = recording.logits.shape[1]
    last = {call.place: call for call in recording.calls}
    vectors = _vectors(recording)
    for call in reversed(recording.calls):
        if last[call.place] is not call or not isinstance(call.output, Tensor):
            continue
        for capture in _captures(call, size):
            cells = in_cells(call.output, capture.layout, capture.prefix, size)
            for pooled in _equal_to(cells.mean((2, 3)), vectors):
                for norm, weight, bias in _linear_parts(recording, pooled):
                    kind = _kind(norm, weight, bias)
                    yield ProvedHead(
                        HeadProof(kind, layer_of(recording, call)),
                        Capture(call.place, capture.layout, capture.prefix, norm),
                        size,
                        (cells.shape[2], cells.shape[3]),
                        classes,
                        weight,
                        bias,
                    )


def _kind(norm: Norm | None, weight: Tensor, bias: Tensor) -> HeadKind:
    if norm is not None:
        return HeadKind.POOLED_NORM_LINEAR
    classes, channels = weight.shape
    identity = classes == channels and not bias.any() and torch.equal(weight.diagonal(), weight.sum(1))
    return HeadKind.POOLED_SCORES if identity and bool((weight.diagonal() == 1).all()) else HeadKind.POOLED_LINEAR


def _vectors(recording: Recording) -> list[Tensor]:
    """What was returned and has no cells: one number a channel."""
    outputs = [call.output for call in recording.calls if isinstance(call.output, Tensor)]
    return [each for each in outputs if each.ndim >= 2 and each.numel() == max(each.shape) > 1]


def _equal_to(wanted: Tensor, vectors: list[Tensor]) -> list[Tensor]:
    """Those with the same numbers, the first of them; [] if there is none."""
    atol = 1e-5 * float(wanted.abs().max())
    equal = (
        each
        for each in vectors
        if each.numel() == wanted.numel()
        and torch.allclose(each.flatten(), wanted.flatten(), rtol=1e-4, atol=atol)
    )
    first = next(equal, None)
    return [] if first is None else [first]


def _captures(call: Call, size: tuple[int, int]) -> Iterator[Capture]:
    """The ways to see cells in what a call returned, which is one tensor."""
    shape = call.output.shape
    if len(shape) == 4 and shape[0] == 1:
        if shape[2] * shape[3] > 1:
            yield Capture(call.place, Layout.NCHW)
        if shape[1] * shape[2] > 1:
            yield Capture(call.place, Layout.NHWC)
    if len(shape) == 3 and shape[0] == 1:
        prefix = prefix_tokens(shape[1], size)
        if prefix is not None:
            yield Capture(call.place, Layout.TOKENS, prefix)


def prefix_tokens(tokens: int, size: tuple[int, int]) -> int | None:
    """How many tokens before those of the cells stand for no cell; None if there can't be cells."""
    for prefix in range(min(_MOST_PREFIX_TOKENS, tokens - 1)):
        try:
            rows, columns = grid(tokens - prefix, size)
        except ValueError:
            continue
        if rows * columns > 1 and rows * size[1] == columns * size[0]:
            return prefix
    return None


def _linear_parts(recording: Recording, pooled: Tensor) -> Iterator[tuple[Norm | None, Tensor, Tensor]]:
    """Weight and bias from the pooled vector to the logits, if that is affine, or is so after a norm."""
    direct = _affine(recording, pooled)
    if direct is not None:
        yield None, *direct
        return
    for call in recording.after(pooled):
        if call.name not in ("layer_norm", "rms_norm") or not _equal_to(pooled, [call.args[0]]):
            continue
        centred = call.name == "layer_norm"
        names = ("input", "normalized_shape", "weight", *(("bias",) if centred else ()), "eps")
        given: dict[str, Any] = dict(zip(names, call.args, strict=False)) | dict(call.kwargs)
        after = _affine(recording, call.output)
        if math.prod(given["normalized_shape"]) == pooled.numel() and after is not None:
            weight, bias = after
            if given.get("bias") is not None:
                bias = bias + weight @ given["bias"]
            if given.get("weight") is not None:
                weight = weight * given["weight"]
            epsilon = given.get("eps", 1e-5 if centred else None)
            yield Norm(centred, torch.finfo(pooled.dtype).eps if epsilon is None else epsilon), weight, bias


def _affine(recording: Recording, start: Tensor) -> tuple[Tensor, Tensor] | None:
    """weight [N, C] and bias [N] of what follows a vector; None unless it is affine."""
    classes, channels = recording.logits.shape[1], start.numel()

    def scores(vector: Tensor) -> Tensor:
        return recording.replayed(start, vector.reshape(start.shape)).reshape(-1)

    try:
        with torch.no_grad():
            bias = scores(torch.zeros_like(start))
            if classes == channels > _MOST_POOLED_SCORES:
                return None
            generator = torch.Generator().manual_seed(2)
            tries = torch.randn(3, channels, generator=generator).to(start) * (1 + start.abs().max())
            # What isn't affine shows itself before the weight, of which a row costs a pass, is asked for.
            both = scores(tries[0] + tries[1]) + bias
            if not _close(both, scores(tries[0]) + scores(tries[1])):
                return None
            weight = torch.func.jacfwd(scores)(start.reshape(-1)).detach()
            if all(_close(weight @ each + bias, scores(each)) for each in tries):
                return weight, bias
    except Exception:
        # Any function may follow a vector, and not each can be repeated: then nothing is proved.
        log.debug("what follows a vector can't be repeated", exc_info=True)
    return None


def _close(ours: Tensor, theirs: Tensor) -> bool:
    return _largest_error(ours, theirs) <= TOLERANCE


def _largest_error(ours: Tensor, theirs: Tensor) -> float:
    """The largest |difference| / max(1, |score|); infinite where one is no number."""
    error = float(((ours - theirs).abs() / theirs.abs().clamp(min=1)).max())
    return error if math.isfinite(error) else math.inf


def _error(head: ProvedHead, network: nn.Module, example: Tensor) -> float:
    return _deviation(head, Recording.of(network, example))


def _deviation(head: ProvedHead, recording: Recording) -> float:
    """How far logits from the features are from the network's own."""
    at_place = [call for call in recording.calls if call.place == head.capture.place]
    if not at_place or head.weight is None or head.bias is None:
        return math.inf
    features = head.capture.features(at_place[-1].output, head.size)
    ours = nn.functional.linear(features.mean((2, 3)), head.weight, head.bias)
    return _largest_error(ours, recording.logits)


def layer_of(recording: Recording, call: Call) -> str:
    """The name of the module that returned what this call did; of the last one before it, if none did."""
    output = call.output
    before = [each for each in recording.outputs if each.name and each.output.numel() == output.numel()]
    # A view of it, or what was changed in place, is of the same memory.
    same = [each for each in before if each.output.data_ptr() == output.data_ptr()]
    if not same:
        at = next(i for i, each in enumerate(recording.calls) if each is call)
        until = recording.count - len(recording.calls) + at + 1
        same = [each for each in before if each.calls <= until][-1:]
        same = [each for each in before if same and each.output is same[0].output]
    if not same:
        return call.place.module
    shape = same[0].output.shape
    names = [each.name for each in same if each.output.shape == shape]
    depth = min(name.count(".") for name in names)
    return [name for name in names if name.count(".") == depth][-1]
