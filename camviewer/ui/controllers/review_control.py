"""ReviewControl: runs the review of a folder, and brings its page up to date."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from camviewer.core.failures import (
    Defect,
    Failure,
)
from camviewer.core.review.items import Reviewed
from camviewer.core.review.summary import (
    Summary,
    summarize,
)
from camviewer.core.storage.photo_folders import split_folders
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.review.job import (
    ReviewJob,
    TruthFrom,
)
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.review.page import ReviewPage
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.file_dialog import (
    Mode,
    file_dialog,
)
from camviewer.ui.widgets.words import translated

CORRECTIONS = "review/corrections"
"""In the settings: the file of corrected labels."""
REFRESH_MS = 400
"""The shortest time between two refreshes. It gets longer if a large folder's summary takes long."""


class ReviewControl(QObject):
    """One review at a time."""

    page_wanted = Signal(bool)
    """Whether to show the review, or the frame."""
    available_changed = Signal(bool)
    started = Signal()
    """Another folder, or the same again: nothing of the review before stays."""
    listed = Signal()
    """Its photos, and the network that looks at them, are known: `job.begun`."""
    refreshed = Signal()
    """`items` and `summary` are of now."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        banners: BannerArea,
        page: ReviewPage,
        presenter: Presenter,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._banners = pipeline, settings, banners
        self._page, self._presenter, self._window = page, presenter, parent
        self._job: ReviewJob | None = None
        self.truth = TruthFrom()
        """Where the true classes of this review are from."""
        self.items: list[Reviewed] = []
        self.summary: Summary | None = None
        self.changes = 0
        """So often have photos been changed that were reviewed before; see `change`."""
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        page.closed.connect(lambda: self.page_wanted.emit(False))
        page.stop_requested.connect(self.stop)
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        presenter.presented.connect(self._on_presenter_presented)

    @property
    def job(self) -> ReviewJob | None:
        """The review in view, running or over."""
        return self._job

    @property
    def corrections(self) -> Path | None:
        """The file of corrected labels; None until there is one."""
        file = self._settings.text(CORRECTIONS)
        return Path(file) if file else None

    def change(self, changed: Mapping[Path, Reviewed]) -> None:
        """Other facts of photos, by their paths until now: a corrected label, a place that is another."""
        if not changed or self.summary is None:
            return
        self.items = [changed.get(item.path, item) for item in self.items]
        self.changes += 1
        for path in changed:
            self._page.list.tiles.forget(path)
        self._show_items()

    # Starting and ending

    def ask_for_folder(self) -> None:
        folder = self._settings.text("source/folder")
        dialog = file_dialog(self._window, self.tr("Review a folder"), folder, Mode.Directory)
        dialog.filesSelected.connect(lambda files: self.start(Path(files[0])))
        dialog.open()

    def start(self, folder: Path, truth: TruthFrom | None = None) -> None:
        """Review a folder from the beginning, and show it.

        truth: None for a folder that was just chosen: of a data set with parts, ask first which is meant.
        """
        self._banners.clear(BannerKey.PARTS)
        parts = split_folders(folder) if truth is None else ()
        if parts:
            self._ask_for_part(folder, parts)
            return
        self._drop()
        try:
            request = replace(self._pipeline.request, edit=None)  # an edit is of the frame in view
            self._job = job = ReviewJob(folder, truth or TruthFrom(), request, self.corrections)
        except Failure as failure:
            self._banners.show_message(BannerKey.REVIEW, Severity.ERROR, translated(failure.text))
            return
        self.truth = truth or TruthFrom()
        self._banners.clear(BannerKey.REVIEW)
        self._settings.set("source/folder", str(folder))
        self.items, self.summary = [], None
        job.setParent(self)
        job.progressed.connect(self._on_job_progressed)
        job.ended.connect(self._on_job_ended)
        self._page.begin(folder, job.store)
        self._page.show_style(self._presenter.style)
        self._pipeline.add_job(job)
        self.started.emit()
        self.available_changed.emit(True)
        self.page_wanted.emit(True)

    def _ask_for_part(self, folder: Path, parts: Sequence[Path]) -> None:
        text = self.tr("{0} is a data set in parts. Which one is to be reviewed?").format(folder.name)
        choices = [(part.name, partial(self.start, part, TruthFrom())) for part in parts]
        choices.append((self.tr("All of it"), partial(self.start, folder, TruthFrom())))
        self._banners.show_message(BannerKey.PARTS, Severity.INFO, text, choices)

    @Slot()
    def stop(self) -> None:
        """Stop the review; what has been reviewed stays in view."""
        if self._job is not None:
            self._job.cancel()
            if self._pipeline.model is None:  # the job would wait for a model
                self._drop()
                self._leave()

    def close(self) -> None:
        self._drop()
        self._page.list.tiles.close()

    def _drop(self) -> None:
        job, self._job = self._job, None
        self._timer.stop()
        if job is not None:
            job.progressed.disconnect(self._on_job_progressed)
            job.ended.disconnect(self._on_job_ended)
            if job.over:
                job.store.close()
                job.deleteLater()
            else:
                job.ended.connect(job.store.close)
                job.ended.connect(job.deleteLater)
                job.cancel()
            self._page.list.tiles.clear()
            self._page.list.tiles.store = None

    # Progress

    @Slot()
    def _on_job_progressed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _refresh(self) -> None:
        job = self._job
        if job is None or job.begun is None:
            return
        begin = time.monotonic()
        if self.summary is None:
            truth = job.begun.truth
            self._page.set_known(
                job.begun.labels,
                truth is not None,
                [
                    translated(note)
                    for note in (*job.begun.left_out, *(truth.notes if truth is not None else ()))
                ],
                self._truth_text(),
            )
            self.listed.emit()
        self.items += job.take()
        self._page.head.show_progress(len(self.items), len(job.begun.photos))
        self._show_items()
        # The window must stay quick, however large the folder: at most a tenth of its time.
        self._timer.setInterval(max(REFRESH_MS, round(10_000 * (time.monotonic() - begin))))

    def _show_items(self) -> None:
        self.summary = summarize(self.items, len(self._page.list.labels))
        self._page.show_items(self.items, self.summary)
        self.refreshed.emit()

    @Slot(object)
    def _on_job_ended(self, failure: Failure | None) -> None:
        self._timer.stop()
        self._refresh()
        self._page.set_running(False)
        if failure is not None and not isinstance(failure, Defect):
            self._banners.show_message(BannerKey.REVIEW, Severity.ERROR, translated(failure.text))
        if self.summary is None:
            self._leave()

    def _leave(self) -> None:
        """There is nothing to see."""
        self.available_changed.emit(False)
        self.page_wanted.emit(False)

    # Truth

    def _truth_text(self) -> str:
        truth = self._job.begun.truth if self._job is not None and self._job.begun is not None else None
        if truth is None:
            return self.tr("True classes: not known ▾")
        if self.truth.table is not None:
            return self.tr("True classes: {0} ▾").format(self.truth.table.name)
        return self.tr("True classes: the folders' names ▾")

    # Banners

    @Slot(object)
    def offer(self, folder: Path) -> None:
        """A folder of photos was opened: offer to review all of it."""
        text = self.tr(
            "The arrow keys go through {0}. A review shows all of it at once, and what is confused."
        )
        self._banners.show_message(
            BannerKey.FOLDER,
            Severity.INFO,
            text.format(folder.name),
            [(self.tr("Review the folder"), lambda: self.start(folder))],
            seconds=12,
        )

    @Slot()
    def _on_pipeline_source_changed(self) -> None:
        self._banners.clear(BannerKey.FOLDER)
        self._banners.clear(BannerKey.PARTS)

    @Slot()
    def _on_presenter_presented(self) -> None:
        self._page.show_style(self._presenter.style)
