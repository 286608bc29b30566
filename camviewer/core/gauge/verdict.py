"""What a measurement of a map means, in one plain sentence: nothing of whether a prediction is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from camviewer.core.gauge.measuring import Measurement
from camviewer.core.numbers import signed
from camviewer.core.text import Text

SURE = 0.95
"""How sure a verdict other than `UNCLEAR` is."""


class Standing(Enum):
    """How a map stands against random ones of the same frame."""

    BETTER = "better"
    UNCLEAR = "unclear"
    WORSE = "worse"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A map's gain against the gains of random maps of the same frame.

    Random maps gain 0 on average, exactly: the gain of a map turned upside down is that of the map with the
    other sign, and a random map is as likely as it turned upside down. So what is estimated is their spread
    alone: the root of their mean square. reach: how far one more random map comes with 95 % confidence, to
    one side: by Student's t, for as few as there are. Infinite without any.
    """

    gain: float
    spread: float
    reach: float

    @property
    def standing(self) -> Standing:
        """BETTER or WORSE where the map is out of the random ones' reach."""
        if not abs(self.gain) > self.reach:
            return Standing.UNCLEAR
        return Standing.BETTER if self.gain > 0 else Standing.WORSE

    @property
    def strength(self) -> float:
        """The gain in spreads of random maps: what tells maps from random ones best."""
        return self.gain / self.spread if self.spread > 0 else math.copysign(math.inf, self.gain)


def compared(gain: float, randoms: Sequence[float]) -> Comparison:
    """A map's gain and those of random maps."""
    if not randoms:
        return Comparison(gain, math.inf, math.inf)
    from scipy.special import stdtrit  # here: the window starts without scipy

    spread = math.sqrt(float(np.mean(np.square(randoms))))
    return Comparison(gain, spread, float(stdtrit(len(randoms), SURE)) * spread)


def comparison_of(measurement: Measurement) -> Comparison:
    """The map's gain against those of its random rivals."""
    return compared(measurement.own.gain, [each.gain for each in measurement.randoms])


def verdict(comparison: Comparison, label: str) -> Text:
    """One sentence, with its error bar. label: of the class whose map it is."""
    numbers = {
        "gain": signed(comparison.gain),
        "reach": f"±\N{NO-BREAK SPACE}{comparison.reach:.2f}",
        "label": label,
    }
    match comparison.standing:
        case Standing.BETTER:
            return Text(
                "The probability of {label} depends on the places that this map shows: its gain is {gain}, "
                "and random maps stay within {reach}.",
                **numbers,
            )
        case Standing.WORSE:
            return Text(
                "The probability of {label} depends on other places than those that this map shows: its gain "
                "is {gain}, and random maps stay within {reach}.",
                **numbers,
            )
    return Text(
        "For {label}, this map can't be told from random maps: its gain is {gain}, and theirs are within "
        "{reach}.",
        **numbers,
    )
