"""What a map speaks for: a class's score, the difference of two, or one channel's part of one.

All three have the same attributes, so that no code needs to ask for the type: `class_id` is the class in
the first place, `other` the one that it is compared with, `channel` the one channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from camviewer.core.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class ClassScore:
    """The score of a class."""

    class_id: int
    other: ClassVar[None] = None
    channel: ClassVar[None] = None

    @property
    def classes(self) -> tuple[int, ...]:
        """The classes whose scores are a part of it."""
        return (self.class_id,)

    def score(self, logits: FloatArray) -> float | None:
        """What its map adds up to, by the network's logits [N]; None where logits don't tell it."""
        return float(logits[self.class_id])

    def title(self, labels: Sequence[str]) -> str:
        """``tabby``."""
        return labels[self.class_id]


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """Why `class_id` and not `other`: score of class_id − score of other."""

    class_id: int
    other: int
    channel: ClassVar[None] = None

    @property
    def classes(self) -> tuple[int, ...]:
        """Both classes."""
        return (self.class_id, self.other)

    def score(self, logits: FloatArray) -> float | None:
        """The difference of the two logits."""
        return float(logits[self.class_id] - logits[self.other])

    def title(self, labels: Sequence[str]) -> str:
        """``tabby − tiger cat``."""
        return f"{labels[self.class_id]} − {labels[self.other]}"


@dataclass(frozen=True, slots=True)
class ChannelPart:
    """What one channel of the features adds to the score of a class."""

    class_id: int
    channel: int
    other: ClassVar[None] = None

    @property
    def classes(self) -> tuple[int, ...]:
        """The one class."""
        return (self.class_id,)

    def score(self, logits: FloatArray) -> float | None:  # noqa: ARG002  # as the others
        """None: logits don't say what a channel's part is."""
        return None

    def title(self, labels: Sequence[str]) -> str:
        """``tabby, channel 7``."""
        return f"{labels[self.class_id]}, channel {self.channel}"


Target: TypeAlias = ClassScore | ScoreDifference | ChannelPart


def scores_of(class_ids: Iterable[int]) -> tuple[ClassScore, ...]:
    """The scores of these classes, in this order."""
    return tuple(ClassScore(class_id) for class_id in class_ids)
