"""The file of a movie while it is recorded: at every moment the file plays.

A fragmented MP4 is a row of boxes: first the head with the first frames (``ftyp``, ``moov``, ``mdat``),
then one fragment after the other (``moof``, ``mdat``). Whatever ends with an ``mdat`` plays. So bytes wait in
memory until such an end is there; the head makes the file, and each fragment is appended as a whole.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from camviewer.core.failures import SaveFailure
from camviewer.core.storage.files import (
    atomic_write,
    save_new,
)
from camviewer.core.text import (
    Text,
    joined,
)

RESERVE = 64 * 2**20
"""Bytes of free disk at which a recording ends: its index is still to be written (13 bytes a frame, 28 MB
after ten hours of 60 a second), and a disk that is full to the last byte harms other programs."""
HEADER = 8  # bytes of a box's header: its size and its type
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def open_to_append(path: Path) -> BinaryIO:
    """An existing file, without buffers of Python's: what has been written survives the process."""
    file = path.open("r+b", buffering=0)
    file.seek(0, os.SEEK_END)
    return file


class FragmentedFile:
    """What a fragmented `MovieWriter` writes to. One thread uses it, but any may read `path` and `size`.

    Makes the first unused one of the names ``stem.mp4``, ``stem-2.mp4``, … when the first frames are there.
    The writer can't handle errors, so writing never raises: `failure` says why nothing more should come.
    """

    def __init__(
        self,
        folder: Path,
        stem: str,
        *,
        reserve: int = RESERVE,
        free_space: Callable[[Path], int] = free_bytes,
        open_file: Callable[[Path], BinaryIO] = open_to_append,
    ) -> None:
        self.path: Path | None = None
        """Once there is something to play."""
        self.size = 0
        """Bytes, those in memory too."""
        self.failure: SaveFailure | None = None
        self._folder, self._stem = folder, stem
        self._reserve, self._free_space, self._open = reserve, free_space, open_file
        self._file: BinaryIO | None = None
        self._broken = False  # nothing more can be written
        self._ending = False
        self._at = 0
        self._written = 0
        self._waiting = bytearray()  # what follows the bytes on the disk
        self._patches: list[tuple[int, bytes]] = []  # of bytes on the disk

    # For PyAV

    def write(self, data: bytes, /) -> int:
        if not self._broken:
            start = self._at - self._written
            if start >= 0:
                self._waiting[start : start + len(data)] = data
                self.size = self._written + len(self._waiting)
            else:
                self._patches.append((self._at, bytes(data)))
            if not self._ending:
                self._try(self._append_whole)
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._at = offset + {0: 0, 1: self._at, 2: self._written + len(self._waiting)}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    # For the recorder

    def check(self) -> None:
        """Before anything is begun. Raises SaveFailure where there is no room."""
        folder = self._folder
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent  # it is made later
        if not self._has_room(folder):
            raise SaveFailure(
                "There is no room for a recording in {folder}.",
                "Make room, or choose another folder.",
                folder=self._folder,
            )

    def begin_finishing(self) -> None:
        """The writer is about to close: what it writes now turns the fragments into an ordinary file."""
        self._ending = True

    def finish(self) -> None:
        """The writer has closed: bring all to the disk, or leave the fragments there where that fails."""
        self._try(self._write_end)
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                os.fsync(file.fileno())
            with suppress(OSError):
                file.close()
        self._waiting.clear()
        self.size = self._written

    def _try(self, action: Callable[[], None]) -> None:
        """A failure is kept, and nothing more is written after it."""
        if self._broken:
            return
        try:
            action()
        except SaveFailure as failure:
            self._broken, self.failure = True, self.failure or failure
        except OSError as error:
            self._broken, self.failure = True, self.failure or self._failure(error)

    def _append_whole(self) -> None:
        """Write to the disk all that plays by itself."""
        end = _scan(self._waiting).playable
        if not end:
            return
        if self._file is None:
            self._publish(end)
        else:
            self._append(end)
        if not self._ending and self.failure is None and not self._has_room(self._folder):
            self.failure = self._failure(OSError(errno.ENOSPC, "early"))

    def _publish(self, end: int) -> None:
        """Make the file, of the first bytes that wait."""

        def write(path: Path) -> Path:
            with atomic_write(path) as file:
                file.write(self._waiting[:end])
            return path

        path = save_new(self._folder, self._stem, ".mp4", write)
        self._file, self.path = self._open(path), path
        self._written = end
        del self._waiting[:end]

    def _append(self, end: int) -> None:
        """The first box's header comes last: without it, all that follows is nothing to a player."""
        file = self._file
        assert file is not None
        self._check_place(file)
        start = self._written
        try:
            _write_at(file, start + HEADER, bytes(self._waiting[HEADER:end]))
            _write_at(file, start, bytes(self._waiting[:HEADER]))
        except OSError:
            with suppress(OSError):
                file.truncate(start)
            raise
        self._written += end
        del self._waiting[:end]

    def _write_end(self) -> None:
        """The last fragment, the index of the whole, and last of all the header that makes the heads of the
        fragments a part of the frames' data. The file plays before and after each."""
        scan = _scan(self._waiting)
        if self._file is None:
            if scan.playable:
                self._publish(len(self._waiting) if scan.indexed else scan.playable)
            return
        self._append_whole()
        if scan.indexed:  # otherwise the writer couldn't do it
            self._append(len(self._waiting))
            for offset, data in self._patches:
                _write_at(self._file, offset, data)

    def _has_room(self, folder: Path) -> bool:
        try:
            return self._free_space(folder) >= self._reserve
        except OSError:
            return True  # writing will report the error

    def _check_place(self, file: BinaryIO) -> None:
        """Set `failure` if the file isn't there any more: writing to a deleted file reports no error."""
        assert self.path is not None
        own = os.fstat(file.fileno())
        with suppress(OSError):
            there = self.path.stat()
            if (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino):
                return
        # It is finished all the same: it may only have been moved.
        self.failure = self.failure or SaveFailure(
            "{path} was moved or deleted while camviewer recorded into it.",
            "Start another recording.",
            path=self.path,
        )

    def _failure(self, error: OSError) -> SaveFailure:
        if error.errno in _FULL:
            message = Text("There is no room for more of the recording.")
            mend = Text("Make room, or choose another folder.")
        else:
            reason = error.strerror or type(error).__name__
            message = Text("The recording can't be written ({reason}).", reason=reason)
            mend = Text("Choose another folder.")
        return SaveFailure(with_recorded_path(message, self.path), mend, repr(error))


def with_recorded_path(message: str, path: Path | None) -> Text:
    """The message, and where the recording until then is; only the message where there is no file."""
    there = [Text("What was recorded until then is in {path}.", path=path)] if path is not None else []
    return joined(" ", [message, *there])


@dataclass(frozen=True, slots=True)
class _Scan:
    """playable: the bytes up to the end of the last complete ``mdat``. indexed: the boxes are complete, and
    the last is a ``moov``."""

    playable: int
    indexed: bool


def _scan(data: bytes | bytearray) -> _Scan:
    at = playable = 0
    kind = b""
    while at + HEADER <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:  # the size is behind the type
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < HEADER or at + size > len(data):
            break
        kind = bytes(data[at + 4 : at + HEADER])
        at += size
        if kind == b"mdat":
            playable = at
    return _Scan(playable, at == len(data) and kind == b"moov")


def _write_at(file: BinaryIO, offset: int, data: bytes) -> None:
    """Write all of it, or raise OSError: a full disk takes a part, and reports that only the next time."""
    file.seek(offset)
    rest = memoryview(data)
    while rest:
        count = file.write(rest)
        if not count:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        rest = rest[count:]
