"""Reviews photos by their pixels: a pool decodes and resizes them, and makes their thumbnails."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import (
    dataclass,
    replace,
)
from functools import partial
from pathlib import Path

from camviewer.core.failures import Failure
from camviewer.core.review.helper_process import Lost
from camviewer.core.review.items import (
    Reviewed,
    review,
    thumbnail_with,
    with_thumbnail,
)
from camviewer.core.review.photos_ahead import PhotosAhead
from camviewer.core.review.pool import Pool
from camviewer.core.review.prepared import ExplainedPhoto
from camviewer.core.review.preparing import (
    PreparationPlan,
    PreparedPhoto,
    jpeg_again,
)
from camviewer.core.review.task import (
    BatchExplainer,
    ReviewTask,
    explained,
    unforeseen,
)
from camviewer.core.review.thumbnails import Thumbnail

log = logging.getLogger(__name__)

MOST_SHARE = 0.5
"""Where a larger share of the photos wants a thumbnail, all are made while the photos are decoded. Making one
takes about as long as reading a photo again: 1.5 and 1.2 ms at 500 x 375."""
RECENT = 64
"""So many photos say how large that share is."""
MOST_WAITING = 256
"""So many photos are held back, at most, because their thumbnail or that of one before is being made."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A photo that has been explained. thumbnail: what it shall have; its JPEG may come later."""

    item: Reviewed
    thumbnail: Thumbnail | None = None
    jpeg: Future[list[bytes | Lost | None]] | None = None


class PhotoReview:
    """A `reviewer.Way`: for methods that `works_on_pixels`."""

    def __init__(
        self, task: ReviewTask, plan: PreparationPlan, batch: int, new_pool: Callable[[], Pool]
    ) -> None:
        """new_pool: makes the pool, which `close` closes."""
        self._task = task
        self._pool = new_pool()
        self._ahead = PhotosAhead(task.photos, self._pool, plan, batch)
        self._begun = 0
        self._waiting: deque[_Waiting] = deque()
        self._failure: Failure | None = None
        self._share = 1.0

    def wait(self, explainer: BatchExplainer, seconds: float) -> bool:
        """As `Reviewer.wait`."""
        return self._ahead.wait(explainer.batch_size(self._task.request), self._made_side, seconds)

    def step(self, explainer: BatchExplainer) -> list[Reviewed]:
        """As `Reviewer.step`: a photo is done when it has its thumbnail."""
        fresh: list[Reviewed] = []
        while not fresh:
            more = self._failure is None and self._begun < len(self._task.photos)
            if more:
                try:
                    self._review_batch(explainer)
                except Failure as failure:
                    self._failure = failure  # after the photos that were explained before
                    more = False
            elif not self._waiting:
                if self._failure is not None:
                    raise self._failure
                break
            fresh = self._finished(wait=not more or len(self._waiting) > MOST_WAITING)
        return fresh

    def close(self) -> None:
        """End the pool."""
        self._pool.close()

    @property
    def _made_side(self) -> int | None:
        """Of the thumbnails that are made while photos are decoded; None while few are wanted."""
        return self._task.side if self._share >= MOST_SHARE else None

    def _review_batch(self, explainer: BatchExplainer) -> None:
        task = self._task
        by_pixels = explainer.for_prepared(task.request)
        assert by_pixels is not None, "it was one of this model that began"
        batch = self._ahead.take(explainer.batch_size(task.request), self._made_side)
        paths = task.photos[self._begun : self._begun + len(batch)]
        self._begun += len(batch)
        photos = [photo for photo in batch if isinstance(photo, PreparedPhoto)]
        outcomes = iter(explained(by_pixels.explain, photos, explainer.info))
        wanted = 0
        for path, photo in zip(paths, batch, strict=True):
            if isinstance(photo, Lost):
                log.info("%s can't be read: %s\n%s", path, photo.reason, photo.details)
                photo = unforeseen(path.name, photo.reason)  # noqa: PLW2901
            outcome = next(outcomes) if isinstance(photo, PreparedPhoto) else photo
            waiting = self._reviewed(path, outcome)
            wanted += waiting.thumbnail is not None
            self._waiting.append(waiting)
        if photos:
            self._share += (wanted / len(photos) - self._share) * min(len(photos) / RECENT, 1)

    def _reviewed(self, path: Path, outcome: ExplainedPhoto | str) -> _Waiting:
        task = self._task
        if isinstance(outcome, str):
            return _Waiting(task.problem(path, outcome))
        item = review(path, outcome, task.truth.get(path))
        task.add_to_means(item, outcome.maps)
        if item.problem is not None or not task.wants_thumbnail(item):
            return _Waiting(item)
        photo = outcome.frame
        thumbnail = thumbnail_with(photo.jpeg or b"", outcome.maps, item)
        if photo.jpeg is not None:
            return _Waiting(item, thumbnail)
        again = partial(jpeg_again, side=task.side)
        return _Waiting(item, thumbnail, self._pool.submit(again, [(path, photo.stamp)], first=True))

    def _finished(self, *, wait: bool) -> list[Reviewed]:
        """The first of those that wait, as far as they are done. wait: for one of them at least."""
        fresh: list[Reviewed] = []
        while self._waiting:
            first = self._waiting[0]
            if first.jpeg is not None and not first.jpeg.done() and not (wait and not fresh):
                break
            self._waiting.popleft()
            fresh.append(self._with_thumbnail(first))
        return fresh

    def _with_thumbnail(self, waiting: _Waiting) -> Reviewed:
        """Raises SaveFailure."""
        item, thumbnail = waiting.item, waiting.thumbnail
        if thumbnail is None:
            return item
        if waiting.jpeg is not None:
            (jpeg,) = waiting.jpeg.result()
            if not isinstance(jpeg, bytes):
                # What was said of it is true of what was read. Other pixels must not get under its maps.
                reason = jpeg.reason if isinstance(jpeg, Lost) else "it has changed"
                log.warning("%s has no thumbnail: %s", item.path, reason)
                return item
            thumbnail = replace(thumbnail, jpeg=jpeg)
        return with_thumbnail(item, thumbnail, self._task.store.put(thumbnail))
