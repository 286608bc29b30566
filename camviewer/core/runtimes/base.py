"""The interface of all runtimes: a network that runs, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from pathlib import Path
from typing import Any, Protocol

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
)
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.spec import (
    LinearHead,
    ModelSpec,
)
from camviewer.core.runtimes.device import Device


class Needs(Flag):
    """What a method needs of a network that runs, and what a runtime offers."""

    LINEAR_HEAD = auto()
    """Features whose mean over the cells goes into one linear layer, whose weights are known."""
    GRADIENTS = auto()
    """Gradients of a score with respect to the features or the input."""
    MANY_PASSES = auto()
    """Tens of forward passes for one frame, on changed inputs or features."""
    ATTENTION = auto()
    """The attention weights of a transformer's blocks."""


@dataclass(frozen=True, slots=True, eq=False)
class ForwardPass:
    """What comes out of the network for one frame. All arrays are read-only.

    features: float32 [C, h, w]; logits: float32 [N]; network_input: uint8 [h', w', 3], the resized pixels
    before normalisation. forward: seconds of the network alone.
    """

    features: FloatArray
    logits: FloatArray
    forward: float
    network_input: ByteArray | None = None


class ModelRun(Protocol):
    """A network that is loaded and runs on a device. One thread uses it."""

    @property
    def offers(self) -> Needs:
        """What a method may use of it."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """One for each class."""
        ...

    @property
    def layer(self) -> str:
        """The name of the layer whose output are the features."""
        ...

    @property
    def head(self) -> LinearHead | None:
        """The linear layer after the pooled features; None without one. With one, LINEAR_HEAD is offered."""
        ...

    @property
    def device(self) -> Device:
        """The device that it runs on."""
        ...

    @property
    def device_title(self) -> str:
        """The device's name for people."""
        ...

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """image uint8 [H, W, 3], the frame that the geometry was made for."""
        ...

    def run_batch(
        self, images: Sequence[ByteArray], geometries: Sequence[InputGeometry]
    ) -> list[ForwardPass]:
        """As `run` for each, in one pass. All geometries make inputs of one size."""
        ...


class Runtime(Protocol):
    """What computes networks, on one or several kinds of devices."""

    name: str
    offers: Needs
    """What its runs offer, if the network has it."""

    def devices(self) -> tuple[Device, ...]:
        """The devices of this computer that it can use, the best one first."""
        ...

    def resolve(self, device: Device) -> Device | None:
        """The device as this runtime calls it; None if it knows no such kind. There needn't be one."""
        ...

    def title(self, device: Device) -> str:
        """For people, such as a GPU's name. Raises as `load` does if the device fails."""
        ...

    def load(
        self, spec: ModelSpec, state: Mapping[str, Any], device: Device, labels_file: Path | None = None
    ) -> ModelRun:
        """state: the state dict that `models.weights` reads.

        Raises ModelFailure if the state or the labels are not of this model; RuntimeError, AssertionError or
        ImportError if the device fails.
        """
        ...
