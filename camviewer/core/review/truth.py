"""Finds the true class of each photo: by the names of folders, or by a table of paths and labels."""

from __future__ import annotations

import csv
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from camviewer.core.classes import LabelFinder
from camviewer.core.failures import Failure
from camviewer.core.models.labels import imagenet_wnids
from camviewer.core.review.unnamed_classes import UnnamedClasses
from camviewer.core.text import (
    Text,
    joined,
)

MAX_NAMED = 5
"""At most so many names are listed of those that are wrong in the same way."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The true classes of photos. origin: where they come from, for people.

    ids: class id by photo, of those whose class is known. notes: what a user should know about the
    others, a sentence each.
    """

    origin: str
    ids: Mapping[Path, int]
    notes: tuple[str, ...] = ()


class ClassNames:
    """Finds classes by what folders and tables call them."""

    def __init__(self, labels: Sequence[str]) -> None:
        self.labels = labels
        self._finder = LabelFinder(labels)
        self._wnids: dict[str, int] = {}
        if len(labels) == len(imagenet_wnids()):  # as `labels_for` takes such a head for ImageNet's
            self._wnids = {wnid: i for i, wnid in enumerate(imagenet_wnids())}
        self._known: dict[tuple[str, bool], tuple[int, ...]] = {}

    def find(self, name: str, by_id: bool = True) -> tuple[int, ...]:
        """The classes that a name may mean: one, none, or several.

        A name is a label (exactly, else whatever its case and with ``_`` for spaces), the WordNet id of
        an ImageNet class, alone or before more (``n01675722_banded_gecko``), or, if by_id, a class id
        (``7``, or ``#7`` where a label is ``7``).
        """
        key = (name, by_id)
        if key not in self._known:  # cached: a table has few labels and many rows
            self._known[key] = self._find(name, by_id)
        return self._known[key]

    def _find(self, name: str, by_id: bool) -> tuple[int, ...]:
        # File systems may store an accent apart from its letter; labels have them as one character.
        for spelled in dict.fromkeys((name.strip(), unicodedata.normalize("NFC", name.strip()))):
            whole = self._finder.whole(spelled)
            if whole:
                return tuple(whole)
        wnid = re.match(r"n[0-9]{8}(?![0-9a-z])", name.strip().casefold().replace("_", " "))
        if wnid is not None and wnid[0] in self._wnids:
            return (self._wnids[wnid[0]],)
        number = re.fullmatch(r"#?([0-9]{1,9})", name.strip())
        if by_id and number is not None and int(number[1]) < len(self.labels):
            return (int(number[1]),)
        return ()

    def meant(self, name: str) -> str:
        """The classes that a name may stand for, as `listing` has them; empty without any."""
        return self._finder.meant(name)

    def listing(self, ids: Sequence[int]) -> str:
        """Labels and ids for people, such as ``Cardigan (264), cardigan (474)``."""
        return self._finder.listing(ids)


def folder_truth(photos: Sequence[Path], folders: Sequence[Path], names: ClassNames) -> Truth:
    """A photo's class is the name of its folder, the one directly below the opened folder.

    A photo that lies in the opened folder itself takes that one's name if it is a class, and one that
    was named by itself, not with a folder, takes its own folder's. Of a network whose classes have no names,
    the folders may be the classes in order: `UnnamedClasses`.
    """
    ids: dict[Path, int] = {}
    misses = _Misses(names)
    found = list(_folder_names(photos, folders))
    unnamed = UnnamedClasses(names.labels, {name for _, name, below in found if below})
    for photo, name, below in found:
        matches = unnamed.find(name) if below and unnamed.in_order else names.find(name)
        if len(matches) == 1:
            ids[photo] = matches[0]
        elif below:
            misses.add(name, matches)
    return Truth(Text("the folders' names"), ids, (*unnamed.notes(), *misses.sentences()))


def has_class_folders(photos: Sequence[Path], folders: Sequence[Path], names: ClassNames) -> bool:
    """Whether the photos of opened folders lie in subfolders that are all called as classes are.

    Numbers don't count: folders are called 2024 and 07 for other reasons than a class's id.
    """
    subfolders = {name for _, name, below in _folder_names(photos, folders) if below}
    return bool(subfolders) and all(len(names.find(name, by_id=False)) == 1 for name in subfolders)


def _folder_names(photos: Sequence[Path], folders: Sequence[Path]) -> Iterator[tuple[Path, str, bool]]:
    """Each photo, the name of the folder that counts, and whether it lies below an opened one."""
    for photo in photos:
        opened = next((folder for folder in folders if photo.is_relative_to(folder)), None)
        parts = photo.relative_to(opened).parts if opened is not None else ()
        if len(parts) > 1:
            yield photo, parts[0], True
        else:
            yield photo, _name(photo.parent if opened is None else opened), opened is None


def _name(folder: Path) -> str:
    """Of "." and ".." too."""
    return os.path.basename(os.path.abspath(folder))  # noqa: PTH100, PTH119 (lexical, as Path has none)


@dataclass(frozen=True, slots=True)
class LabelTable:
    """The rows of a file: path and label, both as they are written."""

    file: Path
    rows: tuple[tuple[str, str], ...]


_PATH_HEADINGS = (
    *("path", "file", "filename", "filepath", "image", "imagepath", "imagefile", "imagename"),
    *("imageid", "img", "photo"),
)
_LABEL_HEADINGS = (
    *("truth", "true", "groundtruth", "label", "labels", "class", "classname", "classlabel"),
    *("category", "target", "wnid", "synset", "truthid", "labelid", "classid"),
)
"""In this order, if a table has several. Compared without case, spaces, ``_`` and ``-``."""


def unreadable(file: Path, error: OSError) -> Failure:
    """Why a table can't be read."""
    return Failure(
        "{name} can't be read ({reason}).",
        "Check the path.",
        repr(error),
        name=file,
        reason=error.strerror,
    )


def read_label_table(file: Path) -> LabelTable:
    """Read a CSV of paths and labels: UTF-8; comma, semicolon or tab; with a line of headings or without.

    Without one, the first column is the path and the second the label. Raises Failure.
    """
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        raise unreadable(file, error) from error
    except UnicodeDecodeError as error:
        raise Failure(
            "{name} is not in UTF-8.", "Save it as CSV in UTF-8.", repr(error), name=file.name
        ) from error
    lines = text.splitlines(keepends=True)
    first = next((line for line in lines if line.strip()), "")
    mend = Text("Give a row for each photo: its path, a comma, its class.")
    delimiter = next((d for d in "\t;" if d in first), ",")
    try:
        cells = [row for row in csv.reader(lines, delimiter=delimiter) if any(c.strip() for c in row)]
    except csv.Error as error:
        raise Failure(
            "{name} is no CSV ({reason}).", mend, repr(error), name=file.name, reason=error
        ) from error
    path_column, label_column, start = 0, 1, 0
    if cells:
        columns = _columns(cells[0])
        if columns is not None:
            path_column, label_column, start = *columns, 1
    least = max(path_column, label_column) + 1
    rows = tuple(
        (row[path_column].strip(), row[label_column].strip()) for row in cells[start:] if len(row) >= least
    )
    if not rows:
        raise Failure("{name} has no rows of a path and a label.", mend, name=file.name)
    return LabelTable(file, rows)


def _columns(first: Sequence[str]) -> tuple[int, int] | None:
    """Which columns are the path and the label, if the first row says so."""
    headings = [re.sub(r"[\s_-]", "", cell).casefold() for cell in first]
    path = next((headings.index(h) for h in _PATH_HEADINGS if h in headings), None)
    label = next((headings.index(h) for h in _LABEL_HEADINGS if h in headings), None)
    if len(headings) == 2:  # one of two says which the other is
        path = 1 - label if path is None and label is not None else path
        label = 1 - path if label is None and path is not None else label
    if path is None or label is None or "." in first[path]:
        return None
    return path, label


def table_truth(
    table: LabelTable, photos: Sequence[Path], folders: Sequence[Path], names: ClassNames
) -> Truth:
    """The class of each photo that has a row.

    A row's path is absolute, or relative to the table or to an opened folder; or it is a file's name, with
    its suffix or without, that only one photo has. Rows that contradict each other count for nothing.
    """
    index = _PhotoIndex(photos, [table.file.parent, *folders])
    ids: dict[Path, int] = {}
    misses = _Misses(names)
    lost: list[str] = []
    unclear: list[str] = []
    contradicted: dict[Path, None] = {}
    for path, label in table.rows:
        if not path or not label:
            continue
        matching = index.find(path)
        if len(matching) != 1:
            (unclear if matching else lost).append(path)
            continue
        classes = names.find(label)
        if len(classes) != 1:
            misses.add(label, classes)
        elif ids.setdefault(matching[0], classes[0]) != classes[0]:
            contradicted[matching[0]] = None
    for photo in contradicted:
        del ids[photo]
    name, notes = table.file.name, misses.sentences()
    for paths, one, several in (
        (
            lost,
            Text("1 row of {name} names no photo here: {paths}.", name=name, paths=_named(lost)),
            Text(
                "{count} rows of {name} name no photo here: {paths}.",
                count=len(lost),
                name=name,
                paths=_named(lost),
            ),
        ),
        (
            unclear,
            Text("1 row of {name} names more than one photo: {paths}.", name=name, paths=_named(unclear)),
            Text(
                "{count} rows of {name} name more than one photo: {paths}.",
                count=len(unclear),
                name=name,
                paths=_named(unclear),
            ),
        ),
    ):
        if paths:
            notes.append(one if len(paths) == 1 else several)
    if contradicted:
        notes.append(
            Text(
                "{name} has different classes for the same photo, so none counts: {photos}.",
                name=name,
                photos=_named([photo.name for photo in contradicted]),
            )
        )
    return Truth(name, ids, tuple(notes))


class _PhotoIndex:
    """Finds photos by what a table calls them."""

    def __init__(self, photos: Sequence[Path], bases: Sequence[Path]) -> None:
        self._bases = bases
        self._folders: dict[str, str] = {}
        self._by_path: dict[str, Path] = {}
        self._by_name: dict[str, list[Path]] = {}
        self._by_stem: dict[str, list[Path]] = {}
        for photo in photos:
            self._by_path[self._key(photo)] = photo
            self._by_name.setdefault(os.path.normcase(photo.name), []).append(photo)
            self._by_stem.setdefault(os.path.normcase(photo.stem), []).append(photo)

    def find(self, written: str) -> Sequence[Path]:
        if "\0" in written:
            return []
        for path in dict.fromkeys((written, written.replace("\\", "/"))):
            for base in self._bases:
                photo = self._by_path.get(self._key(base / path))
                if photo is not None:
                    return [photo]
        if len(PurePosixPath(written.replace("\\", "/")).parts) > 1:
            return []
        name = os.path.normcase(written)
        return self._by_name.get(name) or self._by_stem.get(name) or []

    def _key(self, path: Path) -> str:
        """The same for all ways to write a path. Folders are resolved, and few; photos are not."""
        folder, name = os.path.split(os.path.normpath(path))
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        return os.path.normcase(os.path.join(self._folders[folder], name))  # noqa: PTH118


@dataclass
class _Misses:
    """Names that are no class, or more than one, and how many photos have them."""

    names: ClassNames
    unknown: Counter[str] = field(default_factory=Counter)
    unclear: dict[str, tuple[int, ...]] = field(default_factory=dict)
    unclear_photos: int = 0

    def add(self, name: str, matches: tuple[int, ...]) -> None:
        if not matches:
            self.unknown[name] += 1
            return
        self.unclear[name] = matches
        self.unclear_photos += 1

    def sentences(self) -> list[str]:
        sentences: list[str] = []
        if self.unknown:
            only = next(iter(self.unknown)) if len(self.unknown) == 1 else None
            meant = self.names.meant(only) if only is not None else ""
            what = {"names": _named(self.unknown, either=True), "photos": _photos(self.unknown.total())}
            sentences.append(
                Text(
                    "No class is called {names}; did you mean {classes}? "
                    "{photos} reviewed without a true class.",
                    classes=meant,
                    **what,
                )
                if meant
                else Text("No class is called {names}; {photos} reviewed without a true class.", **what)
            )
        if self.unclear:
            listed = [
                Text("{name!r} is {classes}", name=name, classes=self.names.listing(ids))
                for name, ids in self.unclear.items()
            ]
            shown = listed[:MAX_NAMED] + [Text("…")] * (len(listed) > MAX_NAMED)
            sentences.append(
                Text(
                    "Names that several classes have are not clear: {names}. Give the id instead; "
                    "{photos} reviewed without a true class.",
                    names=joined("; ", shown),
                    photos=_photos(self.unclear_photos),
                )
            )
        return sentences


def _named(names: Iterable[str], either: bool = False) -> str:
    """``'a', 'b'`` with how many more."""
    listed = list(dict.fromkeys(names))
    more = len(listed) - MAX_NAMED
    shown = ", ".join(repr(name) for name in listed[:MAX_NAMED])
    if more <= 0:
        return shown
    return Text("{names} or {more} more" if either else "{names} and {more} more", names=shown, more=more)


def _photos(count: int) -> Text:
    return Text("1 photo is") if count == 1 else Text("{count} photos are", count=count)
