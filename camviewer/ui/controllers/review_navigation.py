"""ReviewNavigation: opens what is chosen in a review, and goes from mistake to mistake."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from camviewer.core.review.items import Reviewed
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.photos import PhotoSource
from camviewer.media.sources.source import FromFile
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.review.page import ReviewPage
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.words import whole


class ReviewNavigation(QObject):
    """Between the review's page and the photo that is seen large."""

    page_wanted = Signal(bool)
    """Whether to show the review, or the frame."""

    def __init__(
        self,
        pipeline: Pipeline,
        page: ReviewPage,
        presenter: Presenter,
        banners: BannerArea,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._page, self._presenter, self._banners = pipeline, page, presenter, banners
        self._awaited: Reviewed | None = None
        page.item_opened.connect(self.open_item)
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        pipeline.explained.connect(self._on_pipeline_explained)

    @Slot(object)
    def open_item(self, item: Reviewed) -> None:
        """Show it large; of a mistake, why the predicted class and not the true one."""
        self.page_wanted.emit(False)
        self._awaited = item
        self._banners.clear(BannerKey.SOURCE)
        self._pipeline.open(PhotoSource([item.path]))

    def go_to_mistake(self, step: int, large: bool) -> None:
        """The next mistake, or the one before (-1). large: open it; else it is only chosen."""
        item = self._page.list.go_to_mistake(step)
        if item is not None and large:
            self.open_item(item)

    @Slot(object)
    def _on_pipeline_explained(self, _explanation: object) -> None:
        item, self._awaited = self._awaited, None
        source = self._pipeline.source
        if item is None or source is None or not isinstance(source, FromFile) or source.path != item.path:
            return
        if item.correct is False and item.predicted is not None and item.truth is not None:
            self._presenter.comparison.compare(item.predicted.class_id, item.truth)
            self._tell_mistake(item, item.predicted.class_id, item.truth)

    def _tell_mistake(self, item: Reviewed, predicted: int, truth: int) -> None:
        labels = self._page.list.labels
        text = self.tr("{0} was taken for {1}. Where the map is warm, it looks more like {1}.").format(
            labels[truth], labels[predicted]
        )
        place, count = self._page.list.place_among_mistakes(item)
        if count > 1:
            text += " " + self.tr("Mistake {0} of {1}: N goes to the next one, G back to the review.").format(
                whole(place), whole(count)
            )
        self._banners.show_message(BannerKey.MISTAKE, Severity.INFO, text)

    @Slot()
    def _on_pipeline_source_changed(self) -> None:
        self._banners.clear(BannerKey.MISTAKE)
