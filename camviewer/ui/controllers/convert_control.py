"""ConvertControl: writes a whole video with its overlay as a movie, in the background."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from camviewer.core.failures import (
    Defect,
    Failure,
)
from camviewer.core.storage.file_kinds import (
    VIDEO_SUFFIXES,
    patterns,
)
from camviewer.media.movies.conversion import (
    Conversion,
    Converted,
    Progress,
    target_state,
    top_class_state,
)
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.source import (
    FromFile,
    Seekable,
)
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.save_control import SaveControl
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.file_dialog import (
    Mode,
    file_dialog,
)
from camviewer.ui.widgets.words import (
    translated,
    whole,
)

KEY, BUSY_KEY = BannerKey.CONVERT, BannerKey.CONVERT_BUSY


class ConvertControl(QObject):
    """One conversion at a time. The window goes on meanwhile."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        banners: BannerArea,
        presenter: Presenter,
        saves: SaveControl,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._settings, self._banners = pipeline, settings, banners
        self._presenter, self._saves, self._window = presenter, saves, parent
        self._conversion: Conversion | None = None

    @property
    def conversion(self) -> Conversion | None:
        """The conversion that runs."""
        return self._conversion

    def convert(self) -> None:
        """Convert the video in view; without one, ask for a video."""
        if self._conversion is not None:
            self._banners.show_message(
                BUSY_KEY,
                Severity.INFO,
                self.tr("{0} is being converted. Wait for it, or cancel it.").format(
                    self._conversion.video.name
                ),
                [(self.tr("Cancel it"), self.cancel)],
                seconds=8,
            )
            return
        source = self._pipeline.source
        if source is not None and isinstance(source, Seekable) and isinstance(source, FromFile):
            self._ask_for_movie(source.path)
            return
        dialog = file_dialog(
            self._window,
            self.tr("Video to convert"),
            self._settings.text("source/folder"),
            Mode.ExistingFile,
            [self.tr("Videos ({0})").format(patterns(VIDEO_SUFFIXES)), self.tr("All files (*)")],
        )
        dialog.fileSelected.connect(lambda file: self._ask_for_movie(Path(file)))
        dialog.open()

    def _ask_for_movie(self, video: Path) -> None:
        title = self.tr("Convert {0} into").format(video.name)
        filters = [self.tr("MP4 video (*.mp4)")]
        dialog = file_dialog(self._window, title, self._saves.folder(), Mode.AnyFile, filters, saves=True)
        dialog.setDefaultSuffix("mp4")
        dialog.selectFile(f"{video.stem}.cam.mp4")
        dialog.fileSelected.connect(lambda file: self.start(video, Path(file)))
        dialog.open()

    def start(self, video: Path, movie: Path) -> None:
        """As the frame in view is drawn: its map for all frames, or, while the tabs follow the most
        probable class, each frame's own."""
        overwrite = True  # the dialog has asked whether a file may be replaced
        if movie.suffix.lower() != ".mp4":
            movie, overwrite = movie.with_name(f"{movie.name}.mp4"), False
        self._settings.set("save/folder", str(movie.parent))
        style, state, request = self._presenter.style, self._presenter.state, self._pipeline.request
        make_state = top_class_state(style)
        model = self._pipeline.model
        # What is in view may be of another network: a snapshot, or the last frame before a new model's first.
        meant = state is not None and model is not None and model.same_network(state.explanation.model)
        if state is not None and meant and not self._presenter.follows:
            make_state, request = target_state(state.target, style), replace(request, targets=(state.target,))
        self._conversion = conversion = Conversion(
            video,
            movie,
            make_state,
            lines=movie.with_suffix(".jsonl"),
            request=request,
            smoothing=self._pipeline.smoothing,
            threshold=style.threshold,
            caption=self._saves.caption,
            overwrite=overwrite,
            parent=self,
        )
        conversion.progressed.connect(self._on_conversion_progressed)
        conversion.ended.connect(self._on_conversion_ended)
        text = self.tr("Converting {0}, each frame once.").format(video.name)
        if request.edit is not None:
            text += " " + self.tr("What you covered is covered in each of them.")
        self._banners.show_message(KEY, Severity.INFO, text, [(self.tr("Cancel"), self.cancel)])
        self._banners.show_progress(KEY, 0, 0)
        self._pipeline.add_job(conversion)

    def cancel(self) -> None:
        """Stop the conversion and keep nothing of it."""
        conversion = self._conversion
        if conversion is None:
            return
        conversion.cancel()
        if self._pipeline.model is None:  # it has not begun, and would wait for a model
            self._conversion = None
            self._banners.clear(KEY)

    @Slot(object)
    def _on_conversion_progressed(self, progress: Progress) -> None:
        if progress.total is not None:
            self._banners.show_progress(KEY, progress.done, progress.total)
        elif progress.duration:
            self._banners.show_progress(KEY, round(1000 * progress.seconds), round(1000 * progress.duration))

    @Slot(object)
    def _on_conversion_ended(self, failure: Failure | None) -> None:
        conversion, self._conversion = self._conversion, None
        for key in (KEY, BUSY_KEY):
            self._banners.clear(key)
        if conversion is None:
            return
        if failure is not None:
            if not isinstance(failure, Defect):
                self._banners.show_message(KEY, Severity.ERROR, translated(failure.text))
        elif conversion.result is not None:
            self._show_result(conversion.result)
        conversion.deleteLater()

    def _show_result(self, converted: Converted) -> None:
        movie = converted.movie
        text = self.tr("Converted {0} frames into {1} in {2}.").format(
            whole(converted.frames), movie.name, movie.parent
        )
        if converted.damaged:
            text += " " + self.tr("{0} damaged parts of the video are missing.").format(
                whole(converted.damaged)
            )
        file, folder = (QUrl.fromLocalFile(str(p)) for p in (movie, movie.parent))
        self._banners.show_message(
            KEY,
            Severity.WARNING if converted.damaged else Severity.INFO,
            text,
            [
                (self.tr("Open"), lambda: QDesktopServices.openUrl(file)),
                (self.tr("Show folder"), lambda: QDesktopServices.openUrl(folder)),
            ],
        )
