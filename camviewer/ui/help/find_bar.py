"""FindBar: finds words in a text that is shown, and goes from one place to the next."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QPalette, QShortcut, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QTextBrowser, QTextEdit, QToolButton, QWidget

from camviewer.ui.widgets import accessibility
from camviewer.ui.widgets.icons import icon, icon_side
from camviewer.ui.widgets.words import whole


class _Field(QLineEdit):
    """Its keys are its own: in a dialog, Enter would press a button and Escape close the window."""

    step_wanted = Signal(int)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step_wanted.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self.left.emit()
        else:
            super().keyPressEvent(event)


class FindBar(QWidget):
    """Ctrl+F goes to the field; Enter, F3 and the arrows to the next place, with Shift to the one before."""

    def __init__(self, browser: QTextBrowser) -> None:
        super().__init__()
        self._browser = browser
        self._places: list[QTextCursor] = []
        self._at = -1
        self.field = _Field()
        self.field.setPlaceholderText(self.tr("Find in the guide"))
        self.field.setAccessibleName(self.tr("Find in the guide"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._on_field_text_changed)
        self.field.step_wanted.connect(self.step)
        self.field.left.connect(browser.setFocus)
        self.count = QLabel()
        self.previous = self._button("previous", self.tr("Previous place"), -1)
        self.next = self._button("next", self.tr("Next place"), 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.field, 1)
        row.addWidget(self.count)
        row.addWidget(self.previous)
        row.addWidget(self.next)
        self._show_count()

    def add_keys(self, window: QWidget) -> None:
        """The keys that count in all of the window."""
        keys = QKeySequence.StandardKey
        for key, act in (
            (keys.Find, self.begin),
            (keys.FindNext, lambda: self.step(1)),
            (keys.FindPrevious, lambda: self.step(-1)),
        ):
            QShortcut(QKeySequence(key), window, act)

    def begin(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    @Slot(int)
    def step(self, steps: int) -> None:
        """So many places on, from the last to the first."""
        if self._places:
            self._at = (self._at + steps) % len(self._places)
            self._show_places()

    @property
    def found(self) -> list[QTextCursor]:
        """All places, from top to bottom, each with its words selected."""
        return self._places

    @property
    def at(self) -> int:
        """Which of them is chosen; -1 if there is none."""
        return self._at

    def _button(self, picture: str, text: str, steps: int) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(picture))
        button.setIconSize(QSize(icon_side(self), icon_side(self)))
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setAutoRaise(True)
        button.clicked.connect(lambda: self.step(steps))
        return button

    @Slot(str)
    def _on_field_text_changed(self, words: str) -> None:
        """The first place that is in view, or below it, is chosen."""
        document, start = self._browser.document(), QTextCursor(self._browser.document())
        top = self._browser.cursorForPosition(self._browser.viewport().rect().topLeft()).position()
        self._places = []
        while words and not (start := document.find(words, start)).isNull():
            self._places.append(QTextCursor(start))
        below = [i for i, place in enumerate(self._places) if place.selectionStart() >= top]
        self._at = (below or [0])[0] if self._places else -1
        self._show_places()

    def _show_places(self) -> None:
        palette = self._browser.palette()
        selections = []
        for index, place in enumerate(self._places):
            selection = QTextEdit.ExtraSelection()
            selection.cursor = place
            ground = palette.color(QPalette.ColorRole.Highlight)
            if index == self._at:
                selection.format.setForeground(palette.color(QPalette.ColorRole.HighlightedText))
            else:
                ground.setAlphaF(0.3)
            selection.format.setBackground(ground)
            selections.append(selection)
        self._browser.setExtraSelections(selections)
        if self._at >= 0:
            cursor = QTextCursor(self._places[self._at])
            cursor.setPosition(cursor.selectionStart())
            self._browser.setTextCursor(cursor)
            self._browser.ensureCursorVisible()
            low = self._browser.cursorRect().top() - self._browser.viewport().height() // 2
            if low > 0:  # with what follows it
                bar = self._browser.verticalScrollBar()
                bar.setValue(bar.value() + low)
        self._show_count()

    def _show_count(self) -> None:
        text = ""
        if self._places:
            text = self.tr("{0} of {1}").format(whole(self._at + 1), whole(len(self._places)))
        elif self.field.text():
            text = self.tr("nothing found")
        self.count.setText(text)
        for button in (self.previous, self.next):
            button.setEnabled(bool(self._places))
        if text:
            accessibility.announce(self, text)
