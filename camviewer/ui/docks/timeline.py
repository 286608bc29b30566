"""The Timeline dock: scores of the tabs' classes over time."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from camviewer.ui.docks.curves import Curves
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.icons import fit_icons, icon
from camviewer.ui.widgets.menu_button import MenuButton
from camviewer.ui.widgets.words import decimal, percent, signed

if TYPE_CHECKING:
    from camviewer.ui.docks.timeline_plot import TimelinePlot

translate = QCoreApplication.translate
MOST_READ = 8
"""Values that are said, the highest first."""
EXPORTS = ("csv", "png", "svg")


class _PlotPlace(QWidget):
    """Has the plot's size before there is a plot: so high the dock opens."""

    def __init__(self) -> None:
        super().__init__()
        self.layout_ = QVBoxLayout(self)
        self.layout_.setContentsMargins(0, 0, 0, 0)

    def sizeHint(self) -> QSize:
        return QSize(640, 10 * self.fontMetrics().height())


class TimelineDock(QDockWidget):
    """Shows curves that it is given; the plot is made when it is first seen."""

    in_view_changed = Signal(bool)
    moment_chosen = Signal(float)
    """Seconds, as in the curves' times."""
    changed = Signal()
    """The user looks at it in another way: other rows or values may be wanted."""
    export_wanted = Signal(str)
    """One of EXPORTS."""
    stop_wanted = Signal()
    """Of what is computed."""

    def __init__(self) -> None:
        super().__init__()
        self.plot: TimelinePlot | None = None
        self._in_view = False
        self._curves: Curves | None = None
        self._pointed: float | None = None
        self._kind = QComboBox()
        self._kind.addItem(self.tr("Probabilities"), False)
        self._kind.addItem(self.tr("Logits"), True)
        self._kind.setAccessibleName(self.tr("What is shown over time"))
        self._kind.currentIndexChanged.connect(self.changed)
        self._fit = QToolButton()
        self._fit.setIcon(icon("fit"))
        self._fit.setText(self.tr("All"))
        tip = self.tr("Show the newest, or all of a video (double-click)")
        self._fit.setToolTip(tip)
        self._fit.setAccessibleName(tip)
        self._fit.setAutoRaise(True)
        self._fit.clicked.connect(self.follow)
        menu = QMenu(self)
        for name, text in zip(
            EXPORTS,
            (
                self.tr("Numbers as a table (CSV)…"),
                self.tr("Picture (PNG)…"),
                self.tr("Drawing (SVG)…"),
            ),
            strict=True,
        ):
            menu.addAction(text).triggered.connect(lambda _=False, name=name: self.export_wanted.emit(name))
        self._export = MenuButton(menu)
        self._export.setText(self.tr("Export") + " ▾")
        self._export.setAccessibleName(self.tr("Export"))
        self._export.setIcon(icon("export"))
        self._export.setAutoRaise(True)
        self._note = QLabel()
        self._note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._progress = QProgressBar()
        self._progress.setRange(0, 1000)
        self._progress.setFixedWidth(140)
        self._progress.setAccessibleName(self.tr("Progress"))
        self._stop = QToolButton()
        self._stop.setIcon(icon("close"))
        self._stop.setAutoRaise(True)
        self._stop.setToolTip(self.tr("Stop"))
        self._stop.setAccessibleName(self.tr("Stop"))
        self._stop.clicked.connect(self.stop_wanted)
        head = QHBoxLayout()
        for widget in (self._kind, self._fit, self._export):
            head.addWidget(widget)
        head.addWidget(self._note, 1)
        head.addWidget(self._progress)
        head.addWidget(self._stop)
        self._readout = QLabel()
        self._readout.setTextFormat(Qt.TextFormat.RichText)
        self._readout.setWordWrap(True)
        self._readout.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._readout.setAccessibleName(self.tr("Values"))
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(8, 4, 8, 6)
        self._column.setSpacing(4)
        self._column.addLayout(head)
        self._plot_place = _PlotPlace()
        self._column.addWidget(self._plot_place, 1)
        self._column.addWidget(self._readout)
        self.setWidget(body)
        self.show_progress(None)
        self._fit_icons()
        for key, factor in (("+", 1.5), ("-", 1 / 1.5)):
            shortcut = QShortcut(
                QKeySequence(key), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
            )
            shortcut.activated.connect(lambda factor=factor: self._zoom(factor))
        self.visibilityChanged.connect(self._on_visibility_changed)

    def picture(self, kind: str) -> bytes:
        """The plot as it is seen, as a png or an svg. Raises ValueError before it was ever seen."""
        from camviewer.ui.docks.timeline_plot import png, svg

        if self.plot is None:
            raise ValueError("there is no plot yet")
        return png(self.plot) if kind == "png" else svg(self.plot)

    def add_keys(self, actions: list[QAction]) -> None:
        """Actions whose keys work here as in the view: to the frame before, and the next."""
        body = self.widget()
        assert body is not None
        body.addActions(actions)

    # What is shown

    @property
    def in_view(self) -> bool:
        """Whether anybody sees it."""
        return self._in_view

    @property
    def logits(self) -> bool:
        """Whether logits are shown, not probabilities."""
        return bool(self._kind.currentData())

    @property
    def text(self) -> str:
        """The values under the pointer or at the cursor, as HTML."""
        return self._readout.text()

    def show_curves(self, curves: Curves) -> None:
        """Draw them, and say the values at the pointer, or at the frame in view."""
        self._curves = curves
        if self.plot is not None:
            self.plot.show_curves(curves)
        self._read()

    def clear(self, note: str) -> None:
        """There is nothing to draw. note: why."""
        self._curves = None
        self._note.setText(note)
        self._readout.setText("")
        if self.plot is not None:
            self.plot.clear_curves()

    def show_note(self, note: str) -> None:
        """A line beside the choices."""
        self._note.setText(note)
        self._note.setToolTip(note)

    def show_progress(self, share: float | None) -> None:
        """0..1 of what is computed; None: nothing is."""
        for widget in (self._progress, self._stop):
            widget.setVisible(share is not None)
        if share is not None:
            self._progress.setValue(round(1000 * share))

    def follow(self) -> None:
        """Show the newest, or all."""
        if self.plot is not None:
            self.plot.follow()
            self.changed.emit()

    def _zoom(self, factor: float) -> None:
        if self.plot is not None:
            self.plot.zoom_by(factor)

    @Slot(object)
    def _on_plot_hovered(self, time: float | None) -> None:
        self._pointed = time
        self._read()

    def _read(self) -> None:
        curves = self._curves
        if curves is None or not len(curves.times):
            self._readout.setText("")
            return
        time = self._pointed if self._pointed is not None else curves.cursor
        time = curves.last if time is None else time
        row = int(abs(curves.times - time).argmin())
        parts = [f"{decimal(float(curves.times[row]) - curves.origin, 2)} s"]
        order = np.argsort(-curves.values[row], kind="stable")[:MOST_READ]
        for column in order:
            value = float(curves.values[row, column])
            colour = theme.series(self.palette(), curves.slots[column]).name()
            label = html.escape(curves.labels[column])
            number = html.escape(signed(value, 2) if curves.logits else percent(value))
            parts.append(f'<span style="color:{colour}">■</span> {label} <b>{number}</b>')
        self._readout.setText(" &nbsp; ".join(f"<nobr>{part}</nobr>" for part in parts))

    # Coming into view

    @Slot(bool)
    def _on_visibility_changed(self, visible: bool) -> None:
        if visible == self._in_view:
            return
        if visible and self.plot is None:
            self._make_plot()
        self._in_view = visible
        self.in_view_changed.emit(visible)

    def _make_plot(self) -> None:
        from camviewer.ui.docks.timeline_plot import TimelinePlot

        self.plot = plot = TimelinePlot()
        plot.setAccessibleName(self.tr("Scores over time"))
        plot.moment_chosen.connect(self.moment_chosen)
        plot.hovered.connect(self._on_plot_hovered)
        plot.getViewBox().sigXRangeChanged.connect(self._on_plot_range_changed)
        self._plot_place.layout_.addWidget(plot)
        if self._curves is not None:
            plot.show_curves(self._curves)

    @Slot()
    def _on_plot_range_changed(self, *_: object) -> None:
        if self.plot is not None and not self.plot.follows:
            self.changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit_icons()
        if event.type() == QEvent.Type.PaletteChange:
            self._read()

    def _fit_icons(self) -> None:
        fit_icons(self._fit, self._export, self._stop)
        # The plot must not move when the values need one line more.
        self._readout.setFixedHeight(2 * self.fontMetrics().lineSpacing() + 4)
