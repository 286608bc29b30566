"""Makes heat maps: values are upsampled, scaled to 0..1, then coloured. Colours are never interpolated."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from camviewer.core import colormaps
from camviewer.core.arrays import FloatArray
from camviewer.core.scaling import (
    ValueRange,
    scaled,
    upsampled,
)
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.frames import array_to_image


@lru_cache(maxsize=64)
def colour_table(colormap: str, opacity: float, follow_value: bool) -> NDArray[np.uint32]:
    """uint32 [256]: premultiplied ARGB of each step of the colour bar."""
    step = np.linspace(0.0, 1.0, 256)
    strength = np.ones(256)
    if follow_value:
        strength = np.abs(2 * step - 1) if colormaps.info(colormap).diverging else step
    alpha = np.rint(255 * opacity * strength)
    rgb = np.rint(colormaps.table(colormap) * (alpha[:, None] / 255)).astype(np.uint32)
    shifts = np.array([16, 8, 0], np.uint32)
    table: NDArray[np.uint32] = (alpha.astype(np.uint32) << np.uint32(24)) | (rgb << shifts).sum(
        1, dtype=np.uint32
    )
    table.setflags(write=False)
    return table


def heat_map(values: FloatArray, shown: ValueRange, style: OverlayStyle, width: int, height: int) -> QImage:
    """The map upsampled to width x height and coloured: premultiplied ARGB."""
    points = scaled(upsampled(values, width, height, style.interpolation), shown)
    points *= 255
    points += 0.5
    table = colour_table(style.colormap, style.opacity, style.follow_value)
    pixels = np.take(table, points.astype(np.uint8))
    wrapped = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return wrapped.copy()


def paint_colour_bar(painter: QPainter, bar: QRectF, colormap: str) -> None:
    """The colormap, low end at the left (or at the bottom of an upright bar)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(bar, _strip(colormap, bar.height() > bar.width()))
    painter.restore()


@lru_cache(maxsize=64)
def _strip(colormap: str, upright: bool) -> QImage:
    """The very table that colours the pixels, not a gradient between some of its entries."""
    colours = colormaps.table(colormap)
    return array_to_image(colours[::-1, None] if upright else colours[None])
