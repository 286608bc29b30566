"""SourceControl: opens sources, and remembers cameras, folders and recent files.

A new kind of source is opened here, and nowhere else in the window; its class says what it can do
(`media.sources.source`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from camviewer.core.failures import (
    Failure,
    SourceFailure,
)
from camviewer.core.storage.file_kinds import (
    FileKind,
    is_model,
    kind_of,
)
from camviewer.core.storage.files import (
    exists,
    is_folder,
)
from camviewer.media.frames import image_to_array, to_srgb
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.camera import (
    Cameras,
    CameraSource,
    camera_id,
    camera_named,
)
from camviewer.media.sources.photos import (
    ArraySource,
    PhotoSource,
    sample_photos,
)
from camviewer.media.sources.screen import ScreenSource
from camviewer.media.sources.snapshot import SnapshotSource
from camviewer.media.sources.source import (
    FromFile,
    HasFormats,
    Remembered,
    Reopenable,
    Source,
)
from camviewer.media.sources.video import VideoSource
from camviewer.ui.system.settings import (
    RECENT,
    Settings,
)
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.words import translated


class SourceControl(QObject):
    """Opens sources in the pipeline, by name, path, or as they are."""

    folder_opened = Signal(object)
    """Path of a folder of photos."""
    model_opened = Signal(object)
    """Path of a model file, or of a folder as a hub checkpoint is."""

    def __init__(self, pipeline: Pipeline, settings: Settings, banners: BannerArea, parent: QWidget) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._banners = pipeline, settings, banners
        self.cameras = Cameras(self)
        self.opened: tuple[Path, ...] = ()
        """What the photos, the video or the snapshot in view were opened from."""
        pipeline.source_changed.connect(self._on_pipeline_source_changed)

    @property
    def source(self) -> Source | None:
        return self._pipeline.source

    # By name

    def open_first(self, paths: Sequence[Path], camera: str | None, screen: bool) -> None:
        """At the start: open what the command line names, else a camera, else a sample photo."""
        if paths:
            self.open_paths(paths)
        elif screen:
            self.open_screen()
        elif camera is not None:
            self.open_camera(camera)
        else:
            remembered = self._settings.text(CameraSource.settings_key)
            device = (self.cameras.find(remembered) if remembered else None) or self.cameras.find("")
            if device is None:
                self.open_sample()
            else:
                self.open_camera(camera_id(device))

    def open_sample(self) -> None:
        self.open_paths(sample_photos()[:1], remember=False)

    def open_camera(self, wanted: str) -> None:
        """By id, name, index, or the default one for an empty string."""
        try:
            device = camera_named(self.cameras, wanted)
        except SourceFailure as failure:
            if self._pipeline.source is None:
                self.open_sample()
            self._show(failure)
            return
        wanted_format = self._settings.text(_format_setting(camera_id(device)))
        self._open(CameraSource(self.cameras, device, wanted_format))

    def open_screen(self, index: int = -1) -> None:
        """By index; the primary one by default."""
        screens = QGuiApplication.screens()
        screen = screens[index] if 0 <= index < len(screens) else QGuiApplication.primaryScreen()
        self._open(ScreenSource(screen))

    def open_again(self) -> None:
        """Open the same source again, from its beginning: its failure may be over."""
        source = self._pipeline.source
        if source is None:
            return
        if isinstance(source, FromFile):
            self.open_paths([source.path])
        elif isinstance(source, Reopenable):
            try:
                self._open(source.reopened())
            except SourceFailure as failure:
                self._show(failure)

    def _open(self, source: Source) -> None:
        self._banners.clear(BannerKey.SOURCE)
        self._pipeline.open(source)

    # Files and what is in memory

    def open_paths(self, paths: Sequence[Path], remember: bool = True) -> None:
        """Photos, folders of photos, a video or a snapshot; a model file goes to `model_opened`."""
        missing: list[Path] = []
        there: list[Path] = []
        for path in paths:
            if exists(path):
                there.append(path.absolute())
            else:
                missing.append(path)
        self._banners.clear(BannerKey.SOURCE)
        self._banners.clear(BannerKey.LEFT_OUT)
        models = [path for path in there if is_model(path)]
        there = [path for path in there if path not in models]
        if models:
            self.model_opened.emit(models[0])
        if len(models) > 1:
            text = self.tr("Only {0} was opened: one model runs at a time.").format(models[0].name)
            self._banners.show_message(BannerKey.SEVERAL, Severity.INFO, text, seconds=8)
        if not there and self._pipeline.source is None:
            self.open_sample()
        if missing:
            self._show(SourceFailure("{name} doesn't exist.", "Check the path.", name=missing[0]))
        if not there:
            return
        self.opened = tuple(there)
        alone = [p for p in there if kind_of(p) in (FileKind.VIDEO, FileKind.SNAPSHOT)]
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
            photos = PhotoSource(there)
            photos.left_out.connect(self._on_photos_left_out)
            self._pipeline.open(photos)
            if len(there) == 1 and is_folder(there[0]):
                self.folder_opened.emit(there[0])
        elif kind_of(alone[0]) is FileKind.SNAPSHOT:
            self._pipeline.open(SnapshotSource(alone[0]))
        else:
            self._pipeline.open(VideoSource(alone[0]))

    @Slot(object)
    def _on_photos_left_out(self, notes: tuple[str, ...]) -> None:
        text = " ".join(translated(note) for note in notes)
        self._banners.show_message(BannerKey.LEFT_OUT, Severity.INFO, text, seconds=12)

    def open_image(self, image: QImage, title: str) -> None:
        self._open(ArraySource(lambda: image_to_array(to_srgb(image)), title))

    def open_mime(self, mime: QMimeData | None) -> bool:
        """Open what was dropped or pasted: files or an image. False if it is neither."""
        if mime is None:  # an empty clipboard
            return False
        paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        if paths:
            self.open_paths(paths)
            return True
        image = mime.imageData() if mime.hasImage() else None
        if isinstance(image, QImage) and not image.isNull():
            before = self._pipeline.source
            # Now: its successor deletes it.
            way_back = (before.given, before.path) if isinstance(before, PhotoSource) else None
            self.open_image(image, self.tr("Pasted picture"))
            if way_back is not None:
                self._offer_way_back(*way_back)
            return True
        return False

    def _offer_way_back(self, given: tuple[Path, ...], photo: Path) -> None:
        """To the photos that were open before a picture from the clipboard took their place."""

        def back() -> None:
            self._open(PhotoSource(given, photo))

        text = self.tr("A picture from the clipboard. Before it, {0} was open.").format(photo.name)
        self._banners.show_message(
            BannerKey.PASTED, Severity.INFO, text, [(self.tr("Back to the photos"), back)]
        )

    def paste(self) -> None:
        if not self.open_mime(QGuiApplication.clipboard().mimeData()):
            self._banners.show_message(
                BannerKey.PASTE,
                Severity.INFO,
                self.tr("The clipboard holds no picture and no files."),
                seconds=5,
            )

    # Formats, and what is remembered

    def choose_format(self, key: str) -> None:
        """Of the source that is open, and of the same the next time."""
        source = self._pipeline.source
        if source is not None and isinstance(source, HasFormats):
            if isinstance(source, Remembered):
                self._settings.set(_format_setting(source.identity), key)
            source.set_format(key)

    @Slot(object)
    def _on_pipeline_source_changed(self, source: Source) -> None:
        self._banners.clear(BannerKey.PASTED)
        if isinstance(source, Remembered):
            source.changed.connect(self._remember)
            self._remember()

    @Slot()
    def _remember(self) -> None:
        """Now, and whenever it changes: a camera may come back under another id."""
        source = self._pipeline.source
        if source is not None and isinstance(source, Remembered):
            self._settings.set(source.settings_key, source.identity)

    def _show(self, failure: Failure) -> None:
        self._banners.show_message(BannerKey.SOURCE, Severity.ERROR, translated(failure.text))


def _format_setting(identity: str) -> str:
    """Under which settings keep a source's format. QSettings takes slashes for folders."""
    coded = identity.replace("/", "_").replace("\\", "_")
    return f"formats/{coded}"
