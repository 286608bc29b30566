"""Cells that were clicked in the view, with their values: a lesson adds them up."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from camviewer.core.maps import shape_of
from camviewer.core.targets import ClassScore
from camviewer.ui.picture.cell_marker import cell_below, place_of_cell
from camviewer.ui.picture.overlay_view import OverlayView
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.words import signed

_SLIP = 4
"""Points that a click may move: more is a drag."""


class CellClicks(QWidget):
    """Lies over the view; the pointer goes through it. A click, or Return, takes a cell or gives it back."""

    changed = Signal()

    def __init__(self, view: OverlayView) -> None:
        super().__init__(view)
        self._view = view
        self._pressed: QPointF | None = None
        self._on = False
        self.cells: tuple[tuple[int, int], ...] = ()
        """Row and column, in the order of the clicks."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.resize(view.size())
        view.installEventFilter(self)
        view.zoom_changed.connect(self.update)

    def begin(self, on: bool) -> None:
        """Take cells or don't, from none on."""
        self._on, self.cells = on, ()
        self.setVisible(on)
        self.raise_()
        self.update()

    def toggle(self, cell: tuple[int, int]) -> None:
        """Take a cell, or give it back."""
        others = tuple(each for each in self.cells if each != cell)
        self.cells = others if len(others) < len(self.cells) else (*others, cell)
        self.update()
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.resize(self._view.size())
        elif self._on and isinstance(event, QMouseEvent):
            self._on_mouse(event)
        elif self._on and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            cell = self._view.pointed_cell
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and cell is not None:
                self.toggle(cell)
                return True
        return super().eventFilter(watched, event)

    def _on_mouse(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed = event.position()
        elif event.type() == QEvent.Type.MouseButtonRelease and self._pressed is not None:
            moved, self._pressed = event.position() - self._pressed, None
            state, shown = self._view.state, self._view.frame_on_screen()
            cell = cell_below(state, shown, event.position()) if state is not None else None
            if moved.manhattanLength() <= _SLIP and cell is not None:
                self.toggle(cell)

    def paintEvent(self, _event: QPaintEvent) -> None:
        state = self._view.state
        target = ClassScore(state.target.class_id) if state is not None else None
        if state is None or target is None or not state.explanation.maps.available(target):
            return
        values = state.explanation.map(target).values
        rows, columns = shape_of(state.explanation.maps)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPointSizeF(0.85 * font.pointSizeF())  # cells are small
        painter.setFont(font)
        for row, column in self.cells:
            if row < rows and column < columns:
                text = signed(float(values[row, column]), 1)
                _paint_cell(painter, place_of_cell(state, self._view.frame_on_screen(), row, column), text)


def _paint_cell(painter: QPainter, place: QRectF, text: str) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(0, 0, 0, 150), 3))
    painter.drawRect(place)
    painter.setPen(QPen(QColor("white"), 1.5))
    painter.drawRect(place)
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(text) + 6, metrics.height()
    if width <= place.width() and height <= place.height():
        bubble = QRectF(0, 0, width, height)
        bubble.moveCenter(place.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.BUBBLE)
        painter.drawRoundedRect(bubble, 4, 4)
        painter.setPen(theme.ON_BUBBLE)
        painter.drawText(bubble, Qt.AlignmentFlag.AlignCenter, text)
