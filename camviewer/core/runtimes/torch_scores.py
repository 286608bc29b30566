"""The scores of a network that returns probabilities: what its last softmax or sigmoid is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from camviewer.core.models.spec import Link
from camviewer.core.runtimes.torch_recording import (
    is_one_score,
    logits_of,
    returned_scores,
)

_LINKS = {"softmax": Link.SOFTMAX, "log_softmax": Link.SOFTMAX, "sigmoid": Link.SIGMOID}
_SAME_NUMBERS = {"squeeze", "unsqueeze", "flatten", "view", "reshape", "contiguous", "clone", "float", "to"}


class _Links(TorchFunctionMode):
    """Remembers, while a network runs, what probabilities are made of, and by which function."""

    def __init__(self) -> None:
        super().__init__()
        # By the id of the probabilities, and with them, so that the id stays theirs.
        self._found: dict[int, tuple[Any, Any, str]] = {}

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Called by torch for each function."""
        kwargs = kwargs or {}
        output, name = func(*args, **kwargs), getattr(func, "__name__", "")
        if name in _LINKS:
            self._found[id(output)] = output, args[0] if args else kwargs["input"], name
        elif name in _SAME_NUMBERS and args and id(args[0]) in self._found:
            _, scores, made_by = self._found[id(args[0])]
            self._found[id(output)] = output, func(scores, *args[1:], **kwargs), made_by
        return output

    def before(self, output: Any) -> tuple[Any, str]:
        """The scores, and the function that made probabilities of them: "" for any other output."""
        chosen = returned_scores(output)
        _, scores, made_by = self._found.get(id(chosen), (chosen, output, ""))
        return scores, made_by


def take_scores(network: nn.Module, network_input: Tensor) -> Link | None:
    """Change a network that returns probabilities so that it returns what they are made of.

    network_input: one frame's. Logarithms of probabilities are as good: they differ from the scores by what
    all classes share. Returns what makes probabilities of the scores; None, and changes nothing, if the
    network returns scores. Raises as `logits_of`, and what the network raises.
    """
    with _Links() as links:
        output = network(network_input)
    probabilities, made_by = logits_of(output), links.before(output)[1]
    if not made_by:
        return None
    link = _LINKS[made_by]
    if is_one_score(output):
        link = Link.SIGMOID  # one number has no softmax: it would be 1 for every frame
    elif link is Link.SOFTMAX:
        total = float((probabilities.exp() if made_by == "log_softmax" else probabilities).sum())
        if abs(total - len(probabilities)) > 1e-2 * len(probabilities):
            return None  # not over the classes
    kind = type(network)
    by_hand = network.__dict__.pop("forward", None)  # it would go before the class's
    inner: Callable[..., Any] = kind.forward
    if by_hand is not None:
        inner = getattr(by_hand, "__func__", lambda _, network_input: by_hand(network_input))

    def forward(self: nn.Module, network_input: Tensor) -> Any:
        with _Links() as links:
            return links.before(inner(self, network_input))[0]

    # Of the class, not the object: a copy of the network then calls its own modules.
    network.__class__ = type(kind.__name__, (kind,), {"forward": forward, "__module__": kind.__module__})
    return link
