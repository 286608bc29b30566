"""Which map is shown: a class's, the difference of two classes', or one channel's part of a class's.

All three are linear in the features, so all have the same arithmetic: their mean is what they add to a
logit, and the mean of a difference is what tells two logits apart (but for the biases).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.cam import class_activation_maps
from camviewer.core.explanation import Explanation


@dataclass(frozen=True, slots=True)
class Difference:
    """Why `class_id` and not `other`: CAM_class − CAM_other, signed.

    logit_class − logit_other = mean(difference) + (bias_class − bias_other), exactly.
    """

    class_id: int
    other: int


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel's part of a class's map: weight[class, channel] · features[channel]."""

    class_id: int
    channel: int


MapChoice: TypeAlias = int | Difference | Channel
"""A class's own map is chosen by its id."""


def class_of(choice: MapChoice) -> int:
    """The class that a map speaks for."""
    return choice if isinstance(choice, int) else choice.class_id


def is_signed(choice: MapChoice) -> bool:
    """Whether a map is of use only with both signs in view."""
    return isinstance(choice, Difference)


def is_held(explanation: Explanation, choice: MapChoice) -> bool:
    """Whether the map can be made: an explanation from a snapshot holds the weights of some classes only."""
    head = explanation.head
    other = choice.other if isinstance(choice, Difference) else class_of(choice)
    return head.holds(class_of(choice)) and head.holds(other)


def values(explanation: Explanation, choice: MapChoice) -> FloatArray:
    """The exact map: float32 [h, w], signed, in logit units. What readouts and exports say.

    Raises IndexError for a class or channel that isn't there, NotHeldError for a class that isn't held.
    """
    return _values(explanation, explanation.features, choice)


def shown_values(explanation: Explanation, choice: MapChoice) -> FloatArray:
    """The map as it is drawn: of the averaged features where there are some (fine, smoothed), else exact."""
    features = explanation.features if explanation.averaged is None else explanation.averaged
    return _values(explanation, features, choice)


def _values(explanation: Explanation, features: FloatArray, choice: MapChoice) -> FloatArray:
    head = explanation.head
    exact = features is explanation.features
    if isinstance(choice, int):
        return explanation.cam(choice) if exact else _sum(features, head.row(choice))
    row = head.row(choice.class_id)
    if isinstance(choice, Difference):
        return _sum(features, row - head.row(choice.other))
    if not 0 <= choice.channel < len(features):
        raise IndexError(f"channel {choice.channel} is not among 0..{len(features) - 1}")
    return read_only(row[choice.channel] * features[choice.channel])


def _sum(features: FloatArray, row: FloatArray) -> FloatArray:
    return read_only(class_activation_maps(features, row[None])[0])


def title(explanation: Explanation, choice: MapChoice) -> str:
    """``tabby``, ``tabby − tiger cat`` or ``tabby, channel 7``."""
    label = explanation.label(class_of(choice))
    if isinstance(choice, Difference):
        return f"{label} − {explanation.label(choice.other)}"
    return f"{label}, channel {choice.channel}" if isinstance(choice, Channel) else label
