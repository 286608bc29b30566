"""Covers parts of what a network sees with something that says as little as possible."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from PIL import Image, ImageFilter

from camviewer.core.arrays import ByteArray

_USUAL_PARTS = 4
"""A patch's side is this part of the input's short side, where none is asked for."""
SMALLEST_PATCH = 2
"""Pixels of the side of a patch."""


class Fill(Enum):
    """What stands where something is covered."""

    MEAN = "mean"
    """The mean colour of what the network sees."""
    GREY = "grey"
    BLACK = "black"
    BLUR = "blur"
    """The same pixels, blurred; in a patch by a Gaussian of a quarter of its side as standard deviation."""
    NOISE = "noise"
    """Grains of any colour, the same ones every time."""
    AROUND = "around"
    """The smoothest surface that continues what is around."""


PATCH_FILLS = (Fill.MEAN, Fill.GREY, Fill.BLACK, Fill.BLUR)
"""What patches that slide over the network's input may be filled with."""


@dataclass(frozen=True, slots=True)
class Covering:
    """How a patch covers a part of the network's input.

    patch: pixels of its side, in the network's input; None: a quarter of the input's short side.
    """

    patch: int | None = None
    fill: Fill = Fill.MEAN

    def __post_init__(self) -> None:
        """Raises ValueError for a patch of less than `SMALLEST_PATCH` pixels, or by none of `PATCH_FILLS`."""
        if self.patch is not None and self.patch < SMALLEST_PATCH:
            raise ValueError(f"a patch has {SMALLEST_PATCH} pixels a side or more, not {self.patch}")
        if self.fill not in PATCH_FILLS:
            raise ValueError(f"a patch is not filled with {self.fill.value}")

    def patch_for(self, height: int, width: int) -> float:
        """Pixels of the patch's side in an input of this size."""
        return min(height, width) / _USUAL_PARTS if self.patch is None else self.patch


USUAL = Covering()
"""Where nothing else is asked for."""


def filled(pixels: ByteArray, fill: Fill, patch: float) -> ByteArray:
    """Pixels uint8 [h, w, 3], all of them covered: uint8 [h, w, 3].

    fill: one of `PATCH_FILLS`. Single colours are rounded to whole levels, as any image has them. patch: its
    side, for the blur.
    """
    if fill is Fill.BLUR:
        image = Image.fromarray(np.ascontiguousarray(pixels))
        return np.asarray(image.filter(ImageFilter.GaussianBlur(patch / 4)))
    if fill is Fill.MEAN:
        colour = np.rint(pixels.mean((0, 1), dtype=np.float64)).astype(np.uint8)
    else:
        colour = np.full(3, 128 if fill is Fill.GREY else 0, np.uint8)
    return np.broadcast_to(colour, pixels.shape)
