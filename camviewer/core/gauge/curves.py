"""Deletion and insertion curves: a class's probability as pixels go, or come, in a map's order.

V. Petsiuk, A. Das, K. Saenko: RISE: Randomized Input Sampling for Explanation of Black-box Models. BMVC 2018.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.scaling import Interpolation, upsampled

STEPS = 7
"""Into so many equal parts the pixels are divided by default."""
_BLUR_SIDE = 224
"""Pixels of the short side that a blur is given for."""

Probabilities = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blur:
    """A Gaussian: standard deviation and radius in pixels, of an input whose short side has 224.

    Of other inputs it grows with the short side, so that the same is lost.
    """

    sigma: float
    radius: int


RISE = Blur(5.0, 5)
"""11 × 11 pixels, as in the RISE paper: what published deletion and insertion figures are made with."""
STRONG = Blur(20.0, 60)
"""Hides what RISE's leaves to be seen: maps are told from random ones better with it (docs/quality.md)."""


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """A class's probability after 0, 1, … all parts of the pixels: 0..1, float64 [steps + 1], read-only.

    deletion: the parts with the largest values are covered first, from the whole frame to the covered one.
    insertion: they are the first that show, from the covered frame to the whole one.
    """

    deletion: Probabilities
    insertion: Probabilities

    @property
    def steps(self) -> int:
        """How many parts the pixels are divided into."""
        return len(self.deletion) - 1

    @property
    def whole(self) -> float:
        """Of the frame with nothing covered."""
        return float(self.deletion[0])

    @property
    def deletion_area(self) -> float:
        """Under the deletion curve, over shares 0..1 of the pixels: small for a good map."""
        return _area(self.deletion)

    @property
    def insertion_area(self) -> float:
        """Under the insertion curve, over shares 0..1 of the pixels: large for a good map."""
        return _area(self.insertion)

    @property
    def gain(self) -> float:
        """The symmetric relevance gain; 0 says nothing, for or against.

        ``G = (1/p) · mean over k of [p(keep the top k/n of the pixels) − p(keep the bottom k/n)]``, k = 1 ..
        n − 1: keeping the top is insertion, keeping the bottom is deletion of the others. p: of the whole.
        """
        between = slice(1, -1)
        return float(np.mean(self.insertion[between]) - np.mean(self.deletion[between])) / self.whole


def _area(curve: Probabilities) -> float:
    """By trapezoids, over 0..1."""
    return float(((curve[:-1] + curve[1:]) / 2).mean())


def passes_for(maps: int, steps: int = STEPS) -> int:
    """How many passes the curves of so many maps of one frame take."""
    return 2 + 2 * (steps - 1) * maps


def blurred(pixels: ByteArray, blur: Blur = RISE) -> ByteArray:
    """The cover of what is deleted: the pixels uint8 [h, w, 3], blurred."""
    from scipy import ndimage  # here: the window starts without scipy

    scale = min(pixels.shape[:2]) / _BLUR_SIDE
    smooth = ndimage.gaussian_filter(
        pixels.astype(np.float32),
        blur.sigma * scale,
        mode="mirror",
        radius=max(1, round(blur.radius * scale)),
        axes=(0, 1),
    )
    whole_levels: ByteArray = np.rint(smooth).astype(np.uint8)
    return whole_levels


def ranks(values: FloatArray, height: int, width: int) -> NDArray[np.int32]:
    """The rank of each pixel, int32 [height, width], 0 for the largest, by the map values float32 [h, w].

    The map is interpolated linearly between its cells' middles. Of equal pixels the upper, then the left one
    comes first; what is no finite number comes last.
    """
    lowest = np.finfo(np.float32).min
    finite = np.where(np.isfinite(values), values, lowest).astype(np.float32)
    points = upsampled(finite, width, height, Interpolation.BILINEAR)
    order = np.argsort(-points, axis=None, kind="stable")
    ranked = np.empty(order.size, np.int32)
    ranked[order] = np.arange(order.size, dtype=np.int32)
    return ranked.reshape(height, width)


def curve_inputs(
    pixels: ByteArray, cover: ByteArray, maps: Sequence[FloatArray], steps: int = STEPS
) -> Iterator[ByteArray]:
    """What goes through the network for the curves of these maps: `passes_for` inputs uint8 [h, w, 3].

    The whole, the covered one, then for each map the steps of its deletion, then those of its insertion.
    cover: uint8 [h, w, 3], what stands where something is covered.
    """
    yield pixels
    yield cover
    height, width = pixels.shape[:2]
    for values in maps:
        rank = ranks(values, height, width)
        firsts = [round(rank.size * k / steps) for k in range(1, steps)]
        for deletes in (True, False):
            for first in firsts:
                yield np.where(((rank < first) == deletes)[..., None], cover, pixels)


def curves_from(probabilities: Probabilities, steps: int = STEPS) -> tuple[Curves, ...]:
    """The curves of each map, of the probabilities [passes] of all of `curve_inputs`, in their order."""
    whole, covered, *_ = probabilities
    made = []
    for deleted, inserted in probabilities[2:].reshape(-1, 2, steps - 1):
        deletion = np.array([whole, *deleted, covered])
        insertion = np.array([covered, *inserted, whole])
        deletion.setflags(write=False)
        insertion.setflags(write=False)
        made.append(Curves(deletion, insertion))
    return tuple(made)
