"""Reviews many photos batch by batch: the model's prediction for each, and whether it is right.

What is kept of a photo is small: facts of about a kilobyte in memory, a thumbnail and one or two CAMs
in a temporary file. The next batch is decoded while the network explains the one before.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from camviewer.core.explanation import (
    ExplainRequest,
    Explanation,
)
from camviewer.core.failures import (
    DeviceFailure,
    Failure,
)
from camviewer.core.frames import Frame
from camviewer.core.models.spec import ModelInfo
from camviewer.core.review.items import (
    Reviewed,
    review,
    thumbnail_of,
)
from camviewer.core.review.thumbnails import (
    THUMBNAIL_SIDE,
    ThumbnailStore,
)
from camviewer.core.runtimes.device import CPU
from camviewer.core.storage.images import read_photo
from camviewer.core.targets import Target
from camviewer.core.text import Text

log = logging.getLogger(__name__)

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
            title = explainer.info.device_title
            raise DeviceFailure(
                "{device} failed.", "Use the CPU instead.", repr(first), device=title
            ) from first
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


def _unforeseen(name: str, error: Exception) -> str:
    reason = f"{type(error).__name__}: {error}"
    return Text("{name} can't be explained ({reason}).", name=name, reason=reason)
