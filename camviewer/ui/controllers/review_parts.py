"""ReviewParts: all that belongs to the review of a folder, put together."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.model_control import ModelControl
from camviewer.ui.controllers.presenter import Presenter
from camviewer.ui.controllers.review_control import ReviewControl
from camviewer.ui.controllers.review_labels import ReviewLabels
from camviewer.ui.controllers.review_means import ReviewMeans
from camviewer.ui.controllers.review_model import ReviewModel
from camviewer.ui.controllers.review_navigation import ReviewNavigation
from camviewer.ui.controllers.review_photos import ReviewPhotos
from camviewer.ui.controllers.review_report import ReviewReport
from camviewer.ui.controllers.review_transfer import ReviewTransfer
from camviewer.ui.controllers.review_truth import TruthMenu
from camviewer.ui.review.page import ReviewPage
from camviewer.ui.review.tiles import LARGEST_SIDE, LEAST_SIDE, SIDE
from camviewer.ui.system.background import Background
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerArea

_SIZE = "review/photo_size"


class ReviewParts(QObject):
    """Its controllers, around one page."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        banners: BannerArea,
        page: ReviewPage,
        models: ModelControl,
        presenter: Presenter,
        background: Background,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.control = ReviewControl(pipeline, settings, banners, page, presenter, parent)
        self.model = ReviewModel(pipeline, models, self.control, page.head, parent)
        self.navigation = ReviewNavigation(pipeline, page, self.model, presenter, banners, parent)
        self.report = ReviewReport(self.control, page, presenter, settings, banners, background, parent)
        self.labels = ReviewLabels(self.control, settings, banners, parent)
        TruthMenu(self.control, self.labels, page, parent)
        self.transfers = ReviewTransfer(self.control, page, settings, banners, parent)
        self.photos = ReviewPhotos(
            page, self.navigation, self.labels, self.transfers, banners, background, parent
        )
        self.means = ReviewMeans(self.control, page, parent)
        self.control.started.connect(self.navigation.forget)
        page.choices.set_photo_size(round(settings.number(_SIZE, SIDE, LEAST_SIDE, LARGEST_SIDE)))
        page.choices.size_chosen.connect(lambda points: settings.set(_SIZE, float(points)))

    def close(self, patience: float) -> bool:
        """Whether nothing is under way any more: corrections are written, a transfer has stopped."""
        self.control.close()
        deadline = time.monotonic() + patience
        parts = (self.labels, self.transfers, self.means)
        ended = [part.close(max(0.0, deadline - time.monotonic())) for part in parts]
        return all(ended)
