"""ReviewPage: the photos of a folder as tiles, what is right and wrong about them, and the tables beside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QSplitter, QTabWidget, QVBoxLayout, QWidget

from camviewer.core.review.items import Reviewed
from camviewer.core.review.order import (
    Listing,
    Show,
)
from camviewer.core.review.summary import (
    ClassRow,
    Confusion,
    Summary,
)
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.ui.review.choices import ReviewChoices
from camviewer.ui.review.head import ReviewHead
from camviewer.ui.review.photo_list import PhotoList
from camviewer.ui.review.tables import (
    class_table,
    confusion_table,
)
from camviewer.ui.widgets.class_words import class_name, class_name_and_label
from camviewer.ui.widgets.words import whole

SIDES = 12


class ReviewPage(QWidget):
    """Shows items and their summary; emits what the user asks for."""

    item_opened = Signal(object)
    """Reviewed: to be seen large."""
    closed = Signal()
    stop_requested = Signal()
    report_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._listing = Listing()
        self._has_truth = self._running = False
        self._known = 0
        """Photos whose true class is known."""
        self.head = ReviewHead()
        self.head.closed.connect(self.closed)
        self.head.stop_requested.connect(self.stop_requested)
        self.list = PhotoList()
        self.list.item_opened.connect(self.item_opened)
        self._choices = ReviewChoices()
        self._choices.chosen.connect(self._on_choices_chosen)
        self._choices.filter_cleared.connect(self._on_choices_filter_cleared)
        self._choices.report_requested.connect(self.report_requested)
        self.classes = class_table(self._name_and_label)
        self.confusions = confusion_table(self._name_and_label)
        self.classes.clicked.connect(self._on_classes_clicked)
        self.classes.activated.connect(self._on_classes_clicked)
        self.confusions.clicked.connect(self._on_confusions_clicked)
        self.confusions.activated.connect(self._on_confusions_clicked)
        self._tables = QTabWidget()
        self._tables.setDocumentMode(True)
        self._tables.setUsesScrollButtons(False)
        self._tables.addTab(self.confusions, self.tr("Confused"))
        self._tables.addTab(self.classes, self.tr("Classes"))
        self._lay_out()

    def _lay_out(self) -> None:
        body = QSplitter()
        body.addWidget(self.list)
        body.addWidget(self._tables)
        body.setStretchFactor(0, 3)
        body.setStretchFactor(1, 1)
        body.setSizes([700, 330])
        body.setChildrenCollapsible(False)
        # A narrow window stays as narrow as it may be for a frame.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDES, 8, SIDES, 8)
        column.setSpacing(6)
        column.addWidget(self.head)
        column.addWidget(self._choices)
        column.addWidget(body, 1)

    # What is shown

    def begin(self, folder: Path, store: ThumbnailStore) -> None:
        """A new review: nothing of the one before stays."""
        self.list.begin(store)
        self.head.begin(folder)
        self._listing, self._has_truth, self._running, self._known = Listing(), False, True, 0
        self._choices.set_report_enabled(False)
        self._tables.hide()
        self._show_listing()

    def set_known(self, labels: tuple[str, ...], has_truth: bool, notes: Sequence[str], source: str) -> None:
        """Once the folder is listed. source: where the true classes come from."""
        self.list.photos.labels, self._has_truth = labels, has_truth
        self._choices.show_truth(source)
        self.head.show_notes(notes)
        self._tables.setVisible(has_truth)
        if has_truth:
            self._listing = Listing(Show.MISTAKES)
        self._show_listing()

    def set_running(self, running: bool) -> None:
        self._running = running
        self.head.set_running(running)
        self._choices.set_report_enabled(not running)
        self._show_photos()

    def show_items(self, items: list[Reviewed], summary: Summary) -> None:
        """Bring all up to date. items: the folder's photos so far, in its order."""
        self.list.photos.items, self._known = items, summary.known
        self.head.show_summary(summary)
        self.classes.show_rows(summary.classes)
        self.confusions.show_rows(summary.confusions)
        self._show_photos()

    @property
    def truth_menu(self) -> QMenu:
        return self._choices.truth_menu

    @property
    def truth_text(self) -> str:
        """Where the true classes come from."""
        return self._choices.truth_text

    @property
    def filter_text(self) -> str:
        """The classes whose photos alone are listed; empty for those of all."""
        return self._choices.filter_text

    def _name(self, class_id: int) -> str:
        return class_name(self.list.labels, class_id)

    def _name_and_label(self, class_id: int) -> str:
        return class_name_and_label(self.list.labels, class_id)

    def _show_photos(self) -> None:
        wide = self._has_truth and self._listing.show is Show.MISTAKES
        self.list.show_listing(self._listing, wide, self._empty_text())

    def _empty_text(self) -> str:
        """What to say where no photo is listed."""
        if not self.list.photos.items:
            return ""
        listing = self._listing
        if listing.show is not Show.MISTAKES or listing.truth is not None:
            return self.tr("No photo is of this choice.")
        if self._running:
            return self.tr("No mistakes so far.")
        return self.tr("No mistakes: all {0} photos are right. “All photos” above shows them.").format(
            whole(self._known)
        )

    def _show_listing(self) -> None:
        listing = self._listing
        parts = []
        if listing.truth is not None:
            parts.append(self._name(listing.truth))
        if listing.predicted is not None:
            parts.append(self.tr("taken for {0}").format(self._name(listing.predicted)))
        self._choices.show_listing(listing, " ".join(parts), self._has_truth)
        self._show_photos()

    # What the user does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_choices_chosen(self) -> None:
        choices, listing = self._choices, self._listing
        self._listing = Listing(choices.show_what, choices.order, listing.truth, listing.predicted)
        self._show_listing()

    @Slot()
    def _on_choices_filter_cleared(self) -> None:
        self._listing = Listing(self._listing.show, self._listing.order)
        for table in (self.classes, self.confusions):
            table.clearSelection()
        self._show_listing()

    @Slot(QModelIndex)
    def _on_classes_clicked(self, index: QModelIndex) -> None:
        row = self.classes.row_at(index)
        if isinstance(row, ClassRow):
            self._listing = Listing(Show.ALL, self._listing.order, truth=row.class_id)
            self._show_listing()

    @Slot(QModelIndex)
    def _on_confusions_clicked(self, index: QModelIndex) -> None:
        row = self.confusions.row_at(index)
        if isinstance(row, Confusion):
            self._listing = Listing(Show.MISTAKES, self._listing.order, row.truth, row.predicted)
            self._show_listing()
