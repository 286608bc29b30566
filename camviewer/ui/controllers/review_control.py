"""ReviewControl: runs the review of a folder, brings its page up to date, and opens what is chosen there."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QDesktopServices
from PySide6.QtWidgets import QWidget

from camviewer.core.failures import Defect, Failure, SaveFailure
from camviewer.core.review.reviewer import Reviewed
from camviewer.core.review.summary import Summary, summarize
from camviewer.core.storage.files import safe_name
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.review.job import ReviewJob, TruthFrom
from camviewer.media.review.report import ReportFacts, csv_path, is_report_csv, write_report
from camviewer.media.sources.photos import PhotoSource
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.review.page import ReviewPage
from camviewer.ui.system.background import Background
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerArea, BannerKey, Severity
from camviewer.ui.widgets.file_dialog import Mode, file_dialog
from camviewer.ui.widgets.words import said, whole

REFRESH_MS = 400
"""At least so long between two refreshes; a large folder's summary may take more, and then waits longer."""


class ReviewControl(QObject):
    """One review at a time."""

    page_wanted = Signal(bool)
    """Whether the review is to be in view, or the picture."""
    available_changed = Signal(bool)

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        banners: BannerArea,
        page: ReviewPage,
        presenter: Presenter,
        background: Background,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._banners = pipeline, settings, banners
        self._page, self._presenter, self._window = page, presenter, parent
        self._background = background
        self._job: ReviewJob | None = None
        self._truth = TruthFrom()
        self._awaited: Reviewed | None = None
        self.items: list[Reviewed] = []
        self.summary: Summary | None = None
        self._timer = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        page.item_opened.connect(self.open_item)
        page.closed.connect(lambda: self.page_wanted.emit(False))
        page.stop_requested.connect(self.stop)
        page.report_requested.connect(self.ask_for_report)
        page.truth_menu.aboutToShow.connect(self._fill_truth_menu)
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        pipeline.explained.connect(self._on_pipeline_explained)
        presenter.presented.connect(self._on_presenter_presented)

    @property
    def job(self) -> ReviewJob | None:
        """The review in view, running or over."""
        return self._job

    # Starting and ending

    def ask_for_folder(self) -> None:
        folder = self._settings.text("source/folder")
        dialog = file_dialog(self._window, self.tr("Review a folder"), folder, Mode.Directory)
        dialog.filesSelected.connect(lambda files: self.start(Path(files[0])))
        dialog.open()

    def start(self, folder: Path, truth: TruthFrom | None = None) -> None:
        """Review a folder from the beginning, and show it."""
        self._drop()
        try:
            self._job = job = ReviewJob(folder, truth or TruthFrom(), self._pipeline.request)
        except Failure as failure:
            self._banners.show_message(BannerKey.REVIEW, Severity.ERROR, said(failure.text))
            return
        self._truth = truth or TruthFrom()
        self._banners.clear(BannerKey.REVIEW)
        self._settings.set("source/folder", str(folder))
        self.items, self.summary = [], None
        job.setParent(self)
        job.progressed.connect(self._on_job_progressed)
        job.ended.connect(self._on_job_ended)
        self._page.begin(folder, job.store)
        self._page.show_style(self._presenter.style)
        self._pipeline.add_job(job)
        self.available_changed.emit(True)
        self.page_wanted.emit(True)

    @Slot()
    def stop(self) -> None:
        """What has been reviewed stays in view."""
        if self._job is not None:
            self._job.cancel()
            if self._pipeline.model is None:  # it would wait for one
                self._drop()
                self._leave()

    def close(self) -> None:
        self._drop()
        self._page.tiles.close()

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
            self._page.tiles.clear()
            self._page.tiles.store = None

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
                [said(note) for note in truth.notes] if truth is not None else (),
                self._truth_text(),
            )
        self.items += job.take()
        self.summary = summarize(self.items)
        self._page.show_progress(len(self.items), len(job.begun.photos))
        self._page.show_items(self.items, self.summary)
        # The window must stay quick, however large the folder: at most a tenth of its time.
        self._timer.setInterval(max(REFRESH_MS, round(10_000 * (time.monotonic() - begin))))

    @Slot(object)
    def _on_job_ended(self, failure: Failure | None) -> None:
        self._timer.stop()
        self._refresh()
        self._page.set_running(False)
        if failure is not None and not isinstance(failure, Defect):
            self._banners.show_message(BannerKey.REVIEW, Severity.ERROR, said(failure.text))
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
        if self._truth.table is not None:
            return self.tr("True classes: {0} ▾").format(self._truth.table.name)
        return self.tr("True classes: the folders' names ▾")

    def _fill_truth_menu(self) -> None:
        menu, job = self._page.truth_menu, self._job
        menu.clear()
        for old in menu.findChildren(QActionGroup):
            old.deleteLater()
        if job is None:
            return
        group = QActionGroup(menu)
        known = job.begun is not None and job.begun.truth is not None
        choices = (
            (self.tr("Not known"), TruthFrom(folders=False), not known),
            (self.tr("The folders' names"), TruthFrom(folders=True), known and self._truth.table is None),
        )
        for text, truth, checked in choices:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setActionGroup(group)
            action.setChecked(checked)
            action.triggered.connect(lambda _=False, truth=truth: self.start(job.folder, truth))
        table = QAction(self.tr("A table of paths and classes (CSV)…"), menu)
        table.triggered.connect(self._ask_for_table)
        menu.addAction(table)

    def _ask_for_table(self) -> None:
        job = self._job
        if job is None:
            return
        filters = [self.tr("Tables (*.csv *.tsv *.txt)"), self.tr("All files (*)")]
        dialog = file_dialog(self._window, self.tr("True classes"), job.folder, Mode.ExistingFile, filters)
        dialog.fileSelected.connect(lambda file: self.start(job.folder, TruthFrom(table=Path(file))))
        dialog.open()

    # The report

    def ask_for_report(self) -> None:
        job = self._job
        if job is None or job.begun is None or not self.items:
            return
        dialog = file_dialog(
            self._window,
            self.tr("Save the report"),
            self._settings.text("save/folder"),
            Mode.AnyFile,
            [self.tr("Web page (*.html)")],
            saves=True,
        )
        dialog.setDefaultSuffix("html")
        dialog.selectFile(f"{safe_name(job.folder.name)}.html")
        dialog.fileSelected.connect(lambda file: self._write_report(Path(file)))
        dialog.open()

    def _write_report(self, html: Path) -> None:
        job = self._job
        if job is None or job.begun is None:
            return
        overwrite = True  # the dialog has asked whether a file may be replaced
        if html.suffix.lower() not in (".html", ".htm"):
            html, overwrite = html.with_name(f"{html.name}.html"), False
        self._settings.set("save/folder", str(html.parent))
        begun, items, store, style = job.begun, tuple(self.items), job.store, self._presenter.style
        facts = ReportFacts(
            job.folder.name,
            begun.model,
            begun.request,
            begun.labels,
            len(begun.photos),
            (job.folder,),
            begun.truth,
        )

        def work() -> Path:
            check_table(csv_path(html))
            return write_report(html, items, store, facts, style, overwrite=overwrite)[0]

        self._banners.show_message(BannerKey.REPORT, Severity.INFO, self.tr("Writing {0}…").format(html.name))
        self._background.run(work, self._on_report_written, self._on_report_failed)

    def _on_report_written(self, html: Path) -> None:
        page, folder = (QUrl.fromLocalFile(str(path)) for path in (html, html.parent))
        self._banners.show_message(
            BannerKey.REPORT,
            Severity.INFO,
            self.tr("Saved {0} and {1} in {2}.").format(html.name, csv_path(html).name, html.parent),
            [
                (self.tr("Open"), lambda: QDesktopServices.openUrl(page)),
                (self.tr("Show folder"), lambda: QDesktopServices.openUrl(folder)),
            ],
        )

    def _on_report_failed(self, failure: Failure) -> None:
        if isinstance(failure, Defect):
            self._banners.clear(BannerKey.REPORT)
        else:
            self._banners.show_message(BannerKey.REPORT, Severity.ERROR, said(failure.text))

    # Opening photos

    @Slot(object)
    def open_item(self, item: Reviewed) -> None:
        """Show it large; of a mistake, why the predicted class and not the true one."""
        self.page_wanted.emit(False)
        self._awaited = item
        self._banners.clear(BannerKey.SOURCE)
        self._pipeline.open(PhotoSource([item.path]))

    def go_to_mistake(self, step: int, large: bool) -> None:
        """The next mistake, or the one before (-1). large: open it; else it is only chosen."""
        item = self._page.go_to_mistake(step)
        if item is not None and large:
            self.open_item(item)

    @Slot(object)
    def _on_pipeline_explained(self, _explanation: object) -> None:
        item, self._awaited = self._awaited, None
        source = self._pipeline.source
        if item is None or not isinstance(source, PhotoSource) or source.path != item.path:
            return
        if item.correct is False and item.predicted is not None and item.truth is not None:
            self._presenter.compare(item.predicted.class_id, item.truth)
            self._tell_mistake(item, item.predicted.class_id, item.truth)

    def _tell_mistake(self, item: Reviewed, predicted: int, truth: int) -> None:
        labels = self._page.model.labels
        text = self.tr("{0} was taken for {1}. Where the map is warm, it looks more like {1}.").format(
            labels[truth], labels[predicted]
        )
        place, count = self._page.place_among_mistakes(item)
        if count > 1:
            text += " " + self.tr("Mistake {0} of {1}: N goes to the next one, G back to the review.").format(
                whole(place), whole(count)
            )
        self._banners.show_message(BannerKey.MISTAKE, Severity.INFO, text)

    @Slot()
    def _on_pipeline_source_changed(self) -> None:
        for key in (BannerKey.MISTAKE, BannerKey.FOLDER):
            self._banners.clear(key)

    @Slot(object)
    def offer(self, folder: Path) -> None:
        """A folder of photos was opened: say that all of it can be reviewed."""
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
    def _on_presenter_presented(self) -> None:
        self._page.show_style(self._presenter.style)


def check_table(table: Path) -> None:
    """Raises SaveFailure where a report's table would take the place of something else."""
    try:
        other = table.exists() and not is_report_csv(table)
    except OSError:
        other = True
    if other:
        raise SaveFailure(
            "The report's table would replace {name}, which is something else.",
            "Choose another name.",
            name=table.name,
        )
