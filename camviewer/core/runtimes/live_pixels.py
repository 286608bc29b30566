"""The pixels that a network sees of live frames, resized by ONNX Runtime. torch is not imported.

Resizing with antialiasing is one matrix product along each axis. Its weights are zero but for a band, so it
is done in blocks: a few new pixels at a time, of the old ones that count for them. Weights and pixels are
bytes, which processors multiply four at a time, and what is cut off is not computed. It runs in one thread,
without Python's lock.

As in Pillow, what comes out of the first product is rounded to bytes, and the axes are taken in the same
order. Otherwise a fifth of all values would differ by 1 of 255, which changes logits by 0.2; so 1 in 100
differs. Those are due to the weights, which have 8 bits here.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from camviewer.core.arrays import ByteArray
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.spec import Preprocessing
from camviewer.core.resizing import (
    WEIGHT_BITS,
    axis_weights,
    rows_first,
)
from camviewer.core.runtimes.onnx_writing import GraphWriter
from camviewer.core.runtimes.preprocess import input_pixels

log = logging.getLogger(__name__)

_ROWS, _COLUMNS = 16, 32
"""New rows and new columns in a block: where it was fastest."""
_LARGEST = 253
"""Of a block's weights as bytes; rounding them so that each sum is right may add 1, on either side."""
_FINE = 400
"""So many steps at least make a weight of 1, where frames are hardly larger than the input."""
_HALVES_UP = 1 + 1e-5
"""ONNX rounds a half to the even number, Pillow up. There are many where sizes are as 7 to 8."""
_KEPT = 4
"""Frame sizes and fits that stay ready."""


def live_pixels(image: ByteArray, geometry: InputGeometry, preprocessing: Preprocessing) -> ByteArray:
    """What the network sees of a frame, uint8 [H, W, 3]: resized and cut, uint8 [h, w, 3].

    As `input_pixels`, faster, but where the geometry is exact: then it is `input_pixels`. Each colour is a
    plane of its own in memory, as networks take them: `.transpose(2, 0, 1)` of what comes back copies nothing
    afterwards. geometry: the one made for the frame's size.
    """
    trim = geometry.trim
    if geometry.exact or geometry.resized == (trim.height, trim.width):
        return input_pixels(image, geometry, preprocessing)
    down, across = _axes(geometry)
    if not image.flags.c_contiguous:
        # ONNX Runtime would copy all of it.
        top, height = down.span(preprocessing.bicubic)
        left, width = across.span(preprocessing.bicubic)
        image = np.ascontiguousarray(image[top : top + height, left : left + width])
        down, across = down.moved(-top), across.moved(-left)
    height, width = image.shape[:2]
    session = _session(height, width, down, across, preprocessing.bicubic)
    if session is None:
        return input_pixels(image, geometry, preprocessing)
    (planes,) = session.run(None, {"image": image.reshape(height, 3 * width)})
    pixels: ByteArray = planes.transpose(1, 2, 0)
    return pixels[:, ::-1] if geometry.mirrored else pixels


@dataclass(frozen=True, slots=True)
class _Block:
    """Weights of some new pixels: uint8 [new, copies · old], of `old` pixels of the image from `start` on.

    A weight is the sum over its copies of (byte - zero) / one. Several copies: for finer steps.
    """

    start: int
    old: int
    copies: int
    weights: NDArray[np.uint8]
    zero: int
    one: int


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of a resize: `old` pixels of an image, from `offset` on, become `new` ones.

    Of these, `count` are wanted, from `first` on.
    """

    offset: int
    old: int
    new: int
    first: int
    count: int

    def moved(self, by: int) -> _Axis:
        """The same in an image that begins elsewhere."""
        return replace(self, offset=self.offset + by)

    def span(self, bicubic: bool) -> tuple[int, int]:
        """The first of the image's pixels that count, and how many do."""
        ends = (
            axis_weights(self.old, self.new, place, 1, bicubic=bicubic)
            for place in (self.first, self.first + self.count - 1)
        )
        first, last = ends
        return self.offset + first.start, last.start + last.count - first.start

    def blocks(self, most: int, bicubic: bool) -> Iterator[_Block]:
        """Of up to `most` new pixels each: half as many where a large block would be mostly zeros."""
        size = most if self.old < 2 * self.new else most // 2
        stop = self.first + self.count
        for first in range(self.first, stop, size):
            weights = axis_weights(self.old, self.new, first, min(size, stop - first), bicubic=bicubic)
            yield _block(self.offset + weights.start, weights.whole / (1 << WEIGHT_BITS))


def _block(start: int, weights: NDArray[np.float64]) -> _Block:
    """weights: [new, old], each row's sum 1, and so it is as bytes: a plain area keeps its colour."""
    most = _LARGEST / (weights.max() - min(weights.min(), 0))
    copies = math.ceil(_FINE / most)
    one = int(most * copies) // 16 * 16  # halves, quarters … are then exact
    exact = weights * one
    whole = np.round(exact).astype(np.int64)
    missing = one - whole.sum(1, keepdims=True)
    # Those weights are changed by 1 that were rounded most.
    sign = np.sign(missing)
    order = np.argsort(np.argsort((whole - exact) * sign, axis=1), axis=1)
    whole += sign * (order < abs(missing))
    parts = np.hstack([(whole + copy) // copies for copy in range(copies)])
    zero = -min(int(parts.min()), 0)
    return _Block(start, weights.shape[1], copies, (parts + zero).astype(np.uint8), zero, one)


def _axes(geometry: InputGeometry) -> tuple[_Axis, _Axis]:
    """Down and across."""
    trim, crop, resized = geometry.trim, geometry.crop, geometry.resized
    return (
        _Axis(trim.top, trim.height, resized[0], crop.top, crop.height),
        _Axis(trim.left, trim.width, resized[1], crop.left, crop.width),
    )


@lru_cache(_KEPT)
def _session(height: int, width: int, down: _Axis, across: _Axis, bicubic: bool) -> Any | None:
    """Of an image of height x width pixels. None where ONNX Runtime can't: Pillow can."""
    try:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(
            _Graph(height, width, down, across, bicubic).model(),
            options,
            providers=["CPUExecutionProvider"],
            enable_fallback=0,
        )
    except Exception:
        log.warning("ONNX Runtime can't resize frames; Pillow does", exc_info=True)
        return None


class _Graph:
    """Resizes an image, uint8 [height, 3·width], to three planes, uint8 [3, down.count, across.count]."""

    def __init__(self, height: int, width: int, down: _Axis, across: _Axis, bicubic: bool) -> None:
        self._image, self._down, self._across, self._bicubic = (height, width), down, across, bicubic
        self._writer = GraphWriter()
        one, zero = self._constant(1, np.float32), self._constant(0, np.uint8)
        self._plain = (one, zero)

    def model(self) -> bytes:
        """The ONNX file."""
        (top, height), (left, width) = self._down.span(self._bicubic), self._across.span(self._bicubic)
        rows, columns = self._down.count, self._across.count
        old, new = (self._down.old, self._across.old), (self._down.new, self._across.new)
        if rows_first(old, new):
            narrow = [
                self._along_rows(self._planes("image", (top, height), (block.start, block.old)), block)
                for block in self._across.blocks(_COLUMNS, self._bicubic)
            ]
            planes = self._shaped(self._joined(narrow, 1), 3, height, columns)
            result = self._joined(
                [
                    self._along_columns(self._cut(planes, {1: (block.start, block.old)}), block, 1)
                    for block in self._down.moved(-top).blocks(_ROWS, self._bicubic)
                ],
                1,
            )
        else:
            bounds = (3 * left, 3 * width)
            low = self._joined(
                [
                    self._along_columns(
                        self._cut("image", {0: (block.start, block.old), 1: bounds}), block, 0
                    )
                    for block in self._down.blocks(_ROWS, self._bicubic)
                ],
                0,
            )
            narrow = [
                self._along_rows(self._planes(low, (0, rows), (block.start, block.old)), block)
                for block in self._across.moved(-left).blocks(_COLUMNS, self._bicubic)
            ]
            result = self._joined(narrow, 1)
        result = self._shaped(result, 3, rows, columns)
        given = {"image": (self._image[0], 3 * self._image[1])}
        return self._writer.model(given, {result: (3, rows, columns)})

    def _along_columns(self, part: str, block: _Block, axis: int) -> str:
        """[..., old, w] → [..., new, w]; axis: that of the old pixels."""
        part = self._joined([part] * block.copies, axis)
        return self._writer.node("QLinearMatMul", [*self._weights(block), part, *self._plain, *self._plain])

    def _along_rows(self, part: str, block: _Block) -> str:
        """[h, old] → [h, new]."""
        inputs = [self._joined([part] * block.copies, 1), *self._plain]
        inputs += [*self._weights(block, transposed=True), *self._plain]
        return self._writer.node("QLinearMatMul", inputs)

    def _planes(self, tensor: str, down: tuple[int, int], across: tuple[int, int]) -> str:
        """A part of [H, 3·W], from its first row and column so many: [3·height, width], colour by colour."""
        (height, width), bounds = (down[1], across[1]), (3 * across[0], 3 * across[1])
        part = self._shaped(self._cut(tensor, {0: down, 1: bounds}), height, width, 3)
        return self._shaped(self._writer.node("Transpose", [part], perm=[2, 0, 1]), 3 * height, width)

    def _cut(self, tensor: str, parts: Mapping[int, tuple[int, int]]) -> str:
        """parts: axis → start and length."""
        first = [start for start, _ in parts.values()]
        stop = [start + length for start, length in parts.values()]
        bounds = (self._constant(each, np.int64) for each in (first, stop, [*parts]))
        return self._writer.node("Slice", [tensor, *bounds])

    def _weights(self, block: _Block, *, transposed: bool = False) -> tuple[str, str, str]:
        """As QLinearMatMul takes them."""
        values = self._constant(block.weights.T if transposed else block.weights, np.uint8)
        return (
            values,
            self._constant(_HALVES_UP / block.one, np.float32),
            self._constant(block.zero, np.uint8),
        )

    def _shaped(self, tensor: str, *shape: int) -> str:
        return self._writer.node("Reshape", [tensor, self._constant(shape, np.int64)])

    def _joined(self, tensors: list[str], axis: int) -> str:
        return tensors[0] if len(tensors) == 1 else self._writer.node("Concat", tensors, axis=axis)

    def _constant(self, values: ArrayLike, dtype: type[np.generic]) -> str:
        return self._writer.constant(np.asarray(values, dtype))
