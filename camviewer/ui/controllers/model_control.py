"""ModelControl: which model runs, the download of its weights, and the banners about both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu, QWidget

from camviewer.core.failures import (
    DeviceFailure,
    Failure,
    ModelFailure,
)
from camviewer.core.loading import ModelChoice
from camviewer.core.models.builtin import (
    EMBEDDED,
    MODELS,
    spec_named,
)
from camviewer.core.models.spec import (
    ModelSpec,
    WeightsOrigin,
)
from camviewer.media.download import (
    FileDownload,
    weights_download,
)
from camviewer.media.pipeline.jobs import ReadyModel
from camviewer.media.pipeline.pipeline import Pipeline
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
from camviewer.ui.widgets.menu_choices import one_group
from camviewer.ui.widgets.words import (
    decimal,
    translated,
)

KEY, DEVICE_KEY = BannerKey.MODEL, BannerKey.DEVICE
DownloadMaker = Callable[[ModelSpec, QObject], FileDownload]


def official_download(spec: ModelSpec, parent: QObject) -> FileDownload:
    """Downloads a model's official weights into torch hub's cache."""
    assert spec.official is not None
    return weights_download(spec.official, parent)


class ModelControl(QObject):
    """Switches models in the pipeline. The embedded model runs while the wanted one is being fetched."""

    def __init__(
        self,
        pipeline: Pipeline,
        banners: BannerArea,
        choice: ModelChoice,
        parent: QWidget,
        make_download: DownloadMaker | None = official_download,
    ) -> None:
        """make_download: None never touches the network."""
        super().__init__(parent)
        self._pipeline, self._banners, self._window = pipeline, banners, parent
        self._make_download = make_download
        self._download: FileDownload | None = None
        self._fell_back = False
        self._device_failed = False
        self._fetched = False
        self._live = choice if choice.live else None
        self._choice_with_files = ModelChoice() if choice.live else choice
        """The last choice with files of the user, for when its model is chosen again."""
        self.choice = choice
        self.menu = QMenu(self.tr("&Model"), parent)
        self.menu.aboutToShow.connect(self._fill_menu)
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        pipeline.model_failed.connect(self._on_pipeline_model_failed)
        pipeline.frame_failed.connect(self._on_pipeline_frame_failed)

    @property
    def wanted(self) -> ModelSpec:
        return spec_named(self.choice.name)

    def choose(self, choice: ModelChoice) -> None:
        self.choice = choice
        self._device_failed = self._fell_back = self._fetched = False
        self._drop_download()
        self._banners.clear(KEY)
        self._pipeline.choose_model(choice)

    def ask_for_weights(self) -> None:
        dialog = file_dialog(
            self._window,
            self.tr("Open weights of {0}").format(self.wanted.title),
            Path.home(),
            Mode.ExistingFile,
            [self.tr("Weights (*.pth *.pt *.safetensors)"), self.tr("All files (*)")],
        )
        dialog.fileSelected.connect(self._on_weights_selected)
        dialog.open()

    def _on_weights_selected(self, file: str) -> None:
        self._choice_with_files = replace(self.choice, weights=Path(file))
        self.choose(self._choice_with_files)

    def _fill_menu(self) -> None:
        self.menu.clear()
        group = one_group(self.menu)
        running = self._pipeline.model
        if self._live is not None:
            live = self.menu.addAction(self.tr("The network from Python"))
            live.setCheckable(True)
            live.setActionGroup(group)
            live.setChecked(running is not None and running.weights_origin is WeightsOrigin.LIVE)
            live.triggered.connect(lambda _=False, choice=self._live: self.choose(choice))
        for spec in MODELS.values():
            action = self.menu.addAction(spec.title)
            action.setCheckable(True)
            action.setActionGroup(group)
            action.setChecked(running is not None and running.name == spec.name)
            choice = ModelChoice(spec.name, device=self.choice.device)
            if spec.name == self._choice_with_files.name:
                choice = self._choice_with_files
            action.triggered.connect(lambda _=False, choice=choice: self.choose(choice))
        self.menu.addSeparator()
        self.menu.addAction(self.tr("Open weights file…")).triggered.connect(self.ask_for_weights)

    # The wanted model is missing

    def start_download(self) -> None:
        if self._make_download is None or self.wanted.official is None:
            return
        self._drop_download()
        self._download = download = self._make_download(self.wanted, self)
        download.progressed.connect(self._on_download_progressed)
        download.finished.connect(self._on_download_finished)
        download.failed.connect(self._on_download_failed)
        download.cancelled.connect(self._on_download_cancelled)
        megabytes = self.wanted.official.size / 1e6
        text = self.tr("Downloading {0} ({1} MB, once). {2} runs meanwhile.").format(
            self.wanted.title, decimal(megabytes, 0), self._running_title()
        )
        self._show_banner(Severity.INFO, text, [(self.tr("Cancel"), download.cancel), self._open_action()])
        self._banners.show_progress(KEY, 0, 1)
        download.start()

    def close(self) -> None:
        self._drop_download()

    def _drop_download(self) -> None:
        """Stop a download without a banner. The part that has come is kept for the next time."""
        download, self._download = self._download, None
        if download is not None:
            download.disconnect(self)
            download.cancel()
            download.deleteLater()

    def _running_title(self) -> str:
        running = self._pipeline.model
        return running.title if running is not None else EMBEDDED.title

    def _open_action(self) -> Action:
        return self.tr("Open weights file…"), self.ask_for_weights

    def _show_banner(self, severity: Severity, text: str, actions: list[Action]) -> None:
        self._banners.show_message(KEY, severity, text, actions)

    def _show_missing(self, reason: str, retry: str) -> None:
        text = self.tr("{0} runs instead of {1}: {2}").format(
            self._running_title(), self.wanted.title, reason
        )
        actions: list[Action] = [self._open_action()]
        if self._make_download is not None and self.wanted.official is not None:
            actions.insert(0, (retry, self.start_download))
        self._show_banner(Severity.WARNING, text, actions)

    @Slot(int, int)
    def _on_download_progressed(self, received: int, total: int) -> None:
        self._banners.show_progress(KEY, received, total)

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
        info = ready.explainer.info
        if ready.device_problem is not None:
            text = self.tr("The CPU is used: {0}").format(translated(ready.device_problem))
            self._banners.show_message(DEVICE_KEY, Severity.WARNING, text)
        elif not self._device_failed:
            self._banners.clear(DEVICE_KEY)
        if ready.missing is None:
            # The embedded model in place of a chosen file that failed: what failed stays in view.
            if not self._fell_back or info.weights_origin == WeightsOrigin.FILE:
                self._banners.clear(KEY)
        elif self._make_download is not None and self.wanted.official is not None and not self._fetched:
            self.start_download()  # only once: the same weights would come again
        else:
            self._show_missing(translated(ready.missing.message), self.tr("Download"))

    @Slot(object)
    def _on_pipeline_frame_failed(self, failure: Failure) -> None:
        """The device failed while it ran. The worker goes on with the CPU; the banner stays."""
        if isinstance(failure, DeviceFailure):
            self._device_failed = True
            self._banners.show_message(DEVICE_KEY, Severity.WARNING, translated(failure.text))

    @Slot(object)
    def _on_pipeline_model_failed(self, failure: ModelFailure) -> None:
        self._show_banner(Severity.ERROR, translated(failure.text), [self._open_action()])
        if self._pipeline.model is None and not self._fell_back:
            self._fell_back = True
            # The window is still of use, and the banner says what happened.
            self._pipeline.choose_model(ModelChoice(EMBEDDED.name, device=self.choice.device))
