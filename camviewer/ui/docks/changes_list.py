"""The list of the What if dock: each class before and after, with a bar of the change."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent

from camviewer.core.maps import Unit
from camviewer.ui.docks.evidence_lists import PaintedList
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.words import percent, points, signed, unit_word

translate = QCoreApplication.translate
_LEAST = 5.0
"""Percentage points that fill a bar at least: smaller changes are not drawn as large ones."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One class. before, after: probabilities, 0..1. logit: after − before. chosen: its map is in view."""

    class_id: int
    label: str
    before: float
    after: float
    logit: float
    chosen: bool = False

    @property
    def points(self) -> float:
        """Percentage points: after − before."""
        return 100 * (self.after - self.before)

    @property
    def points_text(self) -> str:
        return points(self.points)

    @property
    def shares_text(self) -> str:
        return f"{percent(self.before)} → {percent(self.after)}"

    @property
    def logit_text(self) -> str:
        return f"{unit_word(Unit.LOGIT_CHANGE)} {signed(self.logit, 2)}"

    def spoken(self) -> str:
        text = translate("what_if", "{0}: {1}, {2} points, {3}")
        return text.format(self.label, self.shares_text, self.points_text, self.logit_text)


class ChangesList(PaintedList):
    """Two lines a class: by how many percentage points, and below from what to what, and of the logit."""

    picked = Signal(int)
    """A class: clicked, or Enter or Space on it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._rows: tuple[ChangeRow, ...] = ()

    @property
    def rows(self) -> tuple[ChangeRow, ...]:
        return self._rows

    def show_rows(self, rows: tuple[ChangeRow, ...]) -> None:
        self._rows = rows
        self.show_entries(rows)

    def height_of(self, row: int, width: int | None = None) -> int:
        lines = (
            2
            if self._fits_beside(self._rows[row], self.viewport().width() if width is None else width)
            else 3
        )
        return lines * self.fontMetrics().height() + 22

    def _fits_beside(self, row: ChangeRow, width: int) -> bool:
        """Whether the logit's change has room beside the probabilities: large text may need a line more."""
        metrics = self.fontMetrics()
        texts = metrics.horizontalAdvance(row.shares_text) + metrics.horizontalAdvance(row.logit_text)
        return texts + 18 <= width

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self.viewport()), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max([_LEAST, *(abs(row.points) for row in self._rows)])
        plain, bold = QFont(self.font()), QFont(self.font())
        bold.setBold(True)
        for row, box in zip(self._rows, self.places(), strict=True):
            place = QRectF(box)
            colour = theme.accent(palette) if row.points >= 0 else theme.against(palette)
            if row.chosen:
                painter.fillRect(place, theme.raised(palette))
            inner = place.adjusted(4, 4, -4, -4)
            painter.setFont(bold)
            painter.setPen(colour)
            painter.drawText(inner, _RIGHT, row.points_text)
            metrics = QFontMetrics(bold if row.chosen else plain)
            room = inner.width() - QFontMetrics(bold).horizontalAdvance(row.points_text) - 10
            painter.setFont(bold if row.chosen else plain)
            painter.setPen(palette.windowText().color())
            painter.drawText(
                inner, _LEFT, metrics.elidedText(row.label, Qt.TextElideMode.ElideRight, int(room))
            )
            painter.setFont(plain)
            painter.setPen(theme.muted(palette))
            below = inner.adjusted(0, self.fontMetrics().height(), 0, 0)
            painter.drawText(below, _LEFT, row.shares_text)
            if not self._fits_beside(row, round(place.width())):
                below.adjust(0, self.fontMetrics().height(), 0, 0)
            painter.drawText(below, _RIGHT, row.logit_text)
            middle, half = inner.center().x(), inner.width() / 2
            top = inner.bottom() - 6
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.groove(palette))
            painter.drawRoundedRect(QRectF(inner.left(), top + 1.5, inner.width(), 1), 0.5, 0.5)
            length = row.points / most * half
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(middle + min(length, 0.0), top, abs(length), 4), 2, 2)
            painter.setBrush(palette.windowText().color())
            painter.drawRect(QRectF(middle - 0.5, top - 1, 1, 6))
        self.paint_focus(painter)

    def _row_at(self, y: float) -> int:
        return next((i for i, place in enumerate(self.places()) if place.contains(0, int(y))), -1)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self._row_at(event.position().y())
        if row >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self._rows[row].class_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and row >= 0:
            self.picked.emit(self._rows[row].class_id)
        else:
            super().keyPressEvent(event)
