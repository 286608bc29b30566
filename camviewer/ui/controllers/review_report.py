"""ReviewReport: a review as a page and a table, written in the background."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from camviewer.core.failures import (
    Defect,
    Failure,
    SaveFailure,
)
from camviewer.core.storage.files import safe_name
from camviewer.core.text import Text
from camviewer.media.review.report import (
    ReportFacts,
    csv_path,
    is_report_csv,
    write_report,
)
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.review_control import ReviewControl
from camviewer.ui.review.page import ReviewPage
from camviewer.ui.system.background import Background
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


class ReviewReport(QObject):
    """Reports what has been reviewed so far, drawn in the present style."""

    def __init__(
        self,
        reviews: ReviewControl,
        page: ReviewPage,
        presenter: Presenter,
        settings: Settings,
        banners: BannerArea,
        background: Background,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._reviews, self._presenter, self._settings = reviews, presenter, settings
        self._banners, self._background, self._window = banners, background, parent
        page.report_requested.connect(self.ask)

    @Slot()
    def ask(self) -> None:
        """Ask where to write the report; does nothing while there is nothing to write."""
        job = self._reviews.job
        if job is None or job.begun is None or not self._reviews.items:
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
        dialog.fileSelected.connect(lambda file: self._write(Path(file)))
        dialog.open()

    def _write(self, html: Path) -> None:
        job = self._reviews.job
        if job is None or job.begun is None:
            return
        overwrite = True  # the dialog has asked whether a file may be replaced
        if html.suffix.lower() not in (".html", ".htm"):
            html, overwrite = html.with_name(f"{html.name}.html"), False
        self._settings.set("save/folder", str(html.parent))
        begun, items, store, style = job.begun, tuple(self._reviews.items), job.store, self._presenter.style
        facts = ReportFacts(
            job.folder.name,
            begun.model,
            begun.request,
            begun.labels,
            len(begun.photos),
            (job.folder,),
            begun.truth,
            left_out=(*begun.left_out, *self._corrected()),
        )

        def work() -> Path:
            check_table(csv_path(html))
            return write_report(html, items, store, facts, style, overwrite=overwrite)[0]

        self._banners.show_message(BannerKey.REPORT, Severity.INFO, self.tr("Writing {0}…").format(html.name))
        self._background.run(work, self._on_written, self._on_failed)

    def _corrected(self) -> tuple[str, ...]:
        """How many labels were corrected since the review began."""
        count = sum(item.reviewed is not None for item in self._reviews.items)
        one, several = Text("1 label was corrected."), Text("{count} labels were corrected.", count=count)
        return () if not count else (one if count == 1 else several,)

    def _on_written(self, html: Path) -> None:
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

    def _on_failed(self, failure: Failure) -> None:
        if isinstance(failure, Defect):
            self._banners.clear(BannerKey.REPORT)
        else:
            self._banners.show_message(BannerKey.REPORT, Severity.ERROR, translated(failure.text))


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
