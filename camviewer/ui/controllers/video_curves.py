"""VideoCurves: the curve of a whole video, read from the cache or computed in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from camviewer.core.cancelling import CancelledError, cancellable
from camviewer.core.failures import Defect, Failure, SourceFailure
from camviewer.core.storage.timeline_cache import curve_file, read_curve, write_curve
from camviewer.core.timeline import Timeline
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.pipeline.video_curve import MOST_ROWS, VideoCurve
from camviewer.ui.system.background import Background
from camviewer.ui.widgets.banner import BannerArea, BannerKey, Severity
from camviewer.ui.widgets.words import translated


class VideoCurves(QObject):
    """One curve at a time, by the present model and fit."""

    changed = Signal()
    """`timeline`, `share` or `note`."""

    def __init__(self, pipeline: Pipeline, banners: BannerArea, parent: QObject) -> None:
        super().__init__(parent)
        self._pipeline, self._banners = pipeline, banners
        self._background = Background(self)
        """Of its own: to read a film takes long, and what the user saves must not wait for it."""
        self.timeline: Timeline | None = None
        """As far as it is there."""
        self.note = ""
        """What is to be said of it."""
        self._video: Path | None = None
        self._curve: VideoCurve | None = None
        self._wanted: object = None
        """Of which video, model and fit the curve is, or is to be."""
        for changed in (pipeline.request_changed, pipeline.model_ready, pipeline.explained):
            changed.connect(self._on_pipeline_changed)

    @property
    def share(self) -> float | None:
        """0..1 of what is computed; None while nothing is."""
        return self._curve.share if self._curve is not None else None

    @property
    def is_whole(self) -> bool:
        """Whether the curve of all of the video is there."""
        return self.timeline is not None and self._curve is None and not self.note

    def show(self, video: Path | None) -> None:
        """The curve of this video is wanted now; None: of none."""
        if video is not None and video == self._video and self.is_whole:
            self.changed.emit()
            return
        self._give_up()
        self._video, self._wanted, self.timeline, self.note = video, None, None, ""
        self._on_pipeline_changed()
        self.changed.emit()

    def cancel(self) -> None:
        """Compute no more; what there is stays."""
        if self._curve is not None:
            self._give_up()
            self.note = self.tr("The curve is not whole.")
            self.changed.emit()

    def _give_up(self) -> None:
        curve, self._curve = self._curve, None
        if curve is not None:
            curve.cancel()

    @Slot()
    def _on_pipeline_changed(self, *_: object) -> None:
        """Another model or fit, or the first frame by a model: its classes are known by then."""
        video, model, request = self._video, self._pipeline.model, self._pipeline.request
        current = self._pipeline.current
        if video is None or model is None or current is None or current.model != model:
            return
        wanted = (video, model, request.fit, request.resolution)
        if wanted == self._wanted:
            return
        self._give_up()
        self._wanted, self.timeline = wanted, None
        self.note, labels = self.tr("Looking for the curve…"), current.labels
        self.changed.emit()

        def look() -> tuple[Path | None, Timeline | None]:
            try:
                with cancellable(lambda: wanted == self._wanted):
                    file = curve_file(video, model, labels, request)
            except CancelledError:
                return None, None
            except OSError as error:
                raise SourceFailure("{name} can't be read.", details=repr(error), name=video.name) from error
            return file, read_curve(file, labels, model.link) if file is not None else None

        def looked(found: tuple[Path | None, Timeline | None]) -> None:
            if wanted == self._wanted:
                self._show_or_compute(video, *found)

        def failed(failure: Failure) -> None:
            if wanted == self._wanted:
                self.note = self.tr("There is no curve.")
                self._on_failed(failure)
                self.changed.emit()

        self._background.run(look, looked, failed)

    def _show_or_compute(self, video: Path, file: Path | None, timeline: Timeline | None) -> None:
        self.timeline, self.note = timeline, ""
        if timeline is None:
            self.note = self.tr("Computing the curve of the whole video…")
            self._curve = curve = VideoCurve(video, self._pipeline.request, self)
            curve.progressed.connect(self._on_curve_progressed)
            curve.ended.connect(lambda failure: self._on_curve_ended(curve, file, failure))
            self._pipeline.add_job(curve)
        self.changed.emit()

    @Slot()
    def _on_curve_progressed(self) -> None:
        curve = self._curve
        if curve is None:
            return
        for time, prediction in curve.take():
            if self.timeline is None:
                self.timeline = Timeline(prediction.labels, 2 * MOST_ROWS)
            self.timeline.append(time, prediction)
        self.changed.emit()

    def _on_curve_ended(self, curve: VideoCurve, file: Path | None, failure: Failure | None) -> None:
        if curve is self._curve:
            self._on_curve_progressed()
            self._curve, timeline = None, self.timeline
            self.note = "" if curve.is_whole else self.tr("The curve is not whole.")
            if failure is not None:
                self._on_failed(failure)
            if curve.is_whole and timeline is not None and file is not None:
                self._background.run(lambda: write_curve(timeline, file), lambda _done: None, self._on_failed)
            self.changed.emit()
        curve.deleteLater()

    def _on_failed(self, failure: Failure) -> None:
        if not isinstance(failure, Defect):
            self._banners.show_message(
                BannerKey.TIMELINE, Severity.ERROR, translated(failure.text), seconds=10
            )
