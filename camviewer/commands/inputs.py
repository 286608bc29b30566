"""The inputs of `camviewer explain`: photos, folders of photos, videos, snapshots; each once, in order."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from camviewer.commands.console import print_message
from camviewer.core.failures import Failure
from camviewer.core.storage.export import read_facts
from camviewer.core.storage.files import (
    cut,
    is_folder,
    numbered,
)
from camviewer.core.storage.photo_folders import (
    LeftOut,
    list_photos,
    split_folders,
)


@dataclass(frozen=True, slots=True)
class Input:
    """One input. problem: why it can't be explained, known before it is read. stem: of its files' names."""

    path: Path
    problem: str | None = None
    stem: str = ""


def find_photos(
    paths: Iterable[Path], *, takes_videos: bool = False, left_out: LeftOut | None = None
) -> list[Input]:
    """The photos that the given files and folders stand for, in order, each once.

    Overlays that camviewer wrote into a folder are left out of it: a second run explains photos again,
    not the first one's output. Given by name, they are photos like others. takes_videos: a folder that has
    only videos stands for these. left_out: what is not listed of folders, which is told too, is added to it.
    """
    inputs: dict[str, Input] = {}
    left_out = LeftOut() if left_out is None else left_out
    for path in paths:
        if not is_folder(path):
            inputs.setdefault(_place(path), Input(path))
            continue
        try:
            found = list_photos(path)
        except Failure as failure:
            inputs.setdefault(_place(path), Input(path, str(failure)))
            continue
        photos = found.photos
        if not photos and takes_videos:
            photos, found.left_out.videos = found.videos, 0
        if not photos:
            inputs.setdefault(_place(path), Input(path, _no_photos(found.left_out)))
        for photo in photos:
            if _place(photo) in inputs:
                continue
            if read_facts(photo) is not None:
                found.left_out.overlays += 1
            else:
                inputs[_place(photo)] = Input(photo)
        left_out.add(found.left_out)
        _tell_parts(path)
    for note in left_out.notes():
        print_message(f"camviewer: {note}")
    if left_out.overlays:
        print_message("camviewer: name overlays to explain them")
    return list(inputs.values())


def _no_photos(left_out: LeftOut) -> str:
    if not left_out.videos:
        return "There are no photos in this folder."
    videos = "1 video" if left_out.videos == 1 else f"{left_out.videos} videos"
    return f"There are no photos in this folder, but {videos}."


def _tell_parts(folder: Path) -> None:
    """That a folder is a data set with parts, of which one may be meant."""
    parts = split_folders(folder)
    if parts:
        names = ", ".join(part.name for part in parts)
        print_message(
            f"camviewer: {folder} has the parts {names}: all of them are taken; "
            f"give one, such as {parts[-1]}, to take it alone"
        )


def _place(path: Path) -> str:
    """A key that is equal for all ways to write where a file lies. Links to one photo are several."""
    folder, name = os.path.split(os.path.abspath(path))  # noqa: PTH100
    return os.path.normcase(os.path.join(os.path.realpath(folder), name))  # noqa: PTH118


def with_stems(inputs: list[Input]) -> list[Input]:
    """The same with stems: STEM, and STEM-2, … where another photo has it (on any file system)."""
    taken: set[str] = set()
    result = []
    for one in inputs:
        # Room for the class and the suffix: names of files end at 255 bytes.
        stems = numbered(cut(one.path.stem, 100, 120))
        stem = next(stem for stem in stems if name_key(stem) not in taken)
        taken.add(name_key(stem))
        result.append(replace(one, stem=stem))
    return result


def name_key(name: str) -> str:
    """A key that is equal for names that some file systems can't tell apart."""
    return unicodedata.normalize("NFC", name).casefold()


def path_key(path: Path) -> str:
    """A key that is equal for all ways to write the same path."""
    return os.path.normcase(os.path.realpath(path))
