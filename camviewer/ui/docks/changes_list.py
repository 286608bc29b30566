"""The list of the What if dock: each class before and after, with a bar of the change."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QRectF, Qt, Signal
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

    def spoken(self) -> str:
        text = translate("what_if", "{0}: {1}, {2} points, {3}")
        written = _written(self)
        return text.format(self.label, written.shares, written.points, written.logit)


@dataclass(frozen=True, slots=True)
class _Written:
    """A row's numbers as text: made once a change, since painting and laying out ask for them many times."""

    points: str
    shares: str
    logit: str


def _written(row: ChangeRow) -> _Written:
    return _Written(
        points(row.points),
        f"{percent(row.before)} → {percent(row.after)}",
        f"{unit_word(Unit.LOGIT_CHANGE)} {signed(row.logit, 2)}",
    )


class ChangesList(PaintedList):
    """Two lines a class: by how many percentage points, and below from what to what, and of the logit."""

    picked = Signal(int)
    """A class: clicked, or Enter or Space on it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._rows: tuple[ChangeRow, ...] = ()
        self._written: tuple[_Written, ...] = ()
        self._widths: tuple[int, ...] = ()
        """Of each row's texts that stand beside each other, in points."""

    @property
    def rows(self) -> tuple[ChangeRow, ...]:
        return self._rows

    def show_rows(self, rows: tuple[ChangeRow, ...]) -> None:
        self._rows, self._written = rows, tuple(_written(row) for row in rows)
        self._measure()
        self.show_entries(rows)

    def _measure(self) -> None:
        advance = self.fontMetrics().horizontalAdvance
        self._widths = tuple(advance(each.shares) + advance(each.logit) for each in self._written)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._measure()
        super().changeEvent(event)

    def height_of(self, row: int, width: int | None = None) -> int:
        lines = 2 if self._fits_beside(row, self.viewport().width() if width is None else width) else 3
        return lines * self.fontMetrics().height() + 22

    def _fits_beside(self, row: int, width: int) -> bool:
        """Whether the logit's change has room beside the probabilities: large text may need a line more."""
        return self._widths[row] + 18 <= width

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, palette = QPainter(self.viewport()), self.palette()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max([_LEAST, *(abs(row.points) for row in self._rows)])
        plain, bold = QFont(self.font()), QFont(self.font())
        bold.setBold(True)
        for index, box in enumerate(self.places()):
            row, written, place = self._rows[index], self._written[index], QRectF(box)
            colour = theme.accent(palette) if row.points >= 0 else theme.against(palette)
            if row.chosen:
                painter.fillRect(place, theme.raised(palette))
            inner = place.adjusted(4, 4, -4, -4)
            painter.setFont(bold)
            painter.setPen(colour)
            painter.drawText(inner, _RIGHT, written.points)
            metrics = QFontMetrics(bold if row.chosen else plain)
            room = inner.width() - QFontMetrics(bold).horizontalAdvance(written.points) - 10
            painter.setFont(bold if row.chosen else plain)
            painter.setPen(palette.windowText().color())
            painter.drawText(
                inner, _LEFT, metrics.elidedText(row.label, Qt.TextElideMode.ElideRight, int(room))
            )
            painter.setFont(plain)
            painter.setPen(theme.muted(palette))
            below = inner.adjusted(0, self.fontMetrics().height(), 0, 0)
            painter.drawText(below, _LEFT, written.shares)
            if not self._fits_beside(index, box.width()):
                below.adjust(0, self.fontMetrics().height(), 0, 0)
            painter.drawText(below, _RIGHT, written.logit)
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
