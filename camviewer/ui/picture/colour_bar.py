"""ColourBar: which value each colour stands for, in the unit of the map in view."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from camviewer.core.maps import Unit
from camviewer.core.scaling import (
    Scale,
    ValueRange,
)
from camviewer.media.drawing.heat_map import paint_colour_bar
from camviewer.media.drawing.style import OverlayStyle
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.words import (
    decimal,
    significant,
    unit_word,
)

_TICKS = (5, 3, 2)
"""How many there are: the most that have room."""
_MOST_DIGITS = 4
_FACTORS = {
    Qt.Key.Key_Up: 1.1,
    Qt.Key.Key_Down: 1 / 1.1,
    Qt.Key.Key_PageUp: 2.0,
    Qt.Key.Key_PageDown: 0.5,
}


class ColourBar(QWidget):
    """Stands beside the view. Its ends are the range that the overlay is drawn with.

    Drawn here and not by pyqtgraph's ColorBarItem: one function paints this bar and that of saved files, so
    that neither can disagree with the pixels. Dragging up or down fixes the range; a double click frees
    it. So do the arrow keys, Page Up and Page Down, and Escape.
    """

    accessible_role = QAccessible.Role.Slider
    range_dragged = Signal(float)
    """The upper end that the user wants, in the unit of the map (the lower is 0, or its negative)."""
    range_freed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._style = OverlayStyle()
        self._shown: ValueRange | None = None
        self._unit = Unit.LOGIT
        self._ends: tuple[str, str] | None = None
        self._drag: tuple[float, float] | None = None
        self._shows_focus = False
        # A click must not take the keys of the view (Space, arrows) away from it.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Colour bar"))
        self._show_tool_tip()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        legend = metrics.height() if self._ends is not None else 0
        return QSize(metrics.horizontalAdvance("-88.8") + 38 + legend, 200)

    @property
    def shown(self) -> ValueRange | None:
        """The values at its ends; None while no map is in view."""
        return self._shown

    @property
    def overlay_style(self) -> OverlayStyle:
        """Of the map in view."""
        return self._style

    @property
    def unit_text(self) -> str:
        """What stands above it."""
        return unit_word(self._unit)

    @property
    def ends(self) -> tuple[str, str] | None:
        """In a comparison, the classes that the low and the high end speak for."""
        return self._ends

    def show_range(
        self,
        style: OverlayStyle,
        shown: ValueRange | None,
        unit: Unit = Unit.LOGIT,
        ends: tuple[str, str] | None = None,
    ) -> None:
        if ends != self._ends:
            self._ends = ends
            self._describe()
            self.updateGeometry()
            self.update()
        if (style, shown, unit) != (self._style, self._shown, self._unit):
            self._style, self._shown, self._unit = style, shown, unit
            self._show_tool_tip()
            if self.hasFocus():  # a screen reader would read every frame aloud
                self._describe()
            self.update()

    def _show_tool_tip(self) -> None:
        if self._unit is Unit.LOGIT:
            text = self.tr(
                "What the colours mean, in units of the logit.\n"
                "Drag up or down to fix the range; double click to free it. Or the arrow keys, and Escape."
            )
        elif self._unit is Unit.LOGIT_CHANGE:
            text = self.tr(
                "What the colours mean: how much the score falls where a place is covered, in logits."
            )
        else:
            text = self.tr("What the colours mean within this map. Its values have no unit.")
        if text != self.toolTip():
            self.setToolTip(text)

    def _describe(self) -> None:
        shown = self._shown
        if shown is None:
            text = ""
        else:
            digits = _digits(shown)
            text = {
                Unit.LOGIT: self.tr("{0} to {1} logit"),
                Unit.RELATIVE: self.tr("{0} to {1}, relative"),
                Unit.LOGIT_CHANGE: self.tr("{0} to {1}, change of the logit"),
            }[self._unit]
            text = text.format(_tick(shown.low, digits), _tick(shown.high, digits))
            if self._style.scale is Scale.FIXED:
                text = self.tr("{0}, fixed").format(text)
            if self._ends is not None:
                text = self.tr("{0}; low for {1}, high for {2}").format(text, *self._ends)
        self.setAccessibleDescription(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self.palette()
        painter.fillRect(event.rect(), theme.canvas(palette))
        shown = self._shown
        if shown is None or not self._style.visible:
            return
        metrics = painter.fontMetrics()
        painter.setPen(theme.muted(palette))
        painter.drawText(
            QRectF(4, 10, self.width() - 6, metrics.height()), Qt.AlignmentFlag.AlignLeft, self.unit_text
        )
        bar = QRectF(6, 18 + metrics.height(), 14, self.height() - 36 - metrics.height())
        if bar.height() < 20:
            return
        paint_colour_bar(painter, bar, self._style.colormap)
        painter.setPen(theme.groove(palette))
        painter.drawRect(bar)
        if self._style.scale is Scale.FIXED:
            painter.setPen(QPen(theme.accent(palette), 2))
            for y in (bar.top(), bar.bottom()):
                painter.drawLine(QPointF(bar.left() - 3, y), QPointF(bar.right() + 3, y))
        painter.setPen(theme.muted(palette))
        span, digits = shown.high - shown.low, _digits(shown)
        ticks = next((n for n in _TICKS if n * 1.3 * metrics.height() <= bar.height()), _TICKS[-1])
        for i in range(ticks):
            part = i / (ticks - 1)
            y = bar.bottom() - part * bar.height()
            place = QRectF(bar.right() + 6, y - metrics.height() / 2, self.width(), metrics.height())
            place.moveTop(min(max(place.top(), bar.top() - 2), bar.bottom() - metrics.height() + 2))
            value = shown.low + part * span
            text = _tick(value, digits)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        if self._ends is not None:
            self._paint_ends(painter, bar, *self._ends)
        if self._shows_focus and self.hasFocus():
            theme.paint_focus(painter, self.rect())

    def _paint_ends(self, painter: QPainter, bar: QRectF, low: str, high: str) -> None:
        """Along the bar's right: which class each end speaks for."""
        metrics, half = painter.fontMetrics(), bar.height() / 2
        painter.save()
        painter.setPen(self.palette().windowText().color())
        right = self.width() - metrics.height() - 2
        painter.setTransform(QTransform.fromTranslate(right, bar.bottom()), True)
        painter.rotate(-90)  # from the low end to the high one
        for left, arrow, name, side in (
            (0.0, "◀ {}", low, Qt.AlignmentFlag.AlignLeft),
            (half, "{} ▶", high, Qt.AlignmentFlag.AlignRight),
        ):
            room = round(half) - metrics.horizontalAdvance(arrow.format("")) - metrics.averageCharWidth()
            text = arrow.format(metrics.elidedText(name, Qt.TextElideMode.ElideRight, room))
            painter.drawText(QRectF(left, 0, half, metrics.height()), side, text)
        painter.restore()

    # The range by hand

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._shown is not None and self._style.visible and event.button() == Qt.MouseButton.LeftButton:
            self._drag = (event.position().y(), self._shown.high)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            start, high = self._drag
            moved = start - event.position().y()
            if abs(moved) >= 2:
                # Half the bar's height doubles or halves the range.
                self.range_dragged.emit(_clean(high * 2 ** (moved / max(self.height() / 2, 1))))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        self.range_freed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._shown is not None and event.angleDelta().y():
            self.range_dragged.emit(_clean(self._shown.high * 1.1 ** (event.angleDelta().y() / 120)))
            event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        factor = _FACTORS.get(Qt.Key(event.key()))
        if factor is not None and self._shown is not None:
            self.range_dragged.emit(_clean(self._shown.high * factor))
        elif event.key() == Qt.Key.Key_Escape:
            self.range_freed.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._shows_focus = theme.shows_focus(event)
        self._describe()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()


def _digits(shown: ValueRange) -> int:
    """As many decimals as keep every tick within 1 % of the bar of where it stands."""
    return max(0, math.ceil(-math.log10(0.02 * (shown.high - shown.low))))


def _tick(value: float, digits: int) -> str:
    """With so many decimals; ``1e-05`` where these would not fit beside the bar."""
    return decimal(value, digits) if digits <= _MOST_DIGITS else significant(value, 1)


def _clean(value: float) -> float:
    """Three significant digits, within what any network gives."""
    return float(f"{min(max(value, 0.01), 10_000.0):.3g}")
