"""Puts an image on a page: as a PDF file, or for a printer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QMarginsF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter, QPdfWriter

from camviewer import __version__
from camviewer.core.failures import SaveFailure
from camviewer.core.storage.files import atomic_write
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.view_state import ViewState

MARGIN_MM = 12.0
DPI = 300


def orientation_for(image: QImage) -> QPageLayout.Orientation:
    """In which a page shows an image largest."""
    ways = QPageLayout.Orientation
    return ways.Landscape if image.width() > image.height() else ways.Portrait


def save_pdf(state: ViewState, path: Path, *, caption: bool = True, overwrite: bool = False) -> Path:
    """What is in view on a page of A4, as large as it fits; return the path. May run in any thread.

    Without overwrite an existing file is never replaced. Needs a QGuiApplication. Raises SaveFailure.
    """
    image = compose(state, caption)
    if image.isNull():
        raise SaveFailure("{name} would be too large.", "Use a smaller photo.", name=path.name)
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(DPI)
    writer.setTitle(path.stem)
    writer.setCreator(f"camviewer {__version__}")
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    size = QPageSize(QPageSize.PageSizeId.A4)
    writer.setPageLayout(QPageLayout(size, orientation_for(image), margins, QPageLayout.Unit.Millimeter))
    painter = QPainter(writer)
    try:
        paint_on_page(painter, image, QRectF(painter.viewport()))
    finally:
        painter.end()
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(buffer.data().data())
    return path


def paint_on_page(painter: QPainter, image: QImage, page: QRectF) -> None:
    """As large as it fits, in the middle of the upper edge."""
    size = QSizeF(image.size()).scaled(page.size(), Qt.AspectRatioMode.KeepAspectRatio)
    left = page.left() + (page.width() - size.width()) / 2
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(left, page.top(), size.width(), size.height()), image, QRect(image.rect()))
