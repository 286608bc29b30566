"""How one score adds up by cells and by channels: two ways through the same numbers, for drawing them.

Of a linear head after pooling, with weights w, features f and h·w cells:

    score = mean over cells of Σ_c w[c]·f[c]  + bias        (B. Zhou et al., CVPR 2016: map, then mean)
          = Σ_c w[c]·(mean over cells of f[c]) + bias       (what the network does: pool, then linear)

so a cell of value v is v ÷ (h·w) of the score, and a channel w[c]·mean(f[c]).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.evidence import Arithmetic, Faithfulness, arithmetic, faithfulness
from camviewer.core.explanation import Explanation
from camviewer.core.maps import ChannelSums
from camviewer.core.targets import ClassScore, Target

MOST = 10
"""Channels that are drawn: half of them for, half against."""


@dataclass(frozen=True, slots=True, eq=False)
class ChannelPlane:
    """One channel: its feature in each cell, float32 [h, w], the weight that it has, and its mean."""

    channel: int
    plane: FloatArray
    weight: float
    pooled: float

    @property
    def value(self) -> float:
        """The channel's part of the score: weight × mean."""
        return self.weight * self.pooled

    @property
    def values(self) -> FloatArray:
        """Its part of the map: float32 [h, w]; their mean is `value`."""
        values: FloatArray = np.float32(self.weight) * self.plane
        return values


@dataclass(frozen=True, slots=True, eq=False)
class ScoreParts:
    """A score by cells and by channels.

    target: a class's score or the difference of two. values: its map, float32 [h, w]. sums: None where
    nothing adds up. channels: those with the largest parts, for and then against; empty without a linear
    head after pooling. count: how many channels there are; classes: how many classes. rest: what the
    channels that aren't among `channels` add.
    """

    target: Target
    kind: Faithfulness
    values: FloatArray
    sums: Arithmetic | None
    channels: tuple[ChannelPlane, ...] = ()
    count: int = 0
    classes: int = 0
    rest: float = 0.0

    @property
    def cells(self) -> int:
        """How many cells the map has."""
        return self.values.size

    @property
    def flat_weights(self) -> int:
        """Weights a class where the features are flattened instead of pooled: one a channel and cell."""
        return self.count * self.cells

    def part(self, row: int, column: int) -> float | None:
        """What a cell adds to the score; None where nothing adds up. Raises IndexError."""
        return float(self.values[row, column]) / self.cells if self.sums is not None else None

    def channel(self, channel: int | None) -> ChannelPlane | None:
        """The one of this number, if it is among `channels`."""
        return next((each for each in self.channels if each.channel == channel), None)


def score_parts(
    explanation: Explanation, target: Target, held: Sequence[int] = (), most: int = MOST
) -> ScoreParts:
    """The parts of the target's score; of the class's, where the target is one channel's part.

    held: channels to show in this order, so that a list stays as it is while one of them is pointed at;
    empty: the `most` with the largest parts now, half of them for and half against. The target's own
    channel is always among them. Raises as `Maps.get` and `LinearHead.row` do.
    """
    whole = ClassScore(target.class_id) if target.channel is not None else target
    maps = explanation.maps
    parts = ScoreParts(
        whole,
        faithfulness(maps),
        explanation.map(whole).values,
        arithmetic(explanation, whole),
        classes=len(explanation.logits),
    )
    if maps.channels is None:
        return parts
    weight, pooled = _weights_of(maps.channels, whole), maps.channels.pooled
    shown = [c for c in held if 0 <= c < len(pooled)] or _strongest(weight * pooled, most)
    if target.channel is not None and target.channel not in shown:
        shown = [*shown[: max(most - 1, 0)], target.channel]
    planes = tuple(
        ChannelPlane(c, read_only(maps.planes[c]), float(weight[c]), float(pooled[c])) for c in shown
    )
    total = float((weight.astype(np.float64) * pooled).sum())
    rest = total - sum(each.value for each in planes)
    return ScoreParts(
        *(whole, parts.kind, parts.values, parts.sums, planes),
        count=len(pooled),
        classes=parts.classes,
        rest=rest,
    )


def _weights_of(channels: ChannelSums, target: Target) -> FloatArray:
    """The weights [C] whose sum with the means is the target's score, less a bias."""
    row = channels.head.row(target.class_id)
    return row if target.other is None else row - channels.head.row(target.other)


def _strongest(parts: FloatArray, most: int) -> list[int]:
    """Where the largest parts [C] are, from the largest to the least."""
    ordered = np.argsort(-parts, kind="stable")
    if most < len(ordered):
        ordered = np.concatenate([ordered[: (most + 1) // 2], ordered[len(ordered) - most // 2 :]])
    return [int(c) for c in ordered]
