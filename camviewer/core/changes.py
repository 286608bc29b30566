"""What an edit changes: each class before and after, and which classes came with the fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from camviewer.core.explanation import Prediction, largest

MOST = 3
"""So many of the classes that changed most are listed beside those asked for."""
SEEN, APPEARED, ADDED = 5, 0.05, 2.0
"""A class came with the fill if it was not among so many most probable ones before, has such a probability
now, and such a rise of its own logit: rivals that went would not have raised that."""


@dataclass(frozen=True, slots=True)
class Change:
    """Of one class. before, after: probabilities, 0..1. logit: after − before."""

    class_id: int
    before: float
    after: float
    logit: float

    @property
    def points(self) -> float:
        """Percentage points: after − before."""
        return 100 * (self.after - self.before)


def change_of(class_id: int, before: Prediction, after: Prediction) -> Change:
    """Of a class, by the predictions of the frame and of the edited frame."""
    return Change(
        class_id,
        float(before.probabilities[class_id]),
        float(after.probabilities[class_id]),
        float(after.logits[class_id]) - float(before.logits[class_id]),
    )


def changes(before: Prediction, after: Prediction, classes: Sequence[int]) -> tuple[Change, ...]:
    """Of these classes, in their order, then of the others whose probability changed most."""
    moved = largest(np.abs(after.probabilities - before.probabilities), MOST)
    listed = dict.fromkeys((*classes, *moved))
    return tuple(change_of(class_id, before, after) for class_id in listed)


def appeared(before: Prediction, after: Prediction) -> tuple[Change, ...]:
    """The classes that came with the fill, the most probable first: it may look like them."""
    seen = before.top(SEEN)
    found = (change_of(class_id, before, after) for class_id in after.top(SEEN) if class_id not in seen)
    return tuple(each for each in found if each.after >= APPEARED and each.logit >= ADDED)
