"""Frames to try networks with."""

from __future__ import annotations

import numpy as np

from camviewer.core.arrays import ByteArray
from camviewer.core.frames import Region
from camviewer.core.geometry import InputGeometry


def noise_frame(side: int, seed: int) -> tuple[ByteArray, InputGeometry]:
    """A square frame to try a network with, uint8 [side, side, 3]."""
    whole = Region(0, 0, side, side)
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)
    return pixels, InputGeometry(whole, (side, side), whole, whole)
