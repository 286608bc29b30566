"""Reviews photos by their frames, for methods that look at a frame more than once. One thread reads ahead."""

from __future__ import annotations

import logging
from collections.abc import (
    Callable,
    Sequence,
)
from concurrent.futures import (
    Future,
    ThreadPoolExecutor,
    wait,
)
from dataclasses import (
    dataclass,
    replace,
)
from pathlib import Path

from camviewer.core.explanation import Explanation
from camviewer.core.failures import Failure
from camviewer.core.frames import Frame
from camviewer.core.review.items import (
    Reviewed,
    review,
    thumbnail_of,
    with_thumbnail,
)
from camviewer.core.review.task import (
    BatchExplainer,
    ReviewTask,
    explained,
    unforeseen,
)

log = logging.getLogger(__name__)

BATCH_PIXELS = 32_000_000
"""A batch ends early when it has so many pixels: two batches are in memory at a time."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Photos start..stop - 1: each one's frame, or a sentence about why it can't be read."""

    start: int
    stop: int
    frames: tuple[Frame | str, ...]


class FrameReview:
    """A `reviewer.Way`."""

    def __init__(self, task: ReviewTask, read: Callable[[Path, int], Frame]) -> None:
        """read: a photo, and its index."""
        self._task, self._read = task, read
        self._helper = ThreadPoolExecutor(1, thread_name_prefix="review")
        self._next: Future[_Batch] | None = None
        self._stop = 0
        self._closed = False

    def wait(self, explainer: BatchExplainer, seconds: float) -> bool:
        """As `Reviewer.wait`."""
        if self._next is None and self._stop < len(self._task.photos):
            self._next = self._read_ahead(self._stop, explainer)
        return self._next is None or not wait([self._next], seconds).not_done

    def step(self, explainer: BatchExplainer) -> list[Reviewed]:
        """As `Reviewer.step`."""
        task = self._task
        if self._stop == len(task.photos):
            return []
        batch = (self._next or self._read_ahead(self._stop, explainer)).result()
        # Decoded while the network is busy.
        self._next = self._read_ahead(batch.stop, explainer) if batch.stop < len(task.photos) else None
        self._stop = batch.stop

        def explain(frames: Sequence[Frame]) -> list[Explanation]:
            return explainer.explain_batch(frames, task.request)

        frames = [frame for frame in batch.frames if isinstance(frame, Frame)]
        outcomes = iter(explained(explain, frames, explainer.info))
        reviewed = []
        for path, frame in zip(task.photos[batch.start : batch.stop], batch.frames, strict=True):
            outcome = frame if isinstance(frame, str) else next(outcomes)
            if isinstance(outcome, str):
                reviewed.append(task.problem(path, outcome))
            else:
                reviewed.append(self._reviewed(path, outcome, explainer))
        return reviewed

    def close(self) -> None:
        """End the helper thread when it has read its present photo."""
        self._closed = True
        self._helper.shutdown(cancel_futures=True)

    def _read_ahead(self, start: int, explainer: BatchExplainer) -> Future[_Batch]:
        return self._helper.submit(self._read_batch, start, explainer.batch_size(self._task.request))

    def _read_batch(self, start: int, size: int) -> _Batch:
        """In the helper thread."""
        photos = self._task.photos
        frames: list[Frame | str] = []
        pixels = 0
        for index in range(start, min(start + size, len(photos))):
            if self._closed or pixels >= BATCH_PIXELS:
                break
            path = photos[index]
            try:
                frame = self._read(path, index)
            except Failure as failure:
                frames.append(failure.text)
            except Exception as error:
                log.info("%s can't be read", path, exc_info=True)
                frames.append(unforeseen(path.name, f"{type(error).__name__}: {error}"))
            else:
                frames.append(frame)
                pixels += frame.width * frame.height
        return _Batch(start, start + len(frames), tuple(frames))

    def _reviewed(self, path: Path, explanation: Explanation, explainer: BatchExplainer) -> Reviewed:
        task = self._task
        item = review(path, explanation, task.truth.get(path))
        if item.problem is not None:
            return item
        shown = task.wants_thumbnail(item)
        try:  # what may run the network again
            if shown:
                explanation = explainer.with_maps(explanation, item.targets)
            if task.measure is not None:
                item = replace(item, gain=task.measure(explanation))
        except Exception as error:
            log.info("%s can't be explained", path, exc_info=True)
            return task.problem(path, unforeseen(path.name, f"{type(error).__name__}: {error}"))
        drawn = explanation.drawn
        task.add_to_means(item, drawn if drawn is not None else explanation.maps)
        if shown:
            thumbnail = thumbnail_of(explanation, item, task.side)
            item = with_thumbnail(item, thumbnail, task.store.put(thumbnail))
        return item
