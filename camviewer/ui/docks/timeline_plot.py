"""The plot of the timeline dock, by pyqtgraph. Imported when the dock is first shown: it takes 0.3 s."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QImage, QImageWriter, QPaintDevice, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from camviewer.ui.docks.curves import Curves
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.words import signed, whole_percent

MOST_LABELS = 12
LEAST_LABEL = 56
"""Pixels of a stretch that has its class's name above it."""
PNG_SCALE = 2.0


class _TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Minutes and seconds."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        digits = 0 if spacing >= 1 else 1 if spacing >= 0.1 else 2
        return [_clock(value, digits) for value in values]


class _ScoreAxis(pg.AxisItem):  # type: ignore[misc]
    """Logits, or probabilities in percent."""

    logits = False

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.logits:
            return [signed(value, 0 if spacing >= 1 else 1) for value in values]
        return [whole_percent(value) if value < 1.01 else "" for value in values]


def _clock(seconds: float, digits: int) -> str:
    sign, seconds = ("−" if seconds < -1e-9 else ""), abs(seconds)
    minutes, rest = divmod(round(seconds, digits), 60)
    return f"{sign}{int(minutes)}:{rest:0{3 + digits if digits else 2}.{digits}f}"


class TimelinePlot(pg.PlotWidget):  # type: ignore[misc]
    """Curves over time, with a cursor. x is in seconds after the curves' origin."""

    moment_chosen = Signal(float)
    """A click: seconds, as in the curves' times."""
    hovered = Signal(object)
    """The time under the pointer; None when it leaves."""
    followed = Signal(bool)
    """Whether the plot shows what it likes, or what the user has zoomed to."""

    _is_made = False
    """Qt sends events while pyqtgraph makes its parts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._scores = _ScoreAxis("left")
        axes = {"bottom": _TimeAxis("bottom"), "left": self._scores}
        super().__init__(parent, axisItems=axes, enableMenu=False)
        self._origin: float | None = None
        self._shown: Curves | None = None
        self.follows = True
        self.painting = 0.0
        """Seconds of this thread that painting took since somebody set it to 0."""
        plot = self.getPlotItem()
        plot.hideButtons()
        # pyqtgraph makes this menu even where none is wanted, and lets it live on alone.
        plot.ctrlMenu.setParent(self, plot.ctrlMenu.windowFlags())
        plot.setContentsMargins(0, 4, 8, 0)
        box = plot.getViewBox()
        box.setMouseEnabled(x=True, y=False)
        box.enableAutoRange(enable=False)
        box.setDefaultPadding(0.0)
        box.sigRangeChangedManually.connect(self._on_range_changed_by_hand)
        self._curves: list[pg.PlotCurveItem] = []
        self._changes = pg.PlotCurveItem(connect="pairs")
        self.addItem(self._changes)
        self._names: list[pg.TextItem] = []
        self._cursor, self._pointer = (pg.InfiniteLine(angle=90, movable=False) for _ in range(2))
        for line in (self._cursor, self._pointer):
            line.hide()
            self.addItem(line, ignoreBounds=True)
        self.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        self._is_made = True
        self._colour()

    # Showing

    def show_curves(self, curves: Curves) -> None:
        """Draw these; where nobody has zoomed, the newest of them are seen."""
        self._origin, self._shown = curves.origin, curves
        x = curves.times - self._origin
        connect = self._connections(curves)
        while len(self._curves) < len(curves.classes):
            curve = pg.PlotCurveItem(skipFiniteCheck=True)
            self.addItem(curve)
            self._curves.append(curve)
        for index, curve in enumerate(self._curves):
            if index < len(curves.classes):
                # Lines of one pixel: Qt paints others ten times as slowly. So it does pyqtgraph's grid.
                colour = theme.series(self.palette(), curves.slots[index])
                values = np.nan_to_num(curves.values[:, index], posinf=0.0, neginf=0.0)
                curve.setData(x, values, pen=_pen(colour, 1.0), connect=connect)
                curve.show()
            else:
                curve.hide()
        self._look(curves)
        self._show_changes(curves)
        self._cursor.setVisible(curves.cursor is not None)
        if curves.cursor is not None:
            self._cursor.setValue(curves.cursor - self._origin)

    def clear_curves(self) -> None:
        """There is nothing to show; what comes next begins at 0."""
        self._origin, self._shown = None, None
        for item in (*self._curves, *self._names, self._cursor, self._pointer):
            item.hide()
        self._changes.setData([], [])
        self.follow()

    @property
    def begin(self) -> float:
        """From when on rows are seen, as in the curves' times; minus infinity while all are."""
        if self.follows or self._origin is None:
            return -np.inf
        return float(self.viewRange()[0][0]) + self._origin

    @property
    def seen(self) -> tuple[float, float]:
        """From where to where the axis goes, as in the curves' times."""
        origin = self._origin or 0.0
        left, right = self.viewRange()[0]
        return left + origin, right + origin

    def follow(self) -> None:
        """Show the newest, or all of a video, whatever was zoomed to."""
        if not self.follows:
            self.follows = True
            self.followed.emit(True)
        if self._shown is not None:
            self._look(self._shown)

    def zoom_by(self, factor: float) -> None:
        """About the cursor, or the middle."""
        left, right = self.viewRange()[0]
        about = self._cursor.value() if self._cursor.isVisible() else (left + right) / 2
        about = min(max(about, left), right)
        self.setXRange(about + (left - about) / factor, about + (right - about) / factor, padding=0)
        self._on_range_changed_by_hand()

    def _connections(self, curves: Curves) -> object:
        if not np.isfinite(curves.gap) or len(curves.times) < 2:
            return "all"
        near = np.diff(curves.times, append=curves.times[-1]) <= curves.gap
        return "all" if near.all() else near.astype(np.int32)

    def _look(self, curves: Curves) -> None:
        origin = self._origin or 0.0
        if self.follows:
            first = curves.first if curves.window is None else curves.last - curves.window
            last = max(curves.last, first + 0.1)
            self.setXRange(first - origin, last - origin, padding=0)
        low, high = 0.0, 1.0
        if curves.logits and curves.values.size:
            finite = curves.values[np.isfinite(curves.values)]
            low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
            margin = 0.05 * (high - low) or 0.5
            low, high = low - margin, high + margin
        # Above the curves, room for the names of the top classes.
        height = self.getViewBox().height()
        room = height / max(height - self.fontMetrics().height() - 4, height / 2, 1.0)
        if self._scores.logits != curves.logits:
            self._scores.logits = curves.logits
            self._scores.picture = None
        self.setYRange(low, low + max(high - low, 1e-6) * room, padding=0)

    def _show_changes(self, curves: Curves) -> None:
        """A line where the top class changes, and its name where there is room."""
        origin, (low, high) = self._origin or 0.0, self.viewRange()[1]
        starts = [stretch.start - origin for stretch in curves.stretches[1:]]
        self._changes.setData(np.repeat(starts, 2), np.tile([low, high], len(starts)))
        left, right = self.viewRange()[0]
        across = self.getViewBox().width() / max(right - left, 1e-9)
        room = [
            (max(s.start - origin, left), min(s.end - origin, right), label)
            for s, label in zip(curves.stretches, curves.stretch_labels, strict=True)
        ]
        named = [(a, b, label) for a, b, label in room if (b - a) * across >= LEAST_LABEL][-MOST_LABELS:]
        while len(self._names) < len(named):
            name = pg.TextItem(anchor=(0.5, 0.0))
            self.addItem(name, ignoreBounds=True)
            self._names.append(name)
        metrics, muted = self.fontMetrics(), theme.muted(self.palette())
        for index, name in enumerate(self._names):
            if index >= len(named):
                name.hide()
                continue
            begin, end, label = named[index]
            width = round((end - begin) * across) - 8
            text = metrics.elidedText(label, Qt.TextElideMode.ElideRight, width)
            if text != name.toPlainText():  # to lay it out takes long
                name.setText(text)
            name.setColor(muted)
            name.setPos((begin + end) / 2, high)
            name.show()

    # The pointer

    @Slot()
    def _on_range_changed_by_hand(self, *_: object) -> None:
        if self.follows:
            self.follows = False
            self.followed.emit(False)
        if self._shown is not None:
            self._show_changes(self._shown)

    def _time_at(self, place: QPointF) -> float | None:
        box = self.getViewBox()
        if self._origin is None or not box.sceneBoundingRect().contains(place):
            return None
        return float(box.mapSceneToView(place).x()) + self._origin

    @Slot(object)
    def _on_mouse_moved(self, place: QPointF) -> None:
        time = self._time_at(place)
        self._pointer.setVisible(time is not None)
        if time is not None:
            self._pointer.setValue(time - (self._origin or 0.0))
        self.hovered.emit(time)

    @Slot(object)
    def _on_mouse_clicked(self, event: Any) -> None:
        """event: pyqtgraph's own."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if event.double():
            self.follow()
            return
        time = self._time_at(event.scenePos())
        if time is not None:
            self.moment_chosen.emit(time)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._pointer.hide()
        self.hovered.emit(None)

    # Looks

    def paintEvent(self, event: QPaintEvent) -> None:
        begin = time.thread_time()
        super().paintEvent(event)
        self.painting += time.thread_time() - begin

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_made and self._shown is not None:
            self._look(self._shown)
            self._show_changes(self._shown)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self._is_made and event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._colour()

    def _colour(self) -> None:
        palette = self.palette()
        self.setBackground(theme.canvas(palette))
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(_pen(theme.groove(palette), 1.0))
            axis.setTextPen(_pen(theme.muted(palette), 1.0))
            axis.setTickFont(self.font())
        # pyqtgraph measures with its own font: room for our numbers at any size of text.
        metrics = self.fontMetrics()
        self.setMinimumHeight(5 * metrics.height())
        self.getAxis("left").setWidth(metrics.horizontalAdvance("100 %") + 14)
        self.getAxis("bottom").setHeight(metrics.height() + 10)
        self._changes.setPen(_pen(theme.muted(palette), 1.0, Qt.PenStyle.DotLine))
        self._cursor.setPen(_pen(palette.windowText().color(), 1.4))
        self._pointer.setPen(_pen(theme.muted(palette), 1.0, Qt.PenStyle.DashLine))
        for name in self._names:
            name.setFont(self.font())
        if self._shown is not None:
            self.show_curves(self._shown)


def png(plot: TimelinePlot) -> bytes:
    """As it is seen, at twice its size."""
    size = plot.size() * PNG_SCALE
    image = QImage(size, QImage.Format.Format_RGB32)
    _paint(plot, image, QRectF(0, 0, size.width(), size.height()))
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"png").write(image)
    return bytes(buffer.data().data())


def svg(plot: TimelinePlot) -> bytes:
    """As it is seen, as lines."""
    buffer, generator, area = QBuffer(), QSvgGenerator(), QRectF(plot.rect())
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator.setOutputDevice(buffer)
    generator.setSize(plot.size())
    generator.setViewBox(area)
    _paint(plot, generator, area)
    return bytes(buffer.data().data())


def _paint(plot: TimelinePlot, device: QPaintDevice, area: QRectF) -> None:
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(area, theme.canvas(plot.palette()))
    plot.render(painter, area, plot.viewport().rect())
    painter.end()


def _pen(colour: object, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = pg.mkPen(colour, width=width, style=style)
    pen.setCosmetic(True)
    assert isinstance(pen, QPen)
    return pen
