"""Reviews many photos batch by batch: the model's prediction for each, and whether it is right.

What is kept of a photo is small: facts of about a kilobyte in memory, a thumbnail and one or two CAMs
in a temporary file. The next batch is decoded while the network explains the one before.
"""

from __future__ import annotations

import io
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image

from camviewer.core.arrays import (
    ByteArray,
    FloatArray,
)
from camviewer.core.explanation import (
    CAM,
    ExplainRequest,
    Explanation,
)
from camviewer.core.failures import (
    DeviceFailure,
    Failure,
    SaveFailure,
)
from camviewer.core.frames import (
    Frame,
    Region,
)
from camviewer.core.maps import Unit
from camviewer.core.models.spec import ModelInfo
from camviewer.core.runtimes.device import CPU
from camviewer.core.runtimes.device_faults import device_reason
from camviewer.core.storage.images import read_photo
from camviewer.core.targets import (
    Target,
    scores_of,
)
from camviewer.core.text import Text

log = logging.getLogger(__name__)

TOP = 5
"""So many of the most probable classes are kept for each photo."""
THUMBNAIL_SIDE = 320
"""Pixels of a thumbnail's longer side."""
BATCH_PIXELS = 32_000_000
"""A batch ends early when it has so many pixels: two batches are in memory at a time."""


class BatchExplainer(Protocol):
    """What a review needs of `core.explainer.Explainer`."""

    @property
    def info(self) -> ModelInfo:
        """What is known of the model that runs."""
        ...

    def batch_size(self, request: ExplainRequest) -> int:
        """As `Explainer.batch_size`."""
        ...

    def explain_batch(self, frames: Sequence[Frame], request: ExplainRequest) -> list[Explanation]:
        """As `Explainer.explain_batch`."""
        ...

    def with_maps(self, explanation: Explanation, targets: Sequence[Target]) -> Explanation:
        """As `Explainer.with_maps`."""
        ...


@dataclass(frozen=True, slots=True)
class Score:
    """One class's probability, 0..1, and its logit."""

    class_id: int
    probability: float
    logit: float


@dataclass(frozen=True, slots=True)
class StoredThumbnail:
    """Where a `Thumbnail` lies in its `ThumbnailStore`. maps: their number, 1 or 2; unit: of their values.

    method: that made them.
    """

    offset: int
    jpeg_size: int
    map_shape: tuple[int, int]
    maps: int
    unit: Unit
    method: str


@dataclass(frozen=True, slots=True, eq=False)
class Thumbnail:
    """A photo, reduced, and its maps.

    jpeg: the reduced photo. predicted, true: the maps as they are drawn, float32 [h, w], in this unit and by
    this method.

    true is None where the true class isn't known, or is the predicted one.
    """

    jpeg: bytes
    predicted: FloatArray
    true: FloatArray | None = None
    unit: Unit = Unit.LOGIT
    method: str = CAM

    @property
    def maps(self) -> tuple[FloatArray, ...]:
        """One or two."""
        return (self.predicted,) if self.true is None else (self.predicted, self.true)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One photo. problem: why it couldn't be read or explained; it then has no size.

    size: width, height of the frame; region: the part that the network saw, in its pixels. top: the classes
    of highest probability, most probable first. truth: the true class's id, if known; true: its score, and
    rank: its place among all classes, 1 for the first.
    """

    path: Path
    size: tuple[int, int] | None = None
    region: Region | None = None
    top: tuple[Score, ...] = ()
    truth: int | None = None
    true: Score | None = None
    rank: int | None = None
    problem: str | None = None
    thumbnail: StoredThumbnail | None = None

    @property
    def predicted(self) -> Score | None:
        """The most probable class; None without a prediction."""
        return self.top[0] if self.top else None

    @property
    def confidence(self) -> float:
        """The predicted class's probability; 0 without a prediction."""
        return self.top[0].probability if self.top else 0.0

    @property
    def margin(self) -> float:
        """How far the first class's probability is above the second's."""
        return self.confidence - (self.top[1].probability if len(self.top) > 1 else 0.0)

    @property
    def targets(self) -> tuple[Target, ...]:
        """The targets of the thumbnail's maps: the predicted class, and the true one if that is another."""
        classes = [score.class_id for score in self.top[:1]]
        return scores_of(dict.fromkeys([*classes, *([] if self.truth is None else [self.truth])]))

    @property
    def correct(self) -> bool | None:
        """None where the truth or the prediction isn't known."""
        return self.rank == 1 if self.rank is not None else None


class ThumbnailStore:
    """Thumbnails in one temporary file without a name. Any thread may put and get."""

    def __init__(self) -> None:
        """Raises SaveFailure."""
        self._lock = threading.Lock()
        try:
            self._file = tempfile.TemporaryFile(prefix="camviewer-", dir=_large_temporary_folder())  # noqa: SIM115
        except OSError as error:
            raise _no_room(error) from error

    def put(self, thumbnail: Thumbnail) -> StoredThumbnail:
        """Raises SaveFailure, if the disk is full; ValueError once the store is closed."""
        maps = thumbnail.maps
        data = thumbnail.jpeg + b"".join(np.ascontiguousarray(m, np.float32).tobytes() for m in maps)
        with self._lock:
            try:
                offset = self._file.seek(0, os.SEEK_END)
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                raise _no_room(error) from error
        rows, columns = thumbnail.predicted.shape
        shape, size = (rows, columns), len(thumbnail.jpeg)
        return StoredThumbnail(offset, size, shape, len(maps), thumbnail.unit, thumbnail.method)

    def get(self, stored: StoredThumbnail) -> Thumbnail:
        """Raises ValueError once the store is closed."""
        rows, columns = stored.map_shape
        with self._lock:
            self._file.seek(stored.offset)
            data = self._file.read(stored.jpeg_size + stored.maps * rows * columns * 4)
        maps = np.frombuffer(data, np.float32, offset=stored.jpeg_size).reshape(-1, rows, columns)
        jpeg = data[: stored.jpeg_size]
        true = maps[1] if stored.maps > 1 else None
        return Thumbnail(jpeg, maps[0], true, stored.unit, stored.method)

    def close(self) -> None:
        """Delete the file. It may be called again."""
        with self._lock:
            self._file.close()


def _large_temporary_folder() -> str | None:
    """/var/tmp, where there is one: on many Linux systems /tmp is in memory. None: the usual folder."""
    return "/var/tmp" if "TMPDIR" not in os.environ and os.access("/var/tmp", os.W_OK) else None


def _no_room(error: OSError) -> SaveFailure:
    return SaveFailure(
        "The small pictures of the review can't be kept ({reason}).",
        "Make room on the disk, or set TMPDIR to a folder that has some.",
        repr(error),
        reason=error.strerror or error,
    )


@dataclass(frozen=True, slots=True)
class _Batch:
    """Photos start..stop - 1: each one's frame, or a sentence about why it can't be read."""

    start: int
    stop: int
    frames: tuple[Frame | str, ...]


class Reviewer:
    """Runs photos through a model, a batch a step. One thread calls `step`, then `close`.

    truth: the class id of each photo whose class is known. wants_thumbnail: called with each photo that has
    been explained; whether to keep its thumbnail. One helper thread reads photos.
    """

    def __init__(
        self,
        photos: Sequence[Path],
        truth: Mapping[Path, int],
        request: ExplainRequest,
        store: ThumbnailStore,
        *,
        wants_thumbnail: Callable[[Reviewed], bool] = lambda _: True,
        side: int = THUMBNAIL_SIDE,
        read: Callable[[Path, int], Frame] = read_photo,
    ) -> None:
        self._photos, self._truth, self._request, self._store = photos, truth, request, store
        self._wants_thumbnail, self._side, self._read = wants_thumbnail, side, read
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="review")
        self._next: Future[_Batch] | None = None
        self._closed = False
        self.done = 0
        """So many photos have been reviewed."""

    @property
    def total(self) -> int:
        """So many photos there are to review."""
        return len(self._photos)

    def step(self, explainer: BatchExplainer) -> list[Reviewed]:
        """Review the next photos, in order; none when there are no more.

        Raises DeviceFailure if the device fails, SaveFailure if there is no room for the thumbnails. A
        failure of one photo alone is the `problem` of that photo.
        """
        if self._closed or self.done == self.total:
            return []
        batch = (self._next or self._read_ahead(self.done, explainer)).result()
        # Decoded while the network is busy.
        self._next = self._read_ahead(batch.stop, explainer) if batch.stop < self.total else None
        frames = [frame for frame in batch.frames if isinstance(frame, Frame)]
        outcomes = iter(self._explained(explainer, frames))
        reviewed = []
        for path, frame in zip(self._photos[batch.start : batch.stop], batch.frames, strict=True):
            outcome = frame if isinstance(frame, str) else next(outcomes)
            reviewed.append(self._reviewed(path, outcome, explainer))
        self.done = batch.stop
        return reviewed

    def close(self) -> None:
        """End the helper thread when it has read its present photo. It may be called again."""
        self._closed = True
        self._helper.shutdown(cancel_futures=True)

    def _read_ahead(self, start: int, explainer: BatchExplainer) -> Future[_Batch]:
        return self._helper.submit(self._read_batch, start, explainer.batch_size(self._request))

    def _read_batch(self, start: int, size: int) -> _Batch:
        """In the helper thread."""
        frames: list[Frame | str] = []
        pixels = 0
        for index in range(start, min(start + size, self.total)):
            if self._closed or pixels >= BATCH_PIXELS:
                break
            path = self._photos[index]
            try:
                frame = self._read(path, index)
            except Failure as failure:
                frames.append(failure.text)
            except Exception as error:
                log.info("%s can't be read", path, exc_info=True)
                frames.append(_unforeseen(path.name, error))
            else:
                frames.append(frame)
                pixels += frame.width * frame.height
        return _Batch(start, start + len(frames), tuple(frames))

    def _explained(self, explainer: BatchExplainer, frames: Sequence[Frame]) -> list[Explanation | str]:
        """All in one batch; one by one if that fails, so that one photo's failure doesn't stop the others."""
        if not frames:
            return []
        try:
            return list(explainer.explain_batch(frames, self._request))
        except Exception as error:
            log.warning("a batch can't be explained; its photos are tried one by one", exc_info=True)
            first = error
        outcomes: list[Explanation | str] = []
        for frame in frames:
            try:
                outcomes += explainer.explain_batch([frame], self._request)
            except Exception as error:
                log.info("%s can't be explained", frame.source, exc_info=True)
                outcomes.append(_unforeseen(frame.source, error))
        all_failed = not any(isinstance(outcome, Explanation) for outcome in outcomes)
        if all_failed and explainer.info.device != CPU and isinstance(first, RuntimeError):
            # The device is out of memory, or gone: all later photos would fail too.
            reason = device_reason(first, explainer.info.device_title)
            raise DeviceFailure(reason, "Or use the CPU.", repr(first)) from first
        return outcomes

    def _reviewed(self, path: Path, outcome: Explanation | str, explainer: BatchExplainer) -> Reviewed:
        truth = self._truth.get(path)
        if isinstance(outcome, str):
            return Reviewed(path, truth=truth, problem=outcome)
        item = review(path, outcome, truth)
        if item.problem is None and self._wants_thumbnail(item):
            try:
                outcome = explainer.with_maps(outcome, item.targets)  # may run the network again
            except Exception as error:
                log.info("%s can't be explained", path, exc_info=True)
                return Reviewed(path, truth=truth, problem=_unforeseen(path.name, error))
            item = replace(item, thumbnail=self._store.put(thumbnail_of(outcome, item, self._side)))
        return item


def review(path: Path, explanation: Explanation, truth: int | None) -> Reviewed:
    """What an explanation says of a photo, without a thumbnail. truth: the true class's id, if known."""
    logits = explanation.logits
    if not np.isfinite(logits).all():
        return Reviewed(path, truth=truth, problem=Text("What the model says of it is no number."))
    size = (explanation.frame.width, explanation.frame.height)
    top = tuple(_score(explanation, class_id) for class_id in explanation.top(TOP))
    if truth is None:
        return Reviewed(path, size, explanation.region, top)
    true = _score(explanation, truth)
    # Its place in `Explanation.top`, where the lower id comes first among equals.
    before = int((logits > logits[truth]).sum()) + int((logits[:truth] == logits[truth]).sum())
    return Reviewed(path, size, explanation.region, top, truth, true, before + 1)


def thumbnail_of(explanation: Explanation, item: Reviewed, side: int = THUMBNAIL_SIDE) -> Thumbnail:
    """The photo, reduced to at most `side` pixels, with the maps of the predicted and of the true class."""
    predicted, *true = (explanation.drawn_map(target).values for target in item.targets)
    jpeg = _small_jpeg(explanation.frame.image, side)
    maps = explanation.maps
    return Thumbnail(jpeg, predicted, true[0] if true else None, maps.unit, maps.method)


def _score(explanation: Explanation, class_id: int) -> Score:
    return Score(class_id, float(explanation.probabilities[class_id]), float(explanation.logits[class_id]))


def _small_jpeg(image: ByteArray, side: int) -> bytes:
    # Pillow would copy all of a huge photo first; four of its pixels for each small one are enough.
    step = max(1, max(image.shape[:2]) // (4 * side))
    small = Image.fromarray(np.ascontiguousarray(image[::step, ::step]))
    small.thumbnail((side, side), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _unforeseen(name: str, error: Exception) -> str:
    reason = f"{type(error).__name__}: {error}"
    return Text("{name} can't be explained ({reason}).", name=name, reason=reason)
