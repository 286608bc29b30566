"""What a person may correct in a model card: applied, checked, saved as JSON, and remembered.

A card's file is a JSON object. Every key may be left out; null is as if it was:

    camviewer_card   1, the version of this form
    architecture     {"library": "torchvision", "name": "…"}
    resize, crop     pixels: the short side that a frame is resized to, the side of its centre that is seen
    interpolation    "bilinear" or "bicubic"
    mean, std        of pixels in 0..1, a number a channel
    bgr              whether blue is the first channel
    labels           a list with a label a class
    link             "softmax" or "sigmoid"
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import (
    Callable,
    Mapping,
)
from dataclasses import (
    dataclass,
    field,
    fields,
    is_dataclass,
    replace,
)
from enum import StrEnum
from pathlib import Path
from typing import Any

from camviewer.core.failures import (
    ModelFailure,
    SaveFailure,
)
from camviewer.core.models.card import (
    ArchitectureName,
    Fact,
    FactOrigin,
    ModelCard,
)
from camviewer.core.models.label_reading import read_labels
from camviewer.core.models.labels import check_labels
from camviewer.core.models.spec import (
    Link,
    Preprocessing,
)
from camviewer.core.storage.files import (
    exists,
    is_file,
    make_folder,
    write_json,
)
from camviewer.core.text import Text

log = logging.getLogger(__name__)

VERSION_KEY, VERSION = "camviewer_card", 1
SUFFIX = ".card.json"
MAX_CARD_BYTES = 20_000_000
"""50,000 long labels have a quarter of it."""
_MEND = Text("Mend the card, or save one from Model → Model card.")
_PREPROCESSING = ("resize", "crop", "bicubic", "mean", "std", "bgr")
_INTERPOLATION = "interpolation"
_BICUBIC = {"bilinear": False, "bicubic": True}
MAX_PIXELS = 100_000


@dataclass(frozen=True, slots=True)
class Corrections:
    """What to use instead of what was found; None: as found. Units as in `Preprocessing`.

    labels_file: the name of the file that the labels are of, if they are of one; no card has it.
    """

    architecture: ArchitectureName | None = None
    resize: int | None = None
    crop: int | None = None
    bicubic: bool | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    bgr: bool | None = None
    labels: tuple[str, ...] | None = None
    link: Link | None = None
    labels_file: str | None = field(default=None, compare=False)

    def over(self, others: Corrections | None) -> Corrections:
        """These, and where they say nothing, the others."""
        return self if others is None else replace(others, **_said(self))


def apply(card: ModelCard, corrections: Corrections, origin: FactOrigin = FactOrigin.USER) -> ModelCard:
    """The card with the corrections in it. origin: where they come from.

    The architecture is only named: the weights have to be loaded into it again. Raises ModelFailure for what
    can't be true of this model, such as another number of labels than it has classes.
    """
    said = _said(corrections)
    new: dict[str, Any] = {
        name: Fact(said[name], origin) for name in ("architecture", "labels", "link") if name in said
    }
    if corrections.labels is not None:
        check_labels(corrections.labels, card.classes, corrections.labels_file or Text("The card"))
    if card.one_score and corrections.link is Link.SOFTMAX:
        raise ModelFailure(
            "The network gives one score, and a softmax needs one for each class.",
            "Leave the probabilities at sigmoid.",
        )
    values = {name: said[name] for name in _PREPROCESSING if name in said}
    if values:
        preprocessing = replace(card.preprocessing.value, **values)
        _check(preprocessing, card, new_crop="crop" in values)
        new["preprocessing"] = Fact(preprocessing, origin, ", ".join(values))
    return replace(card, **new)


def corrections_of(card: ModelCard) -> Corrections:
    """All that can be corrected, as it stands in the card."""
    found = card.preprocessing.value
    return Corrections(
        architecture=card.architecture.value,
        labels=card.labels.value,
        link=card.link.value,
        **{name: getattr(found, name) for name in _PREPROCESSING},
    )


def card_path(model: Path) -> Path:
    """Where a model file's card is saved: beside it."""
    return model.with_name(model.name + SUFFIX)


def size_mend(model: Path) -> Text:
    """What to do for a model file whose input's size is wrong: it can't be opened to be corrected."""
    return Text(
        "Say the size that it was trained with in {card} beside it: {line}",
        card=card_path(model).name,
        line='{"camviewer_card": 1, "resize": 146, "crop": 128}',
    )


def read_card(path: Path) -> Corrections:
    """What a card's file says. Raises ModelFailure if it can't be read, or says what no card does."""
    if exists(path) and not is_file(path):
        raise ModelFailure("{name} is not a file.", _MEND, name=path.name)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_CARD_BYTES + 1)
        if len(content) > MAX_CARD_BYTES:
            raise ModelFailure(
                "{name} is larger than {most} MB.", _MEND, name=path.name, most=MAX_CARD_BYTES // 10**6
            )
        data = json.loads(content.decode("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFailure(
            "The model card {path} can't be read ({reason}).", _MEND, path=path, reason=error
        ) from error
    if not isinstance(data, dict):
        raise ModelFailure("{name} is no model card: it is no JSON object.", _MEND, name=path.name)
    return _from_json(data, path.name)


def asked_for(card: Path | None, labels: Path | None) -> Corrections | None:
    """What the files of a card and of labels say; the labels go before the card's. Raises ModelFailure."""
    said = read_card(card) if card is not None else None
    if labels is None:
        return said
    return Corrections(labels=read_labels(labels), labels_file=labels.name).over(said)


def write_card(what: Corrections | ModelCard, path: Path) -> Path:
    """Write corrections, or all of a card that can be corrected; return the path. Raises SaveFailure.

    A file that is there is replaced.
    """
    corrections = corrections_of(what) if isinstance(what, ModelCard) else what
    data: dict[str, object] = {VERSION_KEY: VERSION}
    data |= _plain_items(_said(replace(corrections, labels_file=None)))
    return write_json(data, path, overwrite=True)


def remembered(folder: Path, sha256: str) -> Corrections | None:
    """What was corrected in the model file with this hash; None for nothing, and what can't be read."""
    path = _place(folder, sha256)
    if not is_file(path):
        return None
    try:
        return read_card(path)
    except ModelFailure:  # nobody asked for this file by its name
        log.warning("remembered corrections are passed over: %s", path, exc_info=True)
        return None


def remember(folder: Path, sha256: str, corrections: Corrections) -> None:
    """Keep the corrections of the model file with this hash, instead of earlier ones. Raises SaveFailure.

    The folder is made if need be.
    """
    if corrections == Corrections():
        forget(folder, sha256)
        return
    make_folder(folder)
    write_card(corrections, _place(folder, sha256))


def forget(folder: Path, sha256: str) -> None:
    """Let the model file with this hash be as it was found. Raises SaveFailure."""
    path = _place(folder, sha256)
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SaveFailure(
            "{path} can't be deleted ({reason}).", "Delete it yourself.", path=path, reason=error
        ) from error


def card_json(card: ModelCard) -> dict[str, object]:
    """All that a card says, as JSON types; each fact with its value, origin and place."""
    names = ("architecture", "channels", "preprocessing", "sizes", "labels", "link")
    facts: dict[str, object] = {}
    for name in names:
        fact: Fact[object] = getattr(card, name)
        facts[name] = {"value": _plain(fact.value), "origin": str(fact.origin), "place": fact.place}
    head = None if card.proof is None else {**_plain_fields(card.proof), "maps": _plain(card.maps)}
    return {
        "path": str(card.path),
        "sha256": card.sha256,
        "format": str(card.format),
        "parameters": card.parameters,
        "classes": card.classes,
        "facts": facts,
        "fits_as_well": _plain(card.fits_as_well),
        "head": head,
        "layers": _plain(card.layers),
        "left_out": _plain(card.left_out),
        "passed_over": _plain(card.passed_over),
        "assumed": _plain(card.assumed),
    }


def _said(corrections: Corrections) -> dict[str, Any]:
    values = ((each.name, getattr(corrections, each.name)) for each in fields(corrections))
    return {name: value for name, value in values if value is not None}


def _check(preprocessing: Preprocessing, card: ModelCard, *, new_crop: bool) -> None:
    """Raises ModelFailure for values that can't be."""
    channels, sizes = card.channels.value, card.sizes.value
    for name, numbers in (("mean", preprocessing.mean), ("std", preprocessing.std)):
        if len(numbers) != channels or not all(map(math.isfinite, numbers)):
            raise ModelFailure(
                "{name} is not one number for each of the network's {channels} channels.",
                "Give as many as the network has channels.",
                name=name,
                channels=channels,
            )
    if min(preprocessing.std) <= 0:
        raise ModelFailure("std is not above 0.", "Give what the pixels in 0..1 are divided by.")
    if preprocessing.bgr and channels != len("BGR"):
        raise ModelFailure("The network has no blue channel.", "Leave the order of the channels as it is.")
    if new_crop and not sizes.takes(preprocessing.crop):
        raise ModelFailure(
            "The network doesn't take {crop} pixels.",
            Text("It takes {size} only.", size=sizes.smallest)
            if sizes.fixed
            else Text(
                "Give a multiple of {stride} between {smallest} and {largest}.",
                stride=sizes.stride,
                smallest=sizes.smallest,
                largest=sizes.largest,
            ),
            crop=preprocessing.crop,
        )
    if preprocessing.crop > preprocessing.resize:
        raise ModelFailure(
            "The crop of {crop} pixels is larger than the {resize} pixels that a frame is resized to.",
            "Make the crop smaller, or resize larger.",
            crop=preprocessing.crop,
            resize=preprocessing.resize,
        )


def _place(folder: Path, sha256: str) -> Path:
    if not re.fullmatch("[0-9a-f]{64}", sha256):
        raise ValueError(f"not a SHA-256: {sha256!r}")
    return folder / f"{sha256}{SUFFIX}"


def _plain(value: object) -> object:
    """As JSON types."""
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Link):
        return value.value
    if isinstance(value, StrEnum):
        return str(value)
    return _plain_fields(value) if is_dataclass(value) and not isinstance(value, type) else value


def _plain_fields(record: Any) -> dict[str, object]:
    return _plain_items({each.name: getattr(record, each.name) for each in fields(record)})


def _plain_items(values: Mapping[str, object]) -> dict[str, object]:
    plain = {name: _plain(value) for name, value in values.items() if name != "bicubic"}
    if "bicubic" in values:
        plain[_INTERPOLATION] = "bicubic" if values["bicubic"] else "bilinear"
    return plain


# Reading


def _from_json(data: Mapping[str, object], name: str) -> Corrections:
    unknown = [key for key in data if key not in _READERS and key != VERSION_KEY]
    if unknown:
        raise ModelFailure(
            "{name} says {keys}, which no model card has.",
            "It may say {known}.",
            name=name,
            keys=", ".join(unknown[:5]),
            known=", ".join(_READERS),
        )
    if data.get(VERSION_KEY, VERSION) != VERSION:
        raise ModelFailure("{name} is of a newer form of model cards.", "Use a newer camviewer.", name=name)
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key == VERSION_KEY or value is None:
            continue
        wanted, read = _READERS[key]
        try:
            values["bicubic" if key == _INTERPOLATION else key] = read(value)
        except (TypeError, ValueError, KeyError) as error:
            raise ModelFailure(
                "In {name}, {key} is not {wanted}.", _MEND, name=name, key=key, wanted=wanted
            ) from error
    return Corrections(**values)


def _architecture(value: object) -> ArchitectureName:
    if not isinstance(value, Mapping) or set(value) != {"library", "name"}:
        raise ValueError
    return ArchitectureName(_text(value["library"]), _text(value["name"]))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _pixels(value: object) -> int:
    if type(value) is not int or not 0 < value <= MAX_PIXELS:
        raise ValueError
    return value


def _numbers(value: object) -> tuple[float, ...]:
    if not isinstance(value, list) or not value:
        raise TypeError
    if any(isinstance(part, bool) or not isinstance(part, int | float) for part in value):
        raise TypeError
    return tuple(map(float, value))


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _labels(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(label, str) for label in value):
        raise TypeError
    return tuple(value)


_READERS: Mapping[str, tuple[Text, Callable[[Any], object]]] = {
    "architecture": (Text("an object with library and name"), _architecture),
    "resize": (Text("a number of pixels"), _pixels),
    "crop": (Text("a number of pixels"), _pixels),
    _INTERPOLATION: (Text("bilinear or bicubic"), _BICUBIC.__getitem__),
    "mean": (Text("a list of numbers"), _numbers),
    "std": (Text("a list of numbers"), _numbers),
    "bgr": (Text("true or false"), _truth),
    "labels": (Text("a list of labels"), _labels),
    "link": (Text("softmax or sigmoid"), Link),
}
"""What a card's file may say: what it is to be, and what reads it."""
