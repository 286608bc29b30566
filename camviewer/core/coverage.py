"""Which pixels of a frame an edit covers, and by what: from an edit and a size to layers, one a fill.

A pixel belongs to a shape if its middle does. Shapes are painted in order, so that the last one counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.covering import Fill
from camviewer.core.edits import (
    FrameEdit,
    Inversion,
    Outline,
    Part,
    Point,
    Rectangle,
    Stroke,
)

BoolArray = NDArray[np.bool_]

_FILLS = tuple(Fill)
"""A pixel's label is 0 where nothing covers it, else 1 + the index of its fill here."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """The pixels that one fill covers. where: bool [bottom - top, right - left], whether each is."""

    fill: Fill
    left: int
    top: int
    right: int
    bottom: int
    where: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """Of a frame of width x height pixels. layers: none where nothing is covered. share: of it, 0..1."""

    width: int
    height: int
    layers: tuple[Layer, ...]
    share: float

    def by(self, fill: Fill) -> Coverage:
        """The same pixels, all of them covered by one fill."""
        if not self.layers:
            return self
        labels = np.zeros((self.height, self.width), np.uint8)
        for layer in self.layers:
            labels[layer.top : layer.bottom, layer.left : layer.right][layer.where] = _label(fill)
        return _coverage(labels)


class Coverages:
    """Coverages of edits. What lies below the last one's last part is kept.

    So a stroke that grows, point by point, costs no more than itself.
    """

    def __init__(self) -> None:
        self._edit: FrameEdit | None = None
        self._coverage: Coverage | None = None
        self._painted: tuple[tuple[Part, ...], ByteArray] | None = None
        self._below: tuple[tuple[Part, ...], ByteArray] | None = None

    def of(self, edit: FrameEdit, width: int, height: int) -> Coverage:
        """Of a frame of width x height pixels."""
        known = self._coverage
        if known is not None and (known.width, known.height) == (width, height):
            if edit == self._edit:
                return known
        else:
            self._painted = self._below = None
        if self._edit is None or edit.size != self._edit.size:
            self._painted = self._below = None
        below = self._labels_below(edit, width, height)
        labels = below.copy()
        for part in edit.parts[-1:]:
            _paint(labels, part, edit.size)
        self._edit, self._painted = edit, (edit.parts, labels)
        self._coverage = _coverage(labels)
        return self._coverage

    def _labels_below(self, edit: FrameEdit, width: int, height: int) -> ByteArray:
        """Labels uint8 [height, width] of all parts but the last one."""
        parts = edit.parts[:-1]
        for known in (self._below, self._painted):
            if known is not None and known[0] == parts:
                self._below = known
                return known[1]
        labels = np.zeros((height, width), np.uint8)
        for part in parts:
            _paint(labels, part, edit.size)
        self._below = parts, labels
        return labels


def coverage_of(edit: FrameEdit, width: int, height: int) -> Coverage:
    """Of a frame of width x height pixels."""
    return Coverages().of(edit, width, height)


def _label(fill: Fill | None) -> int:
    return 0 if fill is None else 1 + _FILLS.index(fill)


def _coverage(labels: ByteArray) -> Coverage:
    height, width = labels.shape
    layers, covered = [], 0
    for fill in _FILLS:
        where = labels == _label(fill)
        rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
        if not len(rows):
            continue
        left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
        where = read_only(np.ascontiguousarray(where[top:bottom, left:right]))
        covered += int(np.count_nonzero(where))
        layers.append(Layer(fill, left, top, right, bottom, where))
    return Coverage(width, height, tuple(layers), covered / max(width * height, 1))


def _paint(labels: ByteArray, part: Part, size: tuple[int, int]) -> None:
    """Paint a part over labels uint8 [h, w], in place. size: of the frame that its numbers are for."""
    if isinstance(part, Inversion):
        np.copyto(labels, np.where(labels == 0, np.uint8(_label(part.fill)), np.uint8(0)))
        return
    height, width = labels.shape
    across, down = width / size[0], height / size[1]
    if isinstance(part, Rectangle):
        left, right = (_first_pixel(x * across, width) for x in (part.left, part.right))
        top, bottom = (_first_pixel(y * down, height) for y in (part.top, part.bottom))
        labels[top:bottom, left:right] = _label(part.fill)
        return
    rings = part.rings if isinstance(part, Outline) else (part.points,)
    scaled = [np.asarray(ring, np.float64).reshape(-1, 2) * (across, down) for ring in rings if len(ring)]
    if not scaled:
        return
    if isinstance(part, Stroke):
        left, top, where = _brushed(scaled[0], part.width * math.sqrt(across * down), width, height)
    else:
        left, top, where = _enclosed(scaled, width, height)
    rows, columns = where.shape
    labels[top : top + rows, left : left + columns][where] = _label(part.fill)


def _first_pixel(edge: float, count: int) -> int:
    """The first of `count` pixels whose middle lies at the edge or beyond it."""
    return min(max(math.ceil(edge - 0.5), 0), count)


def _bounds(points: NDArray[np.float64], margin: float, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole pixels of the frame, around all points."""
    (x0, y0), (x1, y1) = points.min(0) - margin, points.max(0) + margin
    left, right = (int(np.clip(f(x), 0, width)) for f, x in ((math.floor, x0), (math.ceil, x1)))
    top, bottom = (int(np.clip(f(y), 0, height)) for f, y in ((math.floor, y0), (math.ceil, y1)))
    return left, top, right, bottom


def _brushed(
    points: NDArray[np.float64], thickness: float, width: int, height: int
) -> tuple[int, int, BoolArray]:
    """Where a line of the brush lies: left, top, bool [rows, columns]. It is a pixel wide at least."""
    radius = max(thickness, 1.0) / 2
    left, top, right, bottom = _bounds(points, radius + 1, width, height)
    image = Image.new("L", (right - left, bottom - top))
    if not image.width or not image.height:
        return left, top, np.zeros((image.height, image.width), np.bool_)
    # Pillow's whole numbers are the middles of pixels.
    places = [(float(x) - left - 0.5, float(y) - top - 0.5) for x, y in _thinned(points, radius / 8)]
    draw = ImageDraw.Draw(image)
    if len(places) > 1:
        draw.line([(round(x), round(y)) for x, y in places], fill=1, width=max(round(2 * radius), 1))
    for x, y in places:
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=1)
    return left, top, np.asarray(image) > 0


def _thinned(points: NDArray[np.float64], distance: float) -> list[Point]:
    """Without those that lie closer to the one before, but with the last: a round brush looks the same."""
    kept = [(float(points[0, 0]), float(points[0, 1]))]
    for x, y in points[1:-1].tolist():
        if math.hypot(x - kept[-1][0], y - kept[-1][1]) >= distance:
            kept.append((x, y))
    if len(points) > 1:
        kept.append((float(points[-1, 0]), float(points[-1, 1])))
    return kept


def _enclosed(rings: Sequence[NDArray[np.float64]], width: int, height: int) -> tuple[int, int, BoolArray]:
    """What lies inside of an odd number of rings [n, 2] of x, y: left, top, bool [rows, columns].

    Along a row of pixels, inside and outside change places wherever it crosses an edge.
    """
    left, top, right, bottom = _bounds(np.concatenate(rings), 0, width, height)
    start = np.concatenate(rings) - (left, top)
    stop = np.concatenate([np.roll(ring, -1, 0) for ring in rings]) - (left, top)
    rows, columns = bottom - top, right - left
    first, last = (
        np.clip(np.ceil(y - 0.5), 0, rows).astype(np.int64)
        for y in (np.minimum(start[:, 1], stop[:, 1]), np.maximum(start[:, 1], stop[:, 1]))
    )
    crossed = last - first
    edge = np.repeat(np.arange(len(start)), crossed)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(crossed) - crossed, crossed) + first[edge]
    (x0, y0), (x1, y1) = start[edge].T, stop[edge].T
    x = x0 + (row + 0.5 - y0) * (x1 - x0) / (y1 - y0)
    column = np.clip(np.ceil(x - 0.5), 0, columns).astype(np.int64)
    changes = np.zeros((rows, columns + 1), np.uint8)
    np.bitwise_xor.at(changes, (row, column), 1)
    return left, top, np.bitwise_xor.accumulate(changes, 1)[:, :columns].astype(np.bool_)
