"""Cells of a map in the view: where they lie, and the marker of the one that is pointed at."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from camviewer.core.geometry import cell_at, cell_rect
from camviewer.core.maps import shape_of
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.widgets import theme


def cell_below(state: ViewState, shown: QRectF, place: QPointF) -> tuple[int, int] | None:
    """Row and column of the cell at a place of the view; None where there is none. shown: the whole frame."""
    if shown.isEmpty():
        return None
    frame, region = state.explanation.frame, state.explanation.region
    x = (place.x() - shown.left()) / shown.width() * frame.width
    y = (place.y() - shown.top()) / shown.height() * frame.height
    return cell_at(region, shape_of(state.explanation.maps), x, y)


def place_of_cell(state: ViewState, shown: QRectF, row: int, column: int) -> QRectF:
    """Where a cell lies in the view. shown: where the whole frame does."""
    frame, shape = state.explanation.frame, shape_of(state.explanation.maps)
    left, top, width, height = cell_rect(state.explanation.region, shape, row, column)
    across, down = shown.width() / frame.width, shown.height() / frame.height
    return QRectF(shown.left() + left * across, shown.top() + top * down, width * across, height * down)


def paint_marker(painter: QPainter, cell: QRectF, lines: tuple[str, ...], view: QRectF) -> None:
    """Both, in the view's coordinates."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 130), 3))
    painter.drawRect(cell)
    painter.setPen(QPen(QColor("white"), 1.25))
    painter.drawRect(cell)
    _paint_bubble(painter, cell, lines, view)


def _paint_bubble(painter: QPainter, cell: QRectF, lines: tuple[str, ...], view: QRectF) -> None:
    """Beside the cell, on the side that has room for it."""
    metrics = painter.fontMetrics()
    width = max(metrics.horizontalAdvance(line) for line in lines) + 24
    height = metrics.height() * len(lines) + 16
    left, top = cell.right() + 10, cell.top() + 8
    if left + width > view.width() - 4:
        left = cell.left() - width - 10
    bubble = QRectF(
        min(max(left, 4), view.width() - width - 4),
        min(max(top, 4), view.height() - height - 4),
        width,
        height,
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.BUBBLE)
    painter.drawRoundedRect(bubble, 6, 6)
    painter.setPen(theme.ON_BUBBLE)
    for i, line in enumerate(lines):
        painter.drawText(
            QPointF(bubble.left() + 12, bubble.top() + 8 + metrics.ascent() + i * metrics.height()), line
        )
