"""LabelsDialog: the labels of a model's classes, one by one, from a file or from folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, QStringListModel, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QListView, QPushButton, QVBoxLayout, QWidget

from camviewer.core.failures import Failure
from camviewer.core.models.labels import wrong_number
from camviewer.ui.widgets.file_dialog import (
    Mode,
    file_dialog,
)
from camviewer.ui.widgets.text_window import resize_for_text
from camviewer.ui.widgets.words import translated

LabelReader = Callable[[Path], tuple[str, ...]]
"""Raises Failure."""


class LabelsDialog(QDialog):
    """A list to edit; there are always as many as the model has classes."""

    accepted_labels = Signal(object)
    """tuple[str, ...]"""

    def __init__(self, parent: QWidget, labels: tuple[str, ...], folder: Path, read: LabelReader) -> None:
        """folder: where files are looked for first."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Labels"))
        self._folder, self._read = folder, read
        self._model = QStringListModel(list(labels), self)
        self._list = QListView()
        self._list.setUniformItemSizes(True)
        self._list.setModel(self._model)
        self._list.setAccessibleName(self.tr("Labels"))
        self._hint = QLabel(self.tr("In the order of the network's outputs. Double-click or F2 changes one."))
        self._hint.setWordWrap(True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        from_file = QPushButton(self.tr("&From file…"))
        buttons.addButton(from_file, QDialogButtonBox.ButtonRole.ActionRole)
        from_file.clicked.connect(self._ask_for_file)
        from_folders = QPushButton(self.tr("From fol&ders…"))
        from_folders.setToolTip(self.tr("The names of the folders in a folder: one folder a class"))
        buttons.addButton(from_folders, QDialogButtonBox.ButtonRole.ActionRole)
        from_folders.clicked.connect(self._ask_for_folder)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for part in (self._hint, self._list, buttons):
            layout.addWidget(part)
        resize_for_text(self, QSize(420, 480))

    @property
    def labels(self) -> tuple[str, ...]:
        """As they stand in the list."""
        return tuple(self._model.stringList())

    @property
    def hint(self) -> str:
        """What the line above the list says."""
        return self._hint.text()

    def _ask_for_file(self) -> None:
        filters = [
            self.tr("Labels ({0})").format("*.txt *.json *.csv *.yaml *.yml"),
            self.tr("All files (*)"),
        ]
        dialog = file_dialog(self, self.tr("Open labels"), self._folder, Mode.ExistingFile, filters)
        dialog.fileSelected.connect(lambda file: self.read_file(Path(file)))
        dialog.open()

    def _ask_for_folder(self) -> None:
        title = self.tr("Choose the folder with one folder a class")
        dialog = file_dialog(self, title, self._folder, Mode.Directory)
        dialog.fileSelected.connect(lambda folder: self.read_file(Path(folder)))
        dialog.open()

    def read_file(self, path: Path) -> None:
        """Take the labels of a file or a folder of folders, if they are as many as there are classes."""
        try:
            labels = self._read(path)
        except Failure as failure:
            self._hint.setText(translated(failure.text))
            return
        count = self._model.rowCount()
        if len(labels) != count:
            self._hint.setText(translated(wrong_number(path.name, len(labels), count)))
            return
        self._model.setStringList(list(labels))
        self._hint.setText(self.tr("The labels of {0}.").format(path.name))

    def _on_accepted(self) -> None:
        self.accepted_labels.emit(self.labels)
        self.accept()
