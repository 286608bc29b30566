"""How exactly a device computes a network: names of precisions, and what they cost, in words."""

from __future__ import annotations

from enum import Enum

from camviewer.core.failures import ModelFailure
from camviewer.core.text import Text


class Precision(Enum):
    """Of the numbers inside of a network. Files, JSON and command lines hold the value.

    What comes out is float32 in each: a score is the mean of its map and the remainder in all of them, since
    both sides are computed from the same features. How far features are from float32's: docs/performance.md.
    """

    FLOAT32 = "float32"
    TF32 = "tf32"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"

    @property
    def title(self) -> str:
        """For people."""
        return "TF32" if self is Precision.TF32 else self.value

    @property
    def description(self) -> Text:
        """What it means, and for whom it is."""
        return _DESCRIPTIONS[self]


_DESCRIPTIONS = {
    Precision.FLOAT32: Text("As exact as on the CPU, to the fifth digit. For comparing numbers."),
    Precision.TF32: Text(
        "Numbers are rounded to three digits before they are multiplied. Twice as fast on NVIDIA's GPUs, and "
        "usual there. On our test photos probabilities moved by 0.2 % at most."
    ),
    Precision.FLOAT16: Text(
        "All numbers have three digits. On most GPUs the fastest. On our test photos probabilities moved by "
        "0.2 % at most."
    ),
    Precision.BFLOAT16: Text(
        "All numbers have two to three digits. The fastest on processors that have it. On our test photos "
        "probabilities moved by 3 % at most."
    ),
}


def precision_named(name: str) -> Precision:
    """The precision of that name. Raises ModelFailure for one that there isn't."""
    try:
        return Precision(name.lower())
    except ValueError:
        names = ", ".join(each.value for each in Precision)
        raise ModelFailure(
            "There is no precision {name!r}.", "Use one of {names}.", name=name, names=names
        ) from None
