"""Finds a model's labels wherever they are: in its file, its settings, or a file beside it."""

from __future__ import annotations

from collections.abc import (
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from camviewer.core.failures import ModelFailure
from camviewer.core.models.builtin import IMAGENET
from camviewer.core.models.card import (
    Fact,
    FactOrigin,
)
from camviewer.core.models.label_reading import (
    label_entries,
    labels_in,
    read_labels,
)
from camviewer.core.models.labels import (
    imagenet_labels,
    numbered_labels,
    wrong_number,
)
from camviewer.core.storage.files import (
    is_file,
    is_folder,
)

CONFIG = "config.json"
_NESTS = (
    "hyper_parameters",
    "hparams",
    "args",
    "config",
    "cfg",
    "meta",
    "dataset_meta",
    "pretrained_cfg",
    "metadata",
)
"""Under which checkpoints and settings keep more of themselves."""
_DEPTH = 2
"""So deep: OpenMMLab's are in meta, dataset_meta."""
_STEM_ENDINGS = (".labels.txt", ".txt", ".labels.json", ".json", ".yaml", ".csv")
_NAMES = ("labels", "classes", "class_names", "names")
_FILES = (
    *(f"{name}.txt" for name in _NAMES),
    "idx_to_class.json",
    "class_to_idx.json",
    "id2label.json",
    "label2id.json",
    "class_indices.json",
    *(f"{name}.json" for name in _NAMES),
    *(f"{name}.yaml" for name in (*_NAMES, "data", "dataset")),
    *(f"{name}.yml" for name in (*_NAMES, "data", "dataset")),
    *(f"{name}.csv" for name in _NAMES),
)
"""What files with labels are called, the more usual first."""


@dataclass(frozen=True, slots=True)
class FoundLabels:
    """A label a class, and where they come from. passed_over: a sentence about each set that doesn't fit."""

    labels: Fact[tuple[str, ...]]
    passed_over: tuple[str, ...] = ()


def find_labels(
    path: Path,
    classes: int,
    extras: Mapping[str, object],
    config: Mapping[str, object],
    *,
    imagenet_allowed: bool = False,
) -> FoundLabels:
    """The first labels that are as many as the classes; else ``class 0`` and so on, which always fit.

    Looked at: what the model file holds besides weights (extras; ONNX metadata, too), config.json (config),
    files beside it. path: of the model file, or its folder. imagenet_allowed: whether a head of as many
    classes as ImageNet has, without other labels, is taken for one of ImageNet's.
    """
    passed_over: list[str] = []
    for name, place, origin, read in _sets(path, extras, config):
        try:
            labels = read()
        except ModelFailure as failure:
            passed_over.append(failure.message)
            continue
        if labels is None or are_placeholders(labels):
            continue
        if len(labels) == classes:
            return FoundLabels(Fact(labels, origin, place), tuple(passed_over))
        passed_over.append(wrong_number(name, len(labels), classes))
    if imagenet_allowed and classes == IMAGENET.classes:
        assumed = Fact(imagenet_labels(), FactOrigin.ASSUMED, "ImageNet")
    else:
        assumed = Fact(numbered_labels(classes), FactOrigin.ASSUMED)
    return FoundLabels(assumed, tuple(passed_over))


def _sets(
    path: Path, extras: Mapping[str, object], config: Mapping[str, object]
) -> Iterator[tuple[str, str, FactOrigin, Callable[[], tuple[str, ...] | None]]]:
    """Everything that may be a set of labels, the nearest to the weights first; nothing is read yet.

    Each with its name in a message, its place in the card, its origin, and what reads it.
    """
    for place, value in _entries(extras):
        name = f"{path.name}: {place}"
        yield name, place, FactOrigin.FILE, partial(labels_in, value, name)
    for place, value in _entries(config):
        name = f"{CONFIG}: {place}"
        yield name, name, FactOrigin.CONFIG, partial(labels_in, value, name)
    folder, names = (path, _FILES) if is_folder(path) else (path.parent, (*_stem_names(path), *_FILES))
    for name in names:
        if name != path.name and is_file(folder / name):
            yield name, name, FactOrigin.BESIDE, partial(read_labels, folder / name)


def _entries(
    data: Mapping[str, object], prefix: str = "", depth: int = _DEPTH
) -> Iterator[tuple[str, object]]:
    """What is called as labels are, also in what is nested, and its place: ``hyper_parameters.classes``."""
    for key, value in label_entries(data):
        yield f"{prefix}{key}", value
    for key in _NESTS if depth else ():
        nested = data.get(key)
        if isinstance(nested, Mapping):
            yield from _entries(nested, f"{prefix}{key}.", depth - 1)


def _stem_names(path: Path) -> tuple[str, ...]:
    return tuple(f"{path.stem}{ending}" for ending in _STEM_ENDINGS)


def are_placeholders(labels: Sequence[str]) -> bool:
    """Whether they are those that transformers writes where nobody gave any."""
    return all(label == f"LABEL_{i}" for i, label in enumerate(labels))
