"""The model card: what camviewer found out about a model file, and where each fact comes from.

Neither torch nor numpy is imported here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Generic, TypeVar

from camviewer.core.models.proof import HeadProof
from camviewer.core.models.spec import (
    Link,
    Preprocessing,
    SizeRule,
)

T = TypeVar("T")


class FileFormat(StrEnum):
    """What a model file is, by its content."""

    TORCH = "torch"
    """A state dict saved by torch.save: a zip archive, or the older form."""
    SAFETENSORS = "safetensors"
    ONNX = "onnx"


class FactOrigin(StrEnum):
    """Where a fact of a model card comes from. JSON holds the value."""

    WEIGHTS = "weights"
    """The names and shapes of the tensors."""
    FILE = "file"
    """What else is written in the model file: hyperparameters, metadata."""
    CONFIG = "config"
    """config.json beside the weights."""
    BESIDE = "beside"
    """Another file beside the model file, such as labels.txt."""
    ARCHITECTURE = "architecture"
    """What is known of the architecture's published weights."""
    MEASURED = "measured"
    """The network was run and looked at."""
    CARD = "card"
    """A card that was saved before, or given with --card."""
    USER = "user"
    """Corrected by hand."""
    ASSUMED = "assumed"
    """Nothing says so: what most models have."""


class MapKind(StrEnum):
    """The most that a model's maps can say (DESIGN §1). JSON holds the value."""

    EXACT = "exact"
    """They add up to the score, with the same remainder for every frame."""
    LOCAL = "local"
    """They add up to the score to first order, with another remainder for every frame."""
    RELATIVE = "relative only"
    """They say where, not how much."""


@dataclass(frozen=True, slots=True)
class Fact(Generic[T]):
    """A value, where it comes from, and the place there, such as ``config.json: pretrained_cfg.mean``."""

    value: T
    origin: FactOrigin
    place: str = ""


@dataclass(frozen=True, slots=True)
class ArchitectureName:
    """A network that a library can build: ``torchvision`` and ``resnet50``.

    library: torchvision, timm, transformers or camviewer (the built-in models); for ONNX files, onnx.
    """

    library: str
    name: str

    def __str__(self) -> str:
        return f"{self.library}: {self.name}"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer whose output has cells. name: as in the network; kind: its class, such as ``Bottleneck``.

    channels, rows, columns: of its output, for an input of the size that the model was trained with.
    """

    name: str
    kind: str
    channels: int
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of one model file before it runs, and, once it does, what was measured.

    fits_as_well: other architectures that the weights fit; no shape says which is right. link: how logits
    become probabilities. proof and layers: None and () until the network has run.
    """

    path: Path
    sha256: str
    format: FileFormat
    architecture: Fact[ArchitectureName]
    parameters: int
    classes: int
    channels: Fact[int]
    preprocessing: Fact[Preprocessing]
    sizes: Fact[SizeRule]
    labels: Fact[tuple[str, ...]]
    link: Fact[Link]
    fits_as_well: tuple[ArchitectureName, ...] = ()
    proof: HeadProof | None = None
    layers: tuple[Layer, ...] = ()
    left_out: tuple[str, ...] = ()
    """What the file holds besides, and nobody needs here: optimizer state, other heads."""
    passed_over: tuple[str, ...] = ()
    """A sentence about each set of labels that was found and doesn't fit."""
    assumed: tuple[str, ...] = ()
    """A sentence about each part of the network that no tensor tells of."""
    one_score: bool = False
    """Whether the network gives one number, which stands for two classes. Then the link is a sigmoid."""

    @property
    def maps(self) -> MapKind | None:
        """The most that its maps can say; None until the network has run.

        Local maps need gradients of a layer.
        """
        if self.proof is None:
            return None
        if self.proof.kind.exact:
            return MapKind.EXACT
        has_gradients = self.format is not FileFormat.ONNX and self.layers
        return MapKind.LOCAL if has_gradients else MapKind.RELATIVE
