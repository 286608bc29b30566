"""Paints the small overlays of a review: for the window's tiles and the report's cards."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter

from camviewer.core.arrays import FloatArray
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
from camviewer.media.drawing.heat_map import heat_map
from camviewer.media.drawing.style import OverlayStyle


def overlay_range(thumbnail: Thumbnail, style: OverlayStyle) -> ValueRange:
    """One range for the maps of a photo, so that they compare."""
    return value_range(thumbnail.maps, style.signed)


def overlays(
    photo: QImage, item: Reviewed, thumbnail: Thumbnail, style: OverlayStyle, size: QSize | None = None
) -> list[QImage]:
    """The photo under the map of the predicted class, and, of a mistake, under that of the true one (RGB32).

    photo: the thumbnail's JPEG, decoded. size: of the overlays; by default the photo's. None of a photo that
    couldn't be explained; only the first where the true class was corrected to one whose map isn't there.
    """
    if photo.isNull() or item.size is None or item.region is None:
        return []
    size = photo.size() if size is None else size
    shown = overlay_range(thumbnail, style)
    images = []
    for values in item.known_maps(thumbnail.maps).values():
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


def map_image(values: FloatArray, style: OverlayStyle, shown: ValueRange, side: int) -> QImage:
    """A map without a photo under it, in the colours of the bar (premultiplied ARGB without transparency).

    values: float32 [h, w]. side: pixels of the longer side. Cells are smoothed as the style says.
    """
    rows, columns = values.shape
    scale = side / max(rows, columns)
    plain = replace(style, opacity=1.0, follow_value=False)
    return heat_map(values, shown, plain, max(round(columns * scale), 1), max(round(rows * scale), 1))
