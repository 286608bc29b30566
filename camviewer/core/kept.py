"""Explanations kept small, for the history of a live source.

Exact: the frame's index and time, logits, probabilities, region, timing, model, request, and the maps of
methods that compute them one by one. Not exact: the frame is a JPEG, and the features of which exact maps are
made are float16 (11 bits of each value), so that ``mean(map) + remainder`` meets the logit to about a
thousandth only.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from camviewer.core.arrays import (
    AnyArray,
    ByteArray,
    FloatArray,
    read_only,
)
from camviewer.core.explanation import (
    Delivery,
    Explanation,
    Origin,
)
from camviewer.core.maps import (
    ExactMaps,
    Maps,
)
from camviewer.core.models.spec import LinearHead
from camviewer.core.painting import Painter

if TYPE_CHECKING:
    from typing_extensions import Buffer

PAUSE = 1e-4
"""Seconds: long enough for another thread to take Python's lock."""
JPEG_QUALITY = 90
"""720p photos take 100 to 250 kB, and 5 ms of a processor."""
OVERHEAD = 4096
"""Bytes that a kept explanation takes besides its arrays, about."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptMaps:
    """Maps without what can be made again. planes: float16, or float32 where float16 can't hold a value."""

    planes: AnyArray
    restored: Callable[[FloatArray], Maps]
    head: LinearHead | None = None
    """Shared with all other frames of the same model."""

    def maps(self) -> Maps:
        """As they were, but for the rounding."""
        return self.restored(read_only(self.planes.astype(np.float32)))


@dataclass(frozen=True, slots=True, eq=False)
class KeptExplanation:
    """One explanation of a live source. size: bytes, without the head, which frames of one model share.

    jpeg: the frame as its source gave it; an edit is painted over it again. explained: without pixels, maps
    and the network's input.
    """

    jpeg: bytes
    explained: Explanation
    maps: KeptMaps
    drawn: KeptMaps | None
    smoothing: float
    size: int

    @property
    def time(self) -> float:
        """Of the frame: seconds of `time.monotonic()`."""
        return self.explained.frame.time

    def delivery(self) -> Delivery:
        """Decoded: for a thread that may take some milliseconds."""
        image = np.asarray(Image.open(io.BytesIO(self.jpeg)).convert("RGB"))
        explained = self.explained
        frame = original = replace(explained.original, image=read_only(image))
        if explained.edited:
            frame = Painter().edited(original, explained.request.edit)
        explanation = replace(
            explained,
            frame=frame,
            unedited=original if explained.edited else None,
            maps=self.maps.maps(),
            drawn=self.drawn.maps() if self.drawn is not None else None,
        )
        return Delivery(explanation, Origin(self.smoothing, from_history=True))


def keep(delivery: Delivery) -> KeptExplanation:
    """Make an explanation small: some milliseconds, in which other threads are let in again and again.

    Nothing of it refers to the frame's pixels or to the float32 features.
    """
    explanation = delivery.explanation
    maps = _kept_maps(explanation.maps)
    drawn = _kept_maps(explanation.drawn, is_average=True) if explanation.drawn is not None else None
    jpeg = encode(explanation.original.image)
    explained = replace(
        explanation,
        frame=replace(explanation.frame, image=_NO_PIXELS),
        unedited=replace(explanation.original, image=_NO_PIXELS) if explanation.edited else None,
        prediction=replace(
            explanation.prediction,
            logits=_copy(explanation.logits),
            probabilities=_copy(explanation.probabilities),
        ),
        maps=_NO_MAPS,
        network_input=None,
        drawn=None,
    )
    size = OVERHEAD + len(jpeg) + explained.logits.nbytes + explained.probabilities.nbytes
    size += maps.planes.nbytes + (drawn.planes.nbytes if drawn is not None else 0)
    if explained.before is not None:  # other frames may share it: counted too often, not too seldom
        was = explained.before.prediction
        size += was.logits.nbytes + was.probabilities.nbytes
    return KeptExplanation(jpeg, explained, maps, drawn, delivery.origin.smoothing, size)


class _Yielding(io.BytesIO):
    """Lets other threads go on after each block that is written.

    Pillow holds Python's lock while it encodes, 64 kB at a time: 1 to 2 ms. Without a pause the GUI thread
    would wait for the whole picture.
    """

    def write(self, block: Buffer, /) -> int:
        written = super().write(block)
        time.sleep(PAUSE)
        return written


def encode(image: ByteArray) -> bytes:
    """uint8 [H, W, 3] as a JPEG."""
    buffer = _Yielding()
    # Read where it lies: `fromarray` would copy 720p's 2.8 MB first.
    pixels = np.ascontiguousarray(image)
    size = pixels.shape[1], pixels.shape[0]
    Image.frombuffer("RGB", size, pixels, "raw", "RGB", 0, 1).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def _kept_maps(maps: Maps, *, is_average: bool = False) -> KeptMaps:
    if isinstance(maps, ExactMaps):
        head, layer = maps.head, maps.layer
        return KeptMaps(
            _half(maps.features),
            lambda planes: ExactMaps(planes, head, layer, is_average=is_average),
            head,
        )
    # Others are small, a map a target, and each says what is left out of it: they stay as they are.
    return KeptMaps(maps.planes, lambda _planes: maps)


def _half(features: FloatArray) -> AnyArray:
    with np.errstate(over="ignore"):
        half = features.astype(np.float16)
    return read_only(half) if np.isfinite(half).all() else _copy(features)


def _copy(array: AnyArray) -> AnyArray:
    """Of its own: a view would keep all that it is a view of."""
    return read_only(array.copy())


_NO_PIXELS: ByteArray = read_only(np.empty((0, 0, 3), np.uint8))
_NO_MAPS = ExactMaps(
    read_only(np.empty((0, 1, 1), np.float32)),
    LinearHead(read_only(np.empty((0, 0), np.float32)), read_only(np.empty(0, np.float32)), ()),
)
