"""The interface of all methods: a method makes the maps of one frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from camviewer.core.arrays import ByteArray
from camviewer.core.geometry import InputGeometry
from camviewer.core.maps import Maps
from camviewer.core.runtimes.base import (
    ForwardPass,
    ModelRun,
    Needs,
)
from camviewer.core.targets import Target


@dataclass(frozen=True, slots=True, eq=False)
class PassedFrame:
    """A frame that has gone through the network once. image: uint8 [H, W, 3]; geometry: made for its size."""

    image: ByteArray
    geometry: InputGeometry
    forward: ForwardPass


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

    def maps(self, run: ModelRun, passed: PassedFrame, targets: Sequence[Target]) -> Maps:
        """The maps of the targets, at least; of all, where that costs nothing. May run the network again."""
        ...
