"""Frames to a network's input pixels on the device, to the bit as Pillow does it. Imports torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from camviewer.core.arrays import ByteArray
from camviewer.core.geometry import InputGeometry
from camviewer.core.resizing import (
    LOW_BITS,
    WEIGHT_BITS,
    AxisWeights,
    axis_weights,
    rows_first,
)
from camviewer.core.runtimes.device import Device


@dataclass(frozen=True, slots=True)
class FramePart:
    """The part of a frame that counts for its input pixels. Pixels of the frame."""

    top: int
    left: int
    height: int
    width: int

    def of(self, image: ByteArray) -> ByteArray:
        """uint8 [H, W, 3] → a view [height, width, 3]."""
        return image[self.top : self.top + self.height, self.left : self.left + self.width]


class _Axis:
    """One axis's weights on a device; none where nothing is resized, and a part is only cut."""

    def __init__(self, weights: AxisWeights, device: Device, *, plain: bool) -> None:
        self._first = 0
        self._count = len(weights.whole)
        if plain:
            self._first = int(weights.whole[0].argmax())
        # As one matrix: the products with the high and the low parts come out of one multiplication.
        self._parts = None
        if not plain:
            high, low = (torch.from_numpy(part.copy()) for part in weights.parts())
            self._parts = torch.cat((high, low)).to(device)

    def along_rows(self, values: Tensor) -> Tensor:
        """float32 [..., h, old] of whole numbers → [..., h, new]."""
        if self._parts is None:
            return values[..., self._first : self._first + self._count]
        return _rounded(*(values @ self._parts.T).tensor_split(2, -1))

    def along_columns(self, values: Tensor) -> Tensor:
        """float32 [..., old, w] of whole numbers → [..., new, w]."""
        if self._parts is None:
            return values[..., self._first : self._first + self._count, :]
        return _rounded(*(self._parts @ values).tensor_split(2, -2))


def _rounded(high: Tensor, low: Tensor) -> Tensor:
    """high · 2^11 + low in units of 2^-22, rounded to bytes as Pillow rounds: float32."""
    half = 1 << (WEIGHT_BITS - 1)
    total = high.to(torch.int32) * (1 << LOW_BITS) + (low.to(torch.int32) + half)
    return (total >> WEIGHT_BITS).clamp_(0, 255).float()


class DeviceResize:
    """Makes the input pixels of frames of one size, for one or several geometries of that size.

    part: what of a frame must be on the device.
    """

    def __init__(self, geometries: Sequence[InputGeometry], device: Device, *, bicubic: bool = False) -> None:
        rows = [_weights(g, 0, bicubic) for g in geometries]
        columns = [_weights(g, 1, bicubic) for g in geometries]
        tops = [g.trim.top + w.start for g, w in zip(geometries, rows, strict=True)]
        lefts = [g.trim.left + w.start for g, w in zip(geometries, columns, strict=True)]
        bottom = max(top + w.count for top, w in zip(tops, rows, strict=True))
        right = max(left + w.count for left, w in zip(lefts, columns, strict=True))
        self.part = part = FramePart(min(tops), min(lefts), bottom - min(tops), right - min(lefts))
        self._steps: list[tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]] = []
        for geometry, down, across in zip(geometries, rows, columns, strict=True):
            trim, resized = geometry.trim, geometry.resized
            row_weights = across.within(part.left - trim.left, part.width)
            column_weights = down.within(part.top - trim.top, part.height)
            in_rows = _Axis(row_weights, device, plain=resized[1] == trim.width).along_rows
            in_columns = _Axis(column_weights, device, plain=resized[0] == trim.height).along_columns
            ordered = rows_first((trim.height, trim.width), resized)
            self._steps.append((in_rows, in_columns) if ordered else (in_columns, in_rows))

    def __call__(self, parts: Tensor) -> list[Tensor]:
        """Parts of frames, uint8 [n, H, W, 3] on the device → the pixels for each geometry.

        Each float32 [n, 3, h, w] of whole numbers 0..255.
        """
        planes = parts.permute(0, 3, 1, 2).float()
        return [second(first(planes)) for first, second in self._steps]


def _weights(geometry: InputGeometry, axis: int, bicubic: bool) -> AxisWeights:
    """axis 0: down; 1: across. Of the pixels of the crop."""
    trim, crop = geometry.trim, geometry.crop
    if axis == 0:
        return axis_weights(trim.height, geometry.resized[0], crop.top, crop.height, bicubic=bicubic)
    return axis_weights(trim.width, geometry.resized[1], crop.left, crop.width, bicubic=bicubic)
