"""What a network is, as far as everybody needs to know."""

from __future__ import annotations

from dataclasses import dataclass

from camviewer.core.arrays import FloatArray


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
