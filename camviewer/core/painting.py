"""Paints an edit over frames: fast enough to do it for each frame of a camera.

What depends on the edit alone (which pixels, and how they follow from those around them) is computed once, so
a frame costs a copy of it and a pass over what is covered.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.coverage import BoolArray, Coverage, Coverages, Layer
from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit
from camviewer.core.frames import Frame

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from scipy.sparse.linalg import SuperLU

BLUR = 1 / 10
"""The standard deviation of an edit's blur, as a share of the frame's short side."""
GRAIN = 1 / 112
"""The side of a grain of noise, as a share of the frame's short side: smaller ones would be averaged away
where the frame is reduced to the network's input."""
_COARSE = 4
"""What is smooth is computed for every fourth pixel."""
_POINTS = 45
"""So many points along the short side are enough for the blur, and four times as many pixels for the mean."""
_CELLS = 40
"""The longer side of what is filled from around has so many cells."""
_SAMPLES = 16
"""So many pixels of a cell stand for it, or up to twice as many."""


class Source(Protocol):
    """Makes what a layer covers with: uint8 [rows, 3·columns] of its box, or what broadcasts to it."""

    def __call__(self, image: ByteArray) -> ByteArray:
        """image: uint8 [h, w, 3], with the layers before painted over it."""
        ...


class Painter:
    """Paints edits over frames. What it keeps of the last edit makes the next frame fast."""

    def __init__(self) -> None:
        self._coverages = Coverages()
        self._covered: Coverage | None = None
        self._sources: list[tuple[Layer, Source, BoolArray | bool]] = []
        self._last: tuple[Coverage, Frame, Frame] | None = None

    def edited(self, frame: Frame, edit: FrameEdit | None) -> Frame:
        """The frame with the edit painted over it; the frame itself where that covers nothing of it.

        The same edit of the same frame, again, is the same object.
        """
        if edit is None or not edit.parts:
            return frame
        coverage = self.coverage(frame, edit)
        if not coverage.layers:
            return frame
        last = self._last
        if last is not None and last[0] is coverage and last[1].image is frame.image:
            return last[2] if last[1] is frame else replace(frame, image=last[2].image)
        if coverage is not self._covered:
            self._covered, self._sources = coverage, _sources(coverage)
        edited = replace(frame, image=_painted(frame.image, self._sources))
        self._last = coverage, frame, edited
        return edited

    def forget(self) -> None:
        """The frame that was painted over last. What an edit covers stays known: it holds no picture."""
        self._last = None

    def coverage(self, frame: Frame, edit: FrameEdit) -> Coverage:
        """What the edit covers of the frame."""
        return self._coverages.of(edit, frame.width, frame.height)


def painted(image: ByteArray, coverage: Coverage) -> ByteArray:
    """The image uint8 [h, w, 3], painted over: another array, or the same one where nothing is covered."""
    return _painted(image, _sources(coverage)) if coverage.layers else image


def _painted(image: ByteArray, sources: list[tuple[Layer, Source, BoolArray | bool]]) -> ByteArray:
    result = np.array(image, order="C")
    rows = result.reshape(len(result), -1)
    for layer, source, where in sources:
        place = rows[layer.top : layer.bottom, 3 * layer.left : 3 * layer.right]
        np.copyto(place, source(image if layer.fill is not Fill.AROUND else result), where=where)
    return read_only(result)


def _sources(coverage: Coverage) -> list[tuple[Layer, Source, BoolArray | bool]]:
    # What is filled from around comes last: its border may be covered by something else.
    layers = sorted(coverage.layers, key=lambda layer: layer.fill is Fill.AROUND)
    return [(each, _source(each, coverage), _bytes(each.where)) for each in layers]


def _bytes(where: BoolArray) -> BoolArray | bool:
    """Of pixels bool [rows, columns]: of their bytes [rows, 3·columns]. True, which is faster, for all."""
    return True if where.all() else np.repeat(where, 3, axis=1)


def _source(layer: Layer, coverage: Coverage) -> Source:
    if layer.fill is Fill.AROUND:
        return _Around(layer, coverage.width, coverage.height)
    if layer.fill is Fill.BLUR:
        return _Blur(layer, coverage.width, coverage.height)
    if layer.fill is Fill.MEAN:
        return lambda image: _row(mean_colour(image), layer)
    if layer.fill is Fill.NOISE:
        plane = _noise(layer, min(coverage.width, coverage.height))
    else:
        plane = _row(np.full(3, 128 if layer.fill is Fill.GREY else 0, np.uint8), layer)
    return lambda _: plane


def _row(colour: ByteArray, layer: Layer) -> ByteArray:
    return np.tile(colour, layer.right - layer.left)


def mean_colour(image: ByteArray) -> ByteArray:
    """The mean of uint8 [h, w, 3], of every n-th pixel where there are many: uint8 [3]."""
    step = max(1, min(image.shape[:2]) // (2 * _POINTS))
    pixels = image[::step, ::step].reshape(-1, 3)
    colour: ByteArray = np.rint(pixels.mean(0, dtype=np.float64)).astype(np.uint8)
    return colour


def _noise(layer: Layer, short: int) -> ByteArray:
    """Grains of any colour. A place of the frame always has the same one.

    Noise that trembled would be another edit for each frame, and for each point of a stroke.
    """
    side, tile = max(1, round(short * GRAIN)), 128
    grains = np.random.default_rng(tile).integers(0, 256, (tile, tile, 3), np.uint8)
    rows = np.arange(layer.top, layer.bottom) // side % tile
    columns = np.arange(layer.left, layer.right) // side % tile
    return grains[rows[:, None], columns].reshape(len(rows), -1)


class _Blur:
    """The same pixels, so blurred that nobody can tell what they show. Computed on few points."""

    def __init__(self, layer: Layer, width: int, height: int) -> None:
        short = min(width, height)
        self._layer = layer
        self._step = step = max(1, short // (2 * _POINTS))
        self._radius = short * BLUR / (2 * step)
        margin = math.ceil(2 * short * BLUR)
        self._left, self._top = max(layer.left - margin, 0), max(layer.top - margin, 0)
        self._right, self._bottom = min(layer.right + margin, width), min(layer.bottom + margin, height)

    def __call__(self, image: ByteArray) -> ByteArray:
        step = self._step
        some = image[self._top : self._bottom : step, self._left : self._right : step]
        points = Image.fromarray(np.ascontiguousarray(some)).reduce(2)
        blurred = points.filter(ImageFilter.GaussianBlur(self._radius))
        return _enlarged(blurred, self._layer, self._left, self._top, 2 * step)


def _enlarged(image: Image.Image, layer: Layer, left: int, top: int, side: int) -> ByteArray:
    """What a coarse image, whose points are `side` pixels wide, has within the layer's box.

    left, top: of the coarse image, in pixels of the frame. Interpolated linearly, for every few pixels.
    """
    columns, rows = layer.right - layer.left, layer.bottom - layer.top
    few_columns, few_rows = -(-columns // _COARSE), -(-rows // _COARSE)
    box = (
        (layer.left - left) / side,
        (layer.top - top) / side,
        min((layer.right - left) / side, image.width),
        min((layer.top + few_rows * _COARSE - top) / side, image.height),
    )
    smooth = image.resize((few_columns, few_rows), Image.Resampling.BILINEAR, box=box)
    wide = np.asarray(smooth.resize((columns, few_rows), Image.Resampling.NEAREST))
    return np.repeat(wide.reshape(few_rows, -1), _COARSE, axis=0)[:rows]


class _Around:
    """The smoothest surface that continues what is around: Laplace's equation, on cells of several pixels.

    Cells with a pixel that isn't covered have the mean of such pixels; each other cell is the mean of its
    neighbours. Beyond the frame there is nothing. Where all is covered, it is the mean colour.
    """

    def __init__(self, layer: Layer, width: int, height: int) -> None:
        self._layer = layer
        longer = max(layer.right - layer.left, layer.bottom - layer.top)
        self._side = side = max(1, -(-longer // _CELLS))
        self._left, self._top = left, top = max(layer.left - side, 0), max(layer.top - side, 0)
        right, bottom = min(layer.right + side, width), min(layer.bottom + side, height)
        covered = np.zeros((bottom - top, right - left), np.bool_)
        covered[layer.top - top : layer.bottom - top, layer.left - left : layer.right - left] = layer.where
        self._shape = shape = -(-covered.shape[0] // side), -(-covered.shape[1] // side)
        y, x = (np.arange(count) // side for count in covered.shape)
        cells = y[:, None] * shape[1] + x
        free = np.bincount(cells[~covered], minlength=shape[0] * shape[1]).reshape(shape)
        unknown = free == 0
        touched = np.bincount(cells[covered], minlength=shape[0] * shape[1]).reshape(shape) > 0
        known = _grown(touched) & ~unknown
        self._known, self._unknown = np.flatnonzero(known), np.flatnonzero(unknown)
        self._pixels, self._starts, self._counts = _samples(cells, ~covered & known.ravel()[cells])
        y, x = np.divmod(self._pixels, covered.shape[1])
        self._pixels = (y + top) * width + x + left
        self._solver: tuple[SuperLU, csr_matrix] | None = None
        if len(self._known) and len(self._unknown):
            self._solver = _laplace(known, unknown)

    def __call__(self, image: ByteArray) -> ByteArray:
        if not len(self._known):
            return _row(mean_colour(image), self._layer)
        pixels = image.reshape(-1, 3)[self._pixels].astype(np.float64)
        values = np.zeros((self._shape[0] * self._shape[1], 3))
        values[self._known] = np.add.reduceat(pixels, self._starts) / self._counts[:, None]
        if self._solver is not None:
            factors, from_known = self._solver
            values[self._unknown] = factors.solve(from_known @ values[self._known])
        surface = np.clip(np.rint(values), 0, 255).astype(np.uint8).reshape(*self._shape, 3)
        return _enlarged(Image.fromarray(surface), self._layer, self._left, self._top, self._side)


def _grown(cells: BoolArray) -> BoolArray:
    """With all eight neighbours of each."""
    padded = np.pad(cells, 1)
    rows = padded[:-2] | padded[1:-1] | padded[2:]
    return rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:]


def _samples(
    cells: NDArray[np.int64], usable: BoolArray
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Some usable pixels of each cell that has any. cells: int64 [h, w], the cell of each pixel.

    Their flat indices, cell after cell; where each cell's begin; how many it has.
    """
    pixels = np.flatnonzero(usable)
    owners = cells.ravel()[pixels]
    order = np.argsort(owners, kind="stable")
    pixels, owners = pixels[order], owners[order]
    _, starts, counts = np.unique(owners, return_index=True, return_counts=True)
    rank = np.arange(len(pixels)) - np.repeat(starts, counts)
    kept = rank % np.repeat(np.maximum(counts // _SAMPLES, 1), counts) == 0
    _, starts, counts = np.unique(owners[kept], return_index=True, return_counts=True)
    return pixels[kept], starts, counts


def _laplace(known: BoolArray, unknown: BoolArray) -> tuple[SuperLU, csr_matrix]:
    """For cells bool [rows, columns]: the factors of the unknown ones' equations, and what known ones add."""
    from scipy.sparse import csc_matrix, csr_matrix, diags
    from scipy.sparse.linalg import splu

    rows, columns = unknown.shape
    index = np.arange(rows * columns).reshape(rows, columns)
    beside = [(index[:, :-1], index[:, 1:]), (index[:-1], index[1:])]
    one = np.concatenate([np.concatenate([a.ravel(), b.ravel()]) for a, b in beside])
    other = np.concatenate([np.concatenate([b.ravel(), a.ravel()]) for a, b in beside])
    pairs = csr_matrix((np.ones(len(one)), (one, other)), shape=(index.size, index.size))
    mine = pairs[np.flatnonzero(unknown)]
    neighbours = np.asarray(mine.sum(1)).ravel()
    among = mine[:, np.flatnonzero(unknown)]
    factors = splu(csc_matrix(diags(neighbours) - among))
    return factors, csr_matrix(mine[:, np.flatnonzero(known)])
