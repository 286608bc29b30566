"""What stands in a list or table in which there is nothing, and why."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView

from camviewer.ui.widgets import theme

_SIDES = 16


def paint_empty_text(view: QAbstractItemView, text: str) -> None:
    """In its upper half, broken into lines. Call it in its paintEvent."""
    model = view.model()
    if not text or model is None or model.rowCount():
        return
    place = view.viewport().rect().adjusted(_SIDES, _SIDES, -_SIDES, -_SIDES)
    painter = QPainter(view.viewport())
    painter.setPen(theme.muted(view.palette()))
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
    place.setHeight(place.height() * 2 // 3)
    painter.drawText(place, flags, text)
