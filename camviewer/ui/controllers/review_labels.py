"""ReviewLabels: corrects the true classes of photos, and keeps them in a file that the user chooses once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from camviewer.core.failures import Defect, Failure
from camviewer.core.review.corrections import Correction, append_correction, written_name
from camviewer.core.review.items import Reviewed
from camviewer.core.review.truth import ClassNames
from camviewer.core.storage.files import safe_name
from camviewer.ui.controllers.review_control import CORRECTIONS, ReviewControl
from camviewer.ui.review.label_dialog import LabelDialog
from camviewer.ui.system.background import Background
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import Action, BannerArea, BannerKey, Severity
from camviewer.ui.widgets.file_dialog import Mode, file_dialog
from camviewer.ui.widgets.menu_choices import one_group
from camviewer.ui.widgets.words import translated


@dataclass(frozen=True, slots=True)
class _Change:
    """path: of the photo; truth: None to know of no class any more."""

    path: Path
    truth: int | None


class ReviewLabels(QObject):
    """A correction counts once it is on the disk: what is seen is never lost."""

    def __init__(
        self, reviews: ReviewControl, settings: Settings, banners: BannerArea, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._reviews, self._settings, self._banners, self._window = reviews, settings, banners, parent
        self._background = Background(self)

    def close(self, patience: float) -> bool:
        """Whether all corrections are written."""
        return self._background.wait(patience)

    # What the user chooses from

    def fill_menu(self, menu: QMenu, item: Reviewed) -> None:
        """The likely classes, the present one checked; and all others in a dialog."""
        labels = self._labels
        likely = dict.fromkeys(score.class_id for score in item.top)
        known = [] if item.truth is None else [item.truth]
        before = item.reviewed.truth if item.reviewed is not None else None
        known += [] if before is None else [before]
        group = one_group(menu)
        for class_id in dict.fromkeys((*known, *likely)):
            action = menu.addAction(labels[class_id].replace("&", "&&"))
            action.setCheckable(True)
            action.setActionGroup(group)
            action.setChecked(class_id == item.truth)
            action.triggered.connect(partial(self.correct, item, class_id))
        menu.addSeparator()
        menu.addAction(self.tr("Another class…"), lambda: self.ask(item))

    def ask(self, item: Reviewed) -> None:
        """Which class a photo truly is, of all."""
        dialog = LabelDialog(self._window, item.path.name, self._labels, item.truth)
        dialog.class_chosen.connect(lambda class_id: self.correct(item, class_id))
        dialog.open()

    def ask_for_file(self, then: Callable[[], object] = lambda: None) -> None:
        """Where corrected labels are to be kept from now on; then what was to be done."""
        job = self._reviews.job
        present = self._reviews.corrections
        folder = present.parent if present is not None else (job.folder.parent if job is not None else "")
        filters = [self.tr("Tables (*.csv)")]
        title = self.tr("Where to keep corrected labels")
        dialog = file_dialog(self._window, title, folder, Mode.AnyFile, filters, saves=True)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # rows are added
        dialog.setDefaultSuffix("csv")
        name = safe_name(job.folder.name) if job is not None else "camviewer"
        dialog.selectFile(present.name if present is not None else f"{name}-labels.csv")

        def chosen(file: str) -> None:
            self._settings.set(CORRECTIONS, file)
            then()

        dialog.fileSelected.connect(chosen)
        dialog.open()

    # Correcting

    def correct(self, item: Reviewed, truth: int, *_: object) -> None:
        """Asks for the file the first time."""
        if truth == item.truth:
            return
        if self._reviews.corrections is None:
            self.ask_for_file(lambda: self._write(item, truth))
        else:
            self._write(item, truth)

    def _write(self, item: Reviewed, truth: int | None) -> None:
        file, job = self._reviews.corrections, self._reviews.job
        if file is None or job is None:
            return
        names = ClassNames(self._labels)
        old, predicted = item.truth, item.predicted
        row = Correction(
            item.path,
            "" if truth is None else written_name(truth, names),
            "" if old is None else written_name(old, names),
            "" if predicted is None else written_name(predicted.class_id, names),
            datetime.now().astimezone(),
        )

        def work() -> None:
            append_correction(file, row)

        def done(_: None) -> None:
            if self._reviews.job is job:
                self._on_written(file, _Change(item.path, truth), old)

        self._background.run(work, done, partial(self._on_failed, item, truth))

    def _on_written(self, file: Path, change: _Change, old: int | None) -> None:
        item = self._item(change.path)
        if item is None:
            return
        corrected = item.corrected(change.truth)
        self._reviews.change({item.path: corrected})
        labels = self._labels
        name = self.tr("not known") if change.truth is None else labels[change.truth]
        text = self.tr("{0} is {1} from now on. Written to {2}.").format(item.path.name, name, file)
        back: Action = (self.tr("Undo"), lambda: self._undo(change.path, old))
        self._banners.show_message(BannerKey.LABEL, Severity.INFO, text, [back], seconds=20)

    def _undo(self, path: Path, old: int | None) -> None:
        item = self._item(path)
        self._banners.clear(BannerKey.LABEL)
        if item is not None:
            self._write(item, old)

    def _on_failed(self, item: Reviewed, truth: int | None, failure: Failure) -> None:
        if isinstance(failure, Defect):
            return

        def again() -> None:
            self._banners.clear(BannerKey.LABEL)
            self.ask_for_file(lambda: self._write(item, truth))

        text = self.tr("The label was not corrected.") + " " + translated(failure.text)
        self._banners.show_message(BannerKey.LABEL, Severity.ERROR, text, [(self.tr("Another file…"), again)])

    def _item(self, path: Path) -> Reviewed | None:
        return next((item for item in self._reviews.items if item.path == path), None)

    @property
    def _labels(self) -> tuple[str, ...]:
        job = self._reviews.job
        return job.begun.labels if job is not None and job.begun is not None else ()
