"""SourceBanners: the banners about the source: why it fails, and that it is a snapshot."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from camviewer.core.explanation import (
    Explanation,
    SnapshotInfo,
)
from camviewer.core.failures import (
    Defect,
    DeviceFailure,
    Failure,
    SourceFailure,
)
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.photos import ArraySource
from camviewer.media.sources.source import Source
from camviewer.ui.controllers.source_control import SourceControl
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.words import (
    locale,
    translated,
)


class SourceBanners(QObject):
    """Follows the pipeline. A banner goes as soon as it isn't true any more."""

    def __init__(
        self, pipeline: Pipeline, banners: BannerArea, sources: SourceControl, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._banners, self._sources = pipeline, banners, sources
        self._frame_failed = False
        pipeline.source_failed.connect(self._on_pipeline_source_failed)
        pipeline.source_recovered.connect(self._clear)
        pipeline.frame_failed.connect(self._on_pipeline_frame_failed)
        pipeline.explained.connect(self._on_pipeline_explained)
        pipeline.source_changed.connect(self._on_pipeline_source_changed)

    @Slot()
    def _clear(self) -> None:
        self._banners.clear(BannerKey.SOURCE)

    @Slot(object)
    def _on_pipeline_source_failed(self, failure: SourceFailure) -> None:
        again = (self.tr("Try again"), self._sources.open_again)
        self._banners.show_message(BannerKey.SOURCE, Severity.ERROR, translated(failure.text), [again])

    @Slot(object)
    def _on_pipeline_frame_failed(self, failure: Failure) -> None:
        if not isinstance(failure, Defect | DeviceFailure):
            self._banners.show_message(BannerKey.SOURCE, Severity.ERROR, translated(failure.text))
            self._frame_failed = True

    @Slot(object)
    def _on_pipeline_explained(self, explanation: Explanation) -> None:
        source = self._pipeline.source
        info = self._pipeline.origin.snapshot
        if info is not None:
            self._tell_snapshot(explanation, info)
        if self._frame_failed and source is not None and source.live:
            self._frame_failed = False  # the next frame of a camera or video went well
            self._clear()

    def _tell_snapshot(self, explanation: Explanation, info: SnapshotInfo) -> None:
        moment = QDateTime.fromString(info.time, Qt.DateFormat.ISODateWithMs)
        text = self.tr("A snapshot of {0}, as {1} explained it on {2}.").format(
            translated(explanation.frame.source),
            explanation.model.title,
            locale().toString(moment.toLocalTime(), QLocale.FormatType.ShortFormat),
        )
        frame = explanation.frame
        again = (
            self.tr("Explain it with the present model"),
            lambda: self._pipeline.open(ArraySource(lambda: frame.image, frame.source)),
        )
        self._banners.show_message(BannerKey.SNAPSHOT, Severity.INFO, text, [again])

    @Slot(object)
    def _on_pipeline_source_changed(self, source: Source) -> None:
        self._banners.clear(BannerKey.SNAPSHOT)
        # Another photo: the failure of the one before doesn't matter any more.
        source.jumped.connect(self._clear)
