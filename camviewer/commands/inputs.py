"""What `camviewer explain` is given: photos, folders of photos, videos, snapshots; each once, in order."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from camviewer.commands.console import tell
from camviewer.core.failures import Failure
from camviewer.core.storage.files import cut, is_folder
from camviewer.core.storage.images import images_in
from camviewer.media.export import read_metadata


@dataclass(frozen=True, slots=True)
class Photo:
    """One input. problem: why it can't be explained, known before it is read. stem: of its files' names."""

    path: Path
    problem: str | None = None
    stem: str = ""


def find_photos(paths: Iterable[Path]) -> list[Photo]:
    """The photos that the given files and folders stand for, in order, each once.

    Overlays that camviewer wrote into a folder are left out of it: a second run explains photos again,
    not the first one's output. Given by name, they are photos like others.
    """
    found: dict[str, Photo] = {}
    left_out = 0
    for path in paths:
        if not is_folder(path):
            found.setdefault(path_key(path), Photo(path))
            continue
        try:
            photos = images_in(path)
            problem = None if photos else "There are no photos in this folder."
        except Failure as failure:
            photos, problem = [], str(failure)
        if problem is not None:
            found.setdefault(path_key(path), Photo(path, problem))
        for photo in photos:
            if path_key(photo) in found:
                continue
            if read_metadata(photo) is not None:
                left_out += 1
            else:
                found[path_key(photo)] = Photo(photo)
    if left_out:
        tell(f"camviewer: {left_out} overlays that camviewer wrote are left out; name them to explain them")
    return list(found.values())


def named(photos: list[Photo]) -> list[Photo]:
    """The same with stems: STEM, and STEM-2, … where another photo has it (on any file system)."""
    taken: set[str] = set()
    named = []
    for photo in photos:
        # Room for the class and the suffix: names of files end at 255 bytes.
        stem = base = cut(photo.path.stem, 100, 120)
        count = 1
        while folded(stem) in taken:
            count += 1
            stem = f"{base}-{count}"
        taken.add(folded(stem))
        named.append(replace(photo, stem=stem))
    return named


def folded(name: str) -> str:
    """The same for names that some file systems take for one."""
    return unicodedata.normalize("NFC", name).casefold()


def path_key(path: Path) -> str:
    """The same for all ways to write a path."""
    return os.path.normcase(os.path.realpath(path))
