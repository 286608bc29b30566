"""Asking for files and folders, without blocking: the view goes on live behind the dialog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from camviewer.ui.widgets.text_window import resize_for_text

translate = QCoreApplication.translate
Mode = QFileDialog.FileMode


def file_dialog(
    parent: QWidget,
    title: str,
    folder: str | Path,
    mode: QFileDialog.FileMode,
    filters: Sequence[str] = (),
    saves: bool = False,
) -> QFileDialog:
    """Begins in the folder, or at home if that isn't there. Connect its signals, then `open` it."""
    start = Path(folder)
    dialog = QFileDialog(parent, title, str(start if start.is_dir() else Path.home()))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(mode)
    if mode is Mode.Directory:
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    if saves:
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    if filters:
        dialog.setNameFilters(list(filters))
    # Where the system has no dialog of its own: Qt's translations lack these two.
    dialog.setLabelText(QFileDialog.DialogLabel.LookIn, translate("file_dialog", "Look in:"))
    dialog.setLabelText(QFileDialog.DialogLabel.FileType, translate("file_dialog", "Files of type:"))
    resize_for_text(dialog, QSize(700, 460))
    return dialog
