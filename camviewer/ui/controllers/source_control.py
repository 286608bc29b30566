"""SourceControl: which source is open, the menus that choose one, and what is said when one fails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, QMimeData, QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from camviewer.core.explanation import Explanation, SnapshotInfo
from camviewer.core.failures import Defect, DeviceFailure, Failure, SourceFailure
from camviewer.core.resources import resource_path
from camviewer.core.storage import images, snapshot
from camviewer.core.storage.files import exists, is_folder
from camviewer.media.frames import image_to_array
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources import video
from camviewer.media.sources.camera import Cameras, CameraSource, camera_id, format_key, formats_of, numbered
from camviewer.media.sources.photos import ArraySource, PhotoSource
from camviewer.media.sources.screen import ScreenSource
from camviewer.media.sources.snapshot import SnapshotSource
from camviewer.media.sources.source import Source
from camviewer.media.sources.video import VideoSource
from camviewer.ui.system.settings import RECENT, Settings
from camviewer.ui.widgets.banner import Action, BannerArea, BannerKey, Severity
from camviewer.ui.widgets.file_dialog import Mode, file_dialog
from camviewer.ui.widgets.icons import icon
from camviewer.ui.widgets.menu_choices import one_group
from camviewer.ui.widgets.words import locale, said

_MANY_FORMATS = 24


class SourceControl(QObject):
    """Opens sources in the pipeline. Remembers cameras, folders and recent files."""

    folder_opened = Signal(object)
    """Path of a folder of photos."""

    def __init__(self, pipeline: Pipeline, settings: Settings, banners: BannerArea, parent: QWidget) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._banners = pipeline, settings, banners
        self._window = parent
        self._frame_failed = False
        self.cameras = Cameras(self)
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
            action.triggered.connect(lambda _=False, sample=sample: self.open_paths([sample], remember=False))
        pipeline.source_failed.connect(self._on_pipeline_source_failed)
        pipeline.source_recovered.connect(self._on_pipeline_source_recovered)
        pipeline.frame_failed.connect(self._on_pipeline_frame_failed)
        pipeline.explained.connect(self._on_pipeline_explained)
        pipeline.source_changed.connect(self._on_pipeline_source_changed)

    # Opening

    def open_first(self, paths: Sequence[Path], camera: str | None, screen: bool) -> None:
        """At the start: what the command line names, else a camera, else a sample photo."""
        if paths:
            self.open_paths(paths)
        elif screen:
            self.open_screen()
        elif camera is not None:
            self.open_camera(camera)
        else:
            remembered = self._settings.text("source/camera")
            device = (self.cameras.find(remembered) if remembered else None) or self.cameras.find("")
            if device is None:
                self.open_sample()
            else:
                self.open_camera(camera_id(device))

    def open_sample(self) -> None:
        self.open_paths(sample_photos()[:1], remember=False)

    def open_camera(self, wanted: str) -> None:
        """By id, name, index, or the default one for an empty string."""
        device = self.cameras.find(wanted)
        if device is None:
            names = ", ".join(d.description() for d in self.cameras.all())
            what = (
                self.tr("There is no camera “{0}”.").format(wanted)
                if wanted
                else self.tr("There is no camera.")
            )
            mend = (
                self.tr("There are: {0}.").format(names)
                if names
                else self.tr("Plug one in, or open a photo.")
            )
            if self._pipeline.source is None:
                self.open_sample()
            self._show(SourceFailure(what, mend))
            return
        self._banners.clear(BannerKey.SOURCE)
        key = camera_id(device)
        self._settings.set("source/camera", key)
        self._pipeline.open(CameraSource(self.cameras, device, self._settings.text(f"formats/{_ini(key)}")))

    def open_screen(self, index: int = -1) -> None:
        """By index; the primary one by default."""
        self._banners.clear(BannerKey.SOURCE)
        screens = QGuiApplication.screens()
        screen = screens[index] if 0 <= index < len(screens) else QGuiApplication.primaryScreen()
        self._pipeline.open(ScreenSource(screen))

    def open_paths(self, paths: Sequence[Path], remember: bool = True) -> None:
        """Photos, folders of photos, a video or a snapshot."""
        missing: list[Path] = []
        there: list[Path] = []
        for path in paths:
            if exists(path):
                there.append(path.absolute())
            else:
                missing.append(path)
        self._banners.clear(BannerKey.SOURCE)
        if not there and self._pipeline.source is None:
            self.open_sample()
        if missing:
            self._show(SourceFailure("{name} doesn't exist.", "Check the path.", name=missing[0]))
        if not there:
            return
        alone = [p for p in there if p.suffix.lower() in (*video.SUFFIXES, snapshot.SUFFIX)]
        if remember:
            for path in reversed(there[:RECENT]):
                self._settings.add_recent(str(path))
            first = there[0]
            self._settings.set("source/folder", str(first if is_folder(first) else first.parent))
        if alone and len(there) > 1:
            text = self.tr("Only {0} was opened: videos and snapshots are shown alone.")
            self._banners.show_message(
                BannerKey.SEVERAL, Severity.INFO, text.format(alone[0].name), seconds=8
            )
        if not alone:
            self._pipeline.open(PhotoSource(there))
            if len(there) == 1 and is_folder(there[0]):
                self.folder_opened.emit(there[0])
        elif alone[0].suffix.lower() == snapshot.SUFFIX:
            self._pipeline.open(SnapshotSource(alone[0]))
        else:
            self._pipeline.open(VideoSource(alone[0]))

    def open_image(self, image: QImage, title: str) -> None:
        self._banners.clear(BannerKey.SOURCE)
        self._pipeline.open(ArraySource(lambda: image_to_array(image), title))

    def open_mime(self, mime: QMimeData | None) -> bool:
        """What was dropped or pasted: files or a picture. False if it is neither."""
        if mime is None:  # an empty clipboard
            return False
        paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if paths:
            self.open_paths(paths)
            return True
        image = mime.imageData() if mime.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            self.open_image(image, self.tr("Pasted picture"))
            return True
        return False

    def paste(self) -> None:
        if not self.open_mime(QGuiApplication.clipboard().mimeData()):
            self._banners.show_message(
                BannerKey.PASTE,
                Severity.INFO,
                self.tr("The clipboard holds no picture and no files."),
                seconds=5,
            )

    def ask_for_files(self) -> None:
        photos = " ".join(f"*{s}" for s in sorted(images.SUFFIXES))
        videos = " ".join(f"*{s}" for s in sorted(video.SUFFIXES))
        filters = [
            self.tr("Photos, videos, snapshots ({0})").format(f"{photos} {videos} *{snapshot.SUFFIX}"),
            self.tr("Photos ({0})").format(photos),
            self.tr("Videos ({0})").format(videos),
            self.tr("Snapshots ({0})").format(f"*{snapshot.SUFFIX}"),
            self.tr("All files (*)"),
        ]
        self._ask(file_dialog(self._window, self.tr("Open"), self._folder(), Mode.ExistingFiles, filters))

    def ask_for_folder(self) -> None:
        self._ask(file_dialog(self._window, self.tr("Open folder"), self._folder(), Mode.Directory))

    def _ask(self, dialog: QFileDialog) -> None:
        dialog.filesSelected.connect(lambda files: self.open_paths([Path(f) for f in files]))
        dialog.open()

    def _folder(self) -> str:
        return self._settings.text("source/folder")

    # Menus

    def _fill_camera_menu(self) -> None:
        menu, source = self.camera_menu, self._pipeline.source
        menu.clear()
        group = one_group(menu)
        devices = self.cameras.all()
        for device, name in zip(devices, numbered([d.description() for d in devices]), strict=True):
            action = menu.addAction(icon("camera"), name)
            action.setCheckable(True)
            action.setActionGroup(group)
            key = camera_id(device)
            is_open = isinstance(source, CameraSource) and camera_id(source.device) == key
            action.setChecked(is_open)
            action.triggered.connect(lambda _=False, key=key: self.open_camera(key))
        if menu.isEmpty():
            menu.addAction(self.tr("No camera is plugged in")).setEnabled(False)
        menu.addSeparator()
        menu.addMenu(self.format_menu)
        self.format_menu.setEnabled(isinstance(source, CameraSource))

    def _fill_format_menu(self) -> None:
        menu, source = self.format_menu, self._pipeline.source
        menu.clear()
        if not isinstance(source, CameraSource):
            return
        group = one_group(menu)
        present = source.format
        for fmt in formats_of(source.device)[:_MANY_FORMATS]:
            size, key = fmt.resolution(), format_key(fmt)
            text = self.tr("{0} × {1}, {2} fps").format(
                size.width(), size.height(), round(fmt.maxFrameRate())
            )
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setActionGroup(group)
            action.setChecked(present is not None and format_key(present) == key)
            action.triggered.connect(lambda _=False, key=key: self._choose_format(key))

    def _choose_format(self, key: str) -> None:
        source = self._pipeline.source
        if isinstance(source, CameraSource):
            self._settings.set(f"formats/{_ini(camera_id(source.device))}", key)
            source.set_format(key)

    def _fill_screen_menu(self) -> None:
        self.screen_menu.clear()
        for index, screen in enumerate(QGuiApplication.screens()):
            size = screen.size() * screen.devicePixelRatio()
            text = self.tr("{0} ({1} × {2})").format(
                screen.name() or self.tr("Screen {0}").format(index + 1), size.width(), size.height()
            )
            action = self.screen_menu.addAction(icon("screen"), text)
            action.triggered.connect(lambda _=False, index=index: self.open_screen(index))

    def _fill_recent_menu(self) -> None:
        self.recent_menu.clear()
        for text in self._settings.texts("recent"):
            path = Path(text)
            action = self.recent_menu.addAction(path.name or text)
            action.setToolTip(text)
            action.setStatusTip(text)
            action.triggered.connect(lambda _=False, path=path: self.open_paths([path]))
        if self.recent_menu.isEmpty():
            self.recent_menu.addAction(self.tr("Nothing opened yet")).setEnabled(False)
            return
        self.recent_menu.addSeparator()
        self.recent_menu.addAction(self.tr("Clear the list")).triggered.connect(
            lambda: self._settings.set("recent", [])
        )

    # Trouble

    def _show(self, failure: Failure, actions: Sequence[Action] = ()) -> None:
        self._banners.show_message(BannerKey.SOURCE, Severity.ERROR, said(failure.text), actions)

    @Slot(object)
    def _on_pipeline_source_failed(self, failure: SourceFailure) -> None:
        self._show(failure, [(self.tr("Try again"), self._try_again)])

    @Slot(object)
    def _on_pipeline_frame_failed(self, failure: Failure) -> None:
        if not isinstance(failure, Defect | DeviceFailure):
            self._show(failure)
            self._frame_failed = True

    @Slot(object)
    def _on_pipeline_explained(self, explanation: Explanation) -> None:
        source = self._pipeline.source
        if explanation.snapshot is not None:
            self._tell_snapshot(explanation, explanation.snapshot)
        if self._frame_failed and source is not None and source.live:
            self._frame_failed = False  # the next frame of a camera or video went well
            self._banners.clear(BannerKey.SOURCE)

    def _tell_snapshot(self, explanation: Explanation, info: SnapshotInfo) -> None:
        moment = QDateTime.fromString(info.time, Qt.DateFormat.ISODateWithMs)
        text = self.tr("A snapshot of {0}, as {1} explained it on {2}.").format(
            said(explanation.frame.source),
            explanation.model.title,
            locale().toString(moment.toLocalTime(), QLocale.FormatType.ShortFormat),
        )
        frame = explanation.frame
        again = (
            self.tr("Explain it with the present model"),
            lambda: self._pipeline.open(ArraySource(lambda: frame.image, frame.source)),
        )
        self._banners.show_message(BannerKey.SNAPSHOT, Severity.INFO, text, [again])

    @Slot()
    def _on_pipeline_source_recovered(self) -> None:
        self._banners.clear(BannerKey.SOURCE)

    @Slot(object)
    def _on_pipeline_source_changed(self, source: Source) -> None:
        self._banners.clear(BannerKey.SNAPSHOT)
        source.jumped.connect(self.clear_trouble)
        if isinstance(source, CameraSource):
            source.changed.connect(self._remember_camera)

    @Slot()
    def _remember_camera(self) -> None:
        """It may have come back under another id."""
        source = self._pipeline.source
        if isinstance(source, CameraSource):
            self._settings.set("source/camera", camera_id(source.device))

    @Slot()
    def clear_trouble(self) -> None:
        """Another photo: what was wrong with the one before doesn't matter any more."""
        self._banners.clear(BannerKey.SOURCE)

    def _try_again(self) -> None:
        source = self._pipeline.source
        if isinstance(source, CameraSource):
            self.open_camera(camera_id(source.device))
        elif isinstance(source, VideoSource):
            self.open_paths([source.path])
        elif isinstance(source, ScreenSource):
            self.open_screen()


def sample_photos() -> list[Path]:
    """The photos that come with the program; the one to begin with first."""
    photos = sorted(p for p in resource_path("samples").iterdir() if p.suffix.lower() in images.SUFFIXES)
    return sorted(photos, key=lambda p: p.stem != "cat")


def _ini(key: str) -> str:
    """QSettings takes slashes for folders."""
    return key.replace("/", "_").replace("\\", "_")
