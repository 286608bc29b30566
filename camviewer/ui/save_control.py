"""SaveControl: the overlay into files and onto the clipboard."""

from __future__ import annotations

import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from camviewer.core import images
from camviewer.core.failures import Defect, Failure
from camviewer.core.files import safe_name, save_new
from camviewer.core.maps import MapChoice, title
from camviewer.core.scaling import ValueRange
from camviewer.core.types import Explanation
from camviewer.media import video
from camviewer.media.compositor import OverlayStyle, compose
from camviewer.media.export import SUFFIXES, save_overlay
from camviewer.ui.background import Background
from camviewer.ui.banner import BannerArea, Severity
from camviewer.ui.settings import Settings

KEY = "save"


class SaveControl(QObject):
    """Composes and writes in the background; the picture in view goes on."""

    def __init__(
        self, settings: Settings, banners: BannerArea, background: Background, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._settings, self._banners, self._background = settings, banners, background
        self._window = parent

    @property
    def caption(self) -> bool:
        """Whether files get a caption strip."""
        return self._settings.flag("save/caption", True)

    def set_caption(self, caption: bool) -> None:
        self._settings.set("save/caption", caption)

    def folder(self) -> Path:
        pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        return Path(self._settings.text("save/folder") or str(Path(pictures or Path.home()) / "camviewer"))

    def _suffix(self) -> str:
        suffix = self._settings.text("save/suffix", ".png")
        return suffix if suffix in (".png", ".jpg") else ".png"

    def _stem(self, explanation: Explanation, choice: MapChoice) -> str:
        source = explanation.frame.source
        # A file's own name says what it is. Cameras have dots in their names, too: "USB2.0 Camera".
        if Path(source).suffix.lower() in images.SUFFIXES | video.SUFFIXES:
            stem = Path(source).stem
            if explanation.frame.position is not None:
                stem += f"_{explanation.frame.position:06.2f}s"
        else:
            stem = f"{source} {datetime.datetime.now():%Y-%m-%d %H-%M-%S}"
        return f"{safe_name(stem)}.{safe_name(title(explanation, choice))}"

    def save(
        self, explanation: Explanation, choice: MapChoice, style: OverlayStyle, shown: ValueRange
    ) -> None:
        """Into the remembered folder, under a new name."""
        folder, stem, suffix = self.folder(), self._stem(explanation, choice), self._suffix()
        caption = self.caption

        def work() -> Path:
            return save_new(
                folder,
                stem,
                suffix,
                lambda path: save_overlay(explanation, choice, style, shown, path, caption=caption),
            )

        self._run(work)

    def save_as(
        self, explanation: Explanation, choice: MapChoice, style: OverlayStyle, shown: ValueRange
    ) -> None:
        """Ask where. The explanation of this moment is saved, whatever comes meanwhile."""
        folder, stem = self.folder(), self._stem(explanation, choice)
        dialog = QFileDialog(
            self._window, self.tr("Save image"), str(folder if folder.is_dir() else Path.home())
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        filters = {".png": self.tr("PNG image (*.png)"), ".jpg": self.tr("JPEG image (*.jpg *.jpeg)")}
        dialog.setNameFilters(list(filters.values()))
        dialog.selectNameFilter(filters[self._suffix()])
        dialog.setDefaultSuffix(self._suffix().lstrip("."))
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix("jpg" if chosen == filters[".jpg"] else "png")
        )
        # With its suffix: Qt adds none to a name that has a dot, and ours have.
        dialog.selectFile(f"{stem}{self._suffix()}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        caption = self.caption

        def on_file_selected(file: str) -> None:
            path, overwrite = Path(file), True  # the dialog has asked whether a file may be replaced
            if path.suffix.lower() not in SUFFIXES:
                path, overwrite = path.with_name(f"{path.name}.{dialog.defaultSuffix()}"), False
            self._settings.set("save/folder", str(path.parent))
            self._settings.set("save/suffix", ".jpg" if path.suffix.lower() in (".jpg", ".jpeg") else ".png")
            self._run(
                lambda: save_overlay(
                    explanation, choice, style, shown, path, caption=caption, overwrite=overwrite
                )
            )

        dialog.fileSelected.connect(on_file_selected)
        dialog.open()

    def _run(self, work: object) -> None:
        self._background.run(work, self._on_saved, self._on_failed)  # type: ignore[arg-type]

    def _on_saved(self, path: Path) -> None:
        folder = QUrl.fromLocalFile(str(path.parent))
        self._banners.show_message(
            KEY,
            Severity.INFO,
            self.tr("Saved {0} in {1}.").format(path.name, path.parent),
            [(self.tr("Show folder"), lambda: QDesktopServices.openUrl(folder))],
            seconds=6,
        )

    def _on_failed(self, failure: Failure) -> None:
        if isinstance(failure, Defect):
            return
        self._banners.show_message(KEY, Severity.ERROR, str(failure))

    def copy(
        self, explanation: Explanation, choice: MapChoice, style: OverlayStyle, shown: ValueRange
    ) -> None:
        """The overlay as a picture onto the clipboard."""
        caption = self.caption

        def work() -> QImage:
            return compose(explanation, choice, style, shown, caption)

        self._background.run(work, self._on_copied, self._on_failed)

    def _on_copied(self, image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        self._banners.show_message(KEY, Severity.INFO, self.tr("Copied the overlay."), seconds=3)
