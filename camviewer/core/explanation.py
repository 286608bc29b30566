"""The prediction and the maps of one frame, and the request that led to them.

All arrays are read-only: one explanation is shared by the worker, the window and the exporters.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.cam import (
    sigmoid,
    softmax,
)
from camviewer.core.covering import USUAL, Covering, Fill
from camviewer.core.edits import FrameEdit
from camviewer.core.frames import (
    Fit,
    Frame,
    Region,
)
from camviewer.core.maps import (
    AttributionMap,
    Maps,
)
from camviewer.core.models.labels import numbered_labels
from camviewer.core.models.spec import (
    Link,
    ModelInfo,
)
from camviewer.core.targets import Target

CAM = "CAM"
"""The name of the exact method."""


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """How frames are to be explained. Replaced whole, never changed in place.

    method: None for the most faithful one that the model has. layer: the one that the method looks at; None:
    the last one with cells. targets: those that need a map, where each map costs work; empty: the most
    probable classes.
    """

    fit: Fit = Fit.CROP
    resolution: int | None = None
    """Pixels of the input's short side; None: as many as the model was trained with."""
    fine: bool = False
    """Average over several resolutions, each also mirrored, for a sharper map."""
    method: str | None = None
    layer: str | None = None
    targets: tuple[Target, ...] = ()
    covering: Covering = USUAL
    """For methods that cover parts of the input: by what."""
    edit: FrameEdit | None = None
    """What the user covered of the frame; None where nothing is."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. captured and finished are `time.monotonic()`; the others are durations."""

    captured: float
    finished: float
    load: float
    forward: float


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Logits and probabilities float32 [N], and a label for each class."""

    logits: FloatArray
    probabilities: FloatArray
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if not len(self.logits) == len(self.probabilities) == len(self.labels):
            counts = len(self.logits), len(self.probabilities), len(self.labels)
            raise ValueError(f"logits, probabilities and labels are of {counts} classes")

    def top(self, k: int) -> tuple[int, ...]:
        """The k classes of highest probability (all, if there are fewer), most probable first.

        Of equal ones the lower id comes first, so that ``top(k)`` begins every longer ``top``.
        """
        return largest(self.logits, k)


def largest(values: FloatArray, k: int) -> tuple[int, ...]:
    """Where the k largest of values [N] are (all, if there are fewer), the largest first.

    Of equal ones the lower index comes first. Not all are sorted: there may be tens of thousands.
    """
    against = -values
    k = min(max(k, 0), len(against))
    if k == 0:
        return ()
    kept = np.flatnonzero(~(against > np.partition(against, k - 1)[k - 1]))  # no less than the k-th: few
    return tuple(int(i) for i in kept[np.argsort(against[kept], kind="stable")][:k])


def predicted(logits: FloatArray, labels: Sequence[str], link: Link = Link.SOFTMAX) -> Prediction:
    """The prediction that logits float32 [N] stand for. link: how they become probabilities.

    One logit alone is always a sigmoid's: the softmax of one number is 1, whatever the picture. Raises
    ValueError where logits and labels are not as many.
    """
    alone = len(logits) == 1
    probabilities = sigmoid(logits) if alone or link is Link.SIGMOID else softmax(logits)
    return Prediction(read_only(logits), read_only(probabilities), tuple(labels))


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """What an edited frame was before the edit.

    prediction: of the frame as its source gave it, by the same model, fit and resolution. age: seconds by
    which the frame that it speaks of is older than the edited one; 0.0: it is the same frame.
    """

    prediction: Prediction
    age: float = 0.0


@dataclass(frozen=True, slots=True)
class MadeByFill:
    """A class that an edit brought up, and that what is covered doesn't explain: its fill does.

    probability: now. instead: what the same pixels were covered with to find out. otherwise: the probability
    then.
    """

    class_id: int
    fill: Fill
    probability: float
    instead: Fill
    otherwise: float


def class_set_of(labels: Sequence[str], network: str = "") -> str:
    """A digest of labels, and of a network where they alone don't tell it from another's."""
    text = "\n".join((network, *labels))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """All that the tabs of a frame need. region: what of the frame the network saw, in its pixels.

    network_input: what it saw, uint8 [h'', w'', 3], resized, before normalisation. drawn: averages over
    resolutions or time, for drawing only; numbers are those of `maps`.

    frame: with the request's edit painted over it. unedited: as the source gave it; None where nothing is
    covered. before: None where nothing is covered, and where nobody asked.
    """

    frame: Frame
    region: Region
    prediction: Prediction
    maps: Maps
    timing: Timing
    model: ModelInfo
    request: ExplainRequest
    network_input: ByteArray | None = None
    drawn: Maps | None = None
    unedited: Frame | None = None
    before: Before | None = None
    made_by_fill: tuple[MadeByFill, ...] = ()

    @property
    def original(self) -> Frame:
        """The frame as its source gave it. To explain it again, explain this one."""
        return self.frame if self.unedited is None else self.unedited

    @property
    def edited(self) -> bool:
        """Whether a part of the frame is covered."""
        return self.unedited is not None

    @property
    def resolution(self) -> int | None:
        """Pixels of the input's short side; None for a model that doesn't say what it was trained with."""
        asked, native, sizes = self.request.resolution, self.model.native_resolution, self.model.sizes
        if sizes is not None and native is not None:
            return sizes.chosen(asked, native)
        return native if asked is None else asked

    @property
    def patch(self) -> int:
        """Pixels of the side of what covers the network's input, for methods that cover parts of it."""
        side = self.resolution or 0
        sides = self.network_input.shape[:2] if self.network_input is not None else (side, side)
        return round(self.request.covering.patch_for(*sides))

    @property
    def logits(self) -> FloatArray:
        """As `Prediction.logits`: float32 [N]."""
        return self.prediction.logits

    @property
    def probabilities(self) -> FloatArray:
        """As `Prediction.probabilities`: float32 [N], 0..1."""
        return self.prediction.probabilities

    @property
    def labels(self) -> tuple[str, ...]:
        """One for each class."""
        return self.prediction.labels

    @property
    def class_set(self) -> str:
        """A digest of what the classes' numbers mean: with another one, class 3 is another class.

        That is the labels; and where nobody named the classes, the network that has them.
        """
        named = self.labels != numbered_labels(len(self.labels))
        return class_set_of(self.labels, "" if named else f"{self.model.name} {self.model.weights_sha256}")

    def label(self, class_id: int) -> str:
        """The label of a class."""
        return self.prediction.labels[class_id]

    def top(self, k: int) -> tuple[int, ...]:
        """As `Prediction.top`."""
        return self.prediction.top(k)

    def likely(self, k: int) -> tuple[int, ...]:
        """The classes to show, at most k, most probable first: the top k where one class is right.

        Where each is right or wrong by itself, those more probable than not, at least one; both of two.
        """
        top = self.top(k)
        if self.model.link is Link.SOFTMAX or len(self.logits) == 2:
            return top
        return tuple(c for c in top if self.probabilities[c] > 0.5) or top[:1]

    def title(self, target: Target) -> str:
        """``tabby``, ``tabby − tiger cat`` or ``tabby, channel 7``."""
        return target.title(self.prediction.labels)

    def map(self, target: Target) -> AttributionMap:
        """The map whose numbers count. Raises as `Maps.get` does."""
        return self.maps.get(target)

    def will_have(self, target: Target) -> bool:
        """Whether the next frame can bring a map that isn't there: it wasn't asked for of this one."""
        return self.maps.on_request and target not in self.request.targets

    def drawn_map(self, target: Target) -> AttributionMap:
        """The map as it is drawn: of the average, where there is one. Raises as `Maps.get` does."""
        return (self.drawn if self.drawn is not None else self.maps).get(target)


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """What a snapshot holds besides its explanation."""

    time: str
    """When its frame was explained: ISO 8601 with the offset from UTC."""
    version: str
    """Of the program that explained it."""
    classes: tuple[int, ...]
    """Those that had a tab when it was saved."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an explanation comes from. snapshot: None for what is explained now.

    smoothing: the time constant, in seconds, of the average that is drawn; 0: none is. from_history: it is a
    moment of a live source that is over; the frame went through a JPEG, and exact maps are rounded unless
    again, which says that it was explained anew.
    """

    smoothing: float = 0.0
    snapshot: SnapshotInfo | None = None
    from_history: bool = False
    again: bool = False


LIVE = Origin()
"""Explained now, and drawn as it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """An explanation on its way to the window, with what travels around it.

    generation: counts up with each new source and each jump in one. Deliveries of older ones are stale.
    """

    explanation: Explanation
    origin: Origin = LIVE
    generation: int = 0

    def is_by(self, model: ModelInfo | None, request: ExplainRequest, smoothing: float) -> bool:
        """Whether it is of this model and made as asked. Maps of other targets are still good to see.

        smoothing: seconds.
        """
        asked = replace(self.explanation.request, targets=request.targets)
        return self.explanation.model == model and asked == request and self.origin.smoothing == smoothing
