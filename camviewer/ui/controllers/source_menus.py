"""SourceMenus: the menus that choose a source, or a format of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.camera import (
    CameraSource,
    camera_id,
    unique_names,
)
from camviewer.media.sources.photos import sample_photos
from camviewer.media.sources.source import (
    HasFormats,
    Remembered,
)
from camviewer.ui.controllers.source_control import SourceControl
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.icons import icon
from camviewer.ui.widgets.menu_choices import one_group

_MANY_FORMATS = 24


class SourceMenus(QObject):
    """Filled each time they open: devices come and go."""

    def __init__(
        self, pipeline: Pipeline, settings: Settings, sources: SourceControl, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._sources = pipeline, settings, sources
        self.camera_menu = QMenu(self.tr("&Camera"), parent)
        self.camera_menu.aboutToShow.connect(self._fill_camera_menu)
        self.format_menu = QMenu(self.tr("Camera &format"), parent)
        self.format_menu.aboutToShow.connect(self._fill_format_menu)
        self.screen_menu = QMenu(self.tr("&Screen"), parent)
        self.screen_menu.aboutToShow.connect(self._fill_screen_menu)
        self.recent_menu = QMenu(self.tr("Open &recent"), parent)
        self.recent_menu.aboutToShow.connect(self._fill_recent_menu)
        self.samples_menu = QMenu(self.tr("Sa&mple photos"), parent)
        names = {
            "cat": self.tr("cat"),
            "camera": self.tr("camera"),
            "coffee": self.tr("coffee"),
            "rocket": self.tr("rocket"),
        }
        for sample in sample_photos():
            action = self.samples_menu.addAction(names.get(sample.stem, sample.stem))
            action.triggered.connect(lambda _=False, sample=sample: self._open_sample(sample))

    def _open_sample(self, photo: Path) -> None:
        self._sources.open_paths([photo], remember=False)

    def _fill_camera_menu(self) -> None:
        menu, source = self.camera_menu, self._pipeline.source
        menu.clear()
        group = one_group(menu)
        present = None
        if source is not None and isinstance(source, Remembered):
            present = source.settings_key, source.identity
        devices = self._sources.cameras.all()
        for device, name in zip(devices, unique_names([d.description() for d in devices]), strict=True):
            action = menu.addAction(icon("camera"), name)
            action.setCheckable(True)
            action.setActionGroup(group)
            key = camera_id(device)
            action.setChecked(present == (CameraSource.settings_key, key))
            action.triggered.connect(lambda _=False, key=key: self._sources.open_camera(key))
        if menu.isEmpty():
            menu.addAction(self.tr("No camera is plugged in")).setEnabled(False)
        menu.addSeparator()
        menu.addMenu(self.format_menu)
        self.format_menu.setEnabled(isinstance(source, HasFormats))

    def _fill_format_menu(self) -> None:
        menu, source = self.format_menu, self._pipeline.source
        menu.clear()
        if source is None or not isinstance(source, HasFormats):
            return
        group = one_group(menu)
        present = source.format_key
        for fmt in source.formats[:_MANY_FORMATS]:
            text = self.tr("{0} × {1}, {2} fps").format(fmt.width, fmt.height, round(fmt.rate))
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setActionGroup(group)
            action.setChecked(fmt.key == present)
            action.triggered.connect(lambda _=False, key=fmt.key: self._sources.choose_format(key))

    def _fill_screen_menu(self) -> None:
        self.screen_menu.clear()
        for index, screen in enumerate(QGuiApplication.screens()):
            size = screen.size() * screen.devicePixelRatio()
            text = self.tr("{0} ({1} × {2})").format(
                screen.name() or self.tr("Screen {0}").format(index + 1), size.width(), size.height()
            )
            action = self.screen_menu.addAction(icon("screen"), text)
            action.triggered.connect(lambda _=False, index=index: self._sources.open_screen(index))

    def _fill_recent_menu(self) -> None:
        self.recent_menu.clear()
        for text in self._settings.texts("recent"):
            path = Path(text)
            action = self.recent_menu.addAction(path.name or text)
            action.setToolTip(text)
            action.setStatusTip(text)
            action.triggered.connect(lambda _=False, path=path: self._sources.open_paths([path]))
        if self.recent_menu.isEmpty():
            self.recent_menu.addAction(self.tr("Nothing opened yet")).setEnabled(False)
            return
        self.recent_menu.addSeparator()
        self.recent_menu.addAction(self.tr("Clear the list")).triggered.connect(
            lambda: self._settings.set("recent", [])
        )
