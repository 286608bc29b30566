"""Converts Qt's images and video frames to RGB arrays, and back."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColorSpace, QImage

from camviewer.core.arrays import (
    ByteArray,
    read_only,
)
from camviewer.core.failures import SourceFailure
from camviewer.core.frames import Frame
from camviewer.core.storage.colour import manages_colours

if TYPE_CHECKING:  # `explain` runs where Qt's multimedia can't be loaded
    from PySide6.QtMultimedia import QVideoFrame

_decoded: dict[int, QImage] = {}
"""What Qt decoded, by the id of the array that was made of it, for as long as that lives."""


def image_to_array(image: QImage) -> ByteArray:
    """uint8 [H, W, 3], a copy."""
    if image.format() != QImage.Format.Format_RGB888:
        image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3)
    return read_only(pixels.copy())


def to_srgb(image: QImage) -> QImage:
    """The image in sRGB, if it says that its colours are others; as `storage.colour` does with photos."""
    if not manages_colours() or not image.colorSpace().isValid():
        return image
    converted = image.convertedToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    return image if converted.isNull() else converted


def array_to_image(pixels: ByteArray) -> QImage:
    """A 32-bit QImage with a copy of the pixels: what QPainter draws fastest.

    Of a frame that Qt decoded it is the image that the frame was made of: nothing is converted a second time.
    """
    decoded = _decoded.get(id(pixels))
    if decoded is not None:
        return QImage(decoded)  # they share the pixels until one is changed
    height, width, _ = pixels.shape
    pixels = np.ascontiguousarray(pixels)
    wrapped = QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888)
    return wrapped.convertToFormat(QImage.Format.Format_RGB32)


def to_frame(
    video: QVideoFrame,
    index: int,
    captured: float,
    source: str,
    in_medium: bool = True,
    decode: Callable[[QVideoFrame], QImage] | None = None,
) -> Frame:
    """Decode one of Qt's video frames, rotated and mirrored as it says. Raises SourceFailure.

    in_medium: its start time is a position in a medium; a camera's start times have no meaning. decode: None
    for Qt's own way.
    """
    image = video.toImage() if decode is None else decode(video)
    if image.isNull():
        raise SourceFailure(
            "A picture from {source} can't be decoded.",
            "Choose another resolution or format.",
            str(video.pixelFormat()),
            source=source,
        )
    position = video.startTime() / 1e6 if in_medium and video.startTime() >= 0 else None
    pixels = image_to_array(image)
    if image.format() == QImage.Format.Format_RGB32:
        _keep_decoded(pixels, image)
    return Frame(pixels, index, captured, source, position)


def _keep_decoded(pixels: ByteArray, image: QImage) -> None:
    _decoded[id(pixels)] = image
    weakref.finalize(pixels, _decoded.pop, id(pixels), None).atexit = False
