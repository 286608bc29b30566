"""What the timeline dock draws, as data; and which class has which colour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from camviewer.core.arrays import FloatArray
from camviewer.core.timeline import Stretch, Times


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """times: float64 [n], seconds; values: float32 [n, k], a column a class of `classes`, which is drawn in
    the colour of its slot.

    stretches: between changes of the top class. cursor: the time of the frame in view, if it is on the plot.
    origin: where the axis has its 0. first, last: of all rows that there are. window: seconds that are seen
    while nobody has zoomed; None: all. gap: a pause of so many seconds is left open. logits: else the values
    are probabilities.
    """

    times: Times
    values: FloatArray
    classes: tuple[int, ...]
    labels: tuple[str, ...]
    slots: tuple[int, ...]
    stretches: tuple[Stretch, ...]
    stretch_labels: tuple[str, ...]
    cursor: float | None
    origin: float
    first: float
    last: float
    window: float | None
    gap: float
    logits: bool


class ColourSlots:
    """A class keeps its colour while it is shown; a newcomer takes the first that is free."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._taken: dict[int, int] = {}

    @property
    def of(self) -> dict[int, int]:
        """The slot of each class."""
        return dict(self._taken)

    def assign(self, classes: Iterable[int]) -> tuple[int, ...]:
        """The slots of classes, in their order; those of other classes become free."""
        wanted = tuple(classes)
        self._taken = {c: slot for c, slot in self._taken.items() if c in wanted}
        for class_id in wanted:
            if class_id not in self._taken:
                used = set(self._taken.values())
                free = (slot for slot in range(self._count) if slot not in used)
                self._taken[class_id] = next(free, len(self._taken) % self._count)
        return tuple(self._taken[class_id] for class_id in wanted)
