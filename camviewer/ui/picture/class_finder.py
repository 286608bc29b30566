"""ClassFinder: any of the N classes by typing a part of its name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from camviewer.core.explanation import Explanation
from camviewer.ui.widgets.text_window import resize_for_text
from camviewer.ui.widgets.words import percent

_SHOWN = 200


class ClassFinder(QFrame):
    """A popup: a line to type in and the classes that fit, the most probable first."""

    class_found = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._explanation: Explanation | None = None
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

    def _fill(self) -> None:
        explanation = self._explanation
        if explanation is None:
            return
        words = self._line.text().lower().split()
        fits = [
            c
            for c, label in enumerate(explanation.labels)
            if all(word in label.lower() or word == str(c) for word in words)
        ]
        fits.sort(key=lambda c: -float(explanation.logits[c]))
        self._list.clear()
        for class_id in fits[:_SHOWN]:
            value = percent(float(explanation.probabilities[class_id]))
            item = QListWidgetItem(f"{explanation.label(class_id)}   {value}")
            item.setData(Qt.ItemDataRole.UserRole, class_id)
            item.setToolTip(self.tr("class {0}").format(class_id))
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._list.setVisible(bool(fits))
        self._nothing.setVisible(not fits)

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
