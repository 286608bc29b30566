"""Frames on their way in: from Qt's video frames, photos and the clipboard, to RGB arrays and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

from camviewer.core.failures import SourceFailure
from camviewer.core.types import ByteArray, Explanation, Frame, read_only
from camviewer.media.pipeline.mailbox import Mailbox

if TYPE_CHECKING:  # `explain` runs where Qt's multimedia can't be loaded
    from PySide6.QtMultimedia import QVideoFrame


@dataclass(frozen=True, slots=True)
class PendingFrame:
    """A frame that is not decoded yet. load runs in the worker and may raise SourceFailure.

    explained: brings the frame's explanation as it is, where that needs no model; it may raise the same.
    """

    load: Callable[[], Frame]
    generation: int
    explained: Callable[[], Explanation] | None = None


class Inlet:
    """Where one source leaves its frames. Any thread may call `put`; never blocks.

    Each source gets an inlet of its own, so that one that is going away can't reach the next one's.
    """

    def __init__(self, mailbox: Mailbox[PendingFrame], generation: int) -> None:
        self._mailbox = mailbox
        self._lock = Lock()
        self._open = True
        self.generation = generation
        self.received = 0
        self.dropped = 0

    def put(self, load: Callable[[], Frame], generation: int | None = None) -> None:
        """generation: the one in which the frame was looked at, if that was earlier."""
        self._put(lambda now: PendingFrame(load, now if generation is None else generation))

    def put_explained(self, load: Callable[[], Explanation]) -> None:
        """Leave a frame that is explained already."""
        self._put(lambda now: PendingFrame(lambda: load().frame, now, load))

    def _put(self, make: Callable[[int], PendingFrame]) -> None:
        with self._lock:
            if not self._open:
                return
            self.received += 1
            replaced = self._mailbox.put(make(self.generation))
            self.dropped += replaced is not None

    def set_open(self, is_open: bool) -> None:
        with self._lock:
            self._open = is_open


def image_to_array(image: QImage) -> ByteArray:
    """uint8 [H, W, 3], a copy."""
    if image.format() != QImage.Format.Format_RGB888:
        image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3)
    return read_only(pixels.copy())


def array_to_image(pixels: ByteArray) -> QImage:
    """A 32-bit QImage with a copy of the pixels: what QPainter draws fastest."""
    height, width, _ = pixels.shape
    pixels = np.ascontiguousarray(pixels)
    wrapped = QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888)
    return wrapped.convertToFormat(QImage.Format.Format_RGB32)


def to_frame(video: QVideoFrame, index: int, captured: float, source: str, in_medium: bool = True) -> Frame:
    """Decode one of Qt's video frames, rotated and mirrored as it says. Raises SourceFailure.

    in_medium: its start time is a place in a medium; a camera's says nothing to anybody.
    """
    image = video.toImage()
    if image.isNull():
        raise SourceFailure(
            "A picture from {source} can't be decoded.",
            "Choose another resolution or format.",
            str(video.pixelFormat()),
            source=source,
        )
    position = video.startTime() / 1e6 if in_medium and video.startTime() >= 0 else None
    return Frame(image_to_array(image), index, captured, source, position)
