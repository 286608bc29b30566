"""Measures the maps of many photos: a mean says more of a model's maps than the verdict on one of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from camviewer.core.explainer import Explainer
from camviewer.core.explanation import Explanation
from camviewer.core.failures import ModelFailure
from camviewer.core.gauge.measuring import GaugePlan
from camviewer.core.review.summary import Share
from camviewer.core.targets import ClassScore

FOLDER_PLAN = GaugePlan(randoms=0, gaussian=False, other=False)
"""Random maps gain 0 on average, exactly (`verdict.Comparison`), so a mean needs none for comparison."""


def photo_gain(explainer: Explainer, explanation: Explanation) -> float | None:
    """Of the predicted class's map; None where it can't be measured, as with too small a probability."""
    target = ClassScore(explanation.top(1)[0])
    try:
        return explainer.measuring(explanation, target, FOLDER_PLAN).finish().own.gain
    except ModelFailure:
        return None


@dataclass(frozen=True, slots=True)
class FolderGauge:
    """The mean gain of photos' maps.

    low, high: where the true mean lies with 95 % confidence (Student's t); infinite of fewer than two photos.
    above: how many photos' maps gain more than 0.
    """

    mean: float
    low: float
    high: float
    above: Share


def folder_gauge(gains: Iterable[float]) -> FolderGauge | None:
    """Of all photos that were measured; None of none."""
    values = np.array(list(gains))
    count = len(values)
    if not count:
        return None
    mean, above = float(values.mean()), Share(int((values > 0).sum()), count)
    if count < 2:
        return FolderGauge(mean, -math.inf, math.inf, above)
    from scipy.special import stdtrit

    half = float(stdtrit(count - 1, 0.975)) * float(values.std(ddof=1)) / math.sqrt(count)
    return FolderGauge(mean, mean - half, mean + half, above)
