"""What one map of one input is worth: figures of the field, each of the probability of the map's class.

In all of them a map is scaled to 0..1 (`mask_of`), and an input is multiplied by a map after normalisation:
where the map is 0, the colour remains that the network takes for nothing.

- Average Drop and Increase in Confidence, of the input times the map: A. Chattopadhyay, A. Sarkar,
  P. Howlader, V. Balasubramanian: Grad-CAM++: Generalized Gradient-Based Visual Explanations for Deep
  Convolutional Networks. WACV 2018.
- Average Drop in Deletion, of the input times 1 − the map: H. Jung, Y. Oh: Towards Better Explanations of
  Class Activation Mapping. ICCV 2021.
- coherency, complexity and ADCC: S. Poppi, M. Cornia, L. Baraldi, R. Cucchiara: Revisiting the Evaluation of
  Class Activation Mapping for Explainability: A Novel Metric and Experimental Analysis. CVPR Workshops 2021.
- insertion and deletion: `core.gauge.curves`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from camviewer.core.agreement import correlation
from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.gauge.curves import Curves
from camviewer.core.models.spec import Preprocessing
from camviewer.core.scaling import Interpolation, upsampled


def mask_of(values: FloatArray, width: int, height: int) -> FloatArray:
    """The map as a share of each pixel, 0..1, float32 [height, width].

    As in the papers' code and in the libraries: what speaks against the class is cut off, the cells are
    scaled from their least to their largest value, then interpolated linearly. Without evidence it is 0
    everywhere, and 1 where all cells are the same evidence. values: float32 [h, w]; what is no finite number
    is none.
    """
    evidence = np.maximum(np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0), 0)
    low, high = float(evidence.min()), float(evidence.max())
    if high <= low:
        return np.full((height, width), high > 0, np.float32)
    unit = ((evidence - low) / (high - low)).astype(np.float32)
    return upsampled(unit, width, height, Interpolation.BILINEAR)


def nothing_colour(preprocessing: Preprocessing) -> NDArray[np.float64]:
    """Red, green and blue, 0..255, of a pixel that is 0 after normalisation."""
    means = preprocessing.mean * 3 if len(preprocessing.mean) == 1 else preprocessing.mean[:3]
    return 255 * np.array(means[::-1] if preprocessing.bgr else means)


def masked(pixels: ByteArray, mask: FloatArray, preprocessing: Preprocessing) -> ByteArray:
    """Pixels times a mask, as after normalisation, for another map: uint8 [h, w, 3]. mask: float32 [h, w].

    Rounded to whole levels, as every frame is: maps hardly change with that, but a probability may by 1 %.
    """
    nothing = nothing_colour(preprocessing).astype(np.float32)
    levels = nothing + (pixels - nothing) * mask[..., None]
    result: ByteArray = np.rint(np.clip(levels, 0, 255)).astype(np.uint8)
    return result


def coherency(mask: FloatArray, again: FloatArray) -> float:
    """How alike a map is to the map of the input times that map: Pearson's correlation, moved to 0..1.

    Both as `mask_of` makes them; 0 where one of them is flat.
    """
    found = correlation(again, mask)
    return 0.0 if found is None else (found + 1) / 2


def complexity(mask: FloatArray) -> float:
    """How much of the input a map takes, 0..1: the mean of its absolute values."""
    return float(np.abs(mask).mean(dtype=np.float64))


def adcc(
    drop: NDArray[np.float64], coherencies: NDArray[np.float64], complexities: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Average Drop, Coherency, Complexity: the harmonic mean of coherency, 1 − complexity and 1 − drop, 0..1.

    Of the means over photos, as in the paper's tables. 0 where one of the three is 0.
    """
    parts = np.stack([coherencies, 1 - complexities, 1 - drop])
    whole: NDArray[np.float64] = np.zeros(parts.shape[1:])
    np.divide(3, (1 / np.maximum(parts, 1e-12)).sum(0), out=whole, where=parts.min(0) > 0)
    return whole


@dataclass(frozen=True, slots=True)
class MapScores:
    """Of one map.

    drop: 0..1, how much of the probability is lost with the input times the map; increase: whether it rises
    instead. drop_in_deletion: how much is lost with the input times 1 − the map; below 0 where it rises.
    insertion, deletion: areas, 0..1. gain: the symmetric relevance gain.
    """

    drop: float
    increase: float
    drop_in_deletion: float
    coherency: float
    complexity: float
    insertion: float
    deletion: float
    gain: float


def map_scores(curves: Curves, kept: float, removed: float, mask: FloatArray, again: FloatArray) -> MapScores:
    """kept, removed: the probability with the input times the map, and times 1 − the map.

    mask, again: the map, and that of the input times the map, both as `mask_of` makes them.
    """
    whole = max(curves.whole, float(np.finfo(np.float32).tiny))
    return MapScores(
        drop=max(0.0, whole - kept) / whole,
        increase=float(kept > whole),
        drop_in_deletion=(whole - removed) / whole,
        coherency=coherency(mask, again),
        complexity=complexity(mask),
        insertion=curves.insertion_area,
        deletion=curves.deletion_area,
        gain=curves.gain,
    )
