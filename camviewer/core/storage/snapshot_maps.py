"""Writes and reads the maps of a snapshot: features and the head's rows for a linear head, else map by map.

Version 1 has features and rows, for networks whose maps are exact. Version 2 has maps one by one: ``maps``
[k, h, w] in the order of the manifest's "targets", each with its remainder, or null. Version 3 is the same
with maps of how much scores fall where a place is covered, and "covering" says by what: older programs don't
know that unit. Version 4 is one of these, with an edit of the frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from camviewer.core.arrays import FloatArray
from camviewer.core.covering import SMALLEST_PATCH, USUAL, Covering, Fill
from camviewer.core.explanation import Explanation
from camviewer.core.maps import (
    AttributionMap,
    ComputedMaps,
    ExactMaps,
    Maps,
    Unit,
)
from camviewer.core.models.spec import LinearHead
from camviewer.core.storage.manifest import (
    DamagedError,
    Facts,
    checked_number,
    wrong,
)
from camviewer.core.targets import (
    ChannelPart,
    ClassScore,
    ScoreDifference,
    Target,
    scores_of,
)

EXACT, COMPUTED, CHANGES, EDITED = 1, 2, 3, 4
"""Versions of the format. An edited frame's file says beside that which of the others its maps are of."""
HELD = 20
"""So many of the most probable classes can be shown from a snapshot, besides those that had a tab."""
_MAX_CHANNELS, _MAX_SIDE, _MAX_TARGETS, _MAX_NAMED, _MAX_PATCH = 65_536, 4_096, 10_000, 10, 100_000


@dataclass(frozen=True, slots=True, eq=False)
class StoredMaps:
    """What a snapshot's arrays and its manifest hold of the maps. version: of the format that it takes."""

    version: int
    arrays: Mapping[str, FloatArray | None]
    facts: Mapping[str, object]


def stored_maps(explanation: Explanation, classes: Sequence[int]) -> StoredMaps:
    """classes: those that have a tab; the most probable ones are kept as well."""
    maps, drawn = explanation.maps, explanation.drawn
    wanted = {*classes, *explanation.top(HELD)}
    averaged = drawn.planes if drawn is not None else None
    layer = {"layer": maps.layer} if maps.layer else {}
    if maps.channels is not None:
        head = maps.channels.head
        held = tuple(sorted(c for c in wanted if head.holds(c)))
        weight = np.stack([head.row(c) for c in held]) if held else head.weight[:0]
        arrays = {"features": maps.planes, "averaged": averaged, "bias": head.bias, "weight": weight}
        return StoredMaps(EXACT, arrays, {**layer, "held": list(held)})
    kept = [maps.get(t) for t in _targets(maps, sorted(wanted))]
    if drawn is not None:
        averaged = np.stack([drawn.get(m.target).values for m in kept])
    facts: dict[str, object] = {
        **layer,
        "method": maps.method,
        "unit": maps.unit.value,
        "targets": [target_facts(m.target) for m in kept],
        "remainders": [m.remainder for m in kept],
    }
    if any(m.named for m in kept):
        facts["named"] = [[{"name": name, "part": part} for name, part in m.named] for m in kept]
    arrays = {"maps": np.stack([m.values for m in kept]), "averaged": averaged}
    if maps.unit is not Unit.LOGIT_CHANGE:
        return StoredMaps(COMPUTED, arrays, facts)
    covering = explanation.request.covering
    facts["covering"] = {"patch": covering.patch, "fill": covering.fill.value}
    return StoredMaps(CHANGES, arrays, facts)


def _targets(maps: Maps, classes: Sequence[int]) -> Sequence[Target]:
    """All that was computed, in its order; of maps that there are for all classes, those of these."""
    if isinstance(maps, ComputedMaps):
        return maps.targets
    return [target for target in scores_of(classes) if maps.available(target)]


def target_facts(target: Target) -> dict[str, object]:
    """JSON types only: class_id, and other of a difference, or channel of a channel's part."""
    facts: dict[str, object] = {"class_id": target.class_id}
    if target.other is not None:
        facts["other"] = target.other
    if target.channel is not None:
        facts["channel"] = target.channel
    return facts


def read_maps(
    manifest: Facts, version: int, arrays: Mapping[str, FloatArray], labels: tuple[str, ...]
) -> tuple[Maps, Maps | None]:
    """The maps, and those that are drawn where they are others. Raises DamagedError."""
    logits = arrays["logits"]
    layer = manifest.text("layer") if "layer" in manifest else ""
    maps: Maps
    if version == EXACT:
        _check_names(arrays, {"features", "logits", "bias", "weight"})
        held = manifest.integers("held", 0, len(labels), len(labels) - 1)
        if list(held) != sorted(set(held)):
            raise DamagedError("a class is there twice")
        features = arrays["features"]
        _check_shape(features, len(features) if features.ndim == 3 else 0)
        if arrays["bias"].shape != logits.shape:
            raise DamagedError("logits and labels are not as many")
        if arrays["weight"].shape != (len(held), len(features)):
            raise DamagedError("the weights don't belong to the features")
        maps = ExactMaps(features, LinearHead(arrays["weight"], arrays["bias"], labels, held), layer)
        _check_channel_sums(features, maps.head, logits)
    else:
        _check_names(arrays, {"maps", "logits"})
        maps = _computed_maps(manifest, arrays["maps"], logits, layer)
        if (maps.unit is Unit.LOGIT_CHANGE) != (version == CHANGES):
            wrong("unit")
    averaged = arrays.get("averaged")
    if averaged is None:
        return maps, None
    _check_shape(averaged, len(maps.planes))
    return maps, maps.drawn_from(averaged)


def _computed_maps(manifest: Facts, planes: FloatArray, logits: FloatArray, layer: str) -> Maps:
    count = len(logits)
    targets = [_target(Facts(v, "targets"), count) for v in manifest.values("targets", 1, _MAX_TARGETS)]
    if len(set(targets)) != len(targets):
        raise DamagedError("a class is there twice")
    _check_shape(planes, len(targets))
    remainders = manifest.values("remainders", len(targets), len(targets))
    named = _named(manifest, len(targets))
    unit = Unit(manifest.text("unit"))
    method = manifest.text("method")
    maps: dict[Target, AttributionMap] = {}
    for target, values, value, parts in zip(targets, planes, remainders, named, strict=True):
        remainder = None if value is None else checked_number(value, "remainders", -1e12, 1e12)
        if (remainder is None) != (unit is not Unit.LOGIT):
            wrong("remainders")
        maps[target] = AttributionMap(values, target, method, layer, unit, remainder, parts)
        _check_sum(maps[target], logits)
    computed = ComputedMaps(maps, on_request=False)
    if computed.targets != tuple(targets):  # what is averaged has the same order
        wrong("targets")
    return computed


def read_covering(manifest: Facts, version: int) -> Covering:
    """By what places were covered; the usual, where none were. Raises DamagedError, and ValueError."""
    if version != CHANGES:
        return USUAL
    facts = manifest.facts("covering")
    patch = None if facts["patch"] is None else facts.integer("patch", SMALLEST_PATCH, _MAX_PATCH)
    return Covering(patch, Fill(facts.text("fill")))


def _named(manifest: Facts, count: int) -> list[tuple[tuple[str, float], ...]]:
    """The named parts of each map's remainder."""
    if "named" not in manifest:
        return [()] * count
    found = []
    for parts in manifest.values("named", count, count):
        if not isinstance(parts, list) or len(parts) > _MAX_NAMED:
            wrong("named")
        facts = [Facts(part, "named") for part in parts]
        found.append(tuple((f.text("name"), f.number("part", -1e12, 1e12)) for f in facts))
    return found


def _target(facts: Facts, classes: int) -> Target:
    class_id = facts.integer("class_id", 0, classes - 1)
    if "other" in facts and "channel" in facts:
        wrong("targets")
    if "other" in facts:
        return ScoreDifference(class_id, facts.integer("other", 0, classes - 1))
    if "channel" in facts:
        return ChannelPart(class_id, facts.integer("channel", 0, _MAX_CHANNELS))
    return ClassScore(class_id)


def _check_names(arrays: Mapping[str, FloatArray], needed: set[str]) -> None:
    unknown, missing = set(arrays) - needed - {"averaged"}, needed - set(arrays)
    if unknown or missing:
        names = str(sorted(unknown | missing))[:160]
        raise DamagedError("arrays are missing or unknown: {names}", names=names)


def _check_shape(planes: FloatArray, count: int) -> None:
    if planes.ndim == 3:
        _, height, width = planes.shape
        sides_fit = 1 <= height <= _MAX_SIDE and 1 <= width <= _MAX_SIDE
        if len(planes) == count and 1 <= count <= _MAX_CHANNELS and sides_fit:
            return
    raise DamagedError("features of shape {shape} can't be right", shape=planes.shape)


def _check_channel_sums(features: FloatArray, head: LinearHead, logits: FloatArray) -> None:
    """That the maps are exact: mean(CAM) + bias = logit, within the precision of float16."""
    held = list(head.held or ())
    with np.errstate(all="ignore"):
        pooled = features.mean((1, 2), dtype=np.float64)
        parts = head.weight.astype(np.float64) * pooled
        sums = parts.sum(1) + head.bias[held]
        # Rounding to float16 changes each feature by up to 2^-11 of itself.
        tolerance = 1e-3 * (np.abs(parts).sum(1) + np.abs(head.bias[held]) + 1)
        holds = bool((np.abs(sums - logits[held]) <= tolerance).all())
    if not holds:
        raise DamagedError("its maps and its logits don't belong together")


def _check_sum(attribution: AttributionMap, logits: FloatArray) -> None:
    """That mean(map) + remainder = score, where the map has such a sum."""
    total, score = attribution.score, attribution.target.score(logits)
    if total is None or score is None:
        return
    size = float(np.abs(attribution.values).mean(dtype=np.float64)) + abs(attribution.remainder or 0.0)
    if not abs(total - score) <= 1e-3 * (size + 1):
        raise DamagedError("its maps and its logits don't belong together")
