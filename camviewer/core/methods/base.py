"""The interface of all methods: a method makes the maps of one frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.covering import USUAL, Covering
from camviewer.core.failures import ModelFailure
from camviewer.core.geometry import InputGeometry
from camviewer.core.maps import (
    AttributionMap,
    ComputedMaps,
    Maps,
    Unit,
)
from camviewer.core.runtimes.base import (
    ForwardPass,
    ModelRun,
    Needs,
)
from camviewer.core.targets import Target
from camviewer.core.text import Text


@dataclass(frozen=True, slots=True, eq=False)
class PassedFrame:
    """A frame that has gone through the network once. image: uint8 [H, W, 3]; geometry: made for its size.

    layer: the one to look at; None: the run's own. covering: for methods that cover parts of the input.
    """

    image: ByteArray
    geometry: InputGeometry
    forward: ForwardPass
    layer: str | None = None
    covering: Covering = USUAL


class Method(Protocol):
    """One way to make maps. needs: what a runtime must offer for it.

    name: as people know it, such as ``Grad-CAM``; requests, files and captions call it so.
    """

    @property
    def name(self) -> str:
        """As people know it; unique among methods."""
        ...

    @property
    def needs(self) -> Needs:
        """What the method needs of a runtime."""
        ...

    @property
    def unit(self) -> Unit:
        """Of the maps' values."""
        ...

    @property
    def paper(self) -> str:
        """Who described it: ``Selvaraju et al., ICCV 2017``."""
        ...

    @property
    def cost(self) -> Text:
        """What the maps of a frame cost, for people: ``one pass and one gradient a class``."""
        ...

    @property
    def chooses_layer(self) -> bool:
        """Whether it can look at any of `ModelRun.layers`."""
        ...

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        """The maps of the targets, at least; of all, where that costs nothing. May run the network again."""
        ...


def default_layer(run: ModelRun) -> str:
    """The name of the layer that methods look at where none is asked for.

    The features' own, if it can be chosen; what is exact may be no layer's output, but one of a function.
    """
    names = [layer.name for layer in run.layers]
    return run.layer if run.layer in names or not names else names[-1]


def chosen_layer(run: ModelRun, passed: PassedFrame) -> str:
    """The name of the layer to look at. Raises ModelFailure for one that the run doesn't have."""
    names = [layer.name for layer in run.layers]
    if passed.layer is None:
        return default_layer(run)
    if passed.layer in names:
        return passed.layer
    raise ModelFailure(
        "This model has no layer {layer} that maps can be made of.",
        "Choose one of these: {layers}.",
        layer=passed.layer,
        layers=", ".join(names or [run.layer]),
    )


def relative_maps(method: str, layer: str, values: Iterable[tuple[Target, FloatArray]]) -> ComputedMaps:
    """Maps without a unit. values: targets with their float32 [h, w]. Raises ValueError for none."""
    return ComputedMaps(
        {
            target: AttributionMap(read_only(each), target, method, layer, Unit.RELATIVE, None)
            for target, each in values
        }
    )


def scores(logits: FloatArray, target: Target) -> FloatArray:
    """The target's score in each of several passes: logits float32 [n, N] → float32 [n]."""
    own: FloatArray = logits[:, target.class_id]
    return own if target.other is None else own - logits[:, target.other]
