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
from camviewer.core.storage.images import photos_in


@dataclass(frozen=True, slots=True)
class Input:
    """One input. problem: why it can't be explained, known before it is read. stem: of its files' names."""

    path: Path
    problem: str | None = None
    stem: str = ""


def find_photos(paths: Iterable[Path]) -> list[Input]:
    """The photos that the given files and folders stand for, in order, each once.

    Overlays that camviewer wrote into a folder are left out of it: a second run explains photos again,
    not the first one's output. Given by name, they are photos like others.
    """
    inputs: dict[str, Input] = {}
    left_out = 0
    for path in paths:
        if not is_folder(path):
            inputs.setdefault(path_key(path), Input(path))
            continue
        try:
            photos = photos_in(path)
            problem = None if photos else "There are no photos in this folder."
        except Failure as failure:
            photos, problem = [], str(failure)
        if problem is not None:
            inputs.setdefault(path_key(path), Input(path, problem))
        for photo in photos:
            if path_key(photo) in inputs:
                continue
            if read_facts(photo) is not None:
                left_out += 1
            else:
                inputs[path_key(photo)] = Input(photo)
    if left_out:
        print_message(
            f"camviewer: {left_out} overlays that camviewer wrote are left out; name them to explain them"
        )
    return list(inputs.values())


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
