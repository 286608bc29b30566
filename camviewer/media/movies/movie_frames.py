"""Makes a movie's frames of images: their size, and their colours."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from camviewer.core.arrays import ByteArray
from camviewer.media.frames import array_to_image
from camviewer.media.movies.encoders import ffmpeg_errors

BLOCK = 16
MAX_BLOCKS, MAX_SIDE = 36_864, 8192
"""Of a movie. H.264's level 5.2, where OpenH264 ends, has so many blocks of 16 × 16: 4096 × 2304."""


def movie_size(width: int, height: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """How large frames of this size become, and the movie that they are in: (width, height) each.

    Too large ones are reduced. A movie's sides are even, because a chroma sample stands for 2 × 2 pixels,
    and at least a block: what frames lack of that is filled at the right and below.
    """
    inner = width, height
    if -(-width // BLOCK) * -(-height // BLOCK) > MAX_BLOCKS or max(inner) > MAX_SIDE:
        share = min((MAX_BLOCKS * BLOCK**2 / (width * height)) ** 0.5, MAX_SIDE / max(inner), 1.0)
        inner = _reduced(width, share), _reduced(height, share)
    outer_width, outer_height = (max(side + side % 2, BLOCK) for side in inner)
    return inner, (outer_width, outer_height)


def _reduced(side: int, share: float) -> int:
    """Whole blocks, because those count; what is less than one stays as it is."""
    side = int(side * share)
    return side // BLOCK * BLOCK if side >= BLOCK else max(side, 1)


def size_of(image: QImage | ByteArray) -> tuple[int, int]:
    """Width, height."""
    if isinstance(image, QImage):
        return image.width(), image.height()
    return image.shape[1], image.shape[0]


class MovieFrames:
    """Makes the frames of one movie. One thread uses it; what several make of the same size is one movie.

    inner, size: of the images in the movie, and of the movie: (width, height).
    """

    def __init__(self, first: tuple[int, int], threads: int = 0) -> None:
        """first: width and height of the first image; others are fitted into it. threads: for the colours;
        0: as many as there are cores."""
        self.inner, self.size = movie_size(*first)
        self._first_size, self._threads = first, threads
        self._reformatter = VideoReformatter()

    def frame(self, image: QImage | ByteArray) -> VideoFrame:
        """yuv420p, BT.709, limited range, of the movie's size. Raises SaveFailure."""
        return self.coloured(self.prepared(image))

    def prepared(self, image: QImage | ByteArray) -> QImage | ByteArray:
        """What Qt has to do of it, which keeps Python's lock: of the size in the movie, RGB32 or an array."""
        if size_of(image) != self.inner:
            image = self._fitted(image)
        if isinstance(image, QImage) and image.format() != QImage.Format.Format_RGB32:
            image = image.convertToFormat(QImage.Format.Format_RGB32)
        return image

    def coloured(self, image: QImage | ByteArray) -> VideoFrame:
        """The rest, without Python's lock. image: prepared."""
        if isinstance(image, QImage):
            rows = np.frombuffer(image.constBits(), np.uint8)
            pixels: NDArray[np.uint8] = rows.reshape(image.height(), image.width(), 4)
        else:
            pixels = np.ascontiguousarray(image)
        height, width, depth = pixels.shape
        below, right = self.size[1] - height, self.size[0] - width
        if below or right:
            # By repetition: a black edge would bleed into the chroma samples that it shares.
            pixels = np.pad(pixels, ((0, below), (0, right), (0, 0)), "edge")
        # The average of 2 × 2 pixels is their chroma sample; by default swscale would leave some out.
        with ffmpeg_errors():
            return self._reformatter.reformat(
                VideoFrame.from_numpy_buffer(pixels, "bgra" if depth == 4 else "rgb24"),
                format="yuv420p",
                dst_colorspace=Colorspace.ITU709,
                dst_color_range=ColorRange.MPEG,
                interpolation=Interpolation.AREA,
                threads=self._threads,
            )

    def _fitted(self, image: QImage | ByteArray) -> QImage:
        """An image of the first one's size reduced; any other as large as it fits, on black."""
        size = size_of(image)
        if not isinstance(image, QImage):
            image = array_to_image(image)
        inner, smooth = QSize(*self.inner), Qt.TransformationMode.SmoothTransformation
        if size == self._first_size:
            return image.scaled(inner, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        scaled = image.scaled(inner, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        fitted = QImage(inner, QImage.Format.Format_RGB32)
        fitted.fill(Qt.GlobalColor.black)
        place = QRect(scaled.rect())
        place.moveCenter(fitted.rect().center())
        painter = QPainter(fitted)
        painter.drawImage(place, scaled)
        painter.end()
        return fitted
