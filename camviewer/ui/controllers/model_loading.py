"""How models were chosen; and the banner that says which one loads, if it takes a while."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from camviewer.core.loading import ModelChoice
from camviewer.core.models.builtin import MODELS, spec_named
from camviewer.core.models.spec import (
    ModelInfo,
    WeightsOrigin,
)
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)

PATIENCE_MS = 400
"""What loads faster than this needs no banner."""


def own_file(choice: ModelChoice) -> Path | None:
    """The user's own file, or hub folder; None for a built-in model."""
    return choice.file or choice.weights


def choice_title(choice: ModelChoice) -> str:
    """A model's name before it has loaded."""
    path = own_file(choice)
    return path.name if path is not None else spec_named(choice.name).title


class RunChoices:
    """How the networks that have run in this session were chosen: with which labels and card."""

    def __init__(self, live: ModelChoice | None) -> None:
        """live: the network of the Python program that opened the window."""
        self._live = live
        self._own: dict[Path, tuple[ModelChoice, str]] = {}

    def note(self, path: Path, choice: ModelChoice, info: ModelInfo) -> None:
        """An own file has loaded."""
        self._own[path.absolute()] = choice, info.weights_sha256

    def forget(self, path: Path) -> None:
        """It is to be opened as it is found from now on."""
        self._own.pop(path.absolute(), None)

    def of_file(self, path: Path) -> ModelChoice:
        """As the file was chosen before, if it was."""
        known = self._own.get(path.absolute())
        return known[0] if known is not None else ModelChoice(file=path.absolute())

    def of_network(self, info: ModelInfo, beside: ModelChoice) -> ModelChoice | None:
        """What leads back to a network that has run, on the device of `beside`; None if nothing does."""
        known = (choice for choice, sha256 in self._own.values() if sha256 == info.weights_sha256)
        found = ModelChoice(info.name) if info.name in MODELS else None
        if info.weights_origin is WeightsOrigin.LIVE:
            found = self._live
        elif info.weights_origin is WeightsOrigin.FILE:
            found = next(known, None)
        if found is None:
            return None
        return replace(found, device=beside.device, precision=beside.precision)


class LoadingBanner(QObject):
    """The banner is that of the model: what comes of it takes its place."""

    def __init__(self, pipeline: Pipeline, banners: BannerArea, parent: QObject) -> None:
        super().__init__(parent)
        self._pipeline, self._banners = pipeline, banners
        self._choice: ModelChoice | None = None
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._on_patience_timeout)
        pipeline.model_loading.connect(self._on_pipeline_model_loading)
        pipeline.model_ready.connect(self.stop)
        pipeline.model_failed.connect(self.stop)

    @Slot()
    def stop(self) -> None:
        """It doesn't load any more."""
        self._patience.stop()

    @Slot(object)
    def _on_pipeline_model_loading(self, choice: ModelChoice) -> None:
        self._choice = choice
        if self._pipeline.model is not None:
            self._patience.start()

    def _is_the_same(self, choice: ModelChoice) -> bool:
        """Whether the model that runs is to run on another device, or more precisely."""
        before = self._pipeline.choice
        return before is not None and choice == replace(
            before, device=choice.device, precision=choice.precision
        )

    @Slot()
    def _on_patience_timeout(self) -> None:
        running = self._pipeline.model
        if self._choice is not None and running is not None:
            text = self.tr("Loading {0}… {1} runs meanwhile.")
            text = text.format(choice_title(self._choice), running.title)
            if self._is_the_same(self._choice):
                text = self.tr("Loading {0} once more… Meanwhile it runs on {1}.")
                text = text.format(running.title, running.computed_on)
            self._banners.show_message(BannerKey.MODEL, Severity.INFO, text)
