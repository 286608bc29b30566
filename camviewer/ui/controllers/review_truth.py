"""TruthMenu: where a review's true classes come from."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from camviewer.media.review.job import TruthFrom
from camviewer.ui.controllers.review_control import ReviewControl
from camviewer.ui.controllers.review_labels import ReviewLabels
from camviewer.ui.review.page import ReviewPage
from camviewer.ui.widgets.file_dialog import (
    Mode,
    file_dialog,
)
from camviewer.ui.widgets.menu_choices import one_group


class TruthMenu(QObject):
    """Each entry but the last reviews the folder anew."""

    def __init__(
        self, reviews: ReviewControl, labels: ReviewLabels, page: ReviewPage, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._reviews, self._labels, self._menu, self._window = reviews, labels, page.truth_menu, parent
        self._menu.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        menu, job = self._menu, self._reviews.job
        menu.clear()
        if job is None:
            return
        group = one_group(menu)
        known = job.begun is not None and job.begun.truth is not None
        choices = (
            (self.tr("Not known"), TruthFrom(folders=False), not known),
            (
                self.tr("The folders' names"),
                TruthFrom(folders=True),
                known and self._reviews.truth.table is None,
            ),
        )
        for text, truth, checked in choices:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setActionGroup(group)
            action.setChecked(checked)
            action.triggered.connect(lambda _=False, truth=truth: self._reviews.start(job.folder, truth))
        table = QAction(self.tr("A table of paths and classes (CSV)…"), menu)
        table.triggered.connect(self._ask_for_table)
        menu.addAction(table)
        menu.addSeparator()
        file = self._reviews.corrections
        kept = self.tr("Keep corrected labels in another file than {0}…")
        text = kept.format(file.name) if file is not None else self.tr("Where to keep corrected labels…")
        menu.addAction(text, self._labels.ask_for_file)

    def _ask_for_table(self) -> None:
        job = self._reviews.job
        if job is None:
            return
        filters = [self.tr("Tables (*.csv *.tsv *.txt)"), self.tr("All files (*)")]
        dialog = file_dialog(self._window, self.tr("True classes"), job.folder, Mode.ExistingFile, filters)
        dialog.fileSelected.connect(lambda file: self._reviews.start(job.folder, TruthFrom(table=Path(file))))
        dialog.open()
