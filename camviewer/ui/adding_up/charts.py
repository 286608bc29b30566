"""Paints the lower half of the drawing: pooling, the linear layer and the probabilities, as charts."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from camviewer.ui.adding_up.contents import Cell
from camviewer.ui.adding_up.layout import columns_of
from camviewer.ui.adding_up.parts import Drawing, scaled_font, text_colour
from camviewer.ui.adding_up.texts import sum_rows
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.class_words import class_name
from camviewer.ui.widgets.words import percent, whole

translate = QCoreApplication.translate


def paint_pool(painter: QPainter, drawing: Drawing) -> None:
    """Each channel's mean; or, of the other way, all its numbers in a row."""
    contents, chart = drawing.contents, drawing.at.pool
    if contents.flattens:
        _paint_row(painter, drawing)
        return
    channels = contents.parts.channels
    bars = [each.pooled for each in channels]
    colours = [theme.muted(drawing.palette)] * len(bars)
    _paint_columns(painter, drawing, chart, bars, colours, _shares_of(drawing, weighted=False))


def _paint_row(painter: QPainter, drawing: Drawing) -> None:
    contents, chart = drawing.contents, drawing.at.pool
    count = len(drawing.pictures.tiles)
    lit = contents.lit_channel(drawing.pointed)
    strip = QRectF(chart.left(), chart.top() + chart.height() * 0.2, chart.width(), chart.height() * 0.3)
    rows, columns = contents.parts.values.shape
    for place, image, each in zip(
        columns_of(strip, count), drawing.pictures.tiles, contents.parts.channels, strict=True
    ):
        segment = place.adjusted(0.5, 0, -0.5, 0)
        width = segment.width() / rows
        for row in range(rows):  # row after row, as flattening does
            high = image.height() / rows
            painter.drawImage(
                QRectF(segment.left() + row * width, segment.top(), width, segment.height()),
                image,
                QRectF(0, row * high, image.width(), high),
            )
        if each.channel == lit:
            painter.setPen(QPen(theme.accent(drawing.palette), 2.4))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(segment)
        if isinstance(drawing.pointed, Cell) and contents.has(drawing.pointed):
            at = drawing.pointed.row + (drawing.pointed.column + 0.5) / columns
            x = segment.left() + at * width
            painter.setPen(QPen(theme.accent(drawing.palette), 1.6))
            painter.drawLine(QPointF(x, segment.top() - 5), QPointF(x, segment.bottom() + 5))
    painter.setPen(theme.muted(drawing.palette))
    rest = QRectF(strip.left(), strip.bottom() + 6, strip.width(), drawing.at.line)
    painter.drawText(rest, Qt.AlignmentFlag.AlignRight, "… " + whole(contents.parts.flat_weights))


def _shares_of(drawing: Drawing, weighted: bool) -> list[float] | None:
    """What the pointed cell adds to each channel's column; None while no cell is pointed at."""
    pointed, parts = drawing.pointed, drawing.contents.parts
    if not isinstance(pointed, Cell) or not drawing.contents.has(pointed):
        return None
    found = [float(each.plane[pointed.row, pointed.column]) / parts.cells for each in parts.channels]
    if not weighted:
        return found
    return [value * each.weight for value, each in zip(found, parts.channels, strict=True)]


def _paint_columns(
    painter: QPainter,
    drawing: Drawing,
    chart: QRectF,
    values: list[float],
    colours: list[QColor],
    cells: list[float] | None,
) -> None:
    """Upright bars from a common zero line, the channels' numbers below; in each, what a cell adds."""
    names = [str(each.channel) for each in drawing.contents.parts.channels]
    most, least = max(0.0, *values), min(0.0, *values)
    small = scaled_font(drawing.font, 0.85)
    metrics = QFontMetricsF(small)
    top, bottom = chart.top() + metrics.height(), chart.bottom() - metrics.height() - 2
    scale = (bottom - top) / ((most - least) or 1.0)
    zero = top + most * scale
    lit = drawing.contents.lit_channel(drawing.pointed)
    channels = drawing.contents.parts.channels
    painter.setFont(small)
    boxes = columns_of(chart, len(values))
    fits = all(
        metrics.horizontalAdvance(name) + 4 <= box.width() for name, box in zip(names, boxes, strict=True)
    )
    for i, (value, box, colour) in enumerate(zip(values, boxes, colours, strict=True)):
        is_lit = channels[i].channel == lit
        if is_lit:
            painter.fillRect(box, theme.raised(drawing.palette))
        height = value * scale
        body = QRectF(box.left() + 2, min(zero, zero - height), max(box.width() - 4, 1), max(abs(height), 1))
        painter.fillRect(body, theme.accent(drawing.palette) if is_lit and cells is None else colour)
        if cells is not None:
            part = cells[i] * scale
            mark = QRectF(body.left(), min(zero, zero - part), body.width(), max(abs(part), 1.5))
            painter.fillRect(mark, QColor("#ffffff") if theme.is_dark(drawing.palette) else QColor("#000000"))
        if is_lit or fits:
            _paint_name(painter, drawing, names[i], box, chart, metrics, is_lit)
    painter.setPen(theme.muted(drawing.palette))
    painter.drawLine(QPointF(chart.left(), zero), QPointF(chart.right(), zero))


def _paint_name(
    painter: QPainter,
    drawing: Drawing,
    name: str,
    box: QRectF,
    chart: QRectF,
    metrics: QFontMetricsF,
    lit: bool,
) -> None:
    width = max(box.width(), metrics.horizontalAdvance(name) + 2)
    left = min(max(box.center().x() - width / 2, chart.left()), chart.right() - width)
    place = QRectF(left, chart.bottom() - metrics.height(), width, metrics.height())
    painter.setPen(theme.accent(drawing.palette) if lit else theme.muted(drawing.palette))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)


def paint_linear(painter: QPainter, drawing: Drawing) -> None:
    """What each channel adds to the score. Of the other way: how many weights it has, drawn to scale."""
    contents, parts, chart = drawing.contents, drawing.contents.parts, drawing.at.linear
    if contents.flattens:
        _paint_weights(painter, drawing)
        return
    values = [each.value for each in parts.channels]
    good, bad = theme.accent(drawing.palette), theme.against(drawing.palette)
    colours = [good if value >= 0 else bad for value in values]
    _paint_columns(painter, drawing, chart, values, colours, _shares_of(drawing, weighted=True))


def paint_sum(painter: QPainter, drawing: Drawing) -> None:
    """Row by row, the total last."""
    rows = sum_rows(drawing.contents)
    bold = QFont(drawing.font)
    bold.setBold(True)
    high = drawing.at.total.height() / max(len(rows), 1)
    for i, (name, value) in enumerate(rows):
        place = QRectF(
            drawing.at.total.left(), drawing.at.total.top() + i * high, drawing.at.total.width(), high
        )
        last = i == len(rows) - 1
        painter.setFont(bold if last else drawing.font)
        painter.setPen(theme.accent(drawing.palette) if last else text_colour(drawing))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | middle, value)
        room = place.width() - painter.fontMetrics().horizontalAdvance(value) - 6
        painter.setPen(text_colour(drawing) if last else theme.muted(drawing.palette))
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, round(room))
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | middle, shown)


def _paint_weights(painter: QPainter, drawing: Drawing) -> None:
    """Two rectangles whose widths are to scale: weights a class after pooling and after flattening."""
    parts, chart = drawing.contents.parts, drawing.at.linear
    line = drawing.at.line
    wide = chart.width()
    pool, flatten = translate("WayBar", "Pool"), translate("WayBar", "Flatten")
    for i, (name, count, colour) in enumerate(
        (
            (pool, parts.count, theme.against(drawing.palette)),
            (flatten, parts.flat_weights, theme.accent(drawing.palette)),
        )
    ):
        top = chart.top() + i * 2.7 * line
        text = f"{name}: [{whole(parts.classes)}, {whole(count)}]"
        painter.setPen(text_colour(drawing))
        painter.drawText(QRectF(chart.left(), top, wide, line), Qt.AlignmentFlag.AlignLeft, text)
        width = max(wide * count / parts.flat_weights, 1.0)
        painter.fillRect(QRectF(chart.left(), top + line + 2, width, line), colour)


def paint_classes(painter: QPainter, drawing: Drawing) -> None:
    contents, explanation = drawing.contents, drawing.contents.explanation
    speaks = contents.parts.target.classes
    metrics = QFontMetricsF(drawing.font)
    shares = [float(explanation.probabilities[c]) for c in contents.classes]
    texts = [percent(value) for value in shares]
    most = max(metrics.horizontalAdvance(text) for text in texts) + 8
    for place, class_id, value, text in zip(drawing.at.bars, contents.classes, shares, texts, strict=True):
        accent = theme.accent(drawing.palette)
        ground = QRectF(place.left(), place.top(), place.width() - most, place.height())
        painter.fillRect(ground, theme.groove(drawing.palette))
        bar = QColor(accent if class_id in speaks else theme.muted(drawing.palette))
        bar.setAlphaF(0.55)
        painter.fillRect(QRectF(ground.left(), ground.top(), ground.width() * value, ground.height()), bar)
        painter.setPen(text_colour(drawing))
        label = metrics.elidedText(
            class_name(explanation.labels, class_id), Qt.TextElideMode.ElideRight, ground.width() - 8
        )
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(ground.adjusted(4, 0, -4, 0), Qt.AlignmentFlag.AlignLeft | middle, label)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | middle, text)
