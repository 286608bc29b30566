"""SaveControl: saves what is in view as a file, or copies it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from camviewer.core.failures import (
    Defect,
    Failure,
)
from camviewer.core.storage import snapshot
from camviewer.core.storage.export import (
    write_csv,
    write_grey_png,
    write_npz,
)
from camviewer.core.storage.file_kinds import SNAPSHOT_SUFFIX
from camviewer.core.storage.files import atomic_write, save_new
from camviewer.core.targets import ClassScore
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.image_export import save_overlay
from camviewer.media.pages import save_pdf
from camviewer.ui.adding_up.handout import handout
from camviewer.ui.controllers.file_names import (
    map_stem,
    save_folder,
    source_stem,
)
from camviewer.ui.system import language
from camviewer.ui.system.background import Background
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
from camviewer.ui.widgets.words import translated


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file. write: what is in view, where to, whether a file there may be replaced, and whether an
    image gets a caption strip."""

    name: str
    """In the settings."""
    suffixes: tuple[str, ...]
    filter: str
    write: Callable[[ViewState, Path, bool, bool], Path]

    def fits(self, path: Path) -> bool:
        return path.suffix.lower() in self.suffixes


class SaveControl(QObject):
    """Composes and writes in the background; the view goes on."""

    def __init__(
        self, settings: Settings, banners: BannerArea, background: Background, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._settings, self._banners, self._background = settings, banners, background
        self._window = parent
        self.formats = self._formats()

    def _formats(self) -> tuple[Format, ...]:
        def image(state: ViewState, path: Path, overwrite: bool, caption: bool) -> Path:
            return save_overlay(state, path, caption=caption, overwrite=overwrite)

        def numbers(state: ViewState, path: Path, overwrite: bool, _: bool) -> Path:
            there = [c for c in state.classes if state.explanation.maps.available(ClassScore(c))]
            return write_npz(state.explanation, there, path, overwrite=overwrite)

        return (
            Format("png", (".png",), self.tr("PNG image (*.png)"), image),
            Format("jpg", (".jpg", ".jpeg"), self.tr("JPEG image (*.jpg *.jpeg)"), image),
            Format(
                "pdf",
                (".pdf",),
                self.tr("PDF page (*.pdf)"),
                lambda state, path, overwrite, caption: save_pdf(
                    state, path, caption=caption, overwrite=overwrite
                ),
            ),
            Format(
                "snapshot",
                (SNAPSHOT_SUFFIX,),
                self.tr("Snapshot, which opens again here (*{0})").format(SNAPSHOT_SUFFIX),
                lambda state, path, overwrite, _: snapshot.write_snapshot(
                    state.explanation, state.classes, path, origin=state.origin, overwrite=overwrite
                ),
            ),
            Format("npz", (".npz",), self.tr("Maps of all tabs as numbers, NumPy (*.npz)"), numbers),
            Format(
                "grey",
                (".png",),
                self.tr("Map as 16-bit grey image, a pixel a cell (*.png)"),
                lambda state, path, overwrite, _: write_grey_png(
                    state.explanation, state.target, path, overwrite=overwrite
                ),
            ),
            Format(
                "csv",
                (".csv",),
                self.tr("Map as a table of numbers (*.csv)"),
                lambda state, path, overwrite, _: write_csv(
                    state.explanation, state.target, path, overwrite=overwrite
                ),
            ),
        )

    @property
    def caption(self) -> bool:
        """Whether files get a caption strip."""
        return self._settings.flag("save/caption", True)

    def set_caption(self, caption: bool) -> None:
        self._settings.set("save/caption", caption)

    def folder(self) -> Path:
        """Where `save`, `save_snapshot` and recordings go."""
        return save_folder(self._settings)

    def format_named(self, name: str) -> Format:
        return next((f for f in self.formats if f.name == name), self.formats[0])

    def save(self, state: ViewState) -> None:
        """An image into the remembered folder, under a new name."""
        chosen = self.format_named(self._settings.text("save/image", "png"))
        self._save_new(state, chosen, map_stem(state))

    def save_snapshot(self, state: ViewState) -> None:
        """A snapshot into the remembered folder, under a new name."""
        self._save_new(state, self.format_named("snapshot"), source_stem(state.explanation))

    def _save_new(self, state: ViewState, chosen: Format, name: str) -> None:
        folder, caption = self.folder(), self.caption

        def work() -> Path:
            return save_new(
                folder, name, chosen.suffixes[0], lambda path: chosen.write(state, path, False, caption)
            )

        self._background.run(work, self._on_saved, self._on_failed)

    def save_handout(self, state: ViewState) -> None:
        """How it adds up, as a page to print, into the remembered folder under a new name."""
        page = handout(state, QGuiApplication.font(), language.present())
        self._write_new(page, f"{map_stem(state)}.handout", ".html")

    def save_data(self, data: bytes, name: str, suffix: str) -> None:
        """A file's contents into the remembered folder, under a new name."""
        self._write_new(lambda: data, name, suffix)

    def _write_new(self, data: Callable[[], bytes], name: str, suffix: str) -> None:
        folder = self.folder()

        def write(path: Path) -> Path:
            with atomic_write(path) as file:
                file.write(data())
            return path

        self._background.run(lambda: save_new(folder, name, suffix, write), self._on_saved, self._on_failed)

    def export(self, state: ViewState) -> None:
        """Ask for a file and its kind. The explanation of this moment is saved, not a later one."""
        folder, caption, name = self.folder(), self.caption, map_stem(state)
        formats = {f.filter: f for f in self.formats}
        present = self.format_named(self._settings.text("save/format"))
        dialog = file_dialog(self._window, self.tr("Export"), folder, Mode.AnyFile, list(formats), saves=True)
        dialog.selectNameFilter(present.filter)
        # With its suffix: Qt adds none to a name with a dot, and our names have dots.
        dialog.selectFile(f"{name}{present.suffixes[0]}")

        def on_filter_selected(chosen: str) -> None:
            names = dialog.selectedFiles()
            typed = Path(names[0]).name if names else name
            if any(f.fits(Path(typed)) for f in self.formats):
                typed = Path(typed).stem
            dialog.selectFile(f"{typed}{formats[chosen].suffixes[0]}")

        def on_file_selected(file: str) -> None:
            path, overwrite = Path(file), True  # the dialog has asked whether a file may be replaced
            chosen = formats.get(dialog.selectedNameFilter(), present)
            if not chosen.fits(path):  # a typed suffix counts more than the filter
                typed = next((f for f in self.formats if f.fits(path)), None)
                if typed is None:
                    path, overwrite = path.with_name(f"{path.name}{chosen.suffixes[0]}"), False
                chosen = typed or chosen
            self._settings.set("save/folder", str(path.parent))
            self._settings.set("save/format", chosen.name)
            if chosen.name in ("png", "jpg"):
                self._settings.set("save/image", chosen.name)
            self._background.run(
                lambda: chosen.write(state, path, overwrite, caption), self._on_saved, self._on_failed
            )

        dialog.filterSelected.connect(on_filter_selected)
        dialog.fileSelected.connect(on_file_selected)
        dialog.open()

    def _on_saved(self, path: Path) -> None:
        folder = QUrl.fromLocalFile(str(path.parent))
        self._banners.show_message(
            BannerKey.SAVE,
            Severity.INFO,
            self.tr("Saved {0} in {1}.").format(path.name, path.parent),
            [(self.tr("Show folder"), lambda: QDesktopServices.openUrl(folder))],
            seconds=6,
        )

    def _on_failed(self, failure: Failure) -> None:
        if isinstance(failure, Defect):
            return
        self._banners.show_message(BannerKey.SAVE, Severity.ERROR, translated(failure.text))

    def copy(self, state: ViewState) -> None:
        """The overlay onto the clipboard, as an image."""
        caption = self.caption

        def work() -> QImage:
            return compose(state, caption)

        self._background.run(work, self._on_copied, self._on_failed)

    def _on_copied(self, image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        self._banners.show_message(BannerKey.SAVE, Severity.INFO, self.tr("Copied the overlay."), seconds=3)
