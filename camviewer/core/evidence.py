"""How a class's logit adds up: the arithmetic of one explanation, for the Evidence dock and for tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from camviewer.core.arrays import FloatArray
from camviewer.core.explanation import Explanation


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """mean(CAM) + bias = logit. residual: what float32 rounding leaves between the two sides."""

    class_id: int
    mean: float
    bias: float
    logit: float
    probability: float

    @property
    def residual(self) -> float:
        return self.logit - (self.mean + self.bias)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One channel's part of a logit: weight × pooled feature."""

    channel: int
    weight: float
    pooled: float

    @property
    def value(self) -> float:
        return self.weight * self.pooled


def arithmetic(explanation: Explanation, class_id: int) -> Arithmetic:
    """Raises IndexError for a class that the head doesn't have."""
    return Arithmetic(
        class_id,
        float(explanation.cam(class_id).mean(dtype=np.float64)),
        float(explanation.head.bias[class_id]),
        float(explanation.logits[class_id]),
        float(explanation.probabilities[class_id]),
    )


def pooled(explanation: Explanation) -> FloatArray:
    """Global average pooling: float32 [C]."""
    means: FloatArray = explanation.features.mean(axis=(1, 2))
    return means


def contributions(explanation: Explanation, class_id: int, most: int = 10) -> tuple[Contribution, ...]:
    """The channels with the largest parts of the logit, half of them for and half against, in that order.

    All channels' parts and the bias add up to the logit. Raises as `LinearHead.row` does.
    """
    weight, means = explanation.head.row(class_id), pooled(explanation)
    parts = weight * means
    ordered = np.argsort(-parts, kind="stable")
    if most < len(ordered):
        ordered = np.concatenate([ordered[: (most + 1) // 2], ordered[len(ordered) - most // 2 :]])
    return tuple(Contribution(int(c), float(weight[c]), float(means[c])) for c in ordered)
