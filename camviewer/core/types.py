"""The frozen dataclasses that travel through the program. Imports nothing local.

All arrays in them are read-only: one explanation is shared by the worker, the window and the exporters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
ByteArray = NDArray[np.uint8]


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, no longer writeable."""
    array.setflags(write=False)
    return array


class Fit(Enum):
    """How a frame becomes the network's input."""

    CROP = "crop"
    """The weights' own preset: resize the short side, cut the centre square."""
    SQUASH = "squash"
    """The whole frame, squeezed to a square."""
    WHOLE = "whole"
    """The whole frame at its own aspect; the network runs fully convolutionally."""


@dataclass(frozen=True, slots=True)
class Region:
    """The rectangle of a frame that the network saw, in frame pixels (x right, y down)."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One RGB image from a source.

    image: uint8 [height, width, 3], upright. index counts within the source.
    time: seconds of `time.monotonic()` at which the source delivered it.
    position: seconds into the medium, for videos.
    original_size: width, height of a photo that was reduced, because it is huge.
    """

    image: ByteArray
    index: int = 0
    time: float = 0.0
    source: str = ""
    position: float | None = None
    original_size: tuple[int, int] | None = None

    @property
    def width(self) -> int:
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        return int(self.image.shape[0])


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """What a set of weights expects: short side `resize`, centre `crop`, then (x/255 - mean) / std."""

    resize: int
    crop: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    bicubic: bool = False


class NotHeldError(LookupError):
    """A class of the head whose row of the weight is not there: a snapshot keeps those of some classes."""


@dataclass(frozen=True, slots=True, eq=False)
class LinearHead:
    """The final linear layer: weight float32 [N, C], bias float32 [N], one label a class.

    held: the classes whose rows there are, ascending, in a head from a snapshot; weight is then
    [len(held), C]. None: all.
    """

    weight: FloatArray
    bias: FloatArray
    labels: tuple[str, ...]
    held: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        rows = len(self.bias) if self.held is None else len(self.held)
        if self.weight.ndim != 2 or self.bias.ndim != 1 or len(self.weight) != rows:
            raise ValueError(f"weight {self.weight.shape} and bias {self.bias.shape} are not of one head")
        if len(self.labels) != len(self.bias):
            raise ValueError(f"{len(self.labels)} labels for {len(self.bias)} classes")

    def holds(self, class_id: int) -> bool:
        """Whether the class's row is there."""
        return 0 <= class_id < len(self.bias) and (self.held is None or class_id in self.held)

    def row(self, class_id: int) -> FloatArray:
        """The class's weights: float32 [C].

        Raises IndexError for a class that there isn't, NotHeldError for one whose row isn't there.
        """
        if not 0 <= class_id < len(self.bias):
            raise IndexError(f"class {class_id} is not among 0..{len(self.bias) - 1}")
        if not self.holds(class_id):
            raise NotHeldError(f"the weights of class {class_id} are not held")
        row: FloatArray = self.weight[class_id if self.held is None else self.held.index(class_id)]
        return row


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model runs: what saved files and the window say about it."""

    name: str
    """Registry name, such as ``resnet18``."""
    title: str
    """For people, such as ``ResNet18``."""
    device: str
    device_title: str
    weights_sha256: str
    weights_file: str
    weights_origin: str
    preprocessing: Preprocessing | None = None


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """How frames are to be explained. Replaced whole, never changed in place."""

    fit: Fit = Fit.CROP
    resolution: int = 224
    fine: bool = False
    """Average the features of several resolutions, each also mirrored, for a sharper map."""
    smoothing: float = 0.0
    """Time constant in seconds over which the drawn map is averaged; 0 is off. One frame is never changed."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. captured and finished are `time.monotonic()`; the others are durations."""

    captured: float
    finished: float
    load: float
    forward: float


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """What an explanation from a snapshot says of itself besides."""

    time: str
    """When its frame was explained: ISO 8601 with the offset from UTC."""
    version: str
    """Of the program that explained it."""
    classes: tuple[int, ...]
    """Those that had a tab when it was saved."""


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What one frame's forward pass says, for every class.

    features: float32 [C, h, w]; logits, probabilities: float32 [N]; region in frame pixels.
    Invariant: ``self.cam(n).mean() + self.head.bias[n] == self.logits[n]`` (to float32 rounding),
    because the head is linear and comes after global average pooling (Zhou et al., CVPR 2016).
    """

    frame: Frame
    region: Region
    features: FloatArray
    head: LinearHead
    logits: FloatArray
    probabilities: FloatArray
    timing: Timing
    model: ModelInfo
    request: ExplainRequest
    generation: int = 0
    network_input: ByteArray | None = None
    """What the network saw: uint8 [h'', w'', 3], resized, before normalisation."""
    averaged: FloatArray | None = None
    """Features for drawing only, [C, h', w'], averaged over resolutions or time. Numbers are `features`'."""
    snapshot: SnapshotInfo | None = None
    """Where this was opened from a snapshot. Its head may hold the weights of some classes only."""
    _cams: dict[int, FloatArray] = field(default_factory=dict, repr=False)

    def cam(self, class_id: int) -> FloatArray:
        """The class activation map of one class: float32 [h, w], signed, in logit units.

        Raises IndexError for a class that the head doesn't have, NotHeldError for one that it doesn't hold.
        """
        cached = self._cams.get(class_id)
        if cached is None:
            channels, height, width = self.features.shape
            flat = self.head.row(class_id) @ self.features.reshape(channels, -1)
            cached = self._cams[class_id] = read_only(flat.reshape(height, width))
        return cached

    def label(self, class_id: int) -> str:
        return self.head.labels[class_id]

    def top(self, k: int) -> tuple[int, ...]:
        """The k classes of highest probability (all, if there are fewer), most probable first.

        Of equal ones the lower id comes first, so that ``top(k)`` begins every longer ``top``.
        """
        return tuple(int(i) for i in np.argsort(-self.logits, kind="stable")[: max(k, 0)])
