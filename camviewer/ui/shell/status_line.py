"""StatusLine: model, device, rates and delays at the left, the source at the right."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QStatusBar

from camviewer.core.loading import ModelChoice
from camviewer.core.text import Text
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.model_loading import choice_title
from camviewer.ui.system.stats import Rates, Stats
from camviewer.ui.widgets.words import (
    decimal,
    translated,
    whole,
)


class CutLabel(QLabel):
    """A line that is cut where there is no room for it; its tool tip has all of it."""

    def minimumSizeHint(self) -> QSize:
        least = 8 * self.fontMetrics().averageCharWidth()
        return QSize(min(least, super().minimumSizeHint().width()), super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        place = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, place.width())
        colour = QPalette.ColorRole.WindowText
        painter.setPen(self.palette().color(colour))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class StatusLine(QObject):
    """Refreshes itself twice a second: numbers that change with every frame can't be read."""

    def __init__(self, bar: QStatusBar, pipeline: Pipeline, stats: Stats) -> None:
        super().__init__(bar)
        self._pipeline, self._stats = pipeline, stats
        self._left, self._right, self._recording = CutLabel(), CutLabel(), QLabel()
        for label in (self._left, self._right, self._recording):
            label.setContentsMargins(6, 0, 6, 0)
        bar.addWidget(self._left, 1)
        bar.addPermanentWidget(self._recording)
        bar.addPermanentWidget(self._right)
        self._recording.hide()
        self._waiting = self.tr("Loading the model…")
        self._loading = self._review = ""
        pipeline.model_loading.connect(self._on_pipeline_model_loading)
        pipeline.model_step.connect(self._on_pipeline_model_step)
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        pipeline.head_changed.connect(self._on_pipeline_model_ready)
        pipeline.model_failed.connect(self._on_pipeline_model_failed)
        self._timer = QTimer(self, interval=500)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    @property
    def text(self) -> str:
        return self._left.text()

    @property
    def source_text(self) -> str:
        return self._right.text()

    @property
    def recording_text(self) -> str:
        return self._recording.text()

    def show_recording(self, seconds: float | None, size: int) -> None:
        """How long a recording is, and its file in bytes; None: nothing is recorded."""
        self._recording.setVisible(seconds is not None)
        text = ""
        if seconds is not None:
            minutes, rest = divmod(int(seconds), 60)
            text = self.tr("● Recording {0}:{1} · {2} MB").format(
                minutes, f"{rest:02}", decimal(size / 1e6, 1)
            )
        self._recording.setText(text)

    def show_review(self, title: str) -> None:
        """The review that is in view; "" if it is the source, whose facts are of no use beside a review."""
        self._review = title
        self.refresh()

    @Slot(object)
    def _on_pipeline_model_loading(self, choice: ModelChoice) -> None:
        self._loading = self.tr("loading {0}…").format(choice_title(choice))
        self.refresh()

    @Slot(object)
    def _on_pipeline_model_step(self, step: Text) -> None:
        if self._pipeline.model is None:
            self._waiting = translated(step)
        else:
            self._loading = translated(step)
        self.refresh()

    @Slot(object)
    def _on_pipeline_model_ready(self, _ready: object) -> None:
        self._loading = ""

    @Slot(object)
    def _on_pipeline_model_failed(self, _failure: object) -> None:
        self._loading = ""
        self._waiting = self.tr("No model")
        self.refresh()

    def stop(self) -> None:
        self._timer.stop()

    def refresh(self) -> None:
        model, source, current = self._pipeline.model, self._pipeline.source, self._pipeline.current
        rates, counters = self._stats.rates(), self._pipeline.counters()
        if self._review:
            source, current, rates = None, None, Rates(0.0, None, None, None)
        title = f"{model.title} · {model.computed_on}" if model is not None else self._waiting
        if current is not None and self._pipeline.origin.snapshot is not None:
            title = self.tr("Snapshot of {0} · {1}").format(current.model.title, current.model.computed_on)
        parts = [title]
        if current is not None and current.edited:
            parts.append(self.tr("edited"))
        if self._loading and model is not None:
            parts.append(self._loading)
        if source is not None and source.live and current is not None:
            if self._pipeline.frozen:
                parts.append(self.tr("paused") if source.pausable else self.tr("frozen"))
            elif rates.latency_p50 is not None:
                parts.append(self.tr("{0} fps").format(decimal(rates.fps, 0)))
                parts.append(self.tr("{0} ms behind").format(decimal(rates.latency_p50, 0)))
            parts.append(self.tr("{0} dropped").format(whole(counters.dropped)))
        elif current is not None:
            parts.append(self.tr("{0} ms").format(decimal(1000 * current.timing.forward, 0)))
        if counters.progress is not None:
            parts.append(self.tr("{0} of {1} passes").format(*map(whole, counters.progress)))
        self._left.setText("  ·  ".join(parts))
        tips = [self._left.text()]
        if rates.forward_ms is not None and rates.latency_p50 is not None and rates.latency_p95 is not None:
            tip = self.tr("Network {0} ms; from frame to screen {1} ms (95 % within {2} ms)")
            tips.append(
                tip.format(
                    decimal(rates.forward_ms, 1),
                    decimal(rates.latency_p50, 0),
                    decimal(rates.latency_p95, 0),
                )
            )
        self._left.setToolTip("\n".join(tips))
        parts = [translated(source.title)] if source is not None else [self._review]
        if source is not None and current is not None:
            frame = current.frame
            parts.append(f"{frame.width} × {frame.height}")
            if frame.original_size is not None:
                parts.append(self.tr("(reduced, the file has {0} × {1})").format(*frame.original_size))
        self._right.setText("  ".join(parts[:2]) + "".join(f" {more}" for more in parts[2:]))
        self._right.setToolTip(self._right.text())
