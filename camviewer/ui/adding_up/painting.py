"""Paints the drawing: the same for the panel, the wide page and paper. Computes nothing of the network."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from camviewer.core.evidence import Faithfulness
from camviewer.ui.adding_up.charts import paint_classes, paint_linear, paint_pool, paint_sum
from camviewer.ui.adding_up.contents import Cell, Contents
from camviewer.ui.adding_up.layout import Shape, cells_of
from camviewer.ui.adding_up.parts import Drawing, scaled_font, text_colour
from camviewer.ui.adding_up.texts import channel_heading, pointed_lines, rounded
from camviewer.ui.widgets import theme

_WRAP = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
_LEAST_TEXT = 0.62
"""Numbers in cells may be so much smaller than other text; where that isn't enough, they are left out."""


def shape_of(contents: Contents) -> Shape:
    """For the layout. Only what stays from frame to frame, so that nothing moves."""
    rows, columns = contents.parts.values.shape
    aspect = min(max(contents.aspect, 0.25), 2.0)
    return Shape(rows, columns, len(contents.parts.channels), len(contents.classes), aspect)


def text_height(text: str, width: float, font: QFont) -> float:
    """Of a text that is broken into lines."""
    return QFontMetricsF(font).boundingRect(QRectF(0, 0, width, 1e5), _WRAP, text).height()


def paint(painter: QPainter, drawing: Drawing, area: QRectF) -> None:
    """What lies in the area."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setFont(drawing.font)
    _paint_arrows(painter, drawing)
    _paint_headings(painter, drawing)
    at = drawing.at
    for place, part in (
        (at.frame, _paint_frame),
        (_around(at.tiles), _paint_tiles),
        (at.grid, _paint_grid),
        (at.readout, _paint_readout),
        (at.overlay, _paint_overlay),
        (at.pool, paint_pool),
        (at.linear, paint_linear),
        (at.total, paint_sum),
        (_around(at.bars), paint_classes),
    ):
        if not place.isEmpty() and place.adjusted(-4, -4, 4, 4).intersects(area):
            painter.setFont(drawing.font)
            part(painter, drawing)


def _around(rectangles: list[QRectF]) -> QRectF:
    return rectangles[0].united(rectangles[-1]) if rectangles else QRectF()


def _paint_headings(painter: QPainter, drawing: Drawing) -> None:
    painter.setPen(theme.muted(drawing.palette))
    lit = drawing.contents.lit_channel(drawing.pointed)
    for name, place in drawing.at.headings.items():
        text: str = getattr(drawing.texts, name)
        if name == "grid" and lit is not None and not drawing.contents.flattens:
            text = channel_heading(lit)
        painter.drawText(place, _WRAP, text)


def _paint_arrows(painter: QPainter, drawing: Drawing) -> None:
    colour = theme.muted(drawing.palette)
    for points in drawing.at.arrows:
        painter.setPen(QPen(colour, 1.4))
        painter.drawPolyline(QPolygonF(list(points)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(_head(QLineF(points[-2], points[-1])))


def _head(line: QLineF) -> QPolygonF:
    tip, size = line.p2(), 6.0
    along = QPointF(line.dx(), line.dy()) / (line.length() or 1.0)
    aside = QPointF(-along.y(), along.x())
    back = tip - along * size
    return QPolygonF([tip, back + aside * size * 0.45, back - aside * size * 0.45])


def _outline(painter: QPainter, place: QRectF) -> None:
    """Around what is pointed at: seen on any colours."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 150), 3.6))
    painter.drawRect(place)
    painter.setPen(QPen(QColor("white"), 1.6))
    painter.drawRect(place)


def _cell_in(drawing: Drawing, place: QRectF) -> QRectF | None:
    """Where the pointed cell lies in a picture of all cells."""
    if not isinstance(drawing.pointed, Cell) or not drawing.contents.has(drawing.pointed):
        return None
    rows, columns = drawing.contents.parts.values.shape
    width, height = place.width() / columns, place.height() / rows
    left, top = drawing.pointed.column * width, drawing.pointed.row * height
    return QRectF(place.left() + left, place.top() + top, width, height)


def _paint_frame(painter: QPainter, drawing: Drawing) -> None:
    painter.drawImage(drawing.at.frame, drawing.pictures.seen)
    cell = _cell_in(drawing, drawing.at.frame)
    if cell is not None:
        _outline(painter, cell)


def _paint_tiles(painter: QPainter, drawing: Drawing) -> None:
    contents, lit = drawing.contents, drawing.contents.lit_channel(drawing.pointed)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    for tile, image, each in zip(
        drawing.at.tiles, drawing.pictures.tiles, contents.parts.channels, strict=True
    ):
        painter.drawImage(tile, image)
        cell = _cell_in(drawing, tile)
        if cell is not None:
            painter.setPen(QPen(QColor("white"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(cell)
        if each.channel == lit:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.accent(drawing.palette), 2.4))
            painter.drawRect(tile.adjusted(-1, -1, 1, 1))
        if tile.width() > 4 * drawing.at.line:
            _paint_number(painter, drawing, tile, str(each.channel))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)


def _paint_number(painter: QPainter, drawing: Drawing, tile: QRectF, number: str) -> None:
    """Of the channel, in a corner of its map."""
    painter.setFont(scaled_font(drawing.font, 0.85))
    metrics = painter.fontMetrics()
    ground = QRectF(
        tile.left(), tile.bottom() - metrics.height(), metrics.horizontalAdvance(number) + 6, metrics.height()
    )
    painter.fillRect(ground, theme.BUBBLE)
    painter.setPen(theme.ON_BUBBLE)
    painter.drawText(ground, Qt.AlignmentFlag.AlignCenter, number)


def _place_colour(row: int, column: int, rows: int, columns: int) -> QColor:
    """Another for each place, as its weights are."""
    at = (row * columns + column) / (rows * columns)
    return QColor.fromHsvF((at * 5) % 1.0, 0.35, 0.55 + 0.4 * at)


@lru_cache(maxsize=4)
def _flat_grid(rows: int, columns: int) -> QImage:
    image = QImage(columns, rows, QImage.Format.Format_RGB32)
    for row in range(rows):
        for column in range(columns):
            image.setPixelColor(column, row, _place_colour(row, column, rows, columns))
    return image


def _paint_grid(painter: QPainter, drawing: Drawing) -> None:
    grid, values = drawing.at.grid, drawing.plane.values
    rows, columns = values.shape
    flat = drawing.contents.flattens
    image = _flat_grid(rows, columns) if flat else drawing.plane.grid
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(grid, image)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    cells = cells_of(grid, rows, columns)
    numbers, font = _fitting_numbers(drawing, cells[0][0])
    painter.setPen(QPen(QColor(128, 128, 128, 110), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if cells[0][0].width() > 6:
        painter.drawLines(
            [QLineF(c.left(), grid.top(), c.left(), grid.bottom()) for c in cells[0][1:]]
            + [QLineF(grid.left(), r[0].top(), grid.right(), r[0].top()) for r in cells[1:]]
        )
    if font is not None:
        painter.setFont(font)
        dark, light = QColor("#101010"), QColor("#ffffff")
        for row in range(rows):
            for column in range(columns):
                painter.setPen(dark if _is_bright(image.pixelColor(column, row)) else light)
                painter.drawText(cells[row][column], Qt.AlignmentFlag.AlignCenter, numbers[row][column])
    cell = _cell_in(drawing, grid)
    if cell is not None:
        _outline(painter, cell)
    elif drawing.contents.lit_channel(drawing.pointed) is not None:
        painter.setPen(QPen(theme.accent(drawing.palette), 2.4))
        painter.drawRect(grid)


def _numbers(drawing: Drawing, digits: int) -> list[list[str]]:
    """What stands in the cells, with so many digits after the point."""
    values = drawing.plane.values
    rows, columns = values.shape
    if drawing.contents.flattens:
        return [[f"w{row * columns + column + 1}" for column in range(columns)] for row in range(rows)]
    return [
        [rounded(float(value), digits) if math.isfinite(value) else "–" for value in line] for line in values
    ]


def _fitting_numbers(drawing: Drawing, cell: QRectF) -> tuple[list[list[str]], QFont | None]:
    """With as many digits as can be read; without a font where none can. Small values need more of them.

    Of values without a unit only their order means something: the colours say it.
    """
    numbers: list[list[str]] = []
    if drawing.contents.parts.kind is Faithfulness.RELATIVE or cell.width() < drawing.at.line:
        return numbers, None
    most = float(abs(drawing.plane.values).max())
    for digits in (2, 1) if most < 0.95 else (1, 0) if most >= 9.5 else (1,):
        numbers = _numbers(drawing, digits)
        font = _fitting(drawing.font, [text for line in numbers for text in line], cell)
        if font is not None:
            return numbers, font
    return numbers, None


def _is_bright(colour: QColor) -> bool:
    """Whether black is read on it better than white: by WCAG's relative luminance."""
    red, green, blue = (float(part) ** 2.2 for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return bool(0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18)


def _fitting(font: QFont, texts: list[str], cell: QRectF) -> QFont | None:
    """A font in which all texts fit into a cell; None where they would be too small to read."""
    metrics = QFontMetricsF(font)
    widest = max((metrics.horizontalAdvance(text) for text in texts), default=0.0)
    scale = min(1.0, (cell.width() - 3) / max(widest, 1.0), (cell.height() - 1) / metrics.height())
    if scale < _LEAST_TEXT:
        return None
    return scaled_font(font, scale)


def _paint_readout(painter: QPainter, drawing: Drawing) -> None:
    place = drawing.at.readout
    top = place.top()
    for i, line in enumerate(pointed_lines(drawing.contents, drawing.pointed)):
        height = text_height(line, place.width(), drawing.font)
        painter.setPen(theme.accent(drawing.palette) if i == 1 else text_colour(drawing))
        painter.drawText(QRectF(place.left(), top, place.width(), height), _WRAP, line)
        top += height


def _paint_overlay(painter: QPainter, drawing: Drawing) -> None:
    place, contents = drawing.at.overlay, drawing.contents
    painter.drawImage(place, drawing.pictures.seen)
    if contents.flattens:
        painter.setOpacity(0.4)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(place, _flat_grid(*contents.parts.values.shape))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.setOpacity(1.0)
    else:
        painter.drawImage(place, drawing.plane.heat)
    cell = _cell_in(drawing, place)
    if cell is not None:
        _outline(painter, cell)
