"""ModelControl: which model runs, and the banners about it while it loads, is fetched, or fails."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from camviewer.core.failures import ModelFailure
from camviewer.core.loading import ModelChoice
from camviewer.core.models.builtin import (
    EMBEDDED,
    spec_named,
)
from camviewer.core.models.ready import ReadyNetwork
from camviewer.core.models.spec import (
    ModelSpec,
    WeightsOrigin,
)
from camviewer.core.storage.file_kinds import (
    MODEL_SUFFIXES,
    patterns,
)
from camviewer.core.text import Text
from camviewer.media.download import weights_download
from camviewer.media.pipeline.jobs import ReadyModel
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.model_download import (
    DownloadMaker,
    NetworkDownload,
    WeightsDownload,
)
from camviewer.ui.controllers.model_loading import (
    LoadingBanner,
    RunChoices,
    own_file,
)
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import (
    Action,
    BannerArea,
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.file_dialog import (
    Mode,
    file_dialog,
)
from camviewer.ui.widgets.words import translated

KEY = BannerKey.MODEL


class ModelControl(QObject):
    """Switches models in the pipeline.

    A file becomes current only once it has loaded; until then, and if it fails, the model before it runs on.
    The embedded model runs while a built-in one is being fetched, and where there is nothing else.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        banners: BannerArea,
        choice: ModelChoice,
        parent: QWidget,
        make_download: DownloadMaker | None = weights_download,
    ) -> None:
        """make_download: None never touches the network."""
        super().__init__(parent)
        self._pipeline, self._settings, self._banners, self._window = pipeline, settings, banners, parent
        self._download = WeightsDownload(banners, make_download, self)
        self._download.finished.connect(self._on_download_finished)
        self._download.failed.connect(self._on_download_failed)
        self._download.cancelled.connect(self._on_download_cancelled)
        self._networks = NetworkDownload(banners, make_download, self)
        self._networks.finished.connect(self.open_file)
        self._loading = LoadingBanner(pipeline, banners, self)
        self._fell_back = False
        self._fetched = False
        self.live = choice if choice.live else None
        """The network of the Python program that opened the window."""
        self.run_choices = RunChoices(self.live)
        self.choice = choice
        """The wanted one, on the wanted device; what runs, once that has failed."""
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        pipeline.model_failed.connect(self._on_pipeline_model_failed)

    @property
    def wanted(self) -> ModelSpec:
        return spec_named(self.choice.name)

    @property
    def can_download(self) -> bool:
        return self._download.possible

    def choose(self, choice: ModelChoice) -> None:
        self.choice = choice
        self._fell_back = self._fetched = False
        self._drop_downloads()
        self._banners.clear(KEY)
        self._pipeline.choose_model(choice)

    def choose_built_in(self, spec: ModelSpec) -> None:
        """With its own weights, whatever files were opened before."""
        self.choose(self._there(ModelChoice(spec.name)))

    def open_file(self, path: Path) -> None:
        """A model file of the user's, or a folder as a hub checkpoint is."""
        self.choose(self._there(self.run_choices.of_file(path)))

    def choose_again(self) -> None:
        """Load the model that runs once more: its card was corrected.

        From now on that counts, and not the card or labels that it was opened with.
        """
        chosen = self._pipeline.choice
        if chosen is not None:
            path = own_file(chosen)
            if path is not None:
                self.run_choices.forget(path)
            self.choose(self._there(replace(chosen, card=None, labels=None)))

    def _there(self, choice: ModelChoice) -> ModelChoice:
        """The choice, on the device that is wanted: another one may run, if that has failed."""
        return replace(choice, device=self.choice.device, precision=self.choice.precision)

    def ask_for_file(self) -> None:
        dialog = file_dialog(
            self._window,
            self.tr("Open model"),
            self._settings.text("models/folder"),
            Mode.ExistingFile,
            [self.tr("Models ({0})").format(patterns(MODEL_SUFFIXES)), self.tr("All files (*)")],
        )
        dialog.fileSelected.connect(lambda file: self.open_file(Path(file)))
        dialog.open()

    # Fetching

    def get_network(self, network: ReadyNetwork) -> None:
        """Fetch a ready network once; then it opens as any file does."""
        if self._download.running:
            text = self.tr(
                "The download of {0} was stopped for this one; the next time it goes on from there."
            )
            text = text.format(self.wanted.title)
            self._banners.show_message(BannerKey.DOWNLOAD, Severity.INFO, text, seconds=12)
        self._drop_downloads()
        self._networks.start(network, self._running_title())

    def start_download(self) -> None:
        """Of the wanted built-in model."""
        official = self.wanted.official
        if official is not None:
            self._download.start(self.wanted.title, official, self._running_title(), [self._open_action()])

    def close(self) -> None:
        self._loading.stop()
        self._drop_downloads()

    def _drop_downloads(self) -> None:
        self._download.drop()
        self._networks.drop()

    def _running_title(self) -> str:
        running = self._pipeline.model
        return running.title if running is not None else EMBEDDED.title

    def _open_action(self) -> Action:
        return self.tr("Open model…"), self.ask_for_file

    def _show_missing(self, reason: str, retry: str) -> None:
        text = self.tr("{0} runs instead of {1}: {2}").format(
            self._running_title(), self.wanted.title, reason
        )
        actions: list[Action] = [self._open_action()]
        if self._download.possible and self.wanted.official is not None:
            actions.insert(0, (retry, self.start_download))
        self._banners.show_message(KEY, Severity.WARNING, text, actions)

    @Slot(object)
    def _on_download_finished(self, _path: Path) -> None:
        self._fetched = True
        self._pipeline.choose_model(self.choice)

    @Slot(str)
    def _on_download_failed(self, reason: str) -> None:
        self._show_missing(reason, self.tr("Try again"))

    @Slot()
    def _on_download_cancelled(self) -> None:
        running = self._pipeline.model
        if running is not None and running.name != self.choice.name:
            self._show_missing(self.tr("the download was cancelled."), self.tr("Download"))

    # From the worker

    @Slot(object)
    def _on_pipeline_model_ready(self, ready: ReadyModel) -> None:
        info, chosen = ready.explainer.info, self._pipeline.choice
        if chosen is not None:
            # The worker may have turned to the CPU; the next model tries the device that was asked for.
            self.choice = chosen = self._there(chosen)
            path = own_file(chosen)
            if path is not None and info.weights_origin == WeightsOrigin.FILE:
                self.run_choices.note(path, chosen, info)
                self._settings.add_recent_model(path.absolute())
        if ready.missing is None:
            # The embedded model in place of a chosen file that failed: what failed stays in view.
            if not self._fell_back or info.weights_origin == WeightsOrigin.FILE:
                self._banners.clear(KEY)
        elif self._download.possible and self.wanted.official is not None and not self._fetched:
            self.start_download()  # only once: the same weights would come again
        else:
            self._show_missing(translated(ready.missing.message), self.tr("Download"))

    @Slot(object)
    def _on_pipeline_model_failed(self, failure: ModelFailure) -> None:
        text = translated(failure.text)
        running = self._pipeline.model
        actions = [self._open_action()]
        line = failure.mend.values.get("line") if isinstance(failure.mend, Text) else None
        if isinstance(line, str):
            actions.insert(0, (self.tr("Copy the line"), lambda: QGuiApplication.clipboard().setText(line)))
        if running is not None:
            # What failed is not tried again by itself: the choice is what runs.
            chosen = self._pipeline.choice
            self.choice = self._there(chosen or self.choice)
            goes_on = self.tr("{0} goes on.").format(running.title)
            text = " ".join((translated(failure.message), goes_on, translated(failure.mend)))
        self._banners.show_message(KEY, Severity.ERROR, text, actions)
        if running is None and not self._fell_back:
            self._fell_back = True
            # The window is still of use, and the banner says what happened.
            self._pipeline.choose_model(self._there(ModelChoice(EMBEDDED.name)))
