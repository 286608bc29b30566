"""ReviewMeans: the mean maps of a review, computed in the background from the evidence that it stores."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from camviewer.core.review.items import Reviewed
from camviewer.core.review.mean_maps import MeanMaps, mean_maps
from camviewer.core.review.thumbnails import ThumbnailStore
from camviewer.ui.controllers.review_control import ReviewControl
from camviewer.ui.review.page import ReviewPage
from camviewer.ui.system.background import Background


class ReviewMeans(QObject):
    """Follows the review: adds what is new, and counts anew when a label was corrected. One job at a time."""

    def __init__(self, reviews: ReviewControl, page: ReviewPage, parent: QObject) -> None:
        super().__init__(parent)
        self._reviews, self._page = reviews, page
        self._background = Background(self)
        self._means, self._counted = MeanMaps(), 0
        """Of the first so many items."""
        self._state: tuple[ThumbnailStore, int] | None = None
        """Of the items that are counted: where their maps are, and how often they had been changed."""
        self._busy = False
        reviews.started.connect(self._on_reviews_started)
        reviews.refreshed.connect(self._count)

    def close(self, patience: float) -> bool:
        """Whether nothing is under way any more."""
        return self._background.wait(patience)

    @Slot()
    def _on_reviews_started(self) -> None:
        self._means, self._counted, self._state = MeanMaps(), 0, None

    @Slot()
    def _count(self) -> None:
        job = self._reviews.job
        if job is None or self._busy:
            return
        state = (job.store, self._reviews.changes)
        if state != self._state:
            self._means, self._counted, self._state = MeanMaps(), 0, state
        fresh, before = self._reviews.items[self._counted :], self._means
        if not fresh:
            return
        self._busy = True

        def work() -> tuple[tuple[ThumbnailStore, int], int, MeanMaps]:
            return state, len(fresh), before.merged(_means_of(fresh, job.store))

        self._background.run(work, self._on_counted, self._on_failed)

    def _on_counted(self, result: tuple[tuple[ThumbnailStore, int], int, MeanMaps]) -> None:
        state, count, means = result
        self._busy = False
        if state == self._state:
            self._means = means
            self._counted += count
            self._page.side.show_means(means)
        self._count()  # what came meanwhile

    def _on_failed(self, _failure: object) -> None:
        self._busy = False


def _means_of(items: list[Reviewed], store: ThumbnailStore) -> MeanMaps:
    try:
        return mean_maps(items, store.maps)
    except ValueError:  # another review was begun meanwhile
        return MeanMaps()
