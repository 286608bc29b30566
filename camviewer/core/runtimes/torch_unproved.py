"""Heads that are not exact: where the last cells are, and why there is no exact map, in words."""

from __future__ import annotations

from torch import Tensor, nn

from camviewer.core.failures import ModelFailure
from camviewer.core.runtimes.torch_layout import (
    Capture,
    Layout,
    captures,
    equal_to,
    in_cells,
    vectors_of,
)
from camviewer.core.runtimes.torch_recording import (
    Call,
    Recording,
    returned,
)
from camviewer.core.text import Text

_POOLS = (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)
"""What they return has as many cells for inputs of any size: the layer before says more."""
_LINEAR = {"linear", "conv1d", "conv2d", "addmm", "matmul", "__matmul__", "einsum"}
_PROBABILITIES = {"softmax", "log_softmax", "sigmoid"}


def last_cells(recording: Recording, size: tuple[int, int]) -> tuple[Call, Capture]:
    """The call that made the last module's output that has cells. size: of the input, height and width.

    Raises ModelFailure if none has.
    """
    for output in reversed(recording.outputs):
        if not output.name or isinstance(output.module, _POOLS):
            continue
        call = next((each for each in reversed(recording.calls) if returned(each, output.output)), None)
        if call is not None:
            for capture in captures(call, size):
                return call, capture
    raise ModelFailure(
        "No layer near the end of this network has cells that stand for parts of the frame.",
        "Open a network of convolutions or patches: there is nothing to draw a map on here.",
    )


def reason_of(recording: Recording, size: tuple[int, int]) -> str:
    """Why the head is not exact, for people."""
    last = None
    for call in recording.calls:
        if any(captures(call, size)):
            last = call
    vectors = vectors_of(recording.after(last.output) if last is not None else ())
    for call in reversed(recording.calls):
        for capture in captures(call, size):
            reason = _reason(recording, call, capture, vectors, size)
            if reason is not None:
                return reason
    return Text("No layer's mean over its cells goes into one linear layer.")


def _reason(
    recording: Recording, call: Call, capture: Capture, vectors: list[Tensor], size: tuple[int, int]
) -> str | None:
    """Why, if one of the vectors is made of what the call returned in a way that is known."""
    cells = in_cells(call.output, capture.layout, capture.prefix, size)
    means = equal_to(cells.mean((2, 3)), vectors)
    for pooled in means:
        if recording.passes_through(pooled):
            return _after_pooling(recording.after(pooled))
    if means:
        return Text("More than the mean over the cells goes into the scores.")
    if equal_to(call.output, vectors) or equal_to(cells, vectors):
        return Text("The features are flattened before the first linear layer.")
    if equal_to(cells.amax((2, 3)), vectors):
        return Text("The pooling takes the largest value of each channel, not the mean.")
    if capture.layout is Layout.TOKENS:
        if any(equal_to(call.output[:, i], vectors) for i in range(capture.prefix)):
            return Text("A class token speaks for the whole input.")
        if capture.prefix and equal_to(call.output.mean(1), vectors):
            return Text("Tokens that stand for no cell take part in the mean.")
    return None


def _after_pooling(after: list[Call]) -> str:
    names = [call.name for call in after]
    if sum(name in _LINEAR for name in names) > 1:
        return Text("Two linear layers with an activation between follow the pooling.")
    if _PROBABILITIES.intersection(names):
        return Text("The network's outputs are probabilities, not scores.")
    return Text("What follows the pooling is not linear.")
