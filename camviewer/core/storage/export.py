"""Exports explanations as numbers and facts: for files, lines of JSON and saved images. No Qt."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from camviewer import __version__
from camviewer.core.explanation import Explanation
from camviewer.core.localize import (
    Localization,
    localize,
)
from camviewer.core.maps import Unit, map_kind
from camviewer.core.storage.edit_facts import change_facts, covered_facts
from camviewer.core.storage.files import (
    atomic_write,
    number,
)
from camviewer.core.targets import (
    ClassScore,
    Target,
    scores_of,
)

PNG_KEY = "camviewer"
"""The key of the text in a PNG that holds the facts."""
IMAGE_DESCRIPTION = 0x010E
"""The EXIF tag in a JPEG that holds the facts."""


def prediction_facts(
    explanation: Explanation, class_ids: Iterable[int], threshold: float | None = None
) -> list[dict[str, object]]:
    """The prediction for each class; JSON types only. With a threshold also its box and area.

    Of an edited frame also ``before``, and ``change``: each a probability and a logit.
    """
    return [
        {
            "class_id": class_id,
            "label": explanation.label(class_id),
            "probability": number(explanation.probabilities[class_id]),
            "logit": number(explanation.logits[class_id]),
            **change_facts(explanation, class_id),
            **_box_facts(explanation, class_id, threshold),
        }
        for class_id in class_ids
    ]


def prediction_line(
    explanation: Explanation, seconds: float, class_ids: Iterable[int], threshold: float | None = None
) -> bytes:
    """A line of JSON for one frame of a movie: ``index``, ``time`` (seconds), ``predictions``.

    And ``edited``, where a part of the frame was covered.
    """
    predictions = prediction_facts(explanation, class_ids, threshold)
    edited = {"edited": True} if explanation.edited else {}
    record: dict[str, object] = {"index": explanation.frame.index, "time": round(seconds, 6), **edited}
    record["predictions"] = predictions
    return json.dumps(record, allow_nan=False).encode("ascii") + b"\n"


def _box_facts(explanation: Explanation, class_id: int, threshold: float | None) -> dict[str, object]:
    target = ClassScore(class_id)
    if threshold is None or not explanation.maps.available(target):
        return {}
    values = explanation.drawn_map(target).values
    return localization_facts(localize(values, explanation.region, threshold))


def localization_facts(localization: Localization) -> dict[str, object]:
    """box: [left, top, right, bottom] in image pixels or None; area: the share of the region, 0..1."""
    box = [round(side, 1) for side in localization.box] if localization.box is not None else None
    return {"box": box, "area": round(localization.area, 4)}


def map_facts(explanation: Explanation, target: Target) -> dict[str, object]:
    """The facts that a file holds about its map, however that is drawn; JSON types only.

    ``other`` is there for a difference of classes, ``channel`` for one channel's part, ``averaged`` if an
    average is drawn, ``remainder`` where the map has one, ``patch`` (pixels of the network's input) and
    ``fill`` where places were covered; for an edited frame ``edit``, ``before`` and ``change``.
    """
    region, class_id, maps = explanation.region, target.class_id, explanation.maps
    facts: dict[str, object] = {
        "camviewer": __version__,
        "time": datetime.now().astimezone().isoformat(timespec="seconds"),
        "source": explanation.frame.source,
        "class_id": class_id,
        "label": explanation.label(class_id),
        "probability": number(explanation.probabilities[class_id]),
        "logit": number(explanation.logits[class_id]),
        "method": maps.method,
        "layer": maps.layer,
        "unit": maps.unit.value,
        "model": explanation.model.name,
        "model_title": explanation.model.title,
        "weights_sha256": explanation.model.weights_sha256,
        "device": explanation.model.device,
        "precision": explanation.model.precision.value,
        "fit": explanation.request.fit.value,
        "resolution": explanation.resolution,
        "region": [region.left, region.top, region.width, region.height],
    }
    facts |= covered_facts(explanation) | change_facts(explanation, class_id)
    remainder = explanation.map(target).remainder
    if remainder is not None:
        facts["remainder"] = number(remainder)
    if maps.unit is Unit.LOGIT_CHANGE:
        facts |= {"patch": explanation.patch, "fill": explanation.request.covering.fill.value}
    if explanation.frame.position is not None:
        facts["position"] = explanation.frame.position
    if target.other is not None:
        facts |= {"other": target.other, "other_label": explanation.label(target.other)}
    if target.channel is not None:
        facts["channel"] = target.channel
    if explanation.drawn is not None:
        facts |= {"averaged": True, "fine": explanation.request.fine}
    return facts


def read_facts(path: Path) -> dict[str, Any] | None:
    """The facts in a saved overlay, PNG or JPEG; None if the file has none or can't be read."""
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as image:
            text = (
                image.info.get(PNG_KEY) if image.format == "PNG" else image.getexif().get(IMAGE_DESCRIPTION)
            )
        facts = json.loads(text) if isinstance(text, str) else None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return facts if isinstance(facts, dict) and "camviewer" in facts else None


def write_npz(
    explanation: Explanation, class_ids: Sequence[int], path: Path, *, overwrite: bool = False
) -> Path:
    """Write the maps of classes, so that ``cams[i].mean() + remainder[i] == logits[class_ids[i]]``.

    class_ids int64 [k]; cams float32 [k, h, w], signed as computed; remainder float32 [k]; unit: ``LOGIT``,
    or ``RELATIVE`` or ``LOGIT_CHANGE``, whose remainders are NaN; kind: as `map_kind`; method and layer;
    logits and probabilities float32 [N]; region int32 [4]: left, top, width, height in pixels of the upright
    image; image_size int32 [2]: width, height; of networks with a linear head also bias float32 [k], which is
    the remainder; where places were covered also patch (pixels of the network's input) and fill; of an edited
    frame also edited (bool), and, where known, before_logits and before_probabilities. If averages are drawn,
    cams are those, and the array fine (bool) says so; their means are no logits. Returns the path.
    Raises SaveFailure, and as `Maps.get` does.
    """
    region, frame, maps = explanation.region, explanation.frame, explanation.maps
    targets = scores_of([int(class_id) for class_id in class_ids])
    drawn = maps if explanation.drawn is None else explanation.drawn
    cams = [drawn.get(target).values for target in targets]
    remainders = [maps.get(target).remainder for target in targets]
    remainder = np.array([np.nan if r is None else r for r in remainders], np.float32)
    arrays: dict[str, Any] = {
        "class_ids": np.array([target.class_id for target in targets], np.int64),
        "cams": np.stack(cams) if cams else np.empty((0, *drawn.planes.shape[1:]), np.float32),
        "remainder": remainder,
        "unit": np.array(maps.unit.value),
        "kind": np.array(map_kind(maps)),
        "method": np.array(maps.method),
        "layer": np.array(maps.layer),
        "logits": explanation.logits.astype(np.float32),
        "probabilities": explanation.probabilities.astype(np.float32),
        "region": np.array([region.left, region.top, region.width, region.height], np.int32),
        "image_size": np.array([frame.width, frame.height], np.int32),
    }
    if maps.channels is not None:
        arrays["bias"] = remainder
    if maps.unit is Unit.LOGIT_CHANGE:
        arrays |= {
            "patch": np.array(explanation.patch, np.int32),
            "fill": np.array(explanation.request.covering.fill.value),
        }
    if explanation.edited:
        arrays["edited"] = np.array(True)
    if explanation.before is not None:
        was = explanation.before.prediction
        arrays |= {"before_logits": was.logits, "before_probabilities": was.probabilities}
    if explanation.drawn is not None:
        arrays["fine"] = np.array(True)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(buffer.getbuffer())
    return path


def write_grey_png(explanation: Explanation, target: Target, path: Path, *, overwrite: bool = False) -> Path:
    """Write the map as a 16-bit grey PNG, one pixel a cell; return the path.

    Its text "camviewer" (JSON) has ``values``, what 0 and 65535 stand for: the map's least and largest value,
    so ``value = low + grey / 65535 * (high - low)``. What isn't finite is 0. Raises SaveFailure.
    """
    values = explanation.drawn_map(target).values.astype(np.float64)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    unit = np.nan_to_num((values - low) / ((high - low) or 1.0), nan=0.0, posinf=0.0, neginf=0.0)
    grey = np.rint(unit * 65535).astype(np.uint16)
    info = PngImagePlugin.PngInfo()
    info.add_itxt(PNG_KEY, json.dumps(map_facts(explanation, target) | {"values": [low, high]}))
    buffer = io.BytesIO()
    Image.fromarray(grey).save(buffer, "PNG", pnginfo=info)
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(buffer.getbuffer())
    return path


def write_csv(explanation: Explanation, target: Target, path: Path, *, overwrite: bool = False) -> Path:
    """Write the map's values as comma separated rows, to all their digits; return the path.

    Raises SaveFailure.
    """
    buffer = io.StringIO()
    np.savetxt(buffer, explanation.drawn_map(target).values, fmt="%.9g", delimiter=",")
    with atomic_write(path, overwrite=overwrite) as file:
        file.write(buffer.getvalue().encode("ascii"))
    return path
