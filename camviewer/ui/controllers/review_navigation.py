"""ReviewNavigation: opens what is chosen in a review, and goes from mistake to mistake."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from camviewer.core.explanation import Explanation
from camviewer.core.review.items import Reviewed
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.sources.photos import PhotoSource
from camviewer.media.sources.source import FromFile
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.review_model import ReviewModel
from camviewer.ui.review.page import ReviewPage
from camviewer.ui.widgets.banner import (
    Action,
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.class_words import class_name
from camviewer.ui.widgets.words import whole


class ReviewNavigation(QObject):
    """Between the review's page and the photo that is seen large."""

    page_wanted = Signal(bool)
    """Whether to show the review, or the frame."""

    def __init__(
        self,
        pipeline: Pipeline,
        page: ReviewPage,
        model: ReviewModel,
        presenter: Presenter,
        banners: BannerArea,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._page, self._presenter, self._banners = pipeline, page, presenter, banners
        self._model = model
        self._opened: Reviewed | None = None
        """The photo of the review that is seen large."""
        self._told: tuple[bool, str] | None = None
        """Of what the banner was said: whether the review's network looks at it, and else which one does."""
        page.item_opened.connect(self.open_item)
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        pipeline.explained.connect(self._on_pipeline_explained)

    @Slot(object)
    def open_item(self, item: Reviewed) -> None:
        """Show it large; of a mistake, why the predicted class and not the true one."""
        self.page_wanted.emit(False)
        self._opened = item
        self._banners.clear(BannerKey.SOURCE)
        self._pipeline.open(PhotoSource([item.path]))

    def go_to_mistake(self, step: int, large: bool) -> None:
        """The next mistake, or the one before (-1). large: open it; else it is only chosen."""
        item = self._page.list.go_to_mistake(step)
        if item is not None and large:
            self.open_item(item)

    @Slot()
    def forget(self) -> None:
        """Another review begins: the photo in view is none of its."""
        self._opened = self._told = None
        self._banners.clear(BannerKey.MISTAKE)

    @Slot(object)
    def _on_pipeline_explained(self, explanation: Explanation) -> None:
        item = self._opened
        if item is None:
            return
        made = self._model.made(explanation)
        told = (made, "" if made else explanation.model.title)
        if told == self._told:
            return
        self._told = told
        predicted = item.predicted.class_id if item.correct is False and item.predicted is not None else None
        if not made:
            # The review's classes are not those of the map in view: nothing is compared, nothing pinned.
            text = [self._model.difference, self._taken_for(item, predicted)]
            self._tell(" ".join(filter(None, text)), self._model.ways_out)
        elif predicted is not None and item.truth is not None:
            self._presenter.comparison.compare(predicted, item.truth)
            text = [self._taken_for(item, predicted), self._place_of(item)]
            self._tell(" ".join(filter(None, text)), self._steps_from(item))
        else:
            self._banners.clear(BannerKey.MISTAKE)

    def _tell(self, text: str, actions: Sequence[Action] = ()) -> None:
        self._banners.show_message(BannerKey.MISTAKE, Severity.INFO, text, actions)

    def _taken_for(self, item: Reviewed, predicted: int | None) -> str:
        """Of a mistake, in the review's words."""
        labels = self._page.list.labels
        if predicted is None or item.truth is None:
            return ""
        if self._told is not None and not self._told[0]:
            text = self.tr("In the review, {0} was taken for {1}.")
        else:
            text = self.tr("{0} was taken for {1}. Where the map is warm, it looks more like {1}.")
        return text.format(class_name(labels, item.truth), class_name(labels, predicted))

    def _steps_from(self, item: Reviewed) -> list[Action]:
        """Back to the review, and to the mistakes beside this one."""
        steps: list[Action] = [(self.tr("Review"), lambda: self.page_wanted.emit(True))]
        if self._page.list.place_among_mistakes(item)[1] > 1:
            steps.append((self.tr("Back"), lambda: self.go_to_mistake(-1, large=True)))
            steps.append((self.tr("Next"), lambda: self.go_to_mistake(1, large=True)))
        return steps

    def _place_of(self, item: Reviewed) -> str:
        place, count = self._page.list.place_among_mistakes(item)
        if count < 2:
            return ""
        text = self.tr("Mistake {0} of {1}: N goes to the next one, G back to the review.")
        return text.format(whole(place), whole(count))

    @Slot(object)
    def _on_pipeline_source_changed(self, source: object) -> None:
        self._told = None
        item = self._opened
        if item is not None and not (isinstance(source, FromFile) and source.path == item.path):
            item = self._opened = None
        if item is None or item.correct is not False:
            self._banners.clear(BannerKey.MISTAKE)
        # From mistake to mistake it stays, with its buttons under the pointer, until there is more to say.
