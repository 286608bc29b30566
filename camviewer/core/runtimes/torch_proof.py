"""Finds out by numbers whether a network's class activation maps are exact (DESIGN §1).

The network is run on noise while every function that it calls is seen. Its head is exact if, of some
activation, nothing but the mean over the cells goes on, and all that follows is affine. Neither is taken from
a name: the mean is compared, and the calls after it are repeated with other values. What comes of it is
compared with the network's own output for another input.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from camviewer.core.models.proof import (
    HeadKind,
    HeadProof,
)
from camviewer.core.runtimes.torch_input import InputPreparation
from camviewer.core.runtimes.torch_layout import (
    Capture,
    Norm,
    captures,
    equal_to,
    in_cells,
    layer_of,
    vectors_of,
)
from camviewer.core.runtimes.torch_recording import (
    Recording,
    full_precision,
)
from camviewer.core.runtimes.torch_unproved import (
    last_cells,
    reason_of,
)

log = logging.getLogger(__name__)

TOLERANCE = 1e-4
"""Of scores: times max(1, |score|)."""
_AT_ONCE = 512
"""Vectors."""
_MOST_POOLED_SCORES = 8192
"""The identity as a weight of more classes than this would fill the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class ProvedHead:
    """What was found: logits are weight · mean(features) + bias if the kind is exact; else both are None.

    weight: float32 [N, C]; bias: float32 [N]; cells: rows and columns of the features, for an input of
    `size`. classes: scores that come out, two for a network of one logit.
    """

    proof: HeadProof
    capture: Capture
    size: tuple[int, int]
    cells: tuple[int, int]
    classes: int
    weight: Tensor | None = None
    bias: Tensor | None = None


@full_precision()
def prove_head(network: nn.Module, prepare: InputPreparation, size: tuple[int, int]) -> ProvedHead:
    """network: in eval mode; size: of its input, height and width.

    Raises ModelFailure if the output isn't scores, or no layer has cells; what the network raises.
    """
    examples = [prepare.noise(size, seed) for seed in (0, 1)]
    recording = Recording.of(network, examples[0])
    for head in _exact_heads(recording, size):
        other = Recording.of(network, examples[1])
        logits = [_logits(head, each) for each in (recording, other)]
        error = max(largest_error(logits[0], recording.logits), largest_error(logits[1], other.logits))
        if error <= TOLERANCE and _same_change(other.logits, logits[1], recording.logits):
            return replace(head, proof=replace(head.proof, error=error))
    call, capture = last_cells(recording, size)
    cells = in_cells(call.output, capture.layout, capture.prefix, size)
    return ProvedHead(
        HeadProof(HeadKind.OTHER, layer_of(recording, call, size), reason=reason_of(recording, size)),
        capture,
        size,
        (cells.shape[2], cells.shape[3]),
        recording.logits.shape[1],
    )


def _exact_heads(recording: Recording, size: tuple[int, int]) -> Iterator[ProvedHead]:
    """Heads that are exact for the recorded input, of the last activations first."""
    classes = recording.logits.shape[1]
    last = {call.place: call for call in recording.calls}
    vectors = vectors_of(recording.calls)
    for call in reversed(recording.calls):
        if last[call.place] is not call or not isinstance(call.output, Tensor):
            continue
        for capture in captures(call, size):
            cells = in_cells(call.output, capture.layout, capture.prefix, size)
            for pooled in equal_to(cells.mean((2, 3)), vectors):
                for norm, weight, bias in _linear_parts(recording, pooled):
                    kind = _kind(norm, weight, bias)
                    yield ProvedHead(
                        HeadProof(kind, layer_of(recording, call, size)),
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
    return (
        HeadKind.POOLED_SCORES
        if identity and bool((weight.diagonal() == 1).all())
        else HeadKind.POOLED_LINEAR
    )


def _linear_parts(recording: Recording, pooled: Tensor) -> Iterator[tuple[Norm | None, Tensor, Tensor]]:
    """Weight and bias from the pooled vector to the logits, if that is affine, or is so after a norm."""
    direct = _affine(recording, pooled)
    if direct is not None:
        yield None, *direct
        return
    for call in recording.after(pooled):
        if call.name not in ("layer_norm", "rms_norm") or not equal_to(pooled, [call.args[0]]):
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

    def scores(vectors: Tensor) -> Tensor:
        values = vectors.reshape(-1, *start.shape[1:])
        try:
            at_once = recording.replayed(start, values)
            if at_once.shape == (len(vectors), classes):
                return at_once
        except RuntimeError:
            pass  # such as a view as one frame's vector
        return torch.cat([recording.replayed(start, each[None]) for each in values])

    if not recording.passes_through(start) or classes == channels > _MOST_POOLED_SCORES:
        return None
    try:
        bias = scores(start.new_zeros(1, channels))[0]
        generator = torch.Generator().manual_seed(2)
        tries = torch.randn(3, channels, generator=generator).to(start) * (1 + start.abs().max())
        theirs = scores(tries)
        # What isn't affine shows itself before the weight is asked for, which costs more.
        if not _same_change(scores(tries[:1] + tries[1:2]), theirs[:1] + theirs[1:2] - bias, bias):
            return None
        # So large that what is left of the bias after rounding doesn't matter, and a power of two.
        gain = 2.0 ** (10 + math.ceil(math.log2(1 + float(bias.abs().max()))))
        unit = torch.eye(channels).to(start)
        parts = (unit[i : i + _AT_ONCE] for i in range(0, channels, _AT_ONCE))
        weight = torch.cat([scores(part * gain) - bias for part in parts]).t() / gain
        if _same_change(theirs, nn.functional.linear(tries, weight, bias), bias):
            return weight.contiguous(), bias
    except Exception:
        # Any function may follow a vector, and not each can be repeated: then nothing is proved.
        log.debug("what follows a vector can't be repeated", exc_info=True)
    return None


def _same_change(theirs: Tensor, ours: Tensor, start: Tensor) -> bool:
    """Whether both changed alike from the start.

    Compared with the change: where it is small, a small difference is no proof.
    """
    most = 1e-3 * float((theirs - start).abs().max()) + 1e-6 * float(theirs.abs().max())
    return float((theirs - ours).abs().max()) <= most


def largest_error(ours: Tensor, theirs: Tensor) -> float:
    """The largest |difference| / max(1, |score|); infinite where one is no number."""
    error = float(((ours - theirs).abs() / theirs.abs().clamp(min=1)).max())
    return error if math.isfinite(error) else math.inf


def _logits(head: ProvedHead, recording: Recording) -> Tensor:
    """From the features; no numbers where there are none."""
    at_place = [call for call in recording.calls if call.place == head.capture.place]
    if not at_place or head.weight is None or head.bias is None:
        return torch.full_like(recording.logits, torch.nan)
    features = head.capture.features(at_place[-1].output, head.size)
    return nn.functional.linear(features.mean((2, 3)), head.weight, head.bias)
