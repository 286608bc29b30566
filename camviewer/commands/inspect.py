"""`camviewer inspect`: what a model file is, and where each fact comes from."""

from __future__ import annotations

import json
import sys
from collections.abc import (
    Callable,
    Iterator,
)
from pathlib import Path
from typing import Any

from camviewer.commands.console import (
    DONE,
    FAILED,
    print_message,
)
from camviewer.commands.options import InspectOptions
from camviewer.core.failures import Failure
from camviewer.core.models.card import (
    Fact,
    FactOrigin,
    ModelCard,
)
from camviewer.core.models.corrections import (
    Corrections,
    asked_for,
    card_json,
    write_card,
)
from camviewer.core.models.spec import (
    Preprocessing,
    SizeRule,
)
from camviewer.core.opening import open_card

_ORIGINS = {
    FactOrigin.WEIGHTS: "the weights' names and shapes",
    FactOrigin.FILE: "the file",
    FactOrigin.CONFIG: "the settings",
    FactOrigin.BESIDE: "a file beside it",
    FactOrigin.ARCHITECTURE: "known of the architecture",
    FactOrigin.MEASURED: "measured",
    FactOrigin.CARD: "a model card",
    FactOrigin.USER: "you",
    FactOrigin.ASSUMED: "assumed",
}
_LABELS, _VALUE = 5, 64
"""Labels that are shown, and characters of a value that all lines make room for."""

Line = tuple[str, str, str]
"""What it is, its value, and where that comes from."""


def run(
    options: InspectOptions, open_card: Callable[[Path, Corrections | None], ModelCard] = open_card
) -> int:
    """The exit status."""
    if hasattr(sys.stdout, "reconfigure"):  # a terminal may lack the letters of labels
        sys.stdout.reconfigure(errors="replace")
    try:
        card = open_card(options.file, asked_for(options.card, options.labels))
        if options.write_card is not None:
            write_card(card, options.write_card)
    except Failure as failure:
        print_message(f"camviewer: {failure}")
        return FAILED
    print(json.dumps(card_json(card), indent=2, allow_nan=False) if options.json else card_text(card))
    return DONE


def card_text(card: ModelCard) -> str:
    """A line a fact, in three columns: what it is, its value, and where that comes from."""
    lines = list(_lines(card))
    first = max(len(name) for name, _value, _origin in lines)
    wide = (len(value) for _name, value, origin in lines if origin)
    second = max((width for width in wide if width <= _VALUE), default=0)
    return "\n".join(f"{name:{first}}  {value:{second}}  {origin}".rstrip() for name, value, origin in lines)


def _lines(card: ModelCard) -> Iterator[Line]:
    yield "file", str(card.path), ""
    yield "format", str(card.format), ""
    yield "SHA-256", card.sha256, ""
    yield "architecture", str(card.architecture.value), _origin(card.architecture)
    yield from (("assumed", sentence, "") for sentence in card.assumed)
    for other in card.fits_as_well:
        yield "fits as well", str(other), ""
    yield "parameters", f"{card.parameters:,}", ""
    yield "classes", f"{card.classes:,}", ""
    yield "labels", _labels(card.labels.value), _origin(card.labels)
    yield from (("passed over", sentence, "") for sentence in card.passed_over)
    yield "probabilities", card.link.value.value, _origin(card.link)
    yield "channels", str(card.channels.value), _origin(card.channels)
    yield "input sizes", _sizes(card.sizes.value), _origin(card.sizes)
    yield from _preprocessing(card.preprocessing.value, _origin(card.preprocessing))
    yield from _head(card)
    for layer in card.layers:
        size = f"{layer.channels:,} channels, {layer.columns} × {layer.rows} cells"
        yield "layer", f"{layer.name} ({layer.kind}): {size}", _ORIGINS[FactOrigin.MEASURED]
    for name in card.left_out:
        yield "left out", name, ""


def _origin(fact: Fact[Any]) -> str:
    return f"{_ORIGINS[fact.origin]}: {fact.place}" if fact.place else _ORIGINS[fact.origin]


def _labels(labels: tuple[str, ...]) -> str:
    shown = ", ".join(labels[:_LABELS])
    return shown if len(labels) <= _LABELS else f"{shown}, …"


def _sizes(sizes: SizeRule) -> str:
    shape = ", square" if sizes.square else ""
    if sizes.fixed:
        return f"{sizes.smallest} pixels only{shape}"
    return f"multiples of {sizes.stride} from {sizes.smallest} to {sizes.largest} pixels{shape}"


def _preprocessing(seen: Preprocessing, origin: str) -> Iterator[Line]:
    way = "bicubic" if seen.bicubic else "bilinear"
    if seen.squash:
        centre = f"; the centre {seen.crop}" if seen.crop != seen.resize else ""
        yield "squeezed to", f"{seen.resize} × {seen.resize} pixels, {way}{centre}", origin
    else:
        yield "resize, crop", f"{seen.resize} pixels, {way}; the centre {seen.crop}", origin
    for name, numbers in (("mean", seen.mean), ("std", seen.std)):
        yield name, ", ".join(f"{number:.6g}" for number in numbers), origin
    yield "order", "BGR" if seen.bgr else "RGB", origin


def _head(card: ModelCard) -> Iterator[Line]:
    proof, maps = card.proof, card.maps
    if proof is None or maps is None:
        yield "head", "not measured", ""
        return
    measured = _ORIGINS[FactOrigin.MEASURED]
    yield "head", f"{proof.kind}, after {proof.layer}", measured
    reason = f": {proof.reason}" if proof.reason else f": logits differ by {proof.error:.1e} at most"
    yield "maps", f"{maps}{reason}", measured
