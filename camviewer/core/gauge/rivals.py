"""Maps that know nothing of the network or of the class: what a map's curves are compared with."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from camviewer.core.arrays import ByteArray, FloatArray, read_only

_CELLS = 7
"""Of the short side: as many as the usual networks' maps have at 224 pixels."""
_GAUSSIAN_SIGMA = 0.25
"""Of the sides."""


def random_maps(pixels: ByteArray) -> Iterator[FloatArray]:
    """Maps of independent normal values, float32 [h, w], as coarse as the usual networks' maps.

    pixels: what the network saw, uint8 [h', w', 3]: the same pixels always get the same maps.
    """
    numbers = np.random.default_rng(zlib.crc32(pixels.tobytes()))
    shape = _shape(pixels)
    while True:
        yield read_only(numbers.standard_normal(shape, np.float32))


def gaussian_map(pixels: ByteArray) -> FloatArray:
    """A hill in the centre, float32 [h, w], where photographers put what they mean."""
    rows, columns = (np.linspace(-0.5, 0.5, cells) for cells in _shape(pixels))
    squares = rows[:, None] ** 2 + columns[None] ** 2
    return read_only(np.exp(-squares / (2 * _GAUSSIAN_SIGMA**2)).astype(np.float32))


def _shape(pixels: ByteArray) -> tuple[int, int]:
    """Rows and columns of square cells."""
    height, width = pixels.shape[:2]
    cell = min(height, width) / _CELLS
    return round(height / cell), round(width / cell)
