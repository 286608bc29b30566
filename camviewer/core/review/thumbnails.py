"""Small pictures of reviewed photos and their maps, kept in a temporary file."""

from __future__ import annotations

import io
import os
import tempfile
import threading
import weakref
from dataclasses import dataclass

import numpy as np
from PIL import Image

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
)
from camviewer.core.explanation import CAM
from camviewer.core.failures import SaveFailure
from camviewer.core.maps import Unit

THUMBNAIL_SIDE = 320
"""Pixels of a thumbnail's longer side."""


@dataclass(frozen=True, slots=True)
class StoredThumbnail:
    """Where a `Thumbnail` lies in its `ThumbnailStore`. maps: their number, 1 or 2; unit: of their values.

    method: that made them.
    """

    offset: int
    jpeg_size: int
    map_shape: tuple[int, int]
    maps: int
    unit: Unit
    method: str


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """A photo, reduced, and its maps.

    jpeg: the reduced photo. predicted, true: the maps as they are drawn, float32 [h, w], in this unit and by
    this method.

    true is None where the true class isn't known, or is the predicted one.
    """

    jpeg: bytes
    predicted: FloatArray
    true: FloatArray | None = None
    unit: Unit = Unit.LOGIT
    method: str = CAM

    @property
    def maps(self) -> tuple[FloatArray, ...]:
        """One or two."""
        return (self.predicted,) if self.true is None else (self.predicted, self.true)


class ThumbnailStore:
    """Thumbnails in one temporary file without a name. Any thread may put and get."""

    def __init__(self) -> None:
        """Raises SaveFailure."""
        self._lock = threading.Lock()
        try:
            self._file = tempfile.TemporaryFile(prefix="camviewer-", dir=_large_temporary_folder())  # noqa: SIM115
        except OSError as error:
            raise _no_room(error) from error
        # A window that ends in the middle of a review may leave nobody to close it.
        weakref.finalize(self, self._file.close)

    def put(self, thumbnail: Thumbnail) -> StoredThumbnail:
        """Raises SaveFailure, if the disk is full; ValueError once the store is closed."""
        maps = thumbnail.maps
        data = thumbnail.jpeg + b"".join(np.ascontiguousarray(m, np.float32).tobytes() for m in maps)
        with self._lock:
            try:
                offset = self._file.seek(0, os.SEEK_END)
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                raise _no_room(error) from error
        rows, columns = thumbnail.predicted.shape
        shape, size = (rows, columns), len(thumbnail.jpeg)
        return StoredThumbnail(offset, size, shape, len(maps), thumbnail.unit, thumbnail.method)

    def get(self, stored: StoredThumbnail) -> Thumbnail:
        """Raises ValueError once the store is closed."""
        rows, columns = stored.map_shape
        data = self._read(stored.offset, stored.jpeg_size + stored.maps * rows * columns * 4)
        maps = np.frombuffer(data, np.float32, offset=stored.jpeg_size).reshape(-1, rows, columns)
        jpeg = data[: stored.jpeg_size]
        true = maps[1] if stored.maps > 1 else None
        return Thumbnail(jpeg, maps[0], true, stored.unit, stored.method)

    def maps(self, stored: StoredThumbnail) -> tuple[FloatArray, ...]:
        """The maps alone, as `Thumbnail.maps`. Raises ValueError once the store is closed."""
        rows, columns = stored.map_shape
        data = self._read(stored.offset + stored.jpeg_size, stored.maps * rows * columns * 4)
        return tuple(np.frombuffer(data, np.float32).reshape(-1, rows, columns))

    def _read(self, offset: int, size: int) -> bytes:
        with self._lock:
            self._file.seek(offset)
            return self._file.read(size)

    def close(self) -> None:
        """Delete the file. It may be called again."""
        with self._lock:
            self._file.close()


def _large_temporary_folder() -> str | None:
    """/var/tmp, where there is one: on many Linux systems /tmp is in memory. None: the usual folder."""
    return "/var/tmp" if "TMPDIR" not in os.environ and os.access("/var/tmp", os.W_OK) else None


def _no_room(error: OSError) -> SaveFailure:
    return SaveFailure(
        "The small pictures of the review can't be kept ({reason}).",
        "Make room on the disk, or set TMPDIR to a folder that has some.",
        repr(error),
        reason=error.strerror or error,
    )


def small_jpeg(photo: ByteArray | Image.Image, side: int) -> bytes:
    """Pixels uint8 [H, W, 3], or an RGB image, as a JPEG whose longer side has at most `side` pixels."""
    height, width = photo.size[::-1] if isinstance(photo, Image.Image) else photo.shape[:2]
    step = max(1, max(height, width) // (4 * side))
    if step == 1 and isinstance(photo, Image.Image):
        small = photo.copy()
        small.info.clear()  # a comment would get into the JPEG
    else:
        # Pillow would copy all of a huge photo first; four of its pixels for each small one are enough.
        small = Image.fromarray(np.ascontiguousarray(np.asarray(photo)[::step, ::step]))
    small.thumbnail((side, side), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()
