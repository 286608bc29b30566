"""The interface of all runtimes: a network that runs, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Flag, auto
from pathlib import Path
from typing import Protocol

from camviewer.core.arrays import (
    AnyArray,
    ByteArray,
    FloatArray,
)
from camviewer.core.geometry import InputGeometry
from camviewer.core.models.card import Layer
from camviewer.core.models.proof import HeadProof
from camviewer.core.models.spec import (
    LinearHead,
    ModelSpec,
)
from camviewer.core.runtimes.device import Device
from camviewer.core.runtimes.precision import Precision
from camviewer.core.targets import Target
from camviewer.core.text import Text


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
    EARLIER_LAYER = auto()
    """The output of a layer before the features that has about twice as many rows and columns."""


@dataclass(frozen=True, slots=True, eq=False)
class ForwardPass:
    """What comes out of the network for one frame. All arrays are read-only.

    features: float32 [C, h, w]; logits: float32 [N]; network_input: uint8 [h', w', 3], the resized pixels
    before normalisation. forward: seconds of the network alone. earlier: float32 [C', h'', w''], the output
    of the layer that `earlier_layer` finds; None unless `EarlierLayer` made the pass.
    """

    features: FloatArray
    logits: FloatArray
    forward: float
    network_input: ByteArray | None = None
    earlier: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LayerPass:
    """One layer's output for one frame, and how targets' scores change with it. Arrays are read-only.

    activations: float32 [C, h, w]; gradients: float32 [k, C, h, w], of each target's score. elsewhere:
    float32 [k], Σ gradient · value of tokens that stand for no cell (the class token); None without any.
    """

    logits: FloatArray
    activations: FloatArray
    gradients: FloatArray
    elsewhere: FloatArray | None = None


class Gradients(Protocol):
    """Gradients of scores with respect to a layer's output."""

    def of(
        self,
        image: ByteArray,
        geometry: InputGeometry,
        layer: str,
        targets: Sequence[Target],
        *,
        hold_scales: bool = False,
    ) -> LayerPass:
        """image, geometry: as `ModelRun.run`.

        hold_scales: norms' standard deviations and attention weights count as numbers of this frame, not as
        functions of the layer (DESIGN §1): without it, gradient · activation through a LayerNorm is zero.
        """
        ...


class Passes(Protocol):
    """More forward passes for one frame, with something changed."""

    def activations(self, image: ByteArray, geometry: InputGeometry, layer: str) -> FloatArray:
        """The layer's output: float32 [C, h, w]."""
        ...

    def of_masked(self, image: ByteArray, geometry: InputGeometry, masks: FloatArray) -> FloatArray:
        """Logits float32 [n, N] of the normalised input times each mask: float32 [n, h', w'], 0..1."""
        ...

    def of_activations(
        self, image: ByteArray, geometry: InputGeometry, layer: str, activations: FloatArray
    ) -> FloatArray:
        """Logits float32 [n, N] with the layer's output replaced by each of these: float32 [n, C, h, w]."""
        ...


class Attention(Protocol):
    """The attention weights of a transformer's blocks."""

    def weights(self, image: ByteArray, geometry: InputGeometry) -> FloatArray:
        """float32 [blocks, heads, T, T]: from a token (row) to others, of blocks that see all tokens."""
        ...

    @property
    def extra_tokens(self) -> int:
        """How many tokens before those of the cells stand for no cell: the class token, registers."""
        ...

    @property
    def reads_cells(self) -> bool:
        """Whether scores are made of the cells' tokens after the last block; else of the first token."""
        ...

    def cells(self, geometry: InputGeometry) -> tuple[int, int]:
        """Rows and columns of the other tokens."""
        ...


class Averaging(Protocol):
    """Features averaged over several inputs of one frame, where the device does it itself."""

    def averaged(
        self, image: ByteArray, geometries: Sequence[InputGeometry]
    ) -> tuple[ForwardPass, FloatArray]:
        """The pass for the first geometry, and the mean of the features for all: float32 [C, h, w].

        As `averaging.averaged_planes` makes it; features of mirrored inputs are turned back. image: as
        `ModelRun.run`.
        """
        ...


class EarlierLayer(Protocol):
    """Passes that bring the output of an earlier layer along, at no cost worth mentioning."""

    def run(self, image: ByteArray, geometry: InputGeometry) -> ForwardPass:
        """As `ModelRun.run`, with `ForwardPass.earlier`."""
        ...


class ModelRun(Protocol):
    """A network that is loaded and runs on a device. One thread uses it."""

    @property
    def offers(self) -> Needs:
        """What a method may use: a flag for each of head, gradients, passes, attention that is there."""
        ...

    @property
    def proof(self) -> HeadProof | None:
        """What was measured about the head; None for built-in models, whose tests measure it."""
        ...

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Those that a method may look at, the deepest last; () where methods can't choose."""
        ...

    @property
    def gradients(self) -> Gradients | None:
        """None without GRADIENTS."""
        ...

    @property
    def no_gradients(self) -> Text:
        """Why there are none, for people, where there are none."""
        ...

    @property
    def passes(self) -> Passes | None:
        """None without MANY_PASSES."""
        ...

    @property
    def attention(self) -> Attention | None:
        """None without ATTENTION."""
        ...

    @property
    def averaging(self) -> Averaging | None:
        """None where features are averaged on the CPU."""
        ...

    @property
    def earlier(self) -> EarlierLayer | None:
        """None where `passes` must run the network again for it, and without EARLIER_LAYER."""
        ...

    @property
    def precision(self) -> Precision:
        """Of the numbers inside of the network."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """One for each class."""
        ...

    @property
    def layer(self) -> str:
        """The name of the layer whose output are the features: the one that methods look at by default."""
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


class BasicRun:
    """What a network has that offers no more than its passes: the base of other runs."""

    proof: HeadProof | None = None
    layers: tuple[Layer, ...] = ()
    gradients: Gradients | None = None
    no_gradients = Text("It needs gradients, which this model can't give (ONNX files hold none).")
    passes: Passes | None = None
    attention: Attention | None = None
    averaging: Averaging | None = None
    earlier: EarlierLayer | None = None
    precision: Precision = Precision.FLOAT32


def earlier_layer(layers: Sequence[Layer], layer: str) -> Layer | None:
    """The deepest layer before the features that has about twice as many rows and columns; None without one.

    layers, layer: as `ModelRun` has them. Strides of 2 that leave out a border make 8 rows of 17.
    """
    names = [each.name for each in layers]
    place = names.index(layer) if layer in names else len(names) - 1
    for each in reversed(layers[: max(place, 0)]):
        last = layers[place]
        if round(each.rows / last.rows) == 2 == round(each.columns / last.columns):
            return each
    return None


class Runtime(Protocol):
    """What computes networks, on one or several kinds of devices."""

    name: str

    def devices(self) -> tuple[Device, ...]:
        """The devices of this computer that it can use, the best one first."""
        ...

    def resolve(self, device: Device) -> Device | None:
        """The device as this runtime calls it; None if it knows no such kind. There needn't be one."""
        ...

    def title(self, device: Device) -> str:
        """For people, such as a GPU's name. Raises as `load` does if the device fails."""
        ...

    def precisions(self, device: Device) -> tuple[Precision, ...]:
        """Those that the device computes quickly, the usual one first. Raises as `load` does."""
        ...

    def load(
        self,
        spec: ModelSpec,
        state: Mapping[str, AnyArray],
        device: Device,
        labels_file: Path | None = None,
        precision: Precision | None = None,
    ) -> ModelRun:
        """state: the weights, as `models.checkpoint` reads them.

        precision: the device's usual one is used where there is no such one.

        Raises ModelFailure if the state or the labels are not of this model; RuntimeError, AssertionError or
        ImportError if the device fails.
        """
        ...
