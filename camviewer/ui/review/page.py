"""ReviewPage: the photos of a folder as tiles, what is right and wrong about them, and the tables beside."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QSplitter, QVBoxLayout, QWidget

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
from camviewer.media.drawing.style import OverlayStyle
from camviewer.ui.review.choices import SIZE_STEP, ReviewChoices
from camviewer.ui.review.head import ReviewHead
from camviewer.ui.review.photo_list import PhotoList
from camviewer.ui.review.summary_side import SummarySide
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
        self.choices = ReviewChoices()
        self.choices.chosen.connect(self._on_choices_chosen)
        self.choices.filter_cleared.connect(self._on_choices_filter_cleared)
        self.choices.report_requested.connect(self.report_requested)
        self.choices.size_chosen.connect(self.list.set_least_side)
        self.list.size_requested.connect(self._on_list_size_requested)
        self.side = SummarySide(self._name_and_label)
        self.classes, self.confusions = self.side.classes, self.side.confusions
        self.side.row_chosen.connect(self._on_side_row_chosen)
        self._lay_out()

    def _lay_out(self) -> None:
        body = QSplitter()
        body.addWidget(self.list)
        body.addWidget(self.side)
        body.setStretchFactor(0, 3)
        body.setStretchFactor(1, 1)
        body.setSizes([620, 400])
        body.setChildrenCollapsible(False)
        # A narrow window stays as narrow as it may be for a frame.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDES, 8, SIDES, 8)
        column.setSpacing(6)
        column.addWidget(self.head)
        column.addWidget(self.choices)
        column.addWidget(body, 1)

    # What is shown

    def begin(self, folder: Path, store: ThumbnailStore) -> None:
        """A new review: nothing of the one before stays."""
        self.list.begin(store)
        self.head.begin(folder)
        self._listing, self._has_truth, self._running, self._known = Listing(), False, True, 0
        self.choices.set_report_enabled(False)
        self.side.hide()
        self.side.begin()
        self._show_listing()

    def set_known(self, labels: tuple[str, ...], has_truth: bool, notes: Sequence[str], source: str) -> None:
        """Once the folder is listed. source: where the true classes come from."""
        self.list.photos.labels, self._has_truth = labels, has_truth
        self.choices.show_truth(source)
        self.head.show_notes(notes)
        self.side.setVisible(has_truth)
        if has_truth:
            self._listing = Listing(Show.MISTAKES)
        self._show_listing()

    def set_running(self, running: bool) -> None:
        self._running = running
        self.head.set_running(running)
        self.choices.set_report_enabled(not running)
        self._show_photos()

    def show_items(self, items: list[Reviewed], summary: Summary) -> None:
        """Bring all up to date. items: the folder's photos so far, in its order."""
        self.list.photos.items, self._known = items, summary.known
        self.head.show_summary(summary)
        self.side.show_summary(summary)
        if summary.known and not self._has_truth:  # by hand
            self._has_truth = True
            self.side.show()
            self._show_listing()
        else:
            self._show_photos()

    def show_style(self, style: OverlayStyle) -> None:
        self.list.show_style(style)
        self.side.show_style(style)

    def mark(self, item: Reviewed) -> None:
        """Mark a photo, or take its mark away."""
        self.list.photos.marked ^= {item.path}
        self._show_photos()

    @property
    def truth_menu(self) -> QMenu:
        return self.choices.truth_menu

    @property
    def transfer_menu(self) -> QMenu:
        return self.choices.transfer_menu

    @property
    def truth_text(self) -> str:
        """Where the true classes come from."""
        return self.choices.truth_text

    @property
    def filter_text(self) -> str:
        """The classes whose photos alone are listed; empty for those of all."""
        return self.choices.filter_text

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
        if listing.show is Show.MARKED:
            return self.tr("No photo is marked. M marks the chosen one, or its menu does.")
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
        self.choices.show_listing(listing, " ".join(parts), self._has_truth)
        self._show_photos()

    # What the user does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_choices_chosen(self) -> None:
        choices, listing = self.choices, self._listing
        self._listing = Listing(choices.show_what, choices.order, listing.truth, listing.predicted)
        self._show_listing()

    @Slot()
    def _on_choices_filter_cleared(self) -> None:
        self._listing = Listing(self._listing.show, self._listing.order)
        self.side.clear_selection()
        self._show_listing()

    @Slot(int)
    def _on_list_size_requested(self, steps: int) -> None:
        self.choices.set_photo_size(self.choices.photo_size + steps * SIZE_STEP)

    @Slot(object)
    def _on_side_row_chosen(self, row: object) -> None:
        if isinstance(row, ClassRow):
            self._listing = Listing(Show.ALL, self._listing.order, truth=row.class_id)
        elif isinstance(row, Confusion):
            self._listing = Listing(Show.MISTAKES, self._listing.order, row.truth, row.predicted)
        self._show_listing()
