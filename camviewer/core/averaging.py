"""Sharper and steadier maps for drawing: averages over resolutions, or over time.

Maps are linear in their planes, so averaging planes averages the maps of all targets at once. Each part adds
up to a score; their average doesn't, and is never presented as if it did.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from camviewer.core.arrays import (
    FloatArray,
    read_only,
)
from camviewer.core.explanation import Explanation
from camviewer.core.maps import Maps
from camviewer.core.models.spec import SizeRule


def fine_resolutions(resolution: int, sizes: SizeRule) -> tuple[int, ...]:
    """The resolutions that a fine map averages: as chosen, and about 1.4 and 2 times that.

    Each is run plain and mirrored: six forward passes. tests/benchmarks/localisation.py measures their worth.
    """
    if sizes.fixed:
        return (resolution,)
    larger = (sizes.nearest(resolution * 10 / 7), sizes.nearest(resolution * 2))
    return tuple(dict.fromkeys((resolution, *larger)))


def averaged_planes(parts: Iterable[FloatArray]) -> FloatArray:
    """The mean of planes [n, h_i, w_i] of the same region, on the finest grid: float32 [n, h, w].

    Coarser ones are interpolated linearly between the middles of their cells. Raises ValueError for none.
    """
    ordered = sorted(parts, key=lambda f: f.shape[1] * f.shape[2])
    if not ordered:
        raise ValueError("nothing to average")
    _, height, width = ordered[-1].shape
    total = np.zeros_like(ordered[-1])
    for planes in ordered:
        if planes.shape == total.shape:
            # Not through `linear_weights`: its tiny weights would spread infinities, and it takes time.
            total += planes
            continue
        down, across = linear_weights(planes.shape[1], height), linear_weights(planes.shape[2], width)
        total += down @ planes @ across.T
    return read_only(total / np.float32(len(ordered)))


def averaged_maps(plain: Sequence[Maps], mirrored: Sequence[Maps]) -> Maps:
    """The average of maps of one region. mirrored: those of the mirrored frame.

    Raises ValueError without a plain one.
    """
    if not plain:
        raise ValueError("nothing to average")
    parts = [maps.planes for maps in plain] + [maps.planes[:, :, ::-1] for maps in mirrored]
    return plain[0].drawn_from(averaged_planes(parts))


@lru_cache(maxsize=64)
def linear_weights(cells: int, points: int) -> FloatArray:
    """float32 [points, cells]: linear interpolation between the middles of cells, constant beyond them."""
    place = (np.arange(points) + 0.5) / points * cells - 0.5
    weights = np.maximum(0.0, 1.0 - np.abs(np.clip(place, 0, cells - 1)[:, None] - np.arange(cells)[None]))
    return read_only(weights.astype(np.float32))


class Smoother:
    """An exponential average over time. Starts anew with another source, region, edit, model or targets."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._began = self._time = 0.0
        self._mean: FloatArray | None = None

    def smoothed(self, explanation: Explanation, seconds: float, generation: int = 0) -> Explanation:
        """The explanation, drawn as an average with those before it, by a time constant in seconds.

        The first explanation comes back unchanged, and so does one of the same frame as the first. seconds 0:
        every one comes back unchanged, and the next average starts anew.
        """
        if seconds <= 0:
            self._mean = None
            return explanation
        maps = explanation.maps if explanation.drawn is None else explanation.drawn
        planes, mean, time = maps.planes, self._mean, explanation.frame.time
        edit = explanation.request.edit
        key = (generation, explanation.region, edit, explanation.model, maps.signature)
        # A NaN would stay in the average for ever: start anew.
        if mean is None or key != self._key or time == self._began or not np.isfinite(mean).all():
            self._key, self._mean, self._began, self._time = key, planes, time, time
            return explanation
        share = np.float32(1.0 - math.exp(-max(time - self._time, 0.0) / seconds))
        self._time, self._mean = time, read_only(mean + share * (planes - mean))
        return replace(explanation, drawn=maps.drawn_from(self._mean))
