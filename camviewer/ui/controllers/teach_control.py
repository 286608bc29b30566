"""TeachControl: from what the user shows to a head of one's own classes that runs live."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMessageBox, QWidget

from camviewer.core.failures import Failure
from camviewer.core.frames import Frame
from camviewer.core.models.taught import Backbone
from camviewer.core.storage.file_kinds import FileKind, kind_by_name
from camviewer.core.storage.photo_folders import photos_in
from camviewer.core.training.examples import ExampleFeatures
from camviewer.core.training.project import KeptExample, Project
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.pipeline.jobs import FrameExplainer, ReadyModel, backbone_of
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.teaching.jobs import ExampleJob, LookedAt, MapJob, MappedExample, NewExample
from camviewer.ui.controllers.teach_fit import FitRequest, Fitted, Fitter
from camviewer.ui.controllers.teach_project import ProjectKeeper
from camviewer.ui.system.background import Background
from camviewer.ui.teaching.dock import TeachDock
from camviewer.ui.teaching.results import WORST
from camviewer.ui.widgets.banner import BannerArea, BannerKey, Severity
from camviewer.ui.widgets.words import translated, whole

CAPTURE_MS = 200
"""Between two examples while a button is held: neighbouring frames are nearly the same picture."""
FIT_MS, FIT_LATER_MS = 200, 1000
"""After a change, before it is fitted; the longer time while more examples come."""
_MOST_UNDER_WAY = 2


class TeachControl(QObject):
    """The features of examples are of one backbone; another model makes them anew when it is wanted."""

    example_opened = Signal(object)
    """Path of a picture that is to be shown large."""
    taught = Signal()
    """A head was fitted: `fitted` is new."""

    def __init__(
        self,
        pipeline: Pipeline,
        dock: TeachDock,
        banners: BannerArea,
        background: Background,
        folder: Path,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._pipeline, self._dock, self._banners = pipeline, dock, banners
        self._background, self._window = background, parent
        self.keeper = ProjectKeeper(folder, self)
        self._fitter = Fitter(self)
        self.fitted: Fitted | None = None
        """What was learned last; None while nothing was, of these examples on this backbone."""
        self._wanted = False
        self._backbone: Backbone | None = None
        self._features: dict[str, ExampleFeatures] = {}
        self._thumbnails: dict[str, QImage] = {}
        self._asked: set[str] = set()
        self._jobs: set[ExampleJob] = set()
        self._maps: MapJob | None = None
        self._held: tuple[int, str] | None = None
        self._last: Frame | None = None
        self._capture_timer = QTimer(self, interval=CAPTURE_MS)
        self._capture_timer.timeout.connect(self._capture)
        self._fit_timer = QTimer(self, singleShot=True)
        self._fit_timer.timeout.connect(self._fit)
        self._connect()

    def _connect(self) -> None:
        pipeline, dock, keeper = self._pipeline, self._dock, self.keeper
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        pipeline.head_changed.connect(self._on_pipeline_head_changed)
        pipeline.source_changed.connect(self._on_pipeline_source_changed)
        dock.seen.connect(self._on_dock_seen)
        dock.class_wanted.connect(self.add_class)
        dock.renamed.connect(lambda key, name: self._change(keeper.project.renamed(key, name)))
        dock.class_removed.connect(lambda key: self._change(keeper.project.without_class(key)))
        dock.examples_removed.connect(lambda files: self._change(keeper.project.without_examples(files)))
        dock.hold_began.connect(self.begin_hold)
        dock.hold_ended.connect(self.end_hold)
        dock.photos_dropped.connect(self.add_photos)
        dock.example_opened.connect(lambda file: self.example_opened.emit(keeper.pictures / file))
        dock.run_toggled.connect(self.set_running)
        dock.undo_requested.connect(keeper.undo)
        dock.delete_requested.connect(self.ask_to_delete)
        keeper.loaded.connect(self._on_keeper_loaded)
        keeper.changed.connect(self._on_keeper_changed)
        keeper.failed.connect(self._show_failure)
        self._fitter.fitted.connect(self._on_fitter_fitted)
        self._fitter.failed.connect(self._show_failure)

    # What the user does

    @Slot()
    def add_class(self) -> None:
        """With a name that can be changed at once."""
        project = self.keeper.project
        self._change(project.with_class(self.tr("Class {0}").format(whole(len(project.classes) + 1))))
        self._dock.edit_last_name()

    @Slot(int)
    def begin_hold(self, key: int) -> None:
        """Take examples of this class until `end_hold`. All are of one moment."""
        if self._backbone is None:
            return
        self.keeper.begin_step()
        self._held, self._last, self._wanted = (key, uuid.uuid4().hex[:12]), None, True
        self._capture()
        self._capture_timer.start()

    @Slot()
    def end_hold(self) -> None:
        """Take no more."""
        self._held = None
        self._capture_timer.stop()

    @Slot(int, list)
    def add_photos(self, key: int, paths: Sequence[Path]) -> None:
        """Photos, and those in folders: copies of them become examples. Each is a moment of its own."""
        self._background.run(
            lambda: _photos(paths), lambda found: self._take_photos(key, found), self._show_failure
        )

    def _take_photos(self, key: int, paths: Sequence[Path]) -> None:
        self._wanted = True
        self.keeper.begin_step()
        self._look([NewExample(_new(key, uuid.uuid4().hex[:12]), path=path) for path in paths])

    @Slot(bool)
    def set_running(self, on: bool) -> None:
        """Run one's own classes, or the model's own."""
        self._wanted = on
        if not on:
            self._pipeline.change_head(None)
        elif self.fitted is not None:
            self._pipeline.change_head(self.fitted.lesson.head)
        else:
            self._look_at_missing()
            self._fit_timer.start(FIT_MS)

    @Slot()
    def ask_to_delete(self) -> None:
        """All classes and examples, after a question."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        count = len(self.keeper.project.examples)
        box.setText(self.tr("Delete your classes and all {0} examples?").format(whole(count)))
        box.setInformativeText(self.tr("Their pictures are deleted from this computer. Saved models stay."))
        box.setStandardButtons(QMessageBox.StandardButton.Cancel)
        button = box.addButton(self.tr("Delete all"), QMessageBox.ButtonRole.DestructiveRole)
        button.clicked.connect(self.delete_all)
        box.open()

    @Slot()
    def delete_all(self) -> None:
        """Without a question."""
        for job in self._jobs:
            job.cancel()
        self._features.clear()
        self._thumbnails.clear()
        self._asked.clear()
        self._wanted = False
        self.keeper.delete_all()
        self.keeper.change(_empty(self.tr("Class {0}")), undoable=False)
        self._pipeline.change_head(None)

    def close(self, patience: float) -> bool:
        """Whether everything is written, and nothing is under way."""
        self.end_hold()
        self._fit_timer.stop()
        for job in self._jobs:
            job.cancel()
        written = self.keeper.close(patience)
        return self._fitter.wait(patience) and written

    # Examples

    def _change(self, project: Project) -> None:
        self.keeper.change(project)

    @Slot()
    def _capture(self) -> None:
        explanation, held = self._pipeline.current, self._held
        if held is None or explanation is None or explanation.frame is self._last:
            return
        if len(self._jobs) < _MOST_UNDER_WAY:
            self._last = explanation.frame
            self._look([NewExample(_new(*held), image=explanation.frame.image)])

    def _look_at_missing(self) -> None:
        """The examples that have no features of the network that runs."""
        if self._backbone is None:
            return
        missing = [each for each in self.keeper.project.examples if each.file not in self._asked]
        pictures = self.keeper.pictures
        self._look([NewExample(each, path=pictures / each.file, kept=True) for each in missing])

    def _look(self, examples: Sequence[NewExample]) -> None:
        if not examples:
            return
        self._asked |= {each.example.file for each in examples}
        job = ExampleJob(examples)
        job.setParent(self)
        job.looked_at.connect(self._on_job_looked_at)
        job.ended.connect(self._on_job_ended)
        self._jobs.add(job)
        self._pipeline.add_job(job)

    @Slot(object)
    def _on_job_looked_at(self, found: LookedAt) -> None:
        if found.failure is not None:
            self._show_failure(found.failure)
            return
        keeper, example = self.keeper, found.example
        if found.picture:
            if all(each.key != example.class_key for each in keeper.project.classes):
                return  # its class was taken away meanwhile
            keeper.keep_picture(found.picture, example.file)
        if found.thumbnail is not None:
            self._thumbnails[example.file] = found.thumbnail
        if found.features is not None and found.backbone == self._backbone:
            self._features[example.file] = found.features
        if found.picture:
            keeper.change(keeper.project.with_examples([example]), undoable=False)
        else:
            self._on_keeper_changed()

    @Slot(object)
    def _on_job_ended(self, failure: Failure | None) -> None:
        job = self.sender()
        if isinstance(job, ExampleJob):
            self._jobs.discard(job)
            job.deleteLater()
        if failure is not None:
            self._show_failure(failure)
        self._show_status()

    # Fitting

    @Slot()
    def _on_keeper_changed(self) -> None:
        self._show_project()
        if self._wanted and not self._fit_timer.isActive():
            self._fit_timer.start(FIT_LATER_MS if self._held is not None or self._jobs else FIT_MS)

    @Slot()
    def _fit(self) -> None:
        project, backbone = self.keeper.project, self._backbone
        if backbone is None or not self._wanted:
            return
        ready = [
            (each, self._features[each.file]) for each in project.examples if each.file in self._features
        ]
        keys = {each.class_key for each, _ in ready}
        classes = tuple(each for each in project.classes if each.key in keys)
        if len(classes) < 2:
            self._forget_fit()
            return
        request = FitRequest(classes, tuple(ready), backbone)
        if self.fitted is None or not _same(request, self.fitted.request):
            self._fitter.fit(request)
        self._show_status()

    def _forget_fit(self) -> None:
        """There is too little to learn from."""
        self._fitter.forget()
        if self.fitted is not None:
            self.fitted = None
            self._pipeline.change_head(None)
        self._dock.results.hide()
        self._show_status()

    @Slot(object)
    def _on_fitter_fitted(self, fitted: Fitted) -> None:
        if fitted.request.backbone != self._backbone:
            return
        self.fitted = fitted
        files = [each.file for each, _ in fitted.request.examples]
        self._dock.results.show_lesson(fitted.lesson, files)
        if self._wanted:
            self._pipeline.change_head(fitted.lesson.head)
        self._show_status()
        self.taught.emit()

    def _draw_worst(self) -> None:
        """The maps of the worst examples, of the class that each was taken for."""
        fitted = self.fitted
        validation = fitted.lesson.validation if fitted is not None else None
        if self._maps is not None:
            self._maps.cancel()
            self._maps = None
        if fitted is None or validation is None:
            return
        examples = [each for each, _ in fitted.request.examples]
        shown = [(examples[i], int(validation.predicted[i])) for i in validation.worst(WORST)]
        job = MapJob(shown, self.keeper.pictures, fitted.lesson.head.sha256, OverlayStyle())
        job.setParent(self)
        job.mapped.connect(self._on_maps_mapped)
        self._maps = job
        self._pipeline.add_job(job)

    @Slot(object)
    def _on_maps_mapped(self, found: MappedExample) -> None:
        if self.sender() is self._maps:
            self._dock.results.show_map(found.example.file, found.overlay)

    # The model

    @Slot(object)
    def _on_pipeline_model_ready(self, ready: ReadyModel) -> None:
        backbone = backbone_of(ready.explainer)
        if backbone != self._backbone:
            # Another network, whose own classes were chosen.
            self._backbone, self._wanted, self.fitted = backbone, False, None
            self._features.clear()
            self._asked.clear()
            self._fitter.forget()
            self._dock.results.hide()
        elif self._wanted and self.fitted is not None:
            self._pipeline.change_head(self.fitted.lesson.head)  # the same on another device
        self._dock.run.setChecked(False)
        self._show_project()

    @Slot(object)
    def _on_pipeline_head_changed(self, explainer: FrameExplainer) -> None:
        head = self.fitted.lesson.head if self.fitted is not None else None
        mine = head is not None and explainer.info.weights_sha256 == head.sha256
        self._dock.run.setChecked(mine)
        if mine:
            self._draw_worst()
        self._show_status()

    @Slot()
    def _on_pipeline_source_changed(self) -> None:
        self._show_status()

    # Showing

    @Slot()
    def _on_dock_seen(self) -> None:
        if not self.keeper.ready:
            self.keeper.ready = True
            self.keeper.load()
            self._fitter.prepare()

    @Slot()
    def _on_keeper_loaded(self) -> None:
        if not self.keeper.project.classes:
            self.keeper.project = _empty(self.tr("Class {0}"))
        self._look_at_missing()
        self._show_project()

    def _show_project(self) -> None:
        self._dock.show_project(self.keeper.project, self._thumbnails, self.keeper.can_undo)
        self._show_status()

    def _show_status(self) -> None:
        dock, project = self._dock, self.keeper.project
        model, waiting = self._pipeline.model, sum(job.waiting for job in self._jobs)
        dock.set_can_show(self._backbone is not None and self._pipeline.source is not None)
        dock.save.setEnabled(self.fitted is not None)
        if model is not None and self._backbone is None:
            text = self.tr("{0} can't be taught: it doesn't end in pooling and one linear layer.")
            text = text.format(model.title)
        elif waiting > 1:
            text = self.tr("Looking at {0} examples…").format(whole(waiting))
        elif len(project.taught_classes) < 2:
            text = self.tr(
                "Show the camera two things or more: hold a class's button while you do. "
                "Or drop photos on it."
            )
        elif self._fitter.running:
            text = self.tr("Learning…")
        else:
            text = ""
        dock.show_status(text)

    @Slot(object)
    def _show_failure(self, failure: Failure) -> None:
        self._banners.show_message(BannerKey.TEACH, Severity.ERROR, translated(failure.text))


def _new(key: int, moment: str) -> KeptExample:
    return KeptExample(f"{uuid.uuid4().hex}.jpg", key, moment)


def _empty(name: str) -> Project:
    """Two classes to begin with. name: with {0} for their numbers."""
    return Project().with_class(name.format(1)).with_class(name.format(2))


def _photos(paths: Sequence[Path]) -> list[Path]:
    """Raises SourceFailure for a folder that can't be read."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += photos_in(path)
        elif kind_by_name(path) is FileKind.PHOTO:
            found.append(path)
    return found


def _same(one: FitRequest, other: FitRequest) -> bool:
    """Whether the same comes out."""
    return (
        one.classes == other.classes
        and one.backbone == other.backbone
        and [each for each, _ in one.examples] == [each for each, _ in other.examples]
    )
