"""Scales the values of maps to 0..1 for colour. Values never change; only the range they are shown in.

A sequential colormap shows evidence *for* a class, 0..max. A diverging one shows both signs, centred on 0.
A map without positive evidence stays unpainted: it is never stretched until noise looks like evidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from PIL import Image

from camviewer.core.arrays import FloatArray


class Scale(Enum):
    """Which values the ends of the colour bar stand for."""

    MAP = "map"
    """This map's own range."""
    SHARED = "shared"
    """One range for all tabs, so that classes compare."""
    FIXED = "fixed"
    """A range that the user sets: no flicker, and frames compare."""


class Interpolation(Enum):
    """What is shown between the cells. Values are interpolated, then coloured; never the reverse."""

    NEAREST = "nearest"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"


@dataclass(frozen=True, slots=True)
class ValueRange:
    """The values at the two ends of the colour bar, in logit units. low < high."""

    low: float
    high: float


def value_range(cams: Iterable[FloatArray], signed: bool) -> ValueRange:
    """The range that shows all of the given maps: 0..max, or -m..m (m the largest magnitude) if signed.

    Without anything to show (no positive value; or all zero, if signed) the range is 0..1 or -1..1 logit.
    """
    peak = 0.0
    for cam in cams:
        # Sums of float32 may overflow to inf in broken networks; a bar with an infinite end shows nothing.
        finite = cam[np.isfinite(cam)]
        if finite.size:
            peak = max(peak, float(np.abs(finite).max() if signed else finite.max()))
    if peak <= 0.0:
        peak = 1.0
    return ValueRange(-peak if signed else 0.0, peak)


def scaled(values: FloatArray, shown: ValueRange) -> FloatArray:
    """Values → 0..1 over the range (0 in it), clipped at its ends. NaN is shown as 0: no evidence."""
    low, high = np.float32(shown.low), np.float32(shown.high)
    # Clipped before the division: over a tiny range it would overflow.
    unit: FloatArray = np.clip(values, low, high)
    unit -= low
    unit /= high - low
    missing = np.isnan(unit)
    if missing.any():
        unit[missing] = -shown.low / (shown.high - shown.low)
    return unit


_RESAMPLING = {
    Interpolation.NEAREST: Image.Resampling.NEAREST,
    Interpolation.BILINEAR: Image.Resampling.BILINEAR,
    Interpolation.BICUBIC: Image.Resampling.BICUBIC,
}


def upsampled(cam: FloatArray, width: int, height: int, interpolation: Interpolation) -> FloatArray:
    """The map's values at width x height points: float32 [height, width], cells as pixels with areas.

    Bicubic curves go through the cells' middles and may swing beyond them. They never change sides, though: a
    map without positive (or without negative) values has none between its cells either.
    """
    image = Image.fromarray(np.ascontiguousarray(cam, np.float32))
    points = np.asarray(image.resize((width, height), _RESAMPLING[interpolation]), np.float32)
    if interpolation is Interpolation.BICUBIC:
        low, high = np.fmin.reduce(cam, axis=None), np.fmax.reduce(cam, axis=None)  # these pass over NaN
        if low >= 0 or high <= 0:
            points = np.clip(points, low if low >= 0 else -np.inf, high if high <= 0 else np.inf)
    return points
