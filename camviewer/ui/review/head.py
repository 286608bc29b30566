"""ReviewHead: the reviewed folder, how far the review is, and its result in a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout, QWidget

from camviewer.core.review.summary import Summary
from camviewer.ui.review.choices import (
    review_button,
    review_row,
)
from camviewer.ui.review.tables import headline
from camviewer.ui.widgets.icons import fit_icons
from camviewer.ui.widgets.words import whole


class ReviewHead(QWidget):
    """What stands above the choices and the photos of a review."""

    closed = Signal()
    stop_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._title, self._count = QLabel(), QLabel()
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._progress = QProgressBar()
        self._progress.setFixedWidth(160)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(self.tr("Progress of the review"))
        self._stop = review_button(self.tr("Stop"), "", self.stop_requested)
        self._stop.setToolTip(self.tr("Stop the review; what is done stays"))
        self._close = review_button("", "close", self.closed)
        self._close.setToolTip(self.tr("Back to the picture (Esc)"))
        self._close.setAccessibleName(self.tr("Back to the picture"))
        self._close.setAutoRaise(True)
        self._headline, self._notes = QLabel(), QLabel()
        for label in (self._headline, self._notes):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        large = self._headline.font()
        large.setPointSizeF(large.pointSizeF() * 1.25)
        large.setBold(True)
        self._headline.setFont(large)
        fit_icons(self._stop, self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(review_row(self._title, self._progress, self._count, self._stop, None, self._close))
        column.addWidget(self._headline)
        column.addWidget(self._notes)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            fit_icons(self._stop, self._close)

    @property
    def folder_name(self) -> str:
        return self._title.text()

    @property
    def headline(self) -> str:
        """The accuracy in a line; empty where no true class is known."""
        return self._headline.text()

    def begin(self, folder: Path) -> None:
        """A new review: nothing of the one before stays."""
        self._title.setText(folder.name or str(folder))
        self._title.setToolTip(str(folder))
        self._count.setText(self.tr("Listing the photos…"))
        self._progress.setRange(0, 0)
        self.set_running(True)
        for label in (self._headline, self._notes):
            label.clear()
            label.hide()

    def set_running(self, running: bool) -> None:
        self._progress.setVisible(running)
        self._stop.setVisible(running)

    def show_progress(self, done: int, total: int) -> None:
        self._progress.setRange(0, max(total, 1))
        self._progress.setValue(done)
        self._count.setText(self.tr("{0} of {1}").format(whole(done), whole(total)))

    def show_notes(self, notes: Sequence[str]) -> None:
        """What the user should know of the true classes."""
        self._notes.setText("\n".join(notes))
        self._notes.setVisible(bool(notes))

    def show_summary(self, summary: Summary) -> None:
        self._headline.setText(headline(summary))
        self._headline.setVisible(summary.top1.value is not None)
