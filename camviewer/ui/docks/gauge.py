"""GaugeDock, "Trust": whether the network uses what the map in view shows. Measured when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QDockWidget,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from camviewer.core.gauge.measuring import Measurement
from camviewer.core.gauge.sanity import SanityTest
from camviewer.core.gauge.verdict import comparison_of, verdict
from camviewer.ui.docks.dock_scroll import DockScroll
from camviewer.ui.docks.evidence_lists import Row, Rows
from camviewer.ui.widgets import theme
from camviewer.ui.widgets.check_box import CheckBox
from camviewer.ui.widgets.class_words import class_name
from camviewer.ui.widgets.form import heading
from camviewer.ui.widgets.words import decimal, signed, translated, whole

if TYPE_CHECKING:
    from camviewer.ui.docks.curve_plot import CurvePlot

translate = QCoreApplication.translate


class GaugeDock(QDockWidget):
    """Shows what was measured; says what is asked for. Knows no worker."""

    measure_clicked = Signal()
    """Measure, or stop measuring."""
    sanity_clicked = Signal()
    automatic_toggled = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.in_view = False
        """Whether the dock is seen: one behind another's tab is not."""
        self._question = _text(self.tr("Does the network use the places that this map shows?"))
        self.measure = QPushButton(self.tr("&Measure"))
        self.measure.clicked.connect(self.measure_clicked)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(self.tr("Passes that are made"))
        self._budget = _text()
        self.automatic = CheckBox(self.tr("M&easure each still or frozen frame"))
        self.automatic.toggled.connect(self.automatic_toggled)
        self._verdict = _text()
        self._verdict.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._gains_title = heading(self.tr("Relevance gain"))
        self.gains = Rows(self.tr("Relevance gain"))
        self._curves_title = heading(self.tr("Probability as pixels come and go"))
        self._curves_title.setWordWrap(True)
        self._plot: CurvePlot | None = None
        self._legend = _text()
        self._sanity_about = _text(
            self.tr("Another map should appear when the weights of the head are shuffled.")
        )
        self.sanity = QPushButton(self.tr("&Shuffle the weights"))
        self.sanity.clicked.connect(self.sanity_clicked)
        self._sanity_text = _text()
        self._limits = _text(
            self.tr(
                "None of this says whether the prediction is right. Such scores reward blurred maps, and go "
                "together only weakly with what people judge (arXiv 2304.13836, 2105.14944). What is taken "
                "out is blurred; the network never saw such frames while it was trained."
            )
        )
        self._fill()
        self.show_nothing()
        self.show_progress(None)
        self.show_sanity(None)
        self.visibilityChanged.connect(self._on_visibility_changed)

    def _fill(self) -> None:
        body = QWidget()
        self._column = column = QVBoxLayout(body)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(6)
        sanity_title = heading(self.tr("Sanity test"))
        limits_title = heading(self.tr("What this can't say"))
        for widget in (
            self._question,
            self.measure,
            self._progress,
            self._budget,
            self.automatic,
            self._verdict,
            self._gains_title,
            self.gains,
            self._curves_title,
            self._legend,
            sanity_title,
            self._sanity_about,
            self.sanity,
            self._sanity_text,
            limits_title,
            self._limits,
        ):
            column.addWidget(widget)
        column.addStretch(1)
        self.setWidget(DockScroll(body, self))

    @property
    def texts(self) -> tuple[str, str, str]:
        """The budget, the verdict or why there is none, and what the sanity test says."""
        return self._budget.text(), self._verdict.text(), self._sanity_text.text()

    def show_budget(self, passes: int, seconds: float | None) -> None:
        """What measuring costs. seconds: about; None where that isn't known."""
        count = self.tr("{0} passes of the network").format(whole(passes))
        if seconds is not None:
            about = whole(round(seconds)) if seconds >= 1 else decimal(max(seconds, 0.1), 1)
            count = self.tr("{0}, about {1} s").format(count, about)
        self._budget.setText(count)

    def allow(self, can_measure: bool) -> None:
        """Whether there is a frame to measure."""
        self.measure.setEnabled(can_measure)
        self.sanity.setEnabled(can_measure)

    def show_progress(self, passes: tuple[int, int] | None) -> None:
        """Passes that are made, and all; None while nothing is measured."""
        self._progress.setVisible(passes is not None)
        self.measure.setText(self.tr("&Measure") if passes is None else self.tr("&Stop"))
        if passes is not None:
            self._progress.setMaximum(passes[1])
            self._progress.setValue(passes[0])

    def show_nothing(self, reason: str = "") -> None:
        """No measurement. reason: why not, where there is one."""
        self._show_text(self._verdict, reason)
        for widget in (self._gains_title, self.gains, self._curves_title, self._legend, self._plot):
            if widget is not None:
                widget.hide()

    def show_measurement(self, measurement: Measurement, labels: tuple[str, ...], *, earlier: bool) -> None:
        """earlier: of a frame before the one in view."""
        comparison = comparison_of(measurement)
        text = translated(verdict(comparison, class_name(labels, measurement.target.class_id)))
        if earlier:
            text = self.tr("Of an earlier frame: {0}").format(text)
        self._show_text(self._verdict, text)
        self.gains.show_rows(_gain_rows(measurement, labels))
        self._legend.setText(self._legend_text(measurement, labels))
        self._show_curves(measurement)
        for widget in (self._gains_title, self.gains, self._curves_title, self._legend):
            widget.show()

    def show_sanity(self, found: SanityTest | str | None) -> None:
        """What came out, or why nothing did; None for nothing yet."""
        self._show_text(
            self._sanity_text, translated(found.text) if isinstance(found, SanityTest) else found or ""
        )

    def _show_text(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _show_curves(self, measurement: Measurement) -> None:
        if self._plot is None:
            # Here: the import takes a third of a second, and few people measure.
            from camviewer.ui.docks.curve_plot import CurvePlot

            self._plot = CurvePlot()
            self._column.insertWidget(self._column.indexOf(self._legend), self._plot)
        self._plot.show_measurement(measurement)
        self._plot.show()

    def _legend_text(self, measurement: Measurement, labels: tuple[str, ...]) -> str:
        """In the colours of the curves, as words: colours alone are not for everybody."""
        palette = self.palette()
        parts = [(theme.accent(palette), translate("gauge", "this map"))]
        if measurement.other_class is not None:
            parts.append((theme.against(palette), class_name(labels, measurement.other_class)))
        if measurement.gaussian is not None:
            parts.append((theme.muted(palette), translate("gauge", "a hill in the centre")))
        parts.append((theme.groove(palette), self.tr("random maps")))
        names = " · ".join(f'<span style="color:{c.name()}">■</span> {_escaped(t)}' for c, t in parts)
        return names + "<br>" + _escaped(self.tr("Whole lines: put in first. Dashes: taken out first."))

    def _on_visibility_changed(self, visible: bool) -> None:
        self.in_view = visible
        if visible:
            self.automatic_toggled.emit(self.automatic.isChecked())


def _gain_rows(measurement: Measurement, labels: tuple[str, ...]) -> tuple[Row, ...]:
    comparison = comparison_of(measurement)
    rows = [Row(translate("gauge", "this map"), signed(comparison.gain, 2), strong=True)]
    if measurement.other is not None and measurement.other_class is not None:
        name = translate("gauge", "map of {0}").format(class_name(labels, measurement.other_class))
        rows.append(Row(name, signed(measurement.other.gain, 2)))
    if measurement.gaussian is not None:
        rows.append(Row(translate("gauge", "a hill in the centre"), signed(measurement.gaussian.gain, 2)))
    rows.append(Row(translate("gauge", "random maps (95 %)"), f"0 ± {decimal(comparison.reach, 2)}"))
    return tuple(rows)


def _text(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    return label


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
