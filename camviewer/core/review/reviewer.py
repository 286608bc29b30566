"""Reviews many photos batch by batch: the model's prediction for each, and whether it is right.

What is kept of a photo is small: facts of about a kilobyte in memory, a thumbnail and one or two CAMs
in a temporary file. The next photos are decoded while the network explains those before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.frames import Frame
from camviewer.core.review.frame_review import FrameReview
from camviewer.core.review.items import Reviewed
from camviewer.core.review.mean_maps import MeanTally
from camviewer.core.review.photo_review import PhotoReview
from camviewer.core.review.photos_ahead import pool_for
from camviewer.core.review.pool import Pool
from camviewer.core.review.task import (
    BatchExplainer,
    ReviewTask,
)
from camviewer.core.review.thumbnails import (
    THUMBNAIL_SIDE,
    ThumbnailStore,
)
from camviewer.core.runtimes.device import CPU
from camviewer.core.storage.images import read_photo


class Way(Protocol):
    """How photos get to the network and back."""

    def wait(self, explainer: BatchExplainer, seconds: float) -> bool:
        """As `Reviewer.wait`."""
        ...

    def step(self, explainer: BatchExplainer) -> list[Reviewed]:
        """As `Reviewer.step`."""
        ...

    def close(self) -> None:
        """End the threads and processes that read ahead. It may be called again."""
        ...


class Reviewer:
    """Runs photos through a model, a batch a step. One thread calls `step`, then `close`.

    truth: the class id of each photo whose class is known. wants_thumbnail: called with each photo that has
    been explained; whether to keep its thumbnail. Threads or processes of its own read photos.
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
        new_pool: Callable[[], Pool] | None = None,
        measure: Callable[[Explanation], float | None] | None = None,
        means: MeanTally | None = None,
    ) -> None:
        """read: a photo and its index, where a method needs its frame. measure, means: as of `ReviewTask`.

        new_pool: makes, or hands over, the pool that prepares photos where none does; see `pool_for`.
        """
        self._task = ReviewTask(photos, truth, request, store, wants_thumbnail, side, measure, means)
        self._read, self._new_pool = read, new_pool
        self._way: Way | None = None
        self._closed = False
        self.done = 0
        """So many photos have been reviewed."""

    @property
    def total(self) -> int:
        """So many photos there are to review."""
        return len(self._task.photos)

    def wait(self, explainer: BatchExplainer, seconds: float) -> bool:
        """Wait for what the next step needs to be read; False if that takes longer: wait again, or step."""
        return self._is_over or self._chosen(explainer).wait(explainer, seconds)

    def step(self, explainer: BatchExplainer) -> list[Reviewed]:
        """Review the next photos, in order; none when there are no more.

        Raises DeviceFailure if the device fails, SaveFailure if there is no room for the thumbnails. A
        failure of one photo alone is the `problem` of that photo.
        """
        if self._is_over:
            return []
        fresh = self._chosen(explainer).step(explainer)
        self.done += len(fresh)
        return fresh

    def close(self) -> None:
        """End what reads photos: threads when they have read their present one. It may be called again."""
        self._closed = True
        if self._way is not None:
            self._way.close()

    @property
    def _is_over(self) -> bool:
        return self._closed or self.done == self.total

    def _chosen(self, explainer: BatchExplainer) -> Way:
        if self._way is None:
            self._way = self._new_way(explainer)
        return self._way

    def _new_way(self, explainer: BatchExplainer) -> Way:
        task = self._task
        by_pixels = explainer.for_prepared(task.request)
        if by_pixels is None or task.measure is not None:
            return FrameReview(task, self._read)
        on_cpu = explainer.info.device == CPU
        new_pool = self._new_pool or (lambda: pool_for(self.total, on_cpu=on_cpu))
        return PhotoReview(task, by_pixels.plan, explainer.batch_size(task.request), new_pool)
