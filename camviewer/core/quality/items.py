"""The photos whose maps are measured, with their classes and boxes, from two lists."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from camviewer.core.failures import Failure
from camviewer.core.quality.boxes import Boxes
from camviewer.core.text import Text


@dataclass(frozen=True, slots=True)
class TrueBoxes:
    """What an object is, and where: its class and the boxes in pixels of the photo, each of one object."""

    class_id: int
    boxes: Boxes


@dataclass(frozen=True, slots=True)
class Item:
    """One photo. truth: None where nobody says what is in it."""

    path: Path
    truth: TrueBoxes | None = None


def read_items(images: Path, boxes: Path, labels: Path) -> tuple[list[Item], int]:
    """The photos of a list that are there, in its order, and how many are not.

    images: their folder. boxes: CSV with rows of file, left, top, right, bottom, several for a file with
    several objects. labels: CSV with rows of file, class id. A first row of headings is passed over. Raises
    Failure.
    """
    true_boxes: dict[str, list[list[float]]] = {}
    for name, *sides in _rows(boxes, 5):
        true_boxes.setdefault(name, []).append([float(side) for side in sides])
    class_ids = {name: int(float(class_id)) for name, class_id in _rows(labels, 2)}
    items, missing = [], 0
    for name, found in true_boxes.items():
        # Lists of ImageNet have the folder of the split before the name.
        path = next((p for p in (images / name, images / Path(name).name) if p.is_file()), None)
        if path is None:
            missing += 1
            continue
        if name not in class_ids:
            mend = Text("Add a row for it: its path, a comma, its class's number.")
            raise Failure("{file} has no class for {name}.", mend, file=labels, name=name)
        items.append(Item(path, TrueBoxes(class_ids[name], np.array(found))))
    if not items:
        raise Failure(
            "There are no photos of {file} in {folder}.",
            "Give the folder that its paths begin in.",
            file=boxes,
            folder=images,
        )
    return items, missing


def check_classes(items: Iterable[Item], classes: int) -> None:
    """Raises Failure for a class that a model of so many classes doesn't have."""
    for item in items:
        if item.truth is not None and not 0 <= item.truth.class_id < classes:
            raise Failure(
                "{name}: class {class_id} is not among 0..{last}.",
                "Give the numbers that this model's classes have.",
                name=item.path.name,
                class_id=item.truth.class_id,
                last=classes - 1,
            )


def _rows(path: Path, fields: int) -> Iterator[list[str]]:
    """All but the path are numbers."""
    mend = Text(
        "Give rows of {columns}.", columns="path,left,top,right,bottom" if fields > 2 else "path,class"
    )
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for index, row in enumerate(row for row in csv.reader(file) if row):
                if len(row) != fields:
                    raise Failure(
                        "{file}: {row} has not {count} fields.",
                        mend,
                        file=path,
                        row=repr(",".join(row)),
                        count=fields,
                    )
                numbers = [_is_number(text) for text in row[1:]]
                if all(numbers):
                    yield row
                elif index or any(numbers):
                    raise ValueError(f"{','.join(row)!r} has no numbers after the path")
    except (OSError, ValueError, csv.Error) as error:
        raise Failure("{file} can't be read ({reason}).", mend, file=path, reason=error) from error


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False
