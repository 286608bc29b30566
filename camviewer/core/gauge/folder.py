"""Measures the maps of many photos: a mean says more of a model's maps than the verdict on one of them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from camviewer.core.explainer import Explainer
from camviewer.core.explanation import Explanation
from camviewer.core.failures import ModelFailure
from camviewer.core.gauge.measuring import GaugePlan
from camviewer.core.review.items import PairedGain
from camviewer.core.review.summary import Share
from camviewer.core.targets import ClassScore

FOLDER_PLAN = GaugePlan(randoms=1, gaussian=False, other=False)
"""One random map for each photo: the mean over the photos has its error from how much they differ."""


def paired_gain(explainer: Explainer, explanation: Explanation) -> PairedGain | None:
    """Of the predicted class's map; None where it can't be measured, as with too small a probability."""
    target = ClassScore(explanation.top(1)[0])
    try:
        measurement = explainer.measuring(explanation, target, FOLDER_PLAN).finish()
    except ModelFailure:
        return None
    return PairedGain(measurement.own.gain, measurement.randoms[0].gain)


@dataclass(frozen=True, slots=True)
class MeanWithInterval:
    """low, high: where the true mean lies with 95 % confidence; they are infinite of fewer than two."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class FolderGauge:
    """gain: of the maps; advantage: how much more that is than of random maps of the same photos.

    better: how many photos' maps gain more than the random one.
    """

    gain: MeanWithInterval
    advantage: MeanWithInterval
    better: Share


def folder_gauge(pairs: Iterable[PairedGain]) -> FolderGauge | None:
    """Of all photos that were measured; None of none."""
    both = np.array([(pair.own, pair.random) for pair in pairs])
    if not both.size:
        return None
    advantage = both[:, 0] - both[:, 1]
    return FolderGauge(_mean(both[:, 0]), _mean(advantage), Share(int((advantage > 0).sum()), len(both)))


def _mean(values: NDArray[np.float64]) -> MeanWithInterval:
    """With the interval of Student's t."""
    count, mean = len(values), float(values.mean())
    if count < 2:
        return MeanWithInterval(mean, -math.inf, math.inf)
    from scipy.special import stdtrit

    half = float(stdtrit(count - 1, 0.975)) * float(values.std(ddof=1)) / math.sqrt(count)
    return MeanWithInterval(mean, mean - half, mean + half)
