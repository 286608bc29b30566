"""ClassFinder: any of the N classes by typing a part of its name."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from camviewer.core.explanation import (
    Explanation,
    largest,
)
from camviewer.ui.widgets.text_window import resize_for_text
from camviewer.ui.widgets.words import percent

_SHOWN = 200
_DIGITS = 10
"""No class has a number of so many."""


class ClassFinder(QFrame):
    """A popup: a line to type in and the classes that fit, the most probable first."""

    class_found = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._explanation: Explanation | None = None
        self._labels: tuple[str, ...] = ()
        self._lowered: list[str] = []
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._line = QLineEdit()
        self._line.setPlaceholderText(self.tr("Type a class, such as “tabby” or “281”"))
        self._line.setClearButtonEnabled(True)
        self._line.setAccessibleName(self.tr("Find a class"))
        self._line.textChanged.connect(self._fill)
        self._line.installEventFilter(self)
        self._list = QListWidget()
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(self.tr("Classes that fit"))
        self._list.itemActivated.connect(self._on_item_activated)
        self._list.itemClicked.connect(self._on_item_activated)
        self._nothing = QLabel(self.tr("No class has this in its name."))
        self._nothing.setMargin(6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._line)
        layout.addWidget(self._list, 1)
        layout.addWidget(self._nothing)

    def open_at(self, place: QPoint, explanation: Explanation) -> None:
        """Show the classes of this explanation; place: top right corner, global."""
        self._explanation = explanation
        self._line.clear()
        self._fill()
        resize_for_text(self, QSize(360, 400))
        self.move(place - QPoint(self.width(), 0))
        self.show()
        self._line.setFocus()

    def show_explanation(self, explanation: Explanation) -> None:
        """While it is open: the numbers of now. Each class keeps its place, for a list that moves can't be
        clicked, until something is typed."""
        if not self.isVisible():
            return
        before, self._explanation = self._explanation, explanation
        if before is None or explanation.labels != before.labels:
            self._fill()  # another model
            return
        for row in range(self._list.count()):
            item = self._list.item(row)
            text = _text(explanation, int(item.data(Qt.ItemDataRole.UserRole)))
            if text != item.text():
                item.setText(text)

    def _fill(self) -> None:
        explanation = self._explanation
        if explanation is None:
            return
        fits = self._fitting(explanation)
        self._list.clear()
        for class_id in fits:
            item = QListWidgetItem(_text(explanation, class_id))
            item.setData(Qt.ItemDataRole.UserRole, class_id)
            item.setToolTip(self.tr("class {0}").format(class_id))
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._list.setVisible(bool(fits))
        self._nothing.setVisible(not fits)

    def _fitting(self, explanation: Explanation) -> list[int]:
        """The classes that fit what is typed, the most probable first: as many as are listed."""
        words = self._line.text().lower().split()
        if not words:
            return list(explanation.top(_SHOWN))
        if explanation.labels is not self._labels:
            self._labels = explanation.labels
            self._lowered = [label.lower() for label in explanation.labels]
        lowered = self._lowered
        fits = np.ones(len(lowered), bool)
        for word in words:
            having = np.fromiter((word in label for label in lowered), bool, len(lowered))
            if word.isdecimal() and len(word) < _DIGITS and int(word) < len(having):
                having[int(word)] = True
            fits &= having
        found = np.flatnonzero(fits)
        return [int(found[i]) for i in largest(explanation.logits[found], _SHOWN)]

    def _on_item_activated(self, item: QListWidgetItem) -> None:
        self.hide()
        self.class_found.emit(int(item.data(Qt.ItemDataRole.UserRole)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up, down and Enter in the line act on the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key, row = event.key(), self._list.currentRow()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if key == Qt.Key.Key_Down else -1
                self._list.setCurrentRow(min(max(row + step, 0), self._list.count() - 1))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                item = self._list.currentItem()
                if item is not None:
                    self._on_item_activated(item)
                return True
        return super().eventFilter(watched, event)


def _text(explanation: Explanation, class_id: int) -> str:
    return f"{explanation.label(class_id)}   {percent(float(explanation.probabilities[class_id]))}"
