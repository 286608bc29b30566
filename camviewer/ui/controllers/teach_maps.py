"""WorstMaps: has the maps of the worst examples drawn, for the dock."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.teaching.jobs import MapJob, MappedExample
from camviewer.ui.controllers.teach_fit import Fitted
from camviewer.ui.teaching.results import WORST, Results


class WorstMaps(QObject):
    """Of one head at a time."""

    def __init__(self, pipeline: Pipeline, results: Results, parent: QObject) -> None:
        super().__init__(parent)
        self._pipeline, self._results = pipeline, results
        self._job: MapJob | None = None

    def draw(self, fitted: Fitted, pictures: Path) -> None:
        """The map of the class that each was taken for. The head is the one that runs."""
        self.cancel()
        validation = fitted.learned.validation
        if validation is None:
            return
        examples = [each for each, _ in fitted.request.examples]
        shown = [(examples[i], int(validation.predicted[i])) for i in validation.worst(WORST)]
        self._job = job = MapJob(shown, pictures, fitted.learned.head.sha256, OverlayStyle())
        job.setParent(self)
        job.mapped.connect(self._on_job_mapped)
        self._pipeline.add_job(job)

    def cancel(self) -> None:
        """Nobody waits for them any more."""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    @Slot(object)
    def _on_job_mapped(self, found: MappedExample) -> None:
        if self.sender() is self._job:
            self._results.show_map(found.example.file, found.overlay)
