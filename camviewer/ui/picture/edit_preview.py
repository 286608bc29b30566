"""What the edit layer paints: parts that the frame doesn't have yet, the brush's circle, the mark."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from camviewer.core.covering import Fill
from camviewer.core.edits import FrameEdit, Inversion, Outline, Part, Point, Rectangle, Stroke
from camviewer.ui.picture.edit_tools import Tool
from camviewer.ui.widgets import theme

_PREVIEW = {Fill.BLACK: QColor(0, 0, 0, 235), Fill.GREY: QColor(128, 128, 128, 235)}
_COVERED, _TAKEN_BACK = QColor(128, 128, 128, 170), QColor(255, 255, 255, 90)
"""Of fills that depend on the frame, and of what is taken back."""


def unseen(wanted: FrameEdit | None, shown: FrameEdit | None) -> tuple[Part, ...]:
    """The parts of an edit that the shown one doesn't have."""
    if wanted is None:
        return ()
    if shown is None or shown.size != wanted.size:
        return wanted.parts
    common = 0
    for ours, theirs in zip(wanted.parts, shown.parts, strict=False):
        if ours is not theirs and ours != theirs:
            break
        common += 1
    return wanted.parts[common:]


def paint_parts(painter: QPainter, parts: tuple[Part, ...]) -> None:
    """In coordinates of the edit's frame. An inversion isn't previewed."""
    for part in parts:
        if isinstance(part, Inversion):
            continue
        colour = _TAKEN_BACK if part.fill is None else _PREVIEW.get(part.fill, _COVERED)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        if isinstance(part, Stroke):
            _paint_stroke(painter, part, colour)
        elif isinstance(part, Rectangle):
            painter.drawRect(QRectF(QPointF(part.left, part.top), QPointF(part.right, part.bottom)))
        elif isinstance(part, Outline):
            path = QPainterPath()  # odd-even by itself
            for ring in part.rings:
                path.addPolygon(_polygon(ring))
                path.closeSubpath()
            painter.drawPath(path)


def _paint_stroke(painter: QPainter, stroke: Stroke, colour: QColor) -> None:
    if len(set(stroke.points)) == 1:
        half = stroke.width / 2
        painter.drawEllipse(QPointF(*stroke.points[0]), half, half)
        return
    line = Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    painter.setPen(QPen(colour, stroke.width, *line))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(_polygon(stroke.points))


def _polygon(points: tuple[Point, ...]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points])


def paint_cursor(painter: QPainter, place: QPointF, width: float, tool: Tool) -> None:
    """The brush's circle, dark and light so that it is seen on any frame; the eraser's is dashed."""
    half = max(width / 2, 2.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 170), 3))
    painter.drawEllipse(place, half, half)
    style = Qt.PenStyle.DashLine if tool is Tool.ERASER else Qt.PenStyle.SolidLine
    painter.setPen(QPen(QColor("white"), 1.25, style))
    painter.drawEllipse(place, half, half)


def paint_mark(painter: QPainter, frame: QRectF, text: str) -> None:
    """In the corner of what is seen of the frame."""
    metrics = painter.fontMetrics()
    place = QRectF(
        frame.left() + 8, frame.top() + 8, metrics.horizontalAdvance(text) + 18, metrics.height() + 8
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.BUBBLE)
    painter.drawRoundedRect(place, 6, 6)
    painter.setPen(theme.ON_BUBBLE)
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
