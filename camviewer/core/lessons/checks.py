"""Whether what a step asks for is done, given the facts of the window."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from camviewer.core.arrays import FloatArray
from camviewer.core.coverage import Coverage
from camviewer.core.frames import Region
from camviewer.core.lessons.lesson import Answer, Check, Do

HOT = 0.5
"""Of a map's maximum: where it is hot."""


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What of the window checks ask for.

    chosen, other: labels of the class in view and of the one that it is compared with. picked: whether the
    person chose a class in this step. labels and
    probabilities [N]: of the frame as it is now. cells: clicked. covered: 0..1, of where the map was hot.
    photos: seen in this step. examples: of each class that was taught, where these classes run; else empty.
    """

    overlay: bool = False
    chosen: str = ""
    picked: bool = False
    other: str = ""
    method: str = ""
    between: str = ""
    labels: tuple[str, ...] = ()
    probabilities: FloatArray = field(default_factory=lambda: np.zeros(0, np.float32))
    edited: bool = False
    cells: int = 0
    covered: float = 0.0
    photos: int = 0
    examples: tuple[int, ...] = ()
    answer: Answer | None = None

    def probability(self, labels: tuple[str, ...]) -> float:
        """Of these classes together; 0 of those that the network doesn't know."""
        return sum(
            float(p) for label, p in zip(self.labels, self.probabilities, strict=True) if label in labels
        )

    @property
    def top(self) -> str:
        """The most probable class; "" without any."""
        return self.labels[int(np.argmax(self.probabilities))] if self.labels else ""


def is_done(check: Check, facts: Facts) -> bool:
    """Whether the person has done it."""
    match check.do:
        case Do.PREDICT:
            return facts.answer is not None
        case Do.ANSWER:
            return facts.answer is not None and facts.answer.right
        case Do.REVEAL:
            return facts.overlay
        case Do.HIDE:
            return not facts.overlay
        case Do.CLASS:
            return facts.picked and facts.chosen in check.classes
        case Do.COMPARE:
            return _compared(check, facts.chosen, facts.other) or _compared(check, facts.other, facts.chosen)
        case Do.CELLS:
            return facts.cells >= check.number
        case Do.COVER:
            return 100 * facts.covered >= check.number
        case Do.BELOW:
            return facts.edited and 100 * facts.probability(check.classes) < check.number
        case Do.FOOL:
            return facts.edited and facts.top not in ("", *check.classes)
        case Do.METHOD:
            return facts.method == check.word
        case Do.BETWEEN:
            return facts.between == check.word
        case Do.LOOK:
            return facts.photos >= check.number
        case Do.TEACH:
            return len(facts.examples) >= 2 and min(facts.examples) >= check.number


def _compared(check: Check, one: str, other: str) -> bool:
    return one in check.classes and other in check.others


def hot_cells(values: FloatArray) -> NDArray[np.bool_]:
    """Where a map float32 [h, w] has at least `HOT` of its maximum: bool [h, w]; none without evidence."""
    peak = float(values.max())
    return (values >= HOT * peak) & (peak > 0)


def covered_share(hot: NDArray[np.bool_], region: Region, coverage: Coverage) -> float:
    """How much of the hot cells [h, w] of a region is covered: 0..1; 0 where nothing is hot."""
    if not hot.any():
        return 0.0
    mask = np.zeros((coverage.height, coverage.width), np.float32)
    for layer in coverage.layers:
        mask[layer.top : layer.bottom, layer.left : layer.right][layer.where] = 1.0
    box = (region.left, region.top, region.left + region.width, region.top + region.height)
    size = hot.shape[1], hot.shape[0]
    cells = np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.BOX, box))
    return float(cells[hot].mean())
