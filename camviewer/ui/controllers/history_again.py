"""HistoryAgain: explains an earlier moment once more, as it is asked for now."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Slot

from camviewer.core.explanation import Delivery, Explanation, Origin
from camviewer.core.failures import Defect, Failure
from camviewer.media.pipeline.explain_again import ExplainAgain
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.widgets.banner import BannerArea, BannerKey, Severity
from camviewer.ui.widgets.words import translated


class HistoryAgain(QObject):
    """One job at a time; a later one takes the place of the one before."""

    def __init__(self, pipeline: Pipeline, banners: BannerArea, parent: QObject) -> None:
        super().__init__(parent)
        self._pipeline, self._banners = pipeline, banners
        self._job: ExplainAgain | None = None
        pipeline.request_changed.connect(self._on_pipeline_request_changed)

    def cancel(self) -> None:
        """What is under way isn't wanted any more."""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    @Slot()
    def _on_pipeline_request_changed(self) -> None:
        """What is in view is explained as it is asked for now, also by another model."""
        if self._pipeline.in_view.looks_back:
            self.explain_again()

    def explain_again(self) -> None:
        """The earlier moment in view, from its JPEG, as a photo: with the present model and request."""
        current = self._pipeline.current
        if current is None or not self._pipeline.in_view.looks_back:
            return
        self.cancel()
        frame = replace(current.original, still=True)  # the request paints its edit over it
        self._job = job = ExplainAgain(frame, self._pipeline.request, self)
        job.ended.connect(self._on_job_ended)
        self._pipeline.add_job(job)

    @Slot(object)
    def _on_job_ended(self, result: Explanation | Failure | None) -> None:
        job = self.sender()
        is_wanted = job is self._job and self._pipeline.in_view.looks_back
        if job is not None:
            job.deleteLater()
        if not is_wanted:
            return
        self._job = None
        if isinstance(result, Explanation):
            self._pipeline.in_view.show_earlier(Delivery(result, Origin(from_history=True, again=True)))
        elif isinstance(result, Failure) and not isinstance(result, Defect):
            self._banners.show_message(BannerKey.HISTORY, Severity.ERROR, translated(result.text), seconds=10)
