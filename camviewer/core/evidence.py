"""How a score adds up: the arithmetic of one explanation, for the Evidence dock and for tests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from camviewer.core.explanation import (
    CAM,
    Explanation,
)
from camviewer.core.maps import (
    Maps,
    Unit,
)
from camviewer.core.targets import Target


class Faithfulness(Enum):
    """What may be said of a map."""

    EXACT = auto()
    """Its values add up to the score, with a remainder that is the same for every frame."""
    LOCAL = auto()
    """To first order, at this frame: the remainder is another for each."""
    RELATIVE = auto()
    """Where, not how much."""
    CHANGE = auto()
    """How much the score falls without a place: measured for each by itself, so nothing adds up."""


def faithfulness(maps: Maps) -> Faithfulness:
    """Of all of these maps."""
    if maps.unit is Unit.RELATIVE:
        return Faithfulness.RELATIVE
    if maps.unit is Unit.LOGIT_CHANGE:
        return Faithfulness.CHANGE
    return Faithfulness.EXACT if maps.method == CAM else Faithfulness.LOCAL


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """mean(map) + remainder = score. residual: what rounding leaves between the two sides.

    score: what the network itself gave.
    """

    mean: float
    remainder: float
    score: float

    @property
    def residual(self) -> float:
        """The score less the sum of the parts, in logits: what rounding leaves."""
        return self.score - (self.mean + self.remainder)

    @property
    def share_left_out(self) -> float | None:
        """How much of the two sides, by size, is not on the map: 0..1; None if both are 0."""
        total = abs(self.mean) + abs(self.remainder)
        return abs(self.remainder) / total if total > 0 else None


@dataclass(frozen=True, slots=True)
class Contribution:
    """One channel's part of a logit: weight × pooled feature."""

    channel: int
    weight: float
    pooled: float

    @property
    def value(self) -> float:
        """The channel's part of the logit."""
        return self.weight * self.pooled


def arithmetic(explanation: Explanation, target: Target) -> Arithmetic | None:
    """None where nothing adds up: of a map in another unit than the logit. Raises as `Maps.get` does."""
    attribution = explanation.map(target)
    mean, remainder = attribution.mean, attribution.remainder
    if remainder is None:
        return None
    score = target.score(explanation.logits)
    return Arithmetic(mean, remainder, mean + remainder if score is None else score)


def contributions(explanation: Explanation, class_id: int, most: int = 10) -> tuple[Contribution, ...]:
    """The channels with the largest parts of the logit, half of them for and half against, in that order.

    All channels' parts and the bias add up to the logit. Nothing without a linear head. Raises as
    `LinearHead.row` does.
    """
    channels = explanation.maps.channels
    if channels is None:
        return ()
    weight, means = channels.head.row(class_id), channels.pooled
    parts = weight * means
    ordered = np.argsort(-parts, kind="stable")
    if most < len(ordered):
        ordered = np.concatenate([ordered[: (most + 1) // 2], ordered[len(ordered) - most // 2 :]])
    return tuple(Contribution(int(c), float(weight[c]), float(means[c])) for c in ordered)
