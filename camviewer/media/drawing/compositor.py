"""Blends frames and heat maps, and is the only place that does: for the window and for all files.

The heat map is computed when `Layers` are made, contours and ranges with the view state; painting them
computes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from camviewer.core.arrays import FloatArray
from camviewer.core.frames import Region
from camviewer.core.localize import Localization
from camviewer.core.scaling import (
    Interpolation,
    ValueRange,
)
from camviewer.media.drawing.caption import GROUND, paint_caption, paint_title
from camviewer.media.drawing.heat_map import heat_map
from camviewer.media.drawing.side_by_side import arranged
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.frames import array_to_image

MOST_BESIDE = 3840
"""Pixels of the width of all overlays side by side, at most."""
_TITLE_SHARE, _GAP_SHARE = 0.07, 0.03
"""Of an overlay's width: the height of its title, and what is between two."""
CELL = 32
"""Points a side to which a cell of a map is upsampled for the screen: most networks' stride."""


@dataclass(frozen=True, slots=True, eq=False)
class MapOnFrame:
    """A map and the frame that it belongs to, without the frame's pixels.

    frame_size: width, height; region: in the frame's pixels; values: float32 [h, w], None to paint no map.
    """

    frame_size: tuple[int, int]
    region: Region
    values: FloatArray | None
    style: OverlayStyle
    shown: ValueRange
    localization: Localization | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Everything that is painted for one state: the frame as an image of any size, and the map over it.

    heat: the heat map of the region, premultiplied ARGB; None if no map is drawn.
    """

    image: QImage
    frame_size: tuple[int, int]
    region: Region
    style: OverlayStyle
    heat: QImage | None
    localization: Localization | None


def layers_of(state: ViewState, image: QImage | None = None, full_resolution: bool = False) -> Layers:
    """image: the frame as a QImage, if the caller keeps one. full_resolution: as `layers`.

    A map that the explanation doesn't have isn't painted.
    """
    frame = state.explanation.frame
    on_frame = MapOnFrame(
        (frame.width, frame.height),
        state.explanation.region,
        state.drawn_values,
        state.style,
        state.shown,
        state.localization,
    )
    return layers(image if image is not None else array_to_image(frame.image), on_frame, full_resolution)


def layers(image: QImage, on_frame: MapOnFrame, full_resolution: bool = False) -> Layers:
    """full_resolution: upsample the values to the region's own pixels, for files; otherwise to what is enough
    for a screen."""
    values, style, region = on_frame.values, on_frame.style, on_frame.region
    heat = None
    if values is not None and style.visible and style.opacity > 0:
        rows, columns = values.shape
        if full_resolution:
            width, height = region.width, region.height
        else:
            # Large maps need fewer points a cell, so that painting stays fast.
            cell = max(4, min(CELL, 448 // max(rows, columns)))
            width, height = columns * cell, rows * cell
        heat = heat_map(values, on_frame.shown, style, width, height)
    return Layers(image, on_frame.frame_size, region, style, heat, on_frame.localization)


def region_rect(region: Region, frame_size: tuple[int, int], area: QRectF) -> QRectF:
    """Where a region of a frame of (width, height) pixels lies when the frame fills the area."""
    across, down = area.width() / frame_size[0], area.height() / frame_size[1]
    return QRectF(
        area.left() + region.left * across,
        area.top() + region.top * down,
        region.width * across,
        region.height * down,
    )


def paint(painter: QPainter, layers: Layers, area: QRectF) -> None:
    """Paint the frame into the area, the outside of the region dimmed, the heat map inside of it."""
    style = layers.style
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(area, layers.image)
    inside = region_rect(layers.region, layers.frame_size, area)
    if style.mark_region:
        _dim_outside(painter, area, inside)
    if layers.heat is not None:
        # Smoothing would soften the cells' edges, which nearest is chosen to see.
        nearest = style.interpolation is Interpolation.NEAREST
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not nearest)
        painter.drawImage(inside, layers.heat)
    if style.mark_region and inside != area:
        pen = QPen(QColor(255, 255, 255, 150), 1, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(inside)
    if layers.localization is not None:
        paint_localization(painter, layers.localization, layers.frame_size, area)
    painter.restore()


def paint_localization(
    painter: QPainter, localization: Localization, frame_size: tuple[int, int], area: QRectF
) -> None:
    """The contour (thin) and the box (solid, on a dark ground that is visible on any frame)."""
    across, down = area.width() / frame_size[0], area.height() / frame_size[1]
    # Files may be much larger than screens: lines keep their share of the frame.
    width = max(1.0, min(area.width(), area.height()) / 500)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    # One by one: as a single path they take Qt's rasterizer four times as long.
    outlines = [
        QPolygonF([QPointF(area.left() + x * across, area.top() + y * down) for x, y in ring.tolist()])
        for ring in localization.contours
    ]
    if localization.box is not None:
        left, top, right, bottom = localization.box
        box = QRectF(
            area.left() + left * across,
            area.top() + top * down,
            (right - left) * across,
            (bottom - top) * down,
        )
    for colour, extra in ((QColor(0, 0, 0, 150), 1.6), (QColor("white"), 0.0)):
        painter.setPen(QPen(colour, width * 0.8 + extra))
        for outline in outlines:
            painter.drawPolygon(outline)
        if localization.box is not None:
            painter.setPen(QPen(colour, width * 1.8 + extra))
            painter.drawRect(box)


def _dim_outside(painter: QPainter, area: QRectF, inside: QRectF) -> None:
    shade = QColor(0, 0, 0, 115)
    for strip in (
        QRectF(area.topLeft(), QPointF(area.right(), inside.top())),
        QRectF(QPointF(area.left(), inside.bottom()), area.bottomRight()),
        QRectF(QPointF(area.left(), inside.top()), QPointF(inside.left(), inside.bottom())),
        QRectF(QPointF(inside.right(), inside.top()), QPointF(area.right(), inside.bottom())),
    ):
        if strip.width() > 0 and strip.height() > 0:
            painter.fillRect(strip, shade)


def overlay_size(width: int, height: int, caption: bool) -> tuple[int, int]:
    """The size of what `compose` makes of a frame: width, height. caption: with the strip below."""
    return width, height + _strip(width, caption)


def _strip(width: int, caption: bool) -> int:
    return round(min(max(44.0, width * 0.075), 160.0)) if caption else 0


def compose(
    state: ViewState, caption: bool, full_resolution: bool = True, onto: QImage | None = None
) -> QImage:
    """The overlay at the frame's full resolution, with a caption strip below it if wanted (RGB32).

    Where all tabs are in view side by side, all of them: see `compose_beside`.

    full_resolution: of the heat map. Off for movies: it takes half of the time, and compression hides it.
    onto: an image that this made before and nobody needs any more. If it has the right size, it is painted
    over and returned: to take 8 MB from the system for each frame of 1080p costs more than to paint them.
    Needs a QGuiApplication (for the caption's font), not a display. May run in any thread, but in one at a
    time: PySide makes types when they are needed first, and crashes if two threads do that at once.
    """
    if state.beside:
        return compose_beside(state, caption, full_resolution)
    frame = state.explanation.frame
    size = QSize(*overlay_size(frame.width, frame.height, caption))
    image = onto if onto is not None and onto.size() == size else QImage(size, QImage.Format.Format_RGB32)
    pixels = np.ascontiguousarray(frame.image)
    wrapped = QImage(pixels.data, frame.width, frame.height, 3 * frame.width, QImage.Format.Format_RGB888)
    ready = layers_of(state, wrapped, full_resolution)
    painter = QPainter(image)
    try:
        strip = QRectF(0, frame.height, frame.width, size.height() - frame.height)
        painter.fillRect(strip, QColor(GROUND))
        paint(painter, ready, QRectF(0, 0, frame.width, frame.height))
        if caption:
            paint_caption(painter, strip, state)
    finally:
        painter.end()
    return image


def compose_beside(state: ViewState, caption: bool, full_resolution: bool = True) -> QImage:
    """The overlays of all tabs side by side, each below its class and probability, as the window shows them.

    None is larger than its frame; together they are as wide as a 4K screen, or as one of HD if not
    full_resolution.
    """
    states, frame = state.beside, state.explanation.frame
    aspect = frame.width / frame.height
    most = MOST_BESIDE if full_resolution else MOST_BESIDE // 2
    columns = arranged(len(states), aspect, 16, 10, 0.0, 0.0).columns
    width = min(float(frame.width), most / (columns + (columns + 1) * _GAP_SHARE))
    height, title, gap = width / aspect, max(width * _TITLE_SHARE, 14.0), max(width * _GAP_SHARE, 4.0)
    rows = -(-len(states) // columns)
    across, down = round(columns * (width + gap) + gap), round(rows * (height + title + gap) + gap)
    strip = _strip(across, caption)
    image = QImage(across, down + strip, QImage.Format.Format_RGB32)
    pixels = array_to_image(frame.image)
    painter = QPainter(image)
    try:
        painter.fillRect(image.rect(), QColor("#17181a"))
        for place, each in enumerate(states):
            row, column = divmod(place, columns)
            left, top = gap + column * (width + gap), gap + row * (height + title + gap)
            place_of = QRectF(left, top + title, width, height)
            paint(painter, layers_of(each, pixels), place_of)
            if not each.available:
                painter.fillRect(place_of, QColor(0, 0, 0, 150))
            paint_title(painter, QRectF(left, top, width, title), each, each.target == state.target)
        if caption:
            paint_caption(painter, QRectF(0, down, across, strip), state)
    finally:
        painter.end()
    return image
