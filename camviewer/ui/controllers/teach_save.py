"""TeachSave: the questions of the dock: where to save a model, which photos to add, whether to delete all."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from camviewer.core.failures import Failure
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.models.taught import TaughtHead, write_head
from camviewer.core.opening_taught import NoBackboneFailure, remember_backbone
from camviewer.core.storage.file_kinds import PHOTO_SUFFIXES, patterns
from camviewer.core.training.export import ONNX_SUFFIX, TORCH_SUFFIXES, export_network
from camviewer.media.pipeline.jobs import ReadyModel, TeachableExplainer
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.teach_control import TeachControl
from camviewer.ui.system.background import Background
from camviewer.ui.system.settings import Settings
from camviewer.ui.teaching.dock import TeachDock
from camviewer.ui.widgets.banner import BannerArea, BannerKey, Severity
from camviewer.ui.widgets.file_dialog import Mode, file_dialog
from camviewer.ui.widgets.words import translated, whole

_SUFFIX = ".safetensors"
PHOTOS_FOLDER = "teach/folder"


class TeachSave(QObject):
    """Files are written in the background."""

    model_wanted = Signal(object)
    """Path of a model file that can be opened now."""

    def __init__(
        self,
        pipeline: Pipeline,
        settings: Settings,
        control: TeachControl,
        dock: TeachDock,
        banners: BannerArea,
        background: Background,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._settings, self._control, self._banners = settings, control, banners
        self._background, self._window = background, parent
        self._backbone: tuple[ModelInfo, LinearHead] | None = None
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        pipeline.model_failed.connect(self._on_pipeline_model_failed)
        dock.save_requested.connect(self.ask)
        dock.delete_requested.connect(self.ask_to_delete)
        dock.photos_wanted.connect(self.ask_for_photos)

    @Slot(object)
    def _on_pipeline_model_ready(self, ready: ReadyModel) -> None:
        explainer = ready.explainer
        head = explainer.head if isinstance(explainer, TeachableExplainer) else None
        self._backbone = (explainer.info, head) if head is not None else None

    @Slot(object)
    def _on_pipeline_model_failed(self, failure: Failure) -> None:
        """Of a head whose network isn't known here: it may lie somewhere."""
        if isinstance(failure, NoBackboneFailure):
            text = self.tr("Is {0} somewhere on this computer?").format(failure.backbone.file)
            choose = (self.tr("Show where…"), lambda: self._ask_for_backbone(failure))
            self._banners.show_message(BannerKey.TEACH, Severity.INFO, text, [choose])

    def _ask_for_backbone(self, failure: NoBackboneFailure) -> None:
        title = self.tr("Where is {0}?").format(failure.backbone.file)
        dialog = file_dialog(self._window, title, failure.path.parent, Mode.ExistingFile)
        dialog.filesSelected.connect(lambda files: self.show_backbone(failure, Path(files[0])))
        dialog.open()

    def show_backbone(self, failure: NoBackboneFailure, path: Path) -> None:
        """The file is remembered, and the head opened again, which looks whether it is the right one."""
        self._banners.clear(BannerKey.TEACH)
        self._background.run(
            lambda: remember_backbone(path, failure.backbone.sha256),
            lambda _: self.model_wanted.emit(failure.path),
            self._on_failed,
        )

    @Slot(int)
    def ask_for_photos(self, key: int) -> None:
        """Photos that become examples of a class."""
        filters = [self.tr("Photos ({0})").format(patterns(PHOTO_SUFFIXES))]
        folder = self._settings.text(PHOTOS_FOLDER)
        dialog = file_dialog(self._window, self.tr("Add photos"), folder, Mode.ExistingFiles, filters)
        dialog.filesSelected.connect(lambda files: self._take(key, [Path(file) for file in files]))
        dialog.open()

    def _take(self, key: int, paths: list[Path]) -> None:
        self._settings.set(PHOTOS_FOLDER, str(paths[0].parent))
        self._control.add_photos(key, paths)

    @Slot()
    def ask_to_delete(self) -> None:
        """All classes and examples, after a question."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        count = len(self._control.keeper.project.examples)
        box.setText(self.tr("Delete your classes and all {0} examples?").format(whole(count)))
        box.setInformativeText(self.tr("Their pictures are deleted from this computer. Saved models stay."))
        box.setStandardButtons(QMessageBox.StandardButton.Cancel)
        button = box.addButton(self.tr("Delete all"), QMessageBox.ButtonRole.DestructiveRole)
        button.clicked.connect(self._control.delete_all)
        box.open()

    @Slot()
    def ask(self) -> None:
        """Where to save what was taught."""
        if self._control.fitted is None or self._backbone is None:
            return
        filters = [
            self.tr("Model file for camviewer (*.safetensors)"),
            self.tr("Whole network for PyTorch (*.pth)"),
            self.tr("Whole network as ONNX (*.onnx)"),
        ]
        folder = self._settings.text("teach/saved")
        dialog = file_dialog(
            self._window, self.tr("Save your classes as a model"), folder, Mode.AnyFile, filters, saves=True
        )
        dialog.setDefaultSuffix(_SUFFIX)
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix((_SUFFIX, ".pth", ONNX_SUFFIX)[filters.index(chosen)])
        )
        dialog.filesSelected.connect(lambda files: self.save(Path(files[0])))
        dialog.open()

    def save(self, path: Path) -> None:
        """By the name's suffix: a model file, or the whole network. What is there is replaced."""
        fitted = self._control.fitted
        if fitted is None or self._backbone is None:
            return
        self._settings.set("teach/saved", str(path.parent))
        head, (info, own) = fitted.learned.head, self._backbone
        self._background.run(lambda: _save(head, info, own, path), self._on_saved, self._on_failed)

    def _on_saved(self, path: Path) -> None:
        text = self.tr("Saved as {0}. It opens like any model, here and elsewhere.").format(path.name)
        self._banners.show_message(BannerKey.TEACH, Severity.INFO, text, seconds=8)

    def _on_failed(self, failure: Failure) -> None:
        self._banners.show_message(BannerKey.TEACH, Severity.ERROR, translated(failure.text))


def _save(head: TaughtHead, info: ModelInfo, own: LinearHead, path: Path) -> Path:
    if path.suffix.lower() in (*TORCH_SUFFIXES, ONNX_SUFFIX):
        return export_network(head, info, own, path, overwrite=True)
    if info.weights_origin is WeightsOrigin.LIVE:
        raise Failure(
            "{title} lives in a Python program, and is in no file: what was taught couldn't be opened again.",
            "Save the network there, and open that file first.",
            title=info.title,
        )
    if info.weights_origin is WeightsOrigin.FILE:
        remember_backbone(Path(info.weights_file), info.weights_sha256)
    return write_head(head, path, overwrite=True)
