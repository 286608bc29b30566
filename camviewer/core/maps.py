"""Attribution maps: where in a frame a score comes from, and what of the score is not on the map.

    score = mean(map) + remainder

holds for every map whose unit is the logit. Values are signed and unscaled here; `scaling` makes
colours of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np

from camviewer.core.arrays import (
    FloatArray,
    read_only,
)
from camviewer.core.cam import class_activation_maps
from camviewer.core.models.spec import LinearHead
from camviewer.core.targets import Target


class Unit(Enum):
    """What a map's values are counted in."""

    LOGIT = "LOGIT"
    """Their mean is a part of a score."""
    RELATIVE = "RELATIVE"
    """They have no unit: they say where, not how much."""
    LOGIT_CHANGE = "LOGIT_CHANGE"
    """Each says how much a score falls, in logits, when its place is covered. They don't add up."""


class MapUnavailableError(LookupError):
    """The map of a target isn't there: not computed, or not kept in a snapshot."""


@dataclass(frozen=True, slots=True, eq=False)
class AttributionMap:
    """values: float32 [h, w], signed, read-only. method: how it was made, such as ``CAM``; layer: where.

    unit LOGIT: ``values.mean() + remainder`` is the target's score, to float32 rounding. A remainder of None
    says that there is no such sum: of a map in another unit, and of an average that is only drawn.

    named: parts of the remainder that have a name, such as ``("class token", 3.1)``, in logits.
    """

    values: FloatArray
    target: Target
    method: str
    layer: str
    unit: Unit
    remainder: float | None
    named: tuple[tuple[str, float], ...] = ()

    @property
    def mean(self) -> float:
        """The part of the score that is on the map."""
        return float(self.values.mean(dtype=np.float64))

    @property
    def score(self) -> float | None:
        """mean + remainder; None where there is no such sum."""
        return None if self.remainder is None else self.mean + self.remainder


@dataclass(frozen=True, slots=True, eq=False)
class ChannelSums:
    """How the features' channels add up to a class's score, where a linear head comes after pooling.

    ``score of class n = Σ_c head.row(n)[c] · pooled[c] + head.bias[n]``. pooled: float32 [C].
    """

    head: LinearHead
    pooled: FloatArray

    @property
    def count(self) -> int:
        """How many channels there are."""
        return len(self.pooled)


class Maps(Protocol):
    """All the maps that there are of one frame, by target.

    Maps are linear in their planes, so an average over frames or passes is an average of planes.
    """

    @property
    def method(self) -> str:
        """The name of the method that made them."""
        ...

    @property
    def layer(self) -> str:
        """The name of the layer whose output they are made of."""
        ...

    @property
    def unit(self) -> Unit:
        """The unit of all their values."""
        ...

    @property
    def on_request(self) -> bool:
        """Whether the next frame can bring maps that aren't available, if they are asked for."""
        ...

    @property
    def planes(self) -> FloatArray:
        """float32 [n, h, w], read-only: every map is a weighted sum of them."""
        ...

    @property
    def signature(self) -> Hashable:
        """Equal for two frames whose planes mean the same, one by one."""
        ...

    @property
    def channels(self) -> ChannelSums | None:
        """The parts that channels have in scores; None without a linear head."""
        ...

    def available(self, target: Target) -> bool:
        """Whether `get` has it."""
        ...

    def get(self, target: Target) -> AttributionMap:
        """Raises MapUnavailableError; or IndexError for a class or channel that is known not to exist."""
        ...

    def drawn_from(self, planes: FloatArray) -> Maps:
        """The maps of an average: for drawing only, so that they have no remainder. planes: [n, h', w']."""
        ...


EXTENT = "Object extent"
"""The name of the method whose maps are of how far objects reach."""


def map_kind(maps: Maps) -> str:
    """What maps are, for files: ``exact``, ``local``, ``extent``, ``relative``, ``change``.

    exact: mean + remainder is the score, and the remainder is the same for every frame. local: the remainder
    differs. extent: how far the object reaches, no evidence. relative: any other without a unit. change:
    falls of the score where places are covered.
    """
    if maps.unit is Unit.LOGIT:
        return "exact" if maps.channels is not None else "local"
    if maps.unit is Unit.LOGIT_CHANGE:
        return "change"
    return "extent" if maps.method == EXTENT else "relative"


def shape_of(maps: Maps) -> tuple[int, int]:
    """Rows and columns of the maps."""
    _, rows, columns = maps.planes.shape
    return rows, columns


class ExactMaps:
    """The class activation maps of all classes: pooling and a linear layer come after the features.

    B. Zhou, A. Khosla, A. Lapedriza, A. Oliva, A. Torralba: Learning Deep Features for Discriminative
    Localization. CVPR 2016. Each map is computed when it is asked for first: a small sum over the features.
    """

    method = "CAM"
    unit = Unit.LOGIT
    on_request = False

    def __init__(
        self, features: FloatArray, head: LinearHead, layer: str = "", *, is_average: bool = False
    ) -> None:
        """features: float32 [C, h, w]; head: of C channels. is_average: for drawing only."""
        self.features, self.head, self.layer = features, head, layer
        self._is_average = is_average
        self._cache: dict[Target, AttributionMap] = {}
        self._pooled: FloatArray | None = None

    @property
    def planes(self) -> FloatArray:
        """The features: float32 [C, h, w]."""
        return self.features

    @property
    def signature(self) -> Hashable:
        """Equal for features of the same layer and shape."""
        return self.method, self.layer, self.features.shape

    @property
    def channels(self) -> ChannelSums:
        """The head and the features' means over all cells, computed once."""
        if self._pooled is None:
            self._pooled = read_only(self.features.mean(axis=(1, 2)))
        return ChannelSums(self.head, self._pooled)

    def available(self, target: Target) -> bool:
        """Whether the channel exists and the head holds the weights of all its classes."""
        there = target.channel is None or 0 <= target.channel < len(self.features)
        return there and all(self.head.holds(class_id) for class_id in target.classes)

    def get(self, target: Target) -> AttributionMap:
        """As `Maps.get`; computed at the first call, then kept."""
        attribution = self._cache.get(target)
        if attribution is None:
            attribution = self._cache[target] = self._computed(target)
        return attribution

    def _computed(self, target: Target) -> AttributionMap:
        # Rows first: they say which class isn't there.
        row = self._row(target.class_id)
        remainder = float(self.head.bias[target.class_id])
        if target.other is not None:
            row = row - self._row(target.other)
            remainder -= float(self.head.bias[target.other])
        if target.channel is None:
            values = class_activation_maps(self.features, row[None])[0]
        else:
            if not 0 <= target.channel < len(self.features):
                raise IndexError(f"channel {target.channel} is not among 0..{len(self.features) - 1}")
            values, remainder = row[target.channel] * self.features[target.channel], 0.0
        return AttributionMap(
            read_only(values),
            target,
            self.method,
            self.layer,
            self.unit,
            None if self._is_average else remainder,
        )

    def _row(self, class_id: int) -> FloatArray:
        if 0 <= class_id < len(self.head.bias) and not self.head.holds(class_id):
            raise MapUnavailableError(f"the weights of class {class_id} are not held")
        return self.head.row(class_id)

    def drawn_from(self, planes: FloatArray) -> ExactMaps:
        """As `Maps.drawn_from`. planes: averaged features [C, h', w']."""
        return ExactMaps(planes, self.head, self.layer, is_average=True)


def _order(target: Target) -> tuple[int, int, int]:
    """By class; of each, its score first."""
    none = -1
    other = none if target.other is None else target.other
    return target.class_id, other, none if target.channel is None else target.channel


class ComputedMaps:
    """The maps that a method has computed, one for each target that was asked for."""

    channels = None

    def __init__(self, maps: Mapping[Target, AttributionMap], *, on_request: bool = True) -> None:
        """on_request: see `Maps`. Raises ValueError without a map, and for maps of several kinds."""
        kinds = {(m.method, m.layer, m.unit, m.values.shape) for m in maps.values()}
        if len(kinds) != 1:
            raise ValueError(f"maps of one kind are needed, not of {len(kinds)}")
        # In one order, so that the planes of two frames with the same targets belong together.
        self._maps = {target: maps[target] for target in sorted(maps, key=_order)}
        for target, attribution in self._maps.items():
            if attribution.target != target:
                raise ValueError(f"the map of {attribution.target} is not that of {target}")
            read_only(attribution.values)
        self.method, self.layer, self.unit, _ = kinds.pop()
        self.on_request = on_request
        self._planes: FloatArray | None = None

    @property
    def targets(self) -> tuple[Target, ...]:
        """Those that have a map, in the order of the planes."""
        return tuple(self._maps)

    @property
    def planes(self) -> FloatArray:
        """The maps' values, one plane a target: float32 [k, h, w]."""
        if self._planes is None:
            self._planes = read_only(np.stack([m.values for m in self._maps.values()]))
        return self._planes

    @property
    def signature(self) -> Hashable:
        """Equal for maps of the same targets, method, layer, unit and shape."""
        return self.method, self.layer, self.unit, self.targets, self.planes.shape

    def available(self, target: Target) -> bool:
        """Whether the target's map was computed."""
        return target in self._maps

    def get(self, target: Target) -> AttributionMap:
        """As `Maps.get`."""
        try:
            return self._maps[target]
        except KeyError:
            raise MapUnavailableError(f"no map of {target} was computed") from None

    def drawn_from(self, planes: FloatArray) -> ComputedMaps:
        """As `Maps.drawn_from`. planes: averaged maps [k, h', w']."""
        drawn = {
            target: AttributionMap(read_only(values), target, self.method, self.layer, self.unit, None)
            for target, values in zip(self._maps, planes, strict=True)
        }
        return ComputedMaps(drawn, on_request=self.on_request)
