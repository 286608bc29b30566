"""CurvePlot: deletion and insertion curves of a map and its rivals. Imports pyqtgraph."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QSizePolicy

from camviewer.core.gauge.curves import Curves
from camviewer.core.gauge.measuring import Measurement
from camviewer.ui.widgets import theme

_LINES = 11
"""Lines of text that it is high."""


class CurvePlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Probability over the share of pixels. Nothing in it moves or opens a menu: it is only looked at."""

    _is_made = False
    """pyqtgraph changes the palette while it makes the plot."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self._measurement: Measurement | None = None
        self.setAccessibleName(self.tr("Deletion and insertion curves"))
        self.setMouseEnabled(False, False)
        self.hideButtons()
        # pyqtgraph's menu belongs to nobody, and would outlive the plot.
        self.getPlotItem().ctrlMenu.setParent(self, Qt.WindowType.Popup)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._is_made = True
        self._paint()

    def show_measurement(self, measurement: Measurement | None) -> None:
        """None for empty axes."""
        self._measurement = measurement
        self._paint()

    def wheelEvent(self, event: object) -> None:
        """The dock scrolls, not the plot."""
        event.ignore()  # type: ignore[attr-defined]

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if self._is_made and event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._paint()

    def _paint(self) -> None:
        palette, font = self.palette(), self.font()
        self.setFixedHeight(_LINES * self.fontMetrics().lineSpacing())
        self.setBackground(palette.color(palette.ColorRole.Base))
        self.clear()
        item = self.getPlotItem()
        for side, text in (("bottom", self.tr("pixels, %")), ("left", self.tr("probability, %"))):
            axis = item.getAxis(side)
            axis.setPen(theme.muted(palette))
            axis.setTextPen(theme.muted(palette))
            axis.setStyle(tickFont=font, autoExpandTextSpace=True)
            axis.setLabel(text, **{"color": theme.muted(palette).name()})
            axis.label.setFont(font)
        measurement = self._measurement
        top = 100.0
        if measurement is not None:
            top = self._draw_all(measurement)
        self.setRange(xRange=(0, 100), yRange=(0, max(top, 1)), padding=0.03)

    def _draw_all(self, measurement: Measurement) -> float:
        """The map's own last, so that nothing hides it; the largest value, in percent."""
        palette = self.palette()
        for each in measurement.randoms:
            self._draw(each, theme.groove(palette), 1)
        if measurement.gaussian is not None:
            self._draw(measurement.gaussian, theme.muted(palette), 1)
        if measurement.other is not None:
            self._draw(measurement.other, theme.against(palette), 1.5)
        self._draw(measurement.own, theme.accent(palette), 2.5)
        shown = (measurement.own, measurement.gaussian, measurement.other, *measurement.randoms)
        return 100 * max(float(max(c.deletion.max(), c.insertion.max())) for c in shown if c is not None)

    def _draw(self, curves: Curves, colour: object, width: float) -> None:
        """Insertion in a whole line, deletion in dashes."""
        share = np.linspace(0, 100, curves.steps + 1)
        for values, style in (
            (curves.insertion, Qt.PenStyle.SolidLine),
            (curves.deletion, Qt.PenStyle.DashLine),
        ):
            pen = pg.mkPen(colour, width=width, style=style)
            self.plot(share, 100 * values, pen=pen, antialias=True)
