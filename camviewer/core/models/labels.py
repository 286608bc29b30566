"""Finds the labels of a head's classes: from a file, or those that are known for the model."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import IMAGENET
from camviewer.core.models.spec import LabelSource
from camviewer.core.resources import resource_path
from camviewer.core.storage.files import (
    exists,
    is_file,
)
from camviewer.core.text import Text

MAX_LABEL_BYTES = 10_000_000


@cache
def known_labels(source: LabelSource) -> tuple[str, ...]:
    """The labels that come with the program, in class order."""
    return tuple(resource_path(source.file).read_text("utf-8").splitlines())


def imagenet_labels() -> tuple[str, ...]:
    """torchvision's names of ImageNet's categories, in class order."""
    return known_labels(IMAGENET)


def read_labels(path: Path) -> tuple[str, ...]:
    """One label a line, in class order. Raises ModelFailure if the file can't be read or is empty."""
    mend = Text("Give a UTF-8 text file with one label a line.")
    if exists(path) and not is_file(path):
        raise ModelFailure("{name} is not a file.", mend, name=path.name)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_LABEL_BYTES + 1)
        if len(content) > MAX_LABEL_BYTES:
            raise ModelFailure(
                "{name} is larger than {most} MB.", mend, name=path.name, most=MAX_LABEL_BYTES // 1_000_000
            )
        labels = tuple(line.strip() for line in content.decode("utf-8-sig").splitlines() if line.strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ModelFailure(
            "The labels file {path} can't be read ({reason}).",
            mend,
            path=path,
            reason=error,
        ) from error
    if not labels:
        raise ModelFailure(
            "The labels file {path} is empty.", "Give one label a line, in class order.", path=path
        )
    return labels


def labels_for(
    classes: int, labels_file: Path | None, source: LabelSource | None = IMAGENET
) -> tuple[str, ...]:
    """Labels of a head with so many classes: the file's, else the model's, else ``class 0`` and so on.

    source: the model's, which count only for a head with as many classes. Raises ModelFailure if the file has
    another number of labels.
    """
    if labels_file is not None:
        labels = read_labels(labels_file)
        if len(labels) != classes:
            raise ModelFailure(
                "{name} has {labels} labels, but the model has {classes} classes.",
                "Give one label a line, in class order.",
                name=labels_file.name,
                labels=len(labels),
                classes=classes,
            )
        return labels
    if source is not None and classes == source.classes:
        return known_labels(source)
    return tuple(f"class {i}" for i in range(classes))
