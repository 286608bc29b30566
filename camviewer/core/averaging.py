"""Sharper and steadier maps for drawing: features averaged over resolutions, or over time.

A CAM is linear in the features, so averaging features averages the maps of all classes at once. Each part
is exact; the average is not one network's logit any more and is never presented as such.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.explanation import Explanation
from camviewer.core.models.spec import SizeRule


def fine_resolutions(resolution: int, sizes: SizeRule) -> tuple[int, ...]:
    """The resolutions that a fine map averages: as chosen, and about 1.4 and 2 times that.

    Each is run plain and mirrored: six forward passes. tests/benchmarks/localisation.py measures their worth.
    """
    wanted = (resolution, resolution * 10 / 7, resolution * 2)
    return tuple(dict.fromkeys(sizes.nearest(r) for r in wanted))


def averaged_features(parts: Iterable[FloatArray]) -> FloatArray:
    """The mean of feature maps [C, h_i, w_i] of the same region, on the finest grid: float32 [C, h, w].

    Coarser ones are interpolated linearly between the middles of their cells. Raises ValueError for none.
    """
    maps = sorted(parts, key=lambda f: f.shape[1] * f.shape[2])
    if not maps:
        raise ValueError("nothing to average")
    _, height, width = maps[-1].shape
    total = np.zeros_like(maps[-1])
    for features in maps:
        if features.shape == total.shape:
            total += features  # as it is: a weight of 1e-16 would spread infinities, and takes time
            continue
        down, across = _linear(features.shape[1], height), _linear(features.shape[2], width)
        total += down @ features @ across.T
    return read_only(total / np.float32(len(maps)))


@lru_cache(maxsize=64)
def _linear(cells: int, points: int) -> FloatArray:
    """float32 [points, cells]: linear interpolation between the middles of cells, constant beyond them."""
    place = (np.arange(points) + 0.5) / points * cells - 0.5
    weights = np.maximum(0.0, 1.0 - np.abs(np.clip(place, 0, cells - 1)[:, None] - np.arange(cells)[None]))
    return read_only(weights.astype(np.float32))


class Smoother:
    """An exponential average over time. Starts anew with another source, place or size."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._time = 0.0
        self._mean: FloatArray | None = None

    def smoothed(self, explanation: Explanation) -> FloatArray:
        """Features to draw for this explanation, by its request's time constant (seconds)."""
        features = explanation.features if explanation.averaged is None else explanation.averaged
        key = (explanation.generation, explanation.region, explanation.model, features.shape)
        time, mean = explanation.frame.time, self._mean
        # An average never gets rid of a NaN; the next frame does.
        if mean is None or key != self._key or not np.isfinite(mean).all():
            mean = features
        else:
            share = 1.0 - math.exp(-max(time - self._time, 0.0) / explanation.request.smoothing)
            mean = read_only(mean + np.float32(share) * (features - mean))
        self._key, self._time, self._mean = key, time, mean
        return mean
