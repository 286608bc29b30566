"""Corrected labels: a CSV to which a row is added for each correction, on the disk before anything counts it.

The file is also a table of paths and classes (`truth.read_label_table`) for other programs: `label` is what a
photo's class is now. Where a photo has several rows, the last one counts.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from camviewer.core.failures import Failure, SaveFailure
from camviewer.core.review.truth import ClassNames, Truth, unreadable
from camviewer.core.storage.files import save_failure
from camviewer.core.text import Text

HEADINGS = ("path", "label", "old_label", "predicted", "time")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


@dataclass(frozen=True, slots=True)
class Correction:
    """One row. label, old_label, predicted: names of classes; old_label is "" where none was known."""

    path: Path
    label: str
    old_label: str
    predicted: str
    time: datetime


def written_name(class_id: int, names: ClassNames) -> str:
    """What a class is called in the file: its label, or ``#7`` where another has the same."""
    label = names.labels[class_id]
    return label if names.find(label) == (class_id,) else f"#{class_id}"


def append_correction(file: Path, correction: Correction) -> None:
    """Add a row to the file, which is made if need be, and bring it to the disk.

    UTF-8. Nothing in it begins as a formula does, which spreadsheets would run: such labels begin with ``'``.
    Raises SaveFailure: also if the file is one of something else; then nothing is written.
    """
    try:
        with file.open("a+b") as opened:
            opened.seek(0)
            start = opened.read(1000)
            if start and not _is_ours(start):
                raise SaveFailure(
                    "{name} is something else than a table of corrected labels.",
                    "Choose another file.",
                    name=file.name,
                )
            text = io.StringIO(newline="")
            rows = csv.writer(text, lineterminator="\n")
            if not start:
                rows.writerow(HEADINGS)
            else:
                opened.seek(-1, os.SEEK_END)
                if opened.read(1) != b"\n":
                    text.write("\n")  # a program or a person left the last line open
            names = (correction.label, correction.old_label, correction.predicted)
            time = correction.time.isoformat(timespec="seconds")
            rows.writerow([os.path.abspath(correction.path), *map(_tame, names), time])  # noqa: PTH100
            end = opened.seek(0, os.SEEK_END)
            try:
                opened.write(text.getvalue().encode("utf-8", "surrogateescape"))
                opened.flush()
                os.fsync(opened.fileno())
            except OSError:
                opened.truncate(end)  # no half rows
                raise
    except OSError as error:
        raise save_failure(file, error) from error


def read_corrections(file: Path) -> dict[Path, str]:
    """The label of each photo that has one: of its last row. A file that isn't there has none.

    Raises Failure if it can't be read, or is something else.
    """
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise unreadable(file, error) from error
    if data and not _is_ours(data):
        raise Failure(
            "{name} is something else than a table of corrected labels.",
            "Choose another file.",
            name=file.name,
        )
    text = data.decode("utf-8-sig", "surrogateescape")
    rows = csv.reader(io.StringIO(text, newline=""))
    return {Path(row[0]): _untamed(row[1]) for row in list(rows)[1:] if len(row) > 1 and row[0]}


def corrected_truth(
    truth: Truth | None, file: Path, photos: Iterable[Path], names: ClassNames
) -> Truth | None:
    """The true classes with the labels of a file of corrections; a note says how many.

    truth: what is known without them. A file that can't be read is a note, too.
    """
    ids: dict[Path, int] = {}
    unknown: list[str] = []
    notes: list[str] = []
    try:
        by_path = {os.path.abspath(path): label for path, label in read_corrections(file).items()}  # noqa: PTH100
    except Failure as failure:
        by_path = {}
        notes.append(failure.text)
    for photo in photos:
        label = by_path.get(os.path.abspath(photo))  # noqa: PTH100
        if not label:
            continue
        found = names.find(label)
        if len(found) == 1:
            ids[photo] = found[0]
        else:
            unknown.append(label)
    if ids:
        notes.append(
            Text("1 label is from {name}.", name=file.name)
            if len(ids) == 1
            else Text("{count} labels are from {name}.", count=len(ids), name=file.name)
        )
    if unknown:
        notes.append(
            Text(
                "{name} has labels that this network doesn't know, such as {label}.",
                name=file.name,
                label=repr(unknown[0]),
            )
        )
    if truth is None:
        return Truth(Text("corrected labels"), ids, tuple(notes)) if ids else None
    return Truth(truth.origin, {**truth.ids, **ids}, (*truth.notes, *notes))


def _is_ours(start: bytes) -> bool:
    first = start.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].strip()
    return first == ",".join(HEADINGS).encode()


def _tame(text: str) -> str:
    return "'" + text if text.startswith(_FORMULA) else text


def _untamed(text: str) -> str:
    return text[1:] if text.startswith("'") else text
