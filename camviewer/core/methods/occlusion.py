"""Occlusion (Zeiler & Fergus, ECCV 2014): how much a score falls when a place is covered.

M. D. Zeiler, R. Fergus: Visualizing and Understanding Convolutional Networks. ECCV 2014.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.covering import Covering, filled
from camviewer.core.many_passes import batches_of_logits
from camviewer.core.maps import (
    AttributionMap,
    Maps,
    MapUnavailableError,
    Unit,
)
from camviewer.core.methods.base import PassedFrame
from camviewer.core.runtimes.base import (
    ModelRun,
    Needs,
)
from camviewer.core.targets import Target
from camviewer.core.text import Text

_LEAST_CELLS = 2


class OcclusionMaps:
    """How much each class's score falls. A patch covers all classes at once, so all have their map."""

    method, layer = "Occlusion", ""
    unit = Unit.LOGIT_CHANGE
    on_request = True
    channels = None

    def __init__(self, falls: FloatArray, covering: Covering) -> None:
        """falls: float32 [N, h, w], of each class, in logits: above 0 where the score falls."""
        self.planes, self._covering = read_only(falls), covering

    @property
    def signature(self) -> Hashable:
        """Equal for maps of the same shape that were made with the same patch and fill."""
        return self.method, self._covering, self.planes.shape

    def available(self, target: Target) -> bool:
        """Whether it is a score, or a difference of scores, of classes that there are."""
        return target.channel is None and all(0 <= each < len(self.planes) for each in target.classes)

    def get(self, target: Target) -> AttributionMap:
        """As `Maps.get`."""
        if target.channel is not None:
            raise MapUnavailableError(f"a channel's part has no map by {self.method}")
        if not self.available(target):
            raise IndexError(f"{target} is not among the classes 0..{len(self.planes) - 1}")
        values = self.planes[target.class_id]
        if target.other is not None:
            values = values - self.planes[target.other]
        return AttributionMap(read_only(values), target, self.method, self.layer, self.unit, None)

    def drawn_from(self, planes: FloatArray) -> OcclusionMaps:
        """As `Maps.drawn_from`. planes: averaged falls [N, h', w']."""
        return OcclusionMaps(planes, self._covering)


class Occlusion:
    """A patch slides over the network's input by half its side. Passes are shared by all classes.

    The input is cut into whole cells of about half the patch's side, and a patch covers 2 × 2 of them. A
    cell's value is the fall of the score, averaged over the patches that cover it: four, fewer at the border.
    """

    name = OcclusionMaps.method
    needs = Needs.MANY_PASSES
    unit = OcclusionMaps.unit
    paper = "Zeiler & Fergus, ECCV 2014"
    cost = Text("one pass for each place of the patch, {places} by default", places=49)
    chooses_layer = False

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:  # noqa: ARG002
        """The maps of all scores and of their differences; channels have none. Raises CancelledError."""
        pixels = passed.forward.network_input
        assert pixels is not None, "every runtime keeps what the network saw"
        covering = passed.covering
        patch = covering.patch_for(*pixels.shape[:2])
        cover = filled(pixels, covering.fill, patch)
        rows, columns = (_edges(side, patch) for side in pixels.shape[:2])
        places = (len(rows) - 2) * (len(columns) - 2)
        covered = _covered(pixels, cover, rows, columns)
        logits = np.concatenate(list(batches_of_logits(run, covered, places)))
        falls = passed.forward.logits - logits
        return OcclusionMaps(_averaged(falls.T.reshape(-1, len(rows) - 2, len(columns) - 2)), covering)


def _edges(side: int, patch: float) -> NDArray[np.intp]:
    """Where cells of half a patch begin and end along a side: whole pixels, as even as they can be."""
    cells = max(_LEAST_CELLS, round(2 * side / patch))
    return np.rint(np.linspace(0, side, cells + 1)).astype(np.intp)


def _covered(
    pixels: ByteArray, cover: ByteArray, rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> Iterator[ByteArray]:
    """The pixels with each 2 × 2 cells covered, row by row."""
    for top, bottom in zip(rows, rows[2:], strict=False):
        for left, right in zip(columns, columns[2:], strict=False):
            covered = pixels.copy()
            covered[top:bottom, left:right] = cover[top:bottom, left:right]
            yield covered


def _averaged(falls: FloatArray) -> FloatArray:
    """falls: [N, rows - 1, columns - 1], of patches → float32 [N, rows, columns], of cells."""
    classes, down, across = falls.shape
    sums = np.zeros((classes, down + 1, across + 1), np.float64)
    counts = np.zeros((down + 1, across + 1))
    for row in (0, 1):
        for column in (0, 1):
            sums[:, row : row + down, column : column + across] += falls
            counts[row : row + down, column : column + across] += 1
    return (sums / counts).astype(np.float32)
