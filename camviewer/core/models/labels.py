"""Finds the labels of a head's classes: from a file, or those that are known for the model."""

from __future__ import annotations

from collections.abc import Sequence
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


@cache
def imagenet_wnids() -> tuple[str, ...]:
    """The WordNet ids of the 1,000 ImageNet classes, such as ``n01440764``, in class order."""
    return tuple(resource_path("labels/imagenet1k_wnids.txt").read_text("ascii").split())


def numbered_labels(classes: int) -> tuple[str, ...]:
    """``class 0`` and so on: of a head whose classes nobody named."""
    return tuple(f"class {i}" for i in range(classes))


def wrong_number(what: str, labels: int, classes: int) -> Text:
    """Says that a set of labels isn't of this model. what: where they come from, such as a file's name."""
    return Text(
        "{name} has {labels} labels, but the model has {classes} classes.",
        name=what,
        labels=labels,
        classes=classes,
    )


def check_labels(labels: Sequence[str], classes: int, what: str = Text("The list")) -> tuple[str, ...]:
    """The labels. Raises ModelFailure, with what `wrong_number` says, unless there are as many as classes."""
    if len(labels) != classes:
        raise ModelFailure(
            wrong_number(what, len(labels), classes), "Give one label a class, in class order."
        )
    return tuple(labels)


def labels_for(
    classes: int, labels_file: Path | None, source: LabelSource | None = IMAGENET
) -> tuple[str, ...]:
    """Labels of a head with so many classes: the file's, else the model's, else ``class 0`` and so on.

    source: the model's, which count only for a head with as many classes. Raises ModelFailure if the file has
    another number of labels.
    """
    if labels_file is not None:
        return check_labels(read_labels(labels_file), classes, labels_file.name)
    if source is not None and classes == source.classes:
        return known_labels(source)
    return numbered_labels(classes)
