"""How Pillow resizes images of bytes, as tables of whole numbers: by them a device does the same to the bit.

Pillow resizes along rows, rounds to bytes, then resizes along columns; or the other way round. Each new
pixel is a weighted sum of old ones. The weights are a triangle or a cubic as wide as the image shrinks, and
are rounded to 22 bits behind the point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import PIL
from numpy.typing import NDArray

from camviewer.core.arrays import (
    FloatArray,
    read_only,
)

WEIGHT_BITS = 22
"""Of a weight, behind the point."""
LOW_BITS = 11
"""A weight in two parts: sums of products with bytes are whole numbers that float32 holds exactly."""


_COLUMNS_MAY_BE_FIRST = int(PIL.__version__.partition(".")[0]) >= 13


def rows_first(old: tuple[int, int], new: tuple[int, int]) -> bool:
    """Whether this computer's Pillow resizes along rows before it resizes along columns.

    old, new: height and width. Since Pillow 13 not where the height shrinks by twice as many pixels.
    """
    shorter, narrower = old[0] - new[0], old[1] - new[1]
    return not (_COLUMNS_MAY_BE_FIRST and shorter > 0 and shorter > 2 * narrower)


@dataclass(frozen=True, slots=True, eq=False)
class AxisWeights:
    """Weights along one axis: new pixel i is the sum over k of pixel start + k times weight [i, k].

    whole: int32 [new, old], in units of 2^-22. start: the first old pixel that counts.
    """

    start: int
    whole: NDArray[np.int32]

    @property
    def count(self) -> int:
        """So many old pixels, from `start` on, count."""
        return int(self.whole.shape[1])

    def within(self, start: int, count: int) -> AxisWeights:
        """The same for old pixels from `start`, which must hold all that count: zeros for the others."""
        whole = np.zeros((len(self.whole), count), np.int32)
        first = self.start - start
        whole[:, first : first + self.count] = self.whole
        return AxisWeights(start, whole)

    def parts(self) -> tuple[FloatArray, FloatArray]:
        """The weights as high · 2^11 + low: float32 [new, old] each, whole numbers; |low| <= 2^10."""
        high = (self.whole + (1 << (LOW_BITS - 1))) >> LOW_BITS
        low = self.whole - (high << LOW_BITS)
        return read_only(high.astype(np.float32)), read_only(low.astype(np.float32))


def axis_weights(old: int, new: int, first: int, count: int, *, bicubic: bool = False) -> AxisWeights:
    """The weights of new pixels first .. first + count - 1, where `old` pixels become `new` ones."""
    scale = old / new
    stretch = max(scale, 1.0)
    support = (2.0 if bicubic else 1.0) * stretch
    centres = (np.arange(first, first + count) + 0.5) * scale
    low = np.maximum((centres - support + 0.5).astype(np.int64), 0)
    high = np.minimum((centres + support + 0.5).astype(np.int64), old)
    start, stop = int(low.min()), int(high.max())
    places = np.arange(start, stop)
    distances = (places[None] - centres[:, None] + 0.5) * (1.0 / stretch)
    weights = (_cubic if bicubic else _triangle)(np.abs(distances))
    weights[(places < low[:, None]) | (places >= high[:, None])] = 0.0
    weights /= weights.sum(1, keepdims=True)
    whole = np.trunc(weights * (1 << WEIGHT_BITS) + np.copysign(0.5, weights)).astype(np.int32)
    whole.flags.writeable = False
    return AxisWeights(start, whole)


def _triangle(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(0.0, 1.0 - distance)


def _cubic(distance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys 1981, a = -0.5."""
    a = -0.5
    near = ((a + 2.0) * distance - (a + 3.0)) * distance * distance + 1
    far = (((distance - 5) * distance + 8) * distance - 4) * a
    return np.where(distance < 1.0, near, np.where(distance < 2.0, far, 0.0))
