"""GaugeControl: measures the map in view when the user asks, or by itself where the frame stands still."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Slot

from camviewer.core.explanation import Explanation
from camviewer.core.failures import Failure
from camviewer.core.gauge.measuring import USUAL_PLAN, Measurement
from camviewer.core.gauge.sanity import SanityTest
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.pipeline.gauge_job import GaugeJob, SanityJob
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.docks.gauge import GaugeDock
from camviewer.ui.widgets.words import translated

SETTLE_MS = 400
"""A map must be in view so long before it is measured by itself: keys go through photos faster."""


class GaugeControl(QObject):
    """Between the dock and the worker. What comes of a job that nobody waits for any more is dropped."""

    def __init__(self, pipeline: Pipeline, presenter: Presenter, dock: GaugeDock, parent: QObject) -> None:
        super().__init__(parent)
        self._pipeline, self._presenter, self._dock = pipeline, presenter, dock
        self._job: GaugeJob | None = None
        self._sanity: SanityJob | None = None
        self._state: ViewState | None = None
        self._measured: tuple[Explanation, Measurement] | None = None
        self._shown: tuple[Measurement, bool] | None = None
        self._settled = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settled.timeout.connect(self._on_settled_timeout)
        presenter.presented.connect(self._on_presenter_presented)
        pipeline.source_changed.connect(self.reset)
        pipeline.model_loading.connect(self.reset)
        pipeline.model_failed.connect(self._on_pipeline_model_failed)
        pipeline.frozen_changed.connect(self._consider)
        dock.measure_clicked.connect(self._on_dock_measure_clicked)
        dock.sanity_clicked.connect(self._on_dock_sanity_clicked)
        dock.automatic_toggled.connect(self._consider)
        dock.allow(False)
        dock.show_budget(USUAL_PLAN.passes, None)

    @Slot()
    def reset(self) -> None:
        """Nothing in view is measured any more."""
        self._stop()
        self._state = self._measured = self._shown = None
        self._dock.allow(False)
        self._dock.show_nothing()
        self._dock.show_sanity(None)

    @Slot(object)
    def _on_pipeline_model_failed(self, _failure: Failure) -> None:
        """The model before goes on, and so does what is in view: of a photo nothing else would come."""
        if self._presenter.state is not None:
            self._on_presenter_presented(self._presenter.state)

    def _stop(self) -> None:
        self._settled.stop()
        for job in (self._job, self._sanity):
            if job is not None:
                job.cancel()
        self._job = self._sanity = None
        self._dock.show_progress(None)

    @Slot(object)
    def _on_presenter_presented(self, state: ViewState) -> None:
        before, self._state = self._state, state
        if before is not None and before.explanation is state.explanation and before.target == state.target:
            return
        self._dock.allow(True)
        moved = before is not None and not _same_frame(before.explanation, state.explanation)
        if before is not None and (not _same_map(before, state) or (moved and self._stands_still)):
            self._stop()
            self._measured = self._shown = None
            self._dock.show_nothing()
            self._dock.show_sanity(None)
        elif moved:
            self._show_measured()
        self._consider()

    @property
    def _stands_still(self) -> bool:
        source = self._pipeline.source
        return source is not None and (self._pipeline.frozen or not source.live or not source.running)

    @Slot()
    def _consider(self) -> None:
        """Measure by itself, soon, if that is wanted and the frame stays."""
        state, measured = self._state, self._measured
        if state is not None and self._dock.in_view:
            forward = state.explanation.timing.forward
            self._dock.show_budget(USUAL_PLAN.passes, USUAL_PLAN.passes * forward if forward else None)
        done = measured is not None and state is not None and _same_frame(measured[0], state.explanation)
        wanted = self._dock.automatic.isChecked() and self._dock.in_view and self._stands_still
        if wanted and state is not None and not done:
            self._settled.start()
        else:
            self._settled.stop()

    @Slot()
    def _on_settled_timeout(self) -> None:
        state, job = self._state, self._job
        if job is None or state is None or not _same_frame(job.explanation, state.explanation):
            self._measure()

    @Slot()
    def _on_dock_measure_clicked(self) -> None:
        if self._job is not None:
            self._stop()
        else:
            self._measure()

    def _measure(self) -> None:
        state = self._state
        if state is None:
            return
        self._stop()
        self._job = job = GaugeJob(state.explanation, state.target)
        job.progressed.connect(self._on_job_progressed)
        job.finished.connect(self._on_job_finished)
        job.failed.connect(self._on_job_failed)
        self._dock.show_progress((0, USUAL_PLAN.passes))
        self._pipeline.add_job(job)

    @Slot(int, int)
    def _on_job_progressed(self, done: int, total: int) -> None:
        if self._job is not None and self.sender() is self._job:
            self._dock.show_progress((done, total))

    @Slot(object)
    def _on_job_finished(self, measurement: Measurement) -> None:
        job = self._job
        if job is None or self.sender() is not job:
            return
        self._job = None
        self._dock.show_progress(None)
        self._measured = job.explanation, measurement
        self._show_measured()

    @Slot(object)
    def _on_job_failed(self, failure: Failure) -> None:
        if self.sender() is self._job:
            self._job = None
            self._dock.show_progress(None)
            self._measured = self._shown = None
            self._dock.show_nothing(translated(failure.text))

    def _show_measured(self) -> None:
        if self._measured is None or self._state is None:
            return
        explanation, measurement = self._measured
        earlier = not _same_frame(explanation, self._state.explanation)
        if (measurement, earlier) == self._shown:
            return
        self._shown = measurement, earlier
        self._dock.show_measurement(measurement, explanation.labels, earlier=earlier)

    # The sanity test

    @Slot()
    def _on_dock_sanity_clicked(self) -> None:
        if self._state is None or self._sanity is not None:
            return
        self._sanity = job = SanityJob(self._state.explanation, self._state.target)
        job.finished.connect(self._on_sanity_finished)
        job.failed.connect(self._on_sanity_failed)
        self._dock.show_sanity(self.tr("Shuffling…"))
        self._pipeline.add_job(job)

    @Slot(object)
    def _on_sanity_finished(self, found: SanityTest) -> None:
        if self.sender() is self._sanity:
            self._sanity = None
            self._dock.show_sanity(found)

    @Slot(object)
    def _on_sanity_failed(self, failure: Failure) -> None:
        if self.sender() is self._sanity:
            self._sanity = None
            self._dock.show_sanity(translated(failure.text))


def _same_map(one: ViewState, other: ViewState) -> bool:
    """Whether it is the map of the same class, made in the same way, perhaps of another frame."""
    return _way(one) == _way(other)


def _way(state: ViewState) -> tuple[object, ...]:
    explanation = state.explanation
    return explanation.model, replace(explanation.request, targets=()), state.target


def _same_frame(one: Explanation, other: Explanation) -> bool:
    """It may have been explained again, for the maps of more classes."""
    return one.frame is other.frame
