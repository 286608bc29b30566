"""Reads labels in any of the forms that people keep them in: files of many kinds, and plain data.

Files hold no programs here: YAML is read as text, lists and mappings, Python literals are never evaluated.
"""

from __future__ import annotations

import ast
import csv
import json
import os
import re
from collections.abc import (
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from pathlib import Path

from camviewer.core.failures import ModelFailure
from camviewer.core.storage.files import (
    exists,
    is_file,
    is_folder,
)
from camviewer.core.text import Text

MAX_LABEL_BYTES = 10_000_000
MAX_YAML_BYTES = 2_000_000
"""YAML takes a hundred times as long to read as JSON."""
MAX_LABELS = 100_000
"""More than any classifier has: ``labels`` may be those of a whole training set."""
LABEL_KEYS = (
    "class_names",
    "label_names",
    "classes",
    "labels",
    "names",
    "categories",
    "idx_to_class",
    "class_to_idx",
    "id2label",
    "label2id",
    "vocab",
)
"""What labels are called in checkpoints, settings and metadata, in any case; the clearest first."""
_ID_HEADS = {
    "id",
    "idx",
    "index",
    "number",
    "class_id",
    "class_idx",
    "class_index",
    "label_id",
    "category_id",
}
_LABEL_HEADS = {
    "label",
    "labels",
    "name",
    "names",
    "class_name",
    "label_name",
    "class",
    "classes",
    "category",
}
_WORDNET_ID = re.compile(r"n\d{8}")
_SYNSET = re.compile(r"n\d{8}[\s,]+(?=\S)")
_NUMBERED = re.compile(r"(\d+)\s*[:;,=\s]\s*(\S.*)")
_MEND = Text("Give one label a line, in class order, as UTF-8 text.")
_NUMBERS = Text("Number the labels 0, 1, 2, … in class order.")


def labels_in(value: object, name: str) -> tuple[str, ...] | None:
    """The labels of plain data in class order; None if it is something else, such as a number of classes.

    value: a list of labels or of records with ``id`` and ``name``, label → number, number → label, or a text
    of any of them. name: how a message calls it. Raises ModelFailure if the numbers aren't 0..n-1.
    """
    if isinstance(value, str):
        value = _parsed(value)
    if isinstance(value, Mapping):
        return _of_mapping(value, name)
    if isinstance(value, list | tuple) and 0 < len(value) <= MAX_LABELS:
        if all(isinstance(item, Mapping) and {"id", "name"} <= item.keys() for item in value):
            return _in_order(((item["id"], item["name"]) for item in value), name)
        labels = [_label(item) for item in value]
        if None not in labels:
            return tuple(label for label in labels if label is not None)
    return None


def label_entries(data: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """What stands under LABEL_KEYS, with its own key, in the order of LABEL_KEYS."""
    keys = {key.lower(): key for key in data if isinstance(key, str)}
    yield from ((keys[wanted], data[keys[wanted]]) for wanted in LABEL_KEYS if wanted in keys)


def read_labels(path: Path) -> tuple[str, ...]:
    """The labels in a file, in class order; of a folder, those of `labels_of_folders`.

    Text: a label a line, with or without numbers from 0; JSON, YAML: a list, number → label or label →
    number, alone or under one of LABEL_KEYS; CSV: one column, or labels and numbers. UTF-8 or UTF-16.
    Raises ModelFailure if it can't be read, or holds no labels.
    """
    if is_folder(path):
        if folders := labels_of_folders(path):
            return folders
        raise ModelFailure(
            "{name} holds no folders.", "Choose a folder with one folder a class, or a file.", name=path.name
        )
    if exists(path) and not is_file(path):
        raise ModelFailure("{name} is not a file.", _MEND, name=path.name)
    kind = path.suffix.lower()
    text = _read_text(path, MAX_YAML_BYTES if kind in (".yaml", ".yml") else MAX_LABEL_BYTES)
    if not text.strip():
        raise ModelFailure(
            "The labels file {path} is empty.", "Give one label a line, in class order.", path=path
        )
    labels: tuple[str, ...] | None
    if kind in (".csv", ".tsv"):
        labels = _of_table(text, path.name)
    elif kind in (".yaml", ".yml"):
        labels = _of_data(_yaml(text, path.name), path.name)
    else:
        data = _parsed_structure(text)
        if data is None and kind == ".json":
            raise ModelFailure("{name} is no JSON that can be read.", _MEND, name=path.name)
        labels = _of_lines(text) if data is None else _of_data(data, path.name)
    if not labels:
        raise ModelFailure("{name} holds no labels.", _MEND, name=path.name)
    return labels


def labels_of_folders(folder: Path) -> tuple[str, ...]:
    """The names of the folders in a folder, sorted as torchvision's ImageFolder numbers its classes.

    Raises ModelFailure if the folder can't be read.
    """
    try:
        with os.scandir(folder) as entries:
            return tuple(sorted(entry.name for entry in entries if entry.is_dir()))
    except OSError as error:
        raise ModelFailure(
            "The folder {folder} can't be read ({reason}).",
            "Choose another folder.",
            folder=folder,
            reason=error,
        ) from error


def _read_text(path: Path, most: int) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise ModelFailure("{name} is larger than {most} MB.", _MEND, name=path.name, most=most // 10**6)
        wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        return content.decode("utf-16" if wide else "utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelFailure(
            "The labels file {path} can't be read ({reason}).", _MEND, path=path, reason=error
        ) from error


def _of_data(data: object, name: str) -> tuple[str, ...] | None:
    """The labels of a file's data: under one of the keys, or the data itself."""
    if isinstance(data, Mapping):
        for key, value in label_entries(data):
            if (labels := labels_in(value, f"{name}: {key}")) is not None:
                return labels
    return labels_in(data, name)


def _of_mapping(data: Mapping[object, object], name: str) -> tuple[str, ...] | None:
    """Number → label or label → number; text may stand for the numbers, as JSON's keys do."""
    if not data:
        return None
    if all(_number(value) is not None for value in data.values()):
        # A network that reads digits has labels that are numbers, too: then numbers are what isn't text.
        inverse = any(_number(key) is None for key in data) or not all(
            isinstance(value, str) for value in data.values()
        )
    else:
        inverse = False
    pairs = [(value, key) if inverse else (key, value) for key, value in data.items()]
    if any(_number(index) is None or _label(label) is None for index, label in pairs):
        return None
    return _in_order(pairs, name)


def _in_order(pairs: Iterable[tuple[object, object]], name: str) -> tuple[str, ...]:
    """The labels by their numbers, which are to be 0..n-1. Raises ModelFailure."""
    listed = [(_number(index), _label(label)) for index, label in pairs]
    labels = {index: label for index, label in listed if index is not None and label is not None}
    if sorted(labels) == list(range(len(listed))):
        return tuple(labels[i] for i in range(len(labels)))
    if not labels or len(labels) < len(listed):
        raise ModelFailure("In {name} some labels have no number of their own.", _NUMBERS, name=name)
    raise ModelFailure(
        "{name} numbers {count} labels from {first} to {last}, not from 0 to {right}.",
        _NUMBERS,
        name=name,
        count=len(labels),
        first=min(labels),
        last=max(labels),
        right=len(labels) - 1,
    )


def _number(value: object) -> int | None:
    """A whole number from 0, also as text."""
    if isinstance(value, str):
        digits = value.strip()
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _are_numbers(cells: Sequence[str]) -> bool:
    """Whether there are any, and all are whole numbers."""
    return bool(cells) and all(_number(cell) is not None for cell in cells)


def _label(value: object) -> str | None:
    """A label in one line: text, a number, or names, as in ImageNet's class index: [WordNet id, name]."""
    if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
        value = ", ".join([part for part in value if not _WORDNET_ID.fullmatch(part)] or value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return " ".join(str(value).split())


def _parsed(text: str) -> object:
    """The data in a text, as metadata has it: JSON, a Python literal, lines, or commas between the labels."""
    data = _parsed_structure(text)
    if data is not None:
        return data
    labels = _of_lines(text)
    if len(labels) == 1:
        labels = tuple(part.strip() for part in text.split(","))
    return labels if len(labels) > 1 else None  # one word may be anything, such as a file's name


def _parsed_structure(text: str) -> object | None:
    """A list or mapping in JSON or as a Python literal; None for any other text."""
    if not text.lstrip("\ufeff \t\r\n").startswith(("[", "{", "(")):
        return None
    try:
        return json.loads(text)  # type: ignore[no-any-return]
    except (ValueError, RecursionError):
        pass
    try:
        data = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None
    return data if isinstance(data, list | tuple | dict) else None


def _yaml(text: str, name: str) -> object:
    """All scalars stay text: ``no`` is a label, not False. No tag makes an object."""
    import yaml

    try:
        # libyaml's is seven times as fast. Both make text, lists and mappings only.
        return yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise ModelFailure("{name} is no YAML that can be read.", _MEND, repr(error), name=name) from error


def _of_lines(text: str) -> tuple[str, ...]:
    """One label a line.

    WordNet ids before them go, and numbers where they count up from 0, as Teachable Machine writes.
    """
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if all(_SYNSET.match(line) for line in lines):
        return tuple(_SYNSET.sub("", line) for line in lines)
    numbered = [_NUMBERED.fullmatch(line) for line in lines]
    if all(match is not None and match[1] == str(i) for i, match in enumerate(numbered)):
        return tuple(match[2] for match in numbered if match is not None)
    return tuple(lines)


def _of_table(text: str, name: str) -> tuple[str, ...]:
    """The column of labels, in the order of the column of numbers where there is one. Raises ModelFailure."""
    first = text.lstrip().splitlines()[0]
    delimiter = max("\t;,|", key=first.count)
    try:
        rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(map(str.strip, row))]
    except csv.Error as error:
        raise ModelFailure("{name} is no CSV that can be read.", _MEND, repr(error), name=name) from error
    width = len(rows[0])
    if any(len(row) != width for row in rows):
        raise ModelFailure(
            "In {name} the rows have different numbers of columns.",
            "Put labels that hold a comma in double quotes.",
            name=name,
        )
    head = [cell.strip().lower().replace(" ", "_") for cell in rows[0]]
    columns = [[row[i].strip() for row in rows] for i in range(width)]
    known = bool(_ID_HEADS.union(_LABEL_HEADS).intersection(head))
    if known or any(_are_numbers(column[1:]) and not _are_numbers(column[:1]) for column in columns):
        columns = [column[1:] for column in columns]
    ids = [i for i in range(width) if _are_numbers(columns[i])]
    numbers = next((i for i in ids if head[i] in _ID_HEADS), ids[0] if ids and width > 1 else None)
    others = [i for i in range(width) if i != numbers]
    named = [i for i in others if head[i] in _LABEL_HEADS] or others
    if len(named) > 1 and numbers is None and named is others:
        raise ModelFailure(
            "In {name} no column is called label.", "Give two columns: id and label.", name=name
        )
    labels = columns[named[0]]
    return tuple(labels) if numbers is None else _in_order(zip(columns[numbers], labels, strict=True), name)
