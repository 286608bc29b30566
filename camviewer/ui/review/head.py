"""ReviewHead: the reviewed folder, how far the review is, and its result in a line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from camviewer.core.review.summary import Summary
from camviewer.ui.review.choices import (
    review_button,
    review_row,
)
from camviewer.ui.review.tables import headline
from camviewer.ui.widgets.banner import Action
from camviewer.ui.widgets.icons import fit_icons
from camviewer.ui.widgets.words import whole

_MODEL = 40
"""Characters of width for the network's name, which may be a file's."""


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
        self._model, self._difference = QLabel(), QLabel()
        self._ways_out = QHBoxLayout()
        self._headline, self._notes = QLabel(), QLabel()
        for label in (self._headline, self._notes, self._difference):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        large = self._headline.font()
        large.setPointSizeF(large.pointSizeF() * 1.25)
        large.setBold(True)
        self._headline.setFont(large)
        fit_icons(self._stop, self._close)
        self._other_model = QWidget()
        row = QHBoxLayout(self._other_model)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._difference, 1)
        row.addLayout(self._ways_out)
        self._other_model.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(
            review_row(self._title, self._model, self._progress, self._count, self._stop, None, self._close)
        )
        column.addWidget(self._other_model)
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
        self._model.clear()
        self._model.setToolTip("")
        self.show_other_model("", ())
        self.set_running(True)
        for label in (self._headline, self._notes):
            label.clear()
            label.hide()

    def show_model(self, title: str) -> None:
        """The network that the review is of."""
        text = self.tr("by {0}").format(title)
        self._model.setToolTip(text)
        metrics = self.fontMetrics()
        room = _MODEL * metrics.averageCharWidth()
        self._model.setText(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, room))

    def show_other_model(self, difference: str, ways_out: Sequence[Action]) -> None:
        """Another one runs, and what can be done about it. difference: a sentence; empty: it is the same."""
        while (item := self._ways_out.takeAt(0)) is not None:
            button = item.widget()
            if button is not None:
                button.hide()
                button.deleteLater()
        for text, do in ways_out:
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(do)
            self._ways_out.addWidget(button)
        self._difference.setText(difference)
        self._other_model.setVisible(bool(difference))

    @property
    def model(self) -> str:
        """The network that the review is of; empty until it is known."""
        return self._model.toolTip()

    @property
    def difference(self) -> str:
        """What is said while another network runs; empty if it is the review's."""
        return self._difference.text()

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
