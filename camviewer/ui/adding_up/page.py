"""DrawingPage: the drawing on a wide page of its own, from where it is saved as a handout."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QLabel, QScrollArea, QVBoxLayout, QWidget

from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.adding_up.drawing import ScoreDrawing
from camviewer.ui.adding_up.texts import flatten_words
from camviewer.ui.adding_up.ways import WayBar
from camviewer.ui.widgets.class_words import target_name
from camviewer.ui.widgets.text_window import resize_for_text


class DrawingPage(QDialog):
    """Beside the window, and live as that is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(self.tr("How it adds up"))
        self.ways = WayBar(
            self.tr("Save as handout"),
            self.tr("One page of HTML with both drawings and all numbers, to print"),
        )
        self.drawing = ScoreDrawing()
        self._title, self._words = QLabel(), QLabel()
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        for label in (self._title, self._words):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 8, 16, 16)
        for widget in (self._title, self.drawing, self._words):
            column.addWidget(widget)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        bar = QVBoxLayout()
        bar.setContentsMargins(16, 4, 16, 0)
        bar.addWidget(self.ways)
        outer.addLayout(bar)
        outer.addWidget(scroll, 1)
        self._sized = False

    def open(self) -> None:
        """Show it, or bring it to the front."""
        if not self._sized:
            self._sized = True
            resize_for_text(self, QSize(980, 720))
        self.show()
        self.raise_()
        self.activateWindow()

    def show_state(self, state: ViewState | None, held: Sequence[int] = ()) -> None:
        self.drawing.show_state(state, held)
        contents = self.drawing.contents
        title = target_name(state.explanation, state.target) if state is not None else ""
        words = flatten_words(contents) if contents is not None and contents.flattens else ""
        for label, text in ((self._title, title), (self._words, words)):
            if text != label.text():
                label.setText(text)
        self.ways.choice.setVisible(contents is not None and bool(contents.parts.channels))
        self.ways.button.setEnabled(state is not None)
