"""Paints the small overlays of a review: for the window's tiles and the report's cards."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter

from camviewer.core.localize import localize
from camviewer.core.review.items import Reviewed
from camviewer.core.review.thumbnails import Thumbnail
from camviewer.core.scaling import (
    ValueRange,
    value_range,
)
from camviewer.media.drawing.compositor import (
    MapOnFrame,
    layers,
    paint,
)
from camviewer.media.drawing.style import OverlayStyle


def overlay_range(thumbnail: Thumbnail, style: OverlayStyle) -> ValueRange:
    """One range for the maps of a photo, so that they compare."""
    return value_range(thumbnail.maps, style.signed)


def overlays(
    photo: QImage, item: Reviewed, thumbnail: Thumbnail, style: OverlayStyle, size: QSize | None = None
) -> list[QImage]:
    """The photo under the map of the predicted class, and, of a mistake, under that of the true one (RGB32).

    photo: the thumbnail's JPEG, decoded. size: of the overlays; by default the photo's. None of a photo that
    couldn't be explained.
    """
    if photo.isNull() or item.size is None or item.region is None:
        return []
    size = photo.size() if size is None else size
    shown = overlay_range(thumbnail, style)
    images = []
    for values in thumbnail.maps:
        localization = localize(values, item.region, style.threshold) if style.threshold is not None else None
        ready = layers(photo, MapOnFrame(item.size, item.region, values, style, shown, localization))
        image = QImage(size, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        try:
            paint(painter, ready, QRectF(0, 0, size.width(), size.height()))
        finally:
            painter.end()
        images.append(image)
    return images
