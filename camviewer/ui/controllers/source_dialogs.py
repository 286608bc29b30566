"""SourceDialogs: asks which files or which folder to open."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from camviewer.core.storage.file_kinds import (
    PHOTO_SUFFIXES,
    SNAPSHOT_SUFFIX,
    VIDEO_SUFFIXES,
    patterns,
)
from camviewer.ui.controllers.source_control import SourceControl
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.file_dialog import (
    Mode,
    file_dialog,
)


class SourceDialogs(QObject):
    """They begin in the folder that was opened last. The program goes on behind them."""

    def __init__(self, settings: Settings, sources: SourceControl, parent: QWidget) -> None:
        super().__init__(parent)
        self._settings, self._sources, self._window = settings, sources, parent

    def ask_for_files(self) -> None:
        photos, videos = patterns(PHOTO_SUFFIXES), patterns(VIDEO_SUFFIXES)
        filters = [
            self.tr("Photos, videos, snapshots ({0})").format(f"{photos} {videos} *{SNAPSHOT_SUFFIX}"),
            self.tr("Photos ({0})").format(photos),
            self.tr("Videos ({0})").format(videos),
            self.tr("Snapshots ({0})").format(f"*{SNAPSHOT_SUFFIX}"),
            self.tr("All files (*)"),
        ]
        self._ask(file_dialog(self._window, self.tr("Open"), self._folder(), Mode.ExistingFiles, filters))

    def ask_for_folder(self) -> None:
        self._ask(file_dialog(self._window, self.tr("Open folder"), self._folder(), Mode.Directory))

    def _ask(self, dialog: QFileDialog) -> None:
        dialog.filesSelected.connect(lambda files: self._sources.open_paths([Path(f) for f in files]))
        dialog.open()

    def _folder(self) -> str:
        return self._settings.text("source/folder")
