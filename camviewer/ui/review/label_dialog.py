"""LabelDialog: which class a photo truly is, of all that a network knows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, QSortFilterProxyModel, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from camviewer.ui.widgets.text_window import resize_for_text


class LabelDialog(QDialog):
    """A line to type a part of a name in, and the classes that have it."""

    class_chosen = Signal(int)

    def __init__(self, parent: QWidget, photo: str, labels: Sequence[str], chosen: int | None) -> None:
        """photo: its name. chosen: its true class until now."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Correct the label"))
        self.line = QLineEdit()
        self.line.setPlaceholderText(self.tr("Type a part of a class’s name"))
        self.line.setClearButtonEnabled(True)
        self.line.setAccessibleName(self.tr("Find a class"))
        self.line.installEventFilter(self)
        self._found = QSortFilterProxyModel(self)
        self._found.setSourceModel(QStringListModel(list(labels), self))
        self._found.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._list = QListView()
        self._list.setUniformItemSizes(True)
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setModel(self._found)
        self._list.setAccessibleName(self.tr("Classes that fit"))
        self._list.activated.connect(self.accept)
        question = QLabel(self.tr("Which class does {0} truly show?").format(photo))
        question.setWordWrap(True)
        question.setTextFormat(Qt.TextFormat.PlainText)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for part in (question, self.line, self._list, self._buttons):
            layout.addWidget(part)
        self.line.textChanged.connect(self._on_line_changed)
        self._choose(chosen or 0)
        resize_for_text(self, QSize(420, 460))

    def accept(self) -> None:
        row = self._found.mapToSource(self._list.currentIndex()).row()
        if row >= 0:
            super().accept()
            self.class_chosen.emit(row)

    def _choose(self, class_id: int) -> None:
        index = self._found.mapFromSource(self._found.sourceModel().index(class_id, 0))
        self._list.setCurrentIndex(index)
        self._list.scrollTo(index, QListView.ScrollHint.PositionAtCenter)

    def _on_line_changed(self, text: str) -> None:
        self._found.setFilterFixedString(text.strip())
        if not self._list.currentIndex().isValid():
            self._list.setCurrentIndex(self._found.index(0, 0))
        ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(self._found.rowCount() > 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down in the line act on the list."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None:
                row = self._list.currentIndex().row() + step
                if 0 <= row < self._found.rowCount():
                    self._list.setCurrentIndex(self._found.index(row, 0))
                return True
        return super().eventFilter(watched, event)
