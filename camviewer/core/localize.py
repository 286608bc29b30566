"""Localizes a class by its map: contours at a threshold, and the box of the largest part.

As in the CAM paper (Zhou et al., CVPR 2016, §3.2): everything above a share of the map's maximum (20 %
there), then the bounding box of the largest connected component.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import numpy as np
from contourpy import FillType, contour_generator
from numpy.typing import NDArray

from camviewer.core.arrays import (
    FloatArray,
    read_only,
)
from camviewer.core.frames import Region
from camviewer.core.maps import EXTENT
from camviewer.core.scaling import (
    Interpolation,
    upsampled,
)

PAPER_THRESHOLD = 0.2
EXTENT_THRESHOLD = 0.55
"""For maps of extent, which are above 20 % of their maximum nearly everywhere.

Of 0.3, 0.4, 0.45, … 0.65 the one whose boxes fit best on 41 photos (tests/benchmarks/boxes_by_eye): a mean
IoU of 0.70 at 448 (0.56 at 0.3), of 0.68 at 224 (0.51).
"""
POINTS = 16
"""Points a cell at which the map is sampled before its contour is drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class Localization:
    """Where a map's evidence is.

    threshold: the share of the maximum. box: left, top, right, bottom in frame pixels, None without
    evidence. area: the share of the region above the threshold, 0..1. contours: closed outlines of all
    parts, each float64 [n, 2] of x, y in frame pixels.
    """

    threshold: float
    box: tuple[float, float, float, float] | None
    area: float
    contours: tuple[NDArray[np.float64], ...]


def localize(
    cam: FloatArray,
    region: Region,
    threshold: float = PAPER_THRESHOLD,
    interpolation: Interpolation = Interpolation.BICUBIC,
) -> Localization:
    """Raises ValueError for a threshold outside of 0..1 (exclusive)."""
    if not 0 < threshold < 1:
        raise ValueError(f"the threshold is a share of the maximum between 0 and 1, not {threshold}")
    rows, columns = cam.shape
    # As with colours, what isn't a finite number is no evidence. Before upsampling: it would spread.
    finite = np.nan_to_num(cam, nan=0.0, posinf=0.0, neginf=0.0)
    points = max(4, min(POINTS, 512 // max(rows, columns)))  # large maps need fewer points a cell
    grid = np.nan_to_num(upsampled(finite, columns * points, rows * points, interpolation))
    peak = float(grid.max(initial=0.0))
    # Between the cells of a map without a positive one, bicubic interpolation may overshoot to above 0.
    if peak <= 0.0 or finite.max() <= 0.0:
        return Localization(threshold, None, 0.0, ())
    level = threshold * peak
    # A frame of low values closes contours at the region's edge; it lies half a point outside of the
    # outermost points, where their areas end.
    padded = np.pad(grid.astype(np.float64), 1, mode="edge")
    for edge in (padded[0], padded[-1], padded[:, 0], padded[:, -1]):
        edge[edge > level] = level - 1e-9 * peak
    x = _positions(grid.shape[1]) / grid.shape[1] * region.width + region.left
    y = _positions(grid.shape[0]) / grid.shape[0] * region.height + region.top
    generator = contour_generator(x, y, padded, fill_type=FillType.OuterOffset)
    # contourpy's type is the union of all fill types' results; this is OuterOffset's.
    polygons, offsets = cast(
        tuple[list[NDArray[np.float64]], list[NDArray[np.uint32]]], generator.filled(level, np.inf)
    )
    contours: list[NDArray[np.float64]] = []
    largest, box = 0.0, None
    for polygon, parts in zip(polygons, offsets, strict=True):
        rings = [polygon[start:end] for start, end in pairwise(parts)]
        contours += [read_only(ring) for ring in rings]
        area = _area(rings[0]) - sum(_area(hole) for hole in rings[1:])
        if area > largest:
            outer, largest = rings[0], area
            (left, top), (right, bottom) = outer.min(0), outer.max(0)
            box = (float(left), float(top), float(right), float(bottom))
    return Localization(threshold, box, float((grid > level).mean()), tuple(contours))


def usual_threshold(method: str | None) -> float:
    """The share of the maximum where a method's boxes fit best. method: None for the most faithful one."""
    return EXTENT_THRESHOLD if method == EXTENT else PAPER_THRESHOLD


def _positions(count: int) -> NDArray[np.float64]:
    """Where the points stand, in points: their middles, and the two edges of the whole."""
    return np.concatenate([[0.0], np.arange(count) + 0.5, [float(count)]])


def _area(ring: NDArray[np.float64]) -> float:
    """Shoelace formula."""
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))) / 2
