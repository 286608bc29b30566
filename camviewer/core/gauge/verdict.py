"""What a measurement of a map means, in one plain sentence: nothing of whether a prediction is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from camviewer.core.gauge.measuring import Measurement
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

    random: their mean; spread: their standard deviation. reach: how far from that mean one more random map
    comes with 95 % confidence, to one side: Student's t, for as few as there are.
    """

    gain: float
    random: float
    spread: float
    reach: float

    @property
    def advantage(self) -> float:
        """How much more the map gains than random maps do."""
        return self.gain - self.random

    @property
    def standing(self) -> Standing:
        """BETTER or WORSE where the map is out of the random ones' reach."""
        if not math.isfinite(self.reach) or abs(self.advantage) <= self.reach:
            return Standing.UNCLEAR
        return Standing.BETTER if self.advantage > 0 else Standing.WORSE


def compared(gain: float, randoms: Sequence[float]) -> Comparison:
    """A map's gain and those of random maps. Of fewer than two, spread and reach are infinite."""
    count = len(randoms)
    mean = float(np.mean(randoms)) if count else math.nan
    if count < 2:
        return Comparison(gain, mean, math.inf, math.inf)
    from scipy.special import stdtrit  # here: the window starts without scipy

    spread = float(np.std(randoms, ddof=1))
    # One more random map differs from the mean of those before by its own spread, and by the mean's.
    reach = float(stdtrit(count - 1, SURE)) * spread * math.sqrt(1 + 1 / count)
    return Comparison(gain, mean, spread, reach)


def comparison_of(measurement: Measurement) -> Comparison:
    """The map's gain against those of its random rivals."""
    return compared(measurement.own.gain, [each.gain for each in measurement.randoms])


def verdict(comparison: Comparison, label: str) -> Text:
    """One sentence, with its error bar. label: of the class whose map it is."""
    numbers = {
        "gain": signed(comparison.gain),
        "random": signed(comparison.random),
        "reach": f"{comparison.reach:.2f}" if math.isfinite(comparison.reach) else "?",
        "label": label,
    }
    match comparison.standing:
        case Standing.BETTER:
            return Text(
                "The probability of {label} depends on the places that this map shows more than on random "
                "ones: its gain is {gain}, that of random maps {random} ± {reach}.",
                **numbers,
            )
        case Standing.WORSE:
            return Text(
                "The probability of {label} depends on the places that this map shows less than on random "
                "ones: its gain is {gain}, that of random maps {random} ± {reach}.",
                **numbers,
            )
    return Text(
        "For {label}, this map can't be told from random ones: its gain is {gain}, theirs {random} ± "
        "{reach}.",
        **numbers,
    )


def signed(value: float) -> str:
    """Two decimals, with a sign."""
    return f"{value:+.2f}".replace("-", "\N{MINUS SIGN}")
