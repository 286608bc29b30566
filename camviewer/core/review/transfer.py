"""Copies or moves photos of a review to a folder; no file is ever replaced."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from camviewer.core.failures import SaveFailure
from camviewer.core.storage.files import copy_new, exists, make_folder, move_new, numbered
from camviewer.core.text import Text

_OF_ALL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""After these errors the next photo would have the same."""


@dataclass(frozen=True, slots=True)
class Transferred:
    """What became of the photos. done: each one's old and new path. there: so many are in the folder already.

    failed: each photo that could not be transferred, and why, in a sentence. left: so many were not tried,
    because the user stopped, or what failed would fail for all (no room on the disk).
    """

    done: tuple[tuple[Path, Path], ...] = ()
    there: int = 0
    failed: tuple[tuple[Path, str], ...] = ()
    left: int = 0


def transfer(
    photos: Sequence[Path],
    folder: Path,
    *,
    move: bool,
    on_progress: Callable[[int], bool] = lambda _: True,
) -> Transferred:
    """Photos of one name become ``1.png``, ``1-2.png``, ``1-3.png``. The folder is made if need be.

    on_progress: called with the number of photos that are done; False stops. Raises SaveFailure if the folder
    can't be made.
    """
    make_folder(folder)
    way = move_new if move else copy_new
    done: list[tuple[Path, Path]] = []
    failed: list[tuple[Path, str]] = []
    there = 0
    target = folder.resolve()
    for count, photo in enumerate(photos):
        if not on_progress(count):
            return Transferred(tuple(done), there, tuple(failed), len(photos) - count)
        if photo.parent.resolve() == target:
            there += 1
        elif not exists(photo):
            failed.append((photo, Text("{name} isn't there any more.", name=photo.name)))
        else:
            try:
                done.append((photo, _to_free_name(way, photo, folder)))
            except SaveFailure as failure:
                failed.append((photo, failure.text))
                if not _is_of_one(failure):
                    return Transferred(tuple(done), there, tuple(failed), len(photos) - count - 1)
    return Transferred(tuple(done), there, tuple(failed))


def moved_back(moved: Sequence[tuple[Path, Path]]) -> Transferred:
    """Undo a move: the old and new paths of `Transferred.done`; in the answer they have changed places."""
    done: list[tuple[Path, Path]] = []
    failed: list[tuple[Path, str]] = []
    for old, new in moved:
        try:
            make_folder(old.parent)
            move_new(new, old)
            done.append((new, old))
        except SaveFailure as failure:
            failed.append((new, failure.text))
    return Transferred(tuple(done), failed=tuple(failed))


def _to_free_name(way: Callable[[Path, Path], None], photo: Path, folder: Path) -> Path:
    """Raises SaveFailure."""
    for name in numbered(photo.stem):
        path = folder / f"{name}{photo.suffix}"
        try:
            way(photo, path)
        except SaveFailure as failure:
            if not isinstance(failure.__cause__, FileExistsError):
                raise
        else:
            return path
    raise AssertionError("numbered has no end")


def _is_of_one(failure: SaveFailure) -> bool:
    """Whether the next photo may do better: this one can't be read or removed, or its name doesn't fit."""
    cause = failure.__cause__
    return not (isinstance(cause, OSError) and cause.errno in _OF_ALL)
