"""A project of one's own classes: their names and examples, kept in a folder as JPEG and JSON.

What a head is taught is what is kept: examples are reduced and stored first, and looked at as they are
stored. So the same numbers come out when the project is opened again.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from camviewer.core.arrays import ByteArray, read_only
from camviewer.core.failures import SaveFailure, SourceFailure
from camviewer.core.models.taught import LONGEST, MOST
from camviewer.core.storage.files import atomic_write, make_folder, write_json
from camviewer.core.text import Text

log = logging.getLogger(__name__)

VERSION_KEY, VERSION = "camviewer_project", 1
INDEX, PICTURES = "project.json", "examples"
SIDE = 480
"""Pixels of the short side of a kept picture, at most: networks see 224 or a few more."""
_QUALITY = 92
MOST_EXAMPLES = 2000
_LARGEST_INDEX = 5_000_000


@dataclass(frozen=True, slots=True)
class KeptExample:
    """file: the name of its picture in the project. class_key: of its class; moment: as `TaughtExample`."""

    file: str
    class_key: int
    moment: str


@dataclass(frozen=True, slots=True)
class OwnClass:
    """key: stays, whatever it is called and wherever it stands."""

    key: int
    name: str


@dataclass(frozen=True, slots=True)
class Project:
    """Replaced whole, never changed: what was before can be taken back."""

    classes: tuple[OwnClass, ...] = ()
    examples: tuple[KeptExample, ...] = ()

    def of(self, key: int) -> tuple[KeptExample, ...]:
        """The examples of a class, the oldest first."""
        return tuple(each for each in self.examples if each.class_key == key)

    def with_class(self, name: str) -> Project:
        """And another class, without examples."""
        key = 1 + max((each.key for each in self.classes), default=0)
        return replace(self, classes=(*self.classes, OwnClass(key, name)))

    def renamed(self, key: int, name: str) -> Project:
        """The class called otherwise."""
        return replace(
            self, classes=tuple(OwnClass(key, name) if each.key == key else each for each in self.classes)
        )

    def without_class(self, key: int) -> Project:
        """The class and its examples taken away."""
        return Project(
            tuple(each for each in self.classes if each.key != key),
            tuple(each for each in self.examples if each.class_key != key),
        )

    def with_examples(self, more: Iterable[KeptExample]) -> Project:
        """And these; not more than `MOST_EXAMPLES`, and none of a class that isn't there."""
        keys = {each.key for each in self.classes}
        kept = (*self.examples, *(each for each in more if each.class_key in keys))
        return replace(self, examples=kept[:MOST_EXAMPLES])

    def without_examples(self, files: Iterable[str]) -> Project:
        """Those examples taken away."""
        gone = set(files)
        return replace(self, examples=tuple(each for each in self.examples if each.file not in gone))

    @property
    def taught_classes(self) -> tuple[OwnClass, ...]:
        """Those that have an example: what a head can be of."""
        there = {each.class_key for each in self.examples}
        return tuple(each for each in self.classes if each.key in there)


def stored_picture(image: ByteArray) -> bytes:
    """A JPEG of an image uint8 [H, W, 3], its short side at most `SIDE`."""
    picture = Image.fromarray(np.ascontiguousarray(image))
    share = SIDE / min(picture.size)
    if share < 1:
        width, height = (max(round(share * side), 1) for side in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
    return buffer.getvalue()


def picture_of(data: bytes) -> ByteArray:
    """The image of what `stored_picture` made: uint8 [H, W, 3]. Raises SourceFailure if it is damaged."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
            return read_only(np.array(picture.convert("RGB")))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise SourceFailure("An example is damaged.", "Remove it.", repr(error)) from error


def read_project(folder: Path) -> Project:
    """The project in a folder; an empty one where there is none. Raises SourceFailure if it is damaged.

    Examples whose pictures are gone are left out; pictures that no example has are deleted.
    """
    try:
        index = folder / INDEX
        if not index.exists():
            return Project()
        if index.stat().st_size > _LARGEST_INDEX:
            raise ValueError("too large")
        project = _project(json.loads(index.read_text("utf-8")))
        there = {path.name for path in (folder / PICTURES).glob("*.jpg")}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceFailure(
            "The examples of your classes in {folder} can't be read.",
            "Mend {name} there, or move the folder away: until then nothing that you teach is kept.",
            repr(error),
            folder=folder,
            name=INDEX,
        ) from error
    kept = {each.file for each in project.examples}
    for name in there - kept:
        with suppress(OSError):
            (folder / PICTURES / name).unlink()
    return project.without_examples(kept - there)


def _project(read: Any) -> Project:
    if read[VERSION_KEY] != VERSION:
        raise ValueError("another version")
    classes = tuple(OwnClass(int(each["key"]), str(each["name"])[:LONGEST]) for each in read["classes"])
    keys = [each.key for each in classes]
    if len(set(keys)) != len(keys) or len(keys) > MOST:
        raise ValueError("classes")
    examples = tuple(
        KeptExample(str(each["file"]), int(each["class"]), str(each["moment"])) for each in read["examples"]
    )
    for each in examples:
        # A name of ours: no path elsewhere is read or deleted.
        if Path(each.file).name != each.file or not each.file.endswith(".jpg") or each.class_key not in keys:
            raise ValueError(f"example {each.file}")
    return Project(classes, examples[:MOST_EXAMPLES])


def write_project(project: Project, folder: Path) -> None:
    """Its names, and which examples it has; `write_picture` writes pictures. Raises SaveFailure."""
    make_folder(folder / PICTURES)
    value = {
        VERSION_KEY: VERSION,
        "classes": [{"key": each.key, "name": each.name} for each in project.classes],
        "examples": [
            {"file": each.file, "class": each.class_key, "moment": each.moment} for each in project.examples
        ],
    }
    write_json(value, folder / INDEX, overwrite=True)


def write_picture(data: bytes, name: str, folder: Path) -> None:
    """The picture of an example. Raises SaveFailure."""
    make_folder(folder / PICTURES)
    with atomic_write(folder / PICTURES / name, overwrite=True) as file:
        file.write(data)


def delete_project(folder: Path) -> None:
    """All pictures and the index: nothing of them stays. Raises SaveFailure if something can't be deleted."""
    try:
        for path in [*(folder / PICTURES).glob("*.jpg"), folder / INDEX]:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise SaveFailure(
            Text("{path} can't be deleted ({reason}).", path=folder, reason=error.strerror or str(error)),
            "Delete it yourself.",
            repr(error),
        ) from error
