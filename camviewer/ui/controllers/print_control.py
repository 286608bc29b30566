"""PrintControl: prints what is in view."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from camviewer.core.failures import Defect, Failure
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.pages import orientation_for, paint_on_page
from camviewer.ui.controllers.file_names import map_stem
from camviewer.ui.controllers.save_control import SaveControl
from camviewer.ui.system.background import Background
from camviewer.ui.widgets.banner import BannerArea, BannerKey, Severity
from camviewer.ui.widgets.words import translated


class PrintControl(QObject):
    """Composes in the background, then asks for the printer."""

    def __init__(
        self, saves: SaveControl, banners: BannerArea, background: Background, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._saves, self._banners, self._background, self._window = saves, banners, background, parent

    def ask(self, state: ViewState) -> None:
        """The explanation of this moment is printed, not a later one."""
        caption, name = self._saves.caption, map_stem(state)

        def work() -> QImage:
            return compose(state, caption)

        self._background.run(work, lambda image: self._ask_for_printer(image, name), self._on_failed)

    def _ask_for_printer(self, image: QImage, name: str) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(name)
        printer.setPageOrientation(orientation_for(image))
        dialog = QPrintDialog(printer, self._window)
        dialog.setWindowTitle(self.tr("Print"))
        dialog.accepted.connect(lambda: self.print_image(image, printer))
        dialog.finished.connect(dialog.deleteLater)
        dialog.setModal(True)
        dialog.show()

    def print_image(self, image: QImage, printer: QPrinter) -> None:
        """On one page; a banner says so, or that it failed."""
        painter = QPainter()
        if not painter.begin(printer):
            text = self.tr("Nothing was printed: {0} can’t be used. Is it on, and is there paper?")
            name = printer.printerName() or printer.outputFileName()
            self._banners.show_message(BannerKey.SAVE, Severity.ERROR, text.format(name))
            return
        paint_on_page(painter, image, QRectF(painter.viewport()))
        painter.end()
        self._banners.show_message(BannerKey.SAVE, Severity.INFO, self.tr("Sent to the printer."), seconds=6)

    def _on_failed(self, failure: Failure) -> None:
        if not isinstance(failure, Defect):
            self._banners.show_message(BannerKey.SAVE, Severity.ERROR, translated(failure.text))
