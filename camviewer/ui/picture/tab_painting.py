"""How one class tab is painted, and how much room it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen, QStaticText

from camviewer.ui.widgets import theme
from camviewer.ui.widgets.icons import icon

PAD = 7
_GAP = 8
"""Between the label and the probability."""
_LEAST_LABEL = 7
"""Characters of a label that are to be seen beside its numbers."""
_KEPT = 400
"""So many cut labels and widths are remembered."""


@dataclass(frozen=True, slots=True)
class TabShown:
    """What may change in a tab with each frame. number: its probability as files have it; value: as the
    window has. change: percentage points, by an edit. share: of its bar, 0..1. faded: its colours, 0..1."""

    class_id: int
    number: str
    value: str
    change: str
    share: float
    pinned: bool
    compared: bool
    faded: float


class TabLook:
    """Colours and fonts, made once for a palette and a font; what a label takes is measured once."""

    def __init__(self, palette: QPalette, font: QFont) -> None:
        self.slots: Mapping[int, int] = {}
        """The colour of the curve of a class, by class."""
        self._palette = QPalette(palette)
        self._accent, self._muted, self._groove = (
            colour(palette) for colour in (theme.accent, theme.muted, theme.groove)
        )
        self._raised, self._against = theme.raised(palette), theme.against(palette)
        self._hovered = QColor(self._raised)
        self._hovered.setAlpha(110)
        self._text = palette.windowText().color()
        self._fonts = {False: QFont(font), True: QFont(font)}
        for bold, made in self._fonts.items():
            made.setBold(bold)
        self._metrics = {bold: QFontMetrics(made) for bold, made in self._fonts.items()}
        self._advances: dict[tuple[str, bool], int] = {}
        self._names: dict[tuple[str, bool, int], QStaticText] = {}

    def width(self, text: str, bold: bool = True) -> int:
        """Of a text, in pixels."""
        found = self._advances.get((text, bold))
        if found is None:
            if len(self._advances) >= _KEPT:
                self._advances.clear()
            found = self._advances[text, bold] = self._metrics[bold].horizontalAdvance(text)
        return found

    def _name(self, text: str, bold: bool, room: int) -> QStaticText:
        """Laid out and cut once: numbers change with each frame, names do not."""
        if self.width(text, bold) <= room:
            room = -1
        found = self._names.get((text, bold, room))
        if found is None:
            if len(self._names) >= _KEPT:
                self._names.clear()
            cut = Qt.TextElideMode.ElideRight
            seen = text if room < 0 else self._metrics[bold].elidedText(text, cut, room)
            found = self._names[text, bold, room] = QStaticText(seen)
            found.setTextFormat(Qt.TextFormat.PlainText)
            found.prepare(font=self._fonts[bold])
        return found

    @property
    def _pin_side(self) -> int:
        return round(0.8 * self._metrics[False].height())

    def needed(self, label: str, number: int, shown: TabShown, stacked: bool) -> int:
        """The width of a tab whose label is whole, beside or above a number of such a width. As if it were
        chosen: to choose it moves nothing."""
        name = self.width(_name(label, shown)) + (self._pin_side if shown.pinned else 0)
        return 2 * (PAD + 2) + (max(name, number) if stacked else name + _GAP + number) + 2

    def paint(
        self,
        painter: QPainter,
        rect: QRect,
        label: str,
        shown: TabShown,
        *,
        chosen: bool,
        hovered: bool,
        focused: bool,
        stacked: bool,
    ) -> None:
        compared = shown.compared and not chosen
        if chosen or hovered or compared:
            self._paint_ground(painter, QRectF(rect), chosen, compared, hovered, focused)
        painter.setOpacity(1 - shown.faded)
        inner = rect.adjusted(PAD + 2, 4, -PAD - 2, -13)
        lower = inner
        if stacked:
            half = inner.height() // 2
            inner, lower = inner.adjusted(0, 0, 0, half - inner.height()), inner.adjusted(0, half, 0, 0)
        if shown.pinned:
            side = min(inner.height(), self._pin_side)
            icon("pin").paint(painter, QRect(inner.left() - 4, inner.center().y() - side // 2, side, side))
            inner.setLeft(inner.left() + side)
        painter.setFont(self._fonts[chosen])
        value, text = f"{shown.value} {shown.change}".rstrip(), _name(label, shown) if compared else label
        if not stacked:  # the change gives way to the beginning of the label
            least = _LEAST_LABEL * self._metrics[chosen].averageCharWidth()
            if inner.width() - self.width(value, chosen) - _GAP < min(self.width(text, chosen), least):
                value = shown.value
        taken = self.width(value, chosen)
        painter.setPen(self._accent if chosen else self._muted)
        painter.drawText(QPointF(lower.right() + 1 - taken, self._baseline(lower, chosen)), value)
        painter.setPen(self._text if chosen else self._muted)
        room = inner.width() - (0 if stacked else taken + _GAP)
        top = self._baseline(inner, chosen) - self._metrics[chosen].ascent()
        painter.drawStaticText(QPointF(inner.left(), top), self._name(text, chosen, room))
        self._paint_bar(painter, rect, shown)
        painter.setOpacity(1)

    def _baseline(self, place: QRect, bold: bool) -> float:
        metrics = self._metrics[bold]
        return place.top() + (place.height() + metrics.ascent() - metrics.descent()) / 2

    def _paint_ground(
        self, painter: QPainter, rect: QRectF, chosen: bool, compared: bool, hovered: bool, focused: bool
    ) -> None:
        edge = rect.adjusted(2.5, 2.5, -2.5, -2.5)
        if chosen or hovered:
            painter.setPen(self._groove if chosen else Qt.PenStyle.NoPen)
            painter.setBrush(self._raised if chosen else self._hovered)
            painter.drawRoundedRect(edge, 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if focused:
            painter.setPen(self._accent)
            painter.drawRoundedRect(rect.adjusted(1.5, 1.5, -1.5, -1.5), 7, 7)
        if compared:
            painter.setPen(QPen(self._against, 1.4, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(edge, 6, 6)

    def _paint_bar(self, painter: QPainter, rect: QRect, shown: TabShown) -> None:
        bar = QRectF(rect.left() + PAD + 2, rect.bottom() - 10, rect.width() - 2 * PAD - 4, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._groove)
        painter.drawRoundedRect(bar, 1.5, 1.5)
        slot = self.slots.get(shown.class_id)
        if shown.share > 0 or slot is not None:
            least = 3.0 if slot is None else 10.0  # its colour is to be seen
            bar.setWidth(max(bar.width() * shown.share, least))
            painter.setBrush(self._accent if slot is None else theme.series(self._palette, slot))
            painter.drawRoundedRect(bar, 1.5, 1.5)


def _name(label: str, shown: TabShown) -> str:
    return f"− {label}" if shown.compared else label
