"""Photos as a source: one, several, or a folder of them; or one from the clipboard."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import Signal, Slot

from camviewer.core.arrays import ByteArray
from camviewer.core.frames import Frame
from camviewer.core.resources import resource_path
from camviewer.core.storage.file_kinds import (
    FileKind,
    kind_by_name,
)
from camviewer.core.storage.files import is_folder
from camviewer.core.storage.images import read_photo
from camviewer.core.storage.natural_order import path_key
from camviewer.core.storage.photo_folders import (
    LeftOut,
    is_junk,
    list_photos,
    no_photos,
)
from camviewer.core.text import Text
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.sources.source import (
    Countable,
    FromFile,
    Source,
)


class PhotoSource(Source, Countable, FromFile):
    """Photos, one in view at a time. A single photo brings along the others of its folder.

    Folders are listed in the worker, with the first photo: a slow disk doesn't hold up the window.
    """

    left_out = Signal(object)
    """What of the opened folders is not among the photos: a tuple of sentences. Not for nothing."""
    _listed = Signal(object, int, object)

    def __init__(self, paths: Sequence[Path], first: Path | None = None) -> None:
        """paths: files and folders. first: which of their photos to begin with."""
        super().__init__()
        self._first = first
        self.given = tuple(paths)
        """What was opened: files and folders."""
        before = (first,) if first is not None else tuple(p for p in paths if not is_folder(p))
        self._files: tuple[Path, ...] = before or self.given
        """Until they are listed, those that are known to be photos."""
        self._index = 0
        self._inlet: Inlet | None = None
        self._is_listed = False
        self._listed.connect(self._on_listed)

    @property
    def path(self) -> Path:
        return self._files[self._index]

    @property
    def title(self) -> str:
        return self.path.name

    @property
    def index(self) -> int:
        return self._index

    @property
    def count(self) -> int:
        return len(self._files)

    def start(self, inlet: Inlet) -> None:
        self._inlet = inlet
        inlet.put(self._load_first)

    def stop(self) -> None:
        self._inlet = None

    def step(self, steps: int) -> None:
        """So many photos on (or back, if negative), round and round. Nothing before they are listed."""
        if self._inlet is None or not self._is_listed or self.count < 2:
            return
        self._index = (self._index + steps) % self.count
        self.jumped.emit()
        self._put(self.path, self._index)
        self.changed.emit()

    def _put(self, path: Path, index: int) -> None:
        assert self._inlet is not None
        self._inlet.put(lambda: _load(path, index))

    def _load_first(self) -> Frame:
        """In the worker: list what was given, then load the first."""
        left_out = LeftOut()
        files, index = listed(self.given, lambda: self._inlet is None, left_out)
        if self._first in files:
            index = files.index(self._first)
        with suppress(RuntimeError):  # another source was opened meanwhile: this one is deleted
            self._listed.emit(files, index, tuple(left_out.notes()))
        return _load(files[index], index)

    @Slot(object, int, object)
    def _on_listed(self, files: tuple[Path, ...], index: int, left_out: tuple[str, ...]) -> None:
        self._files, self._index, self._is_listed = files, index, True
        self.changed.emit()
        if left_out:
            self.left_out.emit(left_out)


def listed(
    given: Sequence[Path], stopped: Callable[[], bool] = lambda: False, left_out: LeftOut | None = None
) -> tuple[tuple[Path, ...], int]:
    """The photos that the given files and folders stand for, and which is first.

    One photo stands for its folder, starting with itself. left_out: what is not listed of folders is added to
    it. Raises SourceFailure if there is no photo.
    """
    left_out = LeftOut() if left_out is None else left_out
    if len(given) == 1 and not is_folder(given[0]):
        photo = given[0]
        try:
            siblings = sorted(
                (
                    p
                    for p in photo.parent.iterdir()
                    if kind_by_name(p) is FileKind.PHOTO and not is_junk(p.name) and p.is_file()
                ),
                key=path_key,
            )
        except OSError:
            siblings = []  # a folder that may be read into but not listed
        return (tuple(siblings), siblings.index(photo)) if photo in siblings else ((photo,), 0)
    files: list[Path] = []
    for path in given:
        if not is_folder(path):
            files.append(path)
            continue
        found = list_photos(path, stopped)
        files += found.photos
        left_out.add(found.left_out)
    if not files:
        names = ", ".join(p.name or str(p) for p in given)
        mend = Text("Open a folder with JPEG, PNG or other photos.")
        raise no_photos(names, left_out.videos, mend)
    return tuple(files), 0


def sample_photos() -> list[Path]:
    """The photos that come with the program; the one to begin with first."""
    photos = sorted(p for p in resource_path("samples").iterdir() if kind_by_name(p) is FileKind.PHOTO)
    return sorted(photos, key=lambda p: p.stem != "cat")


def _load(path: Path, index: int) -> Frame:
    return read_photo(path, index)


class ArraySource(Source):
    """One image that is already in memory, such as a pasted one.

    pixels: returns uint8 [H, W, 3]; called in the worker, because converting a large image takes long.
    """

    def __init__(self, pixels: Callable[[], ByteArray], title: str) -> None:
        super().__init__()
        self._pixels = pixels
        self._title = title

    @property
    def title(self) -> str:
        return self._title

    def start(self, inlet: Inlet) -> None:
        inlet.put(lambda: Frame(self._pixels(), 0, time.monotonic(), self._title))
