"""What every runtime gives: a network that runs, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto
from typing import TYPE_CHECKING, Protocol

from camviewer.core.arrays import ByteArray, FloatArray
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.spec import LinearHead

if TYPE_CHECKING:
    from collections.abc import Sequence


class Needs(Flag):
    """What a method needs, and what a runtime offers."""

    LINEAR_HEAD = auto()
    """The features and the linear layer after their pooling."""
    GRADIENTS = auto()
    MANY_PASSES = auto()
    ATTENTION = auto()


@dataclass(frozen=True, slots=True, eq=False)
class ForwardPass:
    """features float32 [C, h, w], logits float32 [N], network_input uint8 [h', w', 3] (the resized pixels
    before normalisation), all read-only; forward: seconds of the network alone."""

    features: FloatArray
    logits: FloatArray
    forward: float
    network_input: ByteArray | None = None


class ModelRun(Protocol):
    """Anything that runs a backbone on an image: torch now, other runtimes may follow."""

    @property
    def labels(self) -> tuple[str, ...]:
        """One for each class."""
        ...

    @property
    def head(self) -> LinearHead | None:
        """What comes after the features' pooling, if that is one linear layer: then LINEAR_HEAD is offered."""
        ...

    @property
    def device(self) -> str: ...

    @property
    def device_title(self) -> str: ...

    @property
    def layer(self) -> str:
        """The name of the layer that the features come from."""
        ...

    @property
    def offers(self) -> Needs: ...

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """image uint8 [H, W, 3], the frame that the geometry was made for."""
        ...

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `run` for each, in one pass. All geometries make inputs of one size."""
        ...
