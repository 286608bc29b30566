"""What a forward pass says of one frame.

All arrays are read-only: one explanation is shared by the worker, the window and the exporters.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from camviewer.core.arrays import ByteArray, FloatArray, read_only
from camviewer.core.frames import Fit, Frame, Region
from camviewer.core.models.spec import LinearHead, ModelInfo


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """How frames are to be explained. Replaced whole, never changed in place."""

    fit: Fit = Fit.CROP
    resolution: int | None = None
    """Pixels of the input's short side; None: as many as the model was trained with."""
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

    @property
    def resolution(self) -> int | None:
        """Pixels of the input's short side; None for a model that doesn't say what it was trained with."""
        asked = self.request.resolution
        return self.model.native_resolution if asked is None else asked

    def label(self, class_id: int) -> str:
        return self.head.labels[class_id]

    def top(self, k: int) -> tuple[int, ...]:
        """The k classes of highest probability (all, if there are fewer), most probable first.

        Of equal ones the lower id comes first, so that ``top(k)`` begins every longer ``top``.
        """
        return tuple(int(i) for i in np.argsort(-self.logits, kind="stable")[: max(k, 0)])
