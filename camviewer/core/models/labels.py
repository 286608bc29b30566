"""Finds the labels of a head's classes: from a file, or those that are known for the model."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import IMAGENET
from camviewer.core.models.label_reading import read_labels
from camviewer.core.models.spec import LabelSource
from camviewer.core.resources import resource_path
from camviewer.core.text import Text


@cache
def known_labels(source: LabelSource) -> tuple[str, ...]:
    """The labels that come with the program, in class order."""
    return tuple(resource_path(source.file).read_text("utf-8").splitlines())


def imagenet_labels() -> tuple[str, ...]:
    """torchvision's names of ImageNet's categories, in class order."""
    return known_labels(IMAGENET)


def numbered_labels(classes: int) -> tuple[str, ...]:
    """``class 0`` and so on: of a head whose classes nobody named."""
    return tuple(f"class {i}" for i in range(classes))


def wrong_number(name: str, labels: int, classes: int) -> Text:
    """Says that a set of labels isn't of this model."""
    return Text(
        "{name} has {labels} labels, but the model has {classes} classes.",
        name=name,
        labels=labels,
        classes=classes,
    )


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
                wrong_number(labels_file.name, len(labels), classes), "Give one label a line, in class order."
            )
        return labels
    if source is not None and classes == source.classes:
        return known_labels(source)
    return numbered_labels(classes)
