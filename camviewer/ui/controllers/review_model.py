"""ReviewModel: which network a review is of, whether it still runs, and the ways out if it doesn't."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from camviewer.core.explanation import Explanation
from camviewer.core.models.spec import (
    ModelInfo,
    WeightsOrigin,
)
from camviewer.media.pipeline.jobs import FrameExplainer, ReadyModel
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.review.job import Begun
from camviewer.ui.controllers.model_control import ModelControl
from camviewer.ui.controllers.review_control import ReviewControl
from camviewer.ui.review.head import ReviewHead
from camviewer.ui.widgets.banner import Action


class ReviewModel(QObject):
    """Shows it in the review's head. A review is of the network that made it, whatever runs later."""

    def __init__(
        self,
        pipeline: Pipeline,
        models: ModelControl,
        reviews: ReviewControl,
        head: ReviewHead,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._models, self._reviews, self._head = pipeline, models, reviews, head
        self._labels: tuple[str, ...] = ()
        self._trained_on = False
        reviews.started.connect(self._on_reviews_started)
        reviews.listed.connect(self._show)
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        pipeline.head_changed.connect(self._on_pipeline_head_changed)

    @property
    def _begun(self) -> Begun | None:
        job = self._reviews.job
        return job.begun if job is not None else None

    def made(self, explanation: Explanation) -> bool:
        """Whether the review's network made it, with the classes that the review speaks of."""
        return self._is_of(explanation.model, explanation.labels)

    def _is_of(self, model: ModelInfo, labels: tuple[str, ...]) -> bool:
        begun = self._begun
        return (
            begun is not None
            and not self._trained_on
            and begun.model.same_network(model)
            and begun.labels == labels
        )

    @property
    def difference(self) -> str:
        """A sentence about why the review is not of the network that runs."""
        begun, running = self._begun, self._pipeline.model
        if begun is None or running is None:
            return ""
        if begun.model.same_network(running):
            return self.tr("{0} has changed since this review.").format(running.title)
        return self.tr("This review is of {0}; {1} runs now.").format(begun.model.title, running.title)

    @property
    def ways_out(self) -> list[Action]:
        """Back to the review's network, if that can be; and a review with the one that runs."""
        actions: list[Action] = [(self.tr("Review again"), self.review_again)]
        begun, running = self._begun, self._pipeline.model
        if begun is not None and running is not None and not begun.model.same_network(running):
            choice = self._models.run_choices.of_network(begun.model, self._models.choice)
            if choice is not None:
                back = self.tr("Back to {0}").format(begun.model.title)
                actions.insert(0, (back, lambda: self._models.choose(choice)))
        return actions

    @Slot()
    def review_again(self) -> None:
        """The same folder, with the network that runs."""
        job = self._reviews.job
        if job is not None:
            self._reviews.start(job.folder, self._reviews.truth)

    @Slot()
    def _on_reviews_started(self) -> None:
        self._trained_on = False

    @Slot(object)
    def _on_pipeline_model_ready(self, ready: ReadyModel) -> None:
        info = ready.explainer.info
        self._labels = ready.explainer.labels
        begun = self._begun
        live = WeightsOrigin.LIVE
        if begun is not None and begun.model.weights_origin is live and info.weights_origin is live:
            self._trained_on = True  # no hash tells its weights of now from those of before
        self._show()

    @Slot(object)
    def _on_pipeline_head_changed(self, explainer: FrameExplainer) -> None:
        self._labels = explainer.labels
        self._show()

    @Slot()
    def _show(self) -> None:
        begun, running = self._begun, self._pipeline.model
        if begun is None or running is None:
            return
        self._head.show_model(begun.model.title)
        if self._is_of(running, self._labels):
            self._head.show_other_model("", ())
            return
        self._head.show_other_model(self.difference, self.ways_out)
