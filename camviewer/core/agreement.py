"""How much two maps of one frame go together, as a number."""

from __future__ import annotations

import math

import numpy as np

from camviewer.core.arrays import FloatArray
from camviewer.core.scaling import (
    Interpolation,
    upsampled,
)


def correlation(first: FloatArray, second: FloatArray) -> float | None:
    """Pearson's correlation over the second one's cells, -1..1; both float32 [h, w], of one region.

    The first is interpolated linearly to these cells: its shape may be another. Units don't matter. None
    where one of them is the same everywhere, or holds what is no finite number.
    """
    rows, columns = second.shape
    one = upsampled(first, columns, rows, Interpolation.BILINEAR).astype(np.float64)
    other = second.astype(np.float64)
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        return None
    one -= one.mean()
    other -= other.mean()
    size = math.sqrt(float((one * one).sum()) * float((other * other).sum()))
    return float((one * other).sum()) / size if size > 0 else None
