"""How a score adds up: the arithmetic of one explanation, for the Evidence dock and for tests."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

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


def arithmetic(explanation: Explanation, target: Target) -> Arithmetic | None:
    """None where nothing adds up: of a map in another unit than the logit. Raises as `Maps.get` does."""
    attribution = explanation.map(target)
    mean, remainder = attribution.mean, attribution.remainder
    if remainder is None:
        return None
    score = target.score(explanation.logits)
    return Arithmetic(mean, remainder, mean + remainder if score is None else score)
