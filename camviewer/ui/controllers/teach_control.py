"""TeachControl: from what the user shows to a head of one's own classes that runs live."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from camviewer.core.failures import Failure, SourceFailure
from camviewer.core.storage.file_kinds import FileKind, kind_by_name
from camviewer.core.storage.photo_folders import photos_in
from camviewer.core.training.project import MOST_EXAMPLES, Project
from camviewer.media.pipeline.jobs import FrameExplainer, ReadyModel, backbone_of
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.media.teaching.jobs import LookedAt, NewExample
from camviewer.ui.controllers.teach_examples import Capture, Looker, new_example, new_name
from camviewer.ui.controllers.teach_fit import FitRequest, Fitted, Fitter
from camviewer.ui.controllers.teach_maps import WorstMaps
from camviewer.ui.controllers.teach_project import ProjectKeeper
from camviewer.ui.system.background import Background
from camviewer.ui.teaching.dock import TeachDock
from camviewer.ui.widgets.banner import BannerArea, BannerKey, Severity
from camviewer.ui.widgets.words import translated, whole

_FIT_MS, _FIT_LATER_MS = 200, 1000
"""After a change, before it is fitted; the longer time while more examples come."""


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
        self.looker = Looker(pipeline, self)
        self.capture = Capture(pipeline, self.looker, self)
        self._worst = WorstMaps(pipeline, dock.results, self)
        self._fit_timer = QTimer(self, singleShot=True)
        self._fit_timer.timeout.connect(self._fit)
        self._connect()

    def _connect(self) -> None:
        pipeline, dock, keeper = self._pipeline, self._dock, self.keeper
        pipeline.model_ready.connect(self._on_pipeline_model_ready)
        pipeline.head_changed.connect(self._on_pipeline_head_changed)
        pipeline.source_changed.connect(self._show_status)
        dock.seen.connect(self.begin)
        dock.class_wanted.connect(self.add_class)
        dock.renamed.connect(lambda key, name: keeper.change(keeper.project.renamed(key, name)))
        dock.class_removed.connect(lambda key: keeper.change(keeper.project.without_class(key)))
        dock.examples_removed.connect(lambda files: keeper.change(keeper.project.without_examples(files)))
        dock.hold_began.connect(self.begin_hold)
        dock.hold_ended.connect(self.capture.end)
        self.looker.found.connect(self._on_looker_found)
        self.looker.failed.connect(self._show_failure)
        self.looker.ended.connect(self._show_status)
        dock.photos_dropped.connect(self.add_photos)
        dock.example_opened.connect(lambda file: self.example_opened.emit(keeper.pictures / file))
        dock.run_toggled.connect(self.set_running)
        dock.undo_requested.connect(keeper.undo)
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
        self.keeper.change(project.with_class(self.tr("Class {0}").format(whole(len(project.classes) + 1))))
        self._dock.edit_last_name()

    @Slot(int)
    def begin_hold(self, key: int) -> None:
        """Take examples of this class until the button is let go."""
        if self.looker.backbone is not None:
            self.keeper.begin_step()
            self._wanted = True
            self.capture.begin(key)

    @Slot(int, list)
    def add_photos(self, key: int, paths: Sequence[Path]) -> None:
        """Photos, and those in folders: copies of them become examples. Each is a moment of its own."""
        self._background.run(
            lambda: _photos(paths), lambda found: self._take_photos(key, found), self._show_failure
        )

    def _take_photos(self, key: int, paths: Sequence[Path]) -> None:
        room = max(MOST_EXAMPLES - len(self.keeper.project.examples) - self.looker.waiting, 0)
        if len(paths) > room:
            self._show_failure(_no_room_for(len(paths) - room))
            paths = paths[:room]
        self._wanted = True
        self.keeper.begin_step()
        self.looker.look([NewExample(new_example(key, new_name()), path=path) for path in paths])

    @Slot(bool)
    def set_running(self, on: bool) -> None:
        """Run one's own classes, or the model's own."""
        self._wanted = on
        if not on:
            self._pipeline.change_head(None)
            return
        if self.fitted is not None:
            self._pipeline.change_head(self.fitted.learned.head)
        else:
            self.looker.look_at_kept(self.keeper.project.examples, self.keeper.pictures)
        self._fit_timer.start(_FIT_MS)  # examples or names may have changed while nobody wanted them learned

    @Slot()
    def delete_all(self) -> None:
        """Without a question."""
        self.looker.forget()
        self._wanted = False
        self.forget_fit()
        self.keeper.delete_all()
        self.keeper.change(_empty(self.tr("Class {0}")), undoable=False)
        self._pipeline.change_head(None)

    def close(self, patience: float) -> bool:
        """Whether everything is written, and nothing is under way."""
        self.capture.end()
        self._fit_timer.stop()
        self.looker.cancel()
        written = self.keeper.close(patience)
        return self._fitter.wait(patience) and written

    # Examples

    @Slot(object)
    def _on_looker_found(self, found: LookedAt) -> None:
        keeper, example = self.keeper, found.example
        if not found.picture:
            self._on_keeper_changed()
        elif len(keeper.project.examples) >= MOST_EXAMPLES:
            self.capture.end()
            self._show_failure(_no_room_for(1))
        elif any(each.key == example.class_key for each in keeper.project.classes):
            keeper.keep_picture(found.picture, example.file)
            keeper.change(keeper.project.with_examples([example]), undoable=False)

    # Fitting

    @Slot()
    def _on_keeper_changed(self) -> None:
        self._show_project()
        if self._wanted and not self._fit_timer.isActive():
            self._fit_timer.start(_FIT_LATER_MS if self.capture.running or self.looker.busy else _FIT_MS)

    @Slot()
    def _fit(self) -> None:
        project, backbone = self.keeper.project, self.looker.backbone
        if backbone is None or not self._wanted:
            return
        ready = [
            (each, self.looker.features[each.file])
            for each in project.examples
            if each.file in self.looker.features
        ]
        keys = {each.class_key for each, _ in ready}
        classes = tuple(each for each in project.classes if each.key in keys)
        if len(classes) < 2:
            self.forget_fit()
            return
        request = FitRequest(classes, tuple(ready), backbone)
        if self.fitted is None or not _same(request, self.fitted.request):
            self._fitter.fit(request)
        self._show_status()

    def forget_fit(self) -> None:
        """There is too little to learn from, or nothing any more."""
        self._fit_timer.stop()
        self._fitter.forget()
        self._worst.cancel()
        if self.fitted is not None:
            self.fitted = None
            self._pipeline.change_head(None)
        self._dock.results.forget()
        self._show_status()

    @Slot(object)
    def _on_fitter_fitted(self, fitted: Fitted) -> None:
        if fitted.request.backbone != self.looker.backbone:
            return
        self.fitted = fitted
        files = [each.file for each, _ in fitted.request.examples]
        self._dock.results.show_learned(fitted.learned, files)
        if self._wanted:
            self._pipeline.change_head(fitted.learned.head)
        self._show_status()
        self.taught.emit()

    # The model

    @Slot(object)
    def _on_pipeline_model_ready(self, ready: ReadyModel) -> None:
        backbone = backbone_of(ready.explainer)
        if backbone != self.looker.backbone:
            # Another network, whose own classes were chosen.
            self._wanted, self.fitted = False, None
            self.looker.use(backbone)
            self._fitter.forget()
            self._worst.cancel()
            self._dock.results.forget()
        elif self._wanted and self.fitted is not None:
            self._pipeline.change_head(self.fitted.learned.head)  # the same on another device
        self._dock.run.setChecked(False)
        self._show_project()

    @Slot(object)
    def _on_pipeline_head_changed(self, explainer: FrameExplainer) -> None:
        head = self.fitted.learned.head if self.fitted is not None else None
        mine = head is not None and explainer.info.weights_sha256 == head.sha256
        self._dock.run.setChecked(mine)
        if mine and self.fitted is not None:
            self._worst.draw(self.fitted, self.keeper.pictures)
        self._show_status()

    # Showing

    @Slot()
    def begin(self) -> None:
        """Read what was kept, unless it has been read."""
        if not self.keeper.ready:
            self.keeper.ready = True
            self.keeper.load()
            self._fitter.prepare()

    @Slot()
    def _on_keeper_loaded(self) -> None:
        if not self.keeper.project.classes:
            self.keeper.project = _empty(self.tr("Class {0}"))
        self.looker.look_at_kept(self.keeper.project.examples, self.keeper.pictures)
        self._show_project()

    def _show_project(self) -> None:
        self._dock.show_project(self.keeper.project, self.looker.thumbnails, self.keeper.can_undo)
        self._show_status()

    @Slot()
    def _show_status(self) -> None:
        dock, project = self._dock, self.keeper.project
        model, waiting = self._pipeline.model, self.looker.waiting
        dock.set_can_show(self.looker.backbone is not None and self._pipeline.source is not None)
        dock.save.setEnabled(self.fitted is not None)
        if model is not None and self.looker.backbone is None:
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


def _no_room_for(pictures: int) -> SourceFailure:
    return SourceFailure(
        "{count} pictures are left out: there can be {most} examples at most.",
        "Remove some of them.",
        count=pictures,
        most=MOST_EXAMPLES,
    )


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
