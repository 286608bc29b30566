"""Specifications of networks: what a runtime needs to build one, and what all other code needs to know.

Neither torch nor numpy is imported here: the command line reads the names of the models.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

from camviewer.core.runtimes.precision import Precision

if TYPE_CHECKING:
    from pathlib import Path

    from camviewer.core.arrays import FloatArray
    from camviewer.core.models.architectures import Architecture
    from camviewer.core.runtimes.device import Device


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """What a set of weights expects: short side `resize`, centre `crop`, then (x/255 - mean) / std.

    mean and std: one number a channel of the network's input. bgr: blue is the first channel. squash: the
    whole frame is squeezed to a square of `resize`, instead of its short side resized.
    """

    resize: int
    crop: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    bicubic: bool = False
    bgr: bool = False
    squash: bool = False


def per_channel(numbers: Sequence[float], channels: int, rest: float) -> tuple[float, ...]:
    """mean or std, one number a channel, for an input of other channels than the colours that they are of.

    Fewer channels, such as grey, are as bright as the colours are on average. What comes after the colours
    gets rest: 0 as mean and 1 as std leave it in 0..1.
    """
    if channels < len(numbers):
        return (sum(numbers) / len(numbers),) * channels
    return (*numbers, *(rest,) * (channels - len(numbers)))


@dataclass(frozen=True, slots=True)
class SizeRule:
    """Which inputs a network takes: sides that are multiples of `stride`, the short one within limits.

    stride: input pixels a cell of the features. offered: the short sides that a list offers, ascending.
    square: both sides must be equal; such a network sees a whole frame only squeezed.
    """

    stride: int
    smallest: int
    largest: int
    offered: tuple[int, ...] = ()
    square: bool = False

    @property
    def fixed(self) -> bool:
        """Whether there is only one size."""
        return self.smallest == self.largest

    def takes(self, resolution: int) -> bool:
        """Whether the input's short side may have so many pixels."""
        return resolution % self.stride == 0 and self.smallest <= resolution <= self.largest

    def check(self, resolution: int) -> int:
        """The resolution itself. Raises ValueError unless the network takes it.

        With other sizes, cells at the edge would stand for fewer pixels than the others.
        """
        if not self.takes(resolution):
            raise ValueError(
                f"the resolution must be a multiple of {self.stride} between {self.smallest} and "
                f"{self.largest}, not {resolution}"
            )
        return resolution

    def nearest(self, resolution: float) -> int:
        """The multiple of the stride nearest to a number of pixels, within the limits."""
        multiple = min(round(resolution / self.stride) * self.stride, self.largest)
        return max(multiple, self.smallest)

    def chosen(self, asked: int | None, native: int) -> int:
        """The short side that is used: the asked one, if the network takes it, else the native one."""
        return asked if asked is not None and self.takes(asked) else native


class Link(Enum):
    """How logits become probabilities."""

    SOFTMAX = "softmax"
    """One class is right: probabilities add up to 1."""
    SIGMOID = "sigmoid"
    """Each class is right or wrong by itself."""


@dataclass(frozen=True, slots=True)
class HeadSpec:
    """The linear layer after pooling: its name in the state dict."""

    key: str

    @property
    def weight_key(self) -> str:
        """The name of the weight [N, C] in the state dict."""
        return f"{self.key}.weight"

    @property
    def bias_key(self) -> str:
        """The name of the bias [N] in the state dict."""
        return f"{self.key}.bias"


@dataclass(frozen=True, slots=True)
class LabelSource:
    """Names for a head of so many classes. file: below the program's resources, one label a line."""

    classes: int
    file: str


@dataclass(frozen=True, slots=True)
class OfficialWeights:
    """A weights file that can be downloaded.

    size: in bytes; exact: whether it is known to the byte, not only for people. sha256: of the whole file; or
    its first digits, which is what torch hub's file names have.
    """

    url: str
    size: int
    sha256: str
    exact: bool = True

    @property
    def file_name(self) -> str:
        """The last part of the address."""
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class EmbeddedWeights:
    """A weights file that comes in a Python package. find: returns its path, None where the file is missing.

    find raises ImportError where the package is missing.
    """

    package: str
    find: Callable[[], Path | None]
    sha256: str


class WeightsOrigin(StrEnum):
    """Where a weights file came from. Files and JSON hold the value."""

    FILE = "file"
    """The user chose it: it is used as it is, not verified."""
    BUNDLE = "bundle"
    """It came with the program."""
    CACHE = "cache"
    """Torch hub's, where the window's download puts it."""
    EMBEDDED = "embedded"
    """From a Python package that the program depends on."""
    LIVE = "live"
    """No file: the network lives in a Python program."""
    TAUGHT = "taught"
    """The backbone's file. The head was taught in the window, and is in no file yet."""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A network as it is known before it is loaded.

    name: how command lines and files call it; title: for people. sizes: of the input, whose short side is
    `preprocessing.crop` unless another is asked for. layer: the name of the last layer with cells, whose
    output are the features. labels: of a head with as many classes; None if unknown.
    """

    name: str
    title: str
    architecture: Architecture
    preprocessing: Preprocessing
    sizes: SizeRule
    head: HeadSpec
    layer: str
    labels: LabelSource | None = None
    link: Link = Link.SOFTMAX
    channels: int = 3
    official: OfficialWeights | None = None
    embedded: EmbeddedWeights | None = None


class NotHeldError(LookupError):
    """A class whose row of the weight is missing: a snapshot holds the rows of some classes only."""


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
    """The model that runs, as saved files and the window describe it.

    The fields with defaults are not in every snapshot.
    """

    name: str
    """As in the registry."""
    title: str
    """For people."""
    device: Device
    device_title: str
    weights_sha256: str
    weights_file: str
    weights_origin: WeightsOrigin
    preprocessing: Preprocessing | None = None
    sizes: SizeRule | None = None
    layer: str = ""
    """The name of the layer whose output are the features."""
    link: Link = Link.SOFTMAX
    precision: Precision = Precision.FLOAT32

    @property
    def computed_on(self) -> str:
        """The device for people, and the precision where it isn't float32: ``NVIDIA H200 · TF32``."""
        if self.precision is Precision.FLOAT32:
            return self.device_title
        return f"{self.device_title} · {self.precision.title}"

    def same_network(self, other: ModelInfo) -> bool:
        """Whether it says the same of a frame.

        Where its file lies doesn't count, nor where it is computed, and how precisely.
        """
        here = self.device, self.device_title, self.precision, self.weights_file, self.weights_origin
        device, title, precision, file, origin = here
        moved = replace(other, device=device, device_title=title, precision=precision)
        return replace(moved, weights_file=file, weights_origin=origin) == self

    @property
    def native_resolution(self) -> int | None:
        """The input's short side that the model was trained with, where that is known."""
        return self.preprocessing.crop if self.preprocessing is not None else None
