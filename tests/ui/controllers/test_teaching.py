"""One's own classes, from the dock to the model that runs: with a network whose features are mean colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QMessageBox
from pytestqt.qtbot import QtBot

from camviewer.core.arrays import FloatArray, read_only
from camviewer.core.explanation import ExplainRequest, Explanation, Timing, predicted
from camviewer.core.frames import Frame, Region
from camviewer.core.loading import ModelChoice
from camviewer.core.maps import ExactMaps
from camviewer.core.models.files import find_model_file
from camviewer.core.models.spec import LinearHead, ModelInfo, WeightsOrigin
from camviewer.core.models.taught import Backbone, TaughtHead, read_head
from camviewer.core.opening_taught import NoBackboneFailure, backbones_file
from camviewer.core.targets import ClassScore
from camviewer.core.training.examples import ExampleFeatures
from camviewer.core.training.project import INDEX, PICTURES, Project, read_project
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.controllers.teach_control import TeachControl
from camviewer.ui.controllers.teach_project import ProjectKeeper
from camviewer.ui.controllers.teach_save import TeachSave
from camviewer.ui.system.background import Background
from camviewer.ui.system.settings import Settings
from camviewer.ui.teaching.dock import TeachDock
from camviewer.ui.widgets.banner import BannerArea, BannerKey
from tests.ui.fakes import FakeCamera, FakeExplainer, FakeModel, model_info

CHANNELS = 6
OWN = LinearHead(
    read_only(np.ones((2, CHANNELS), np.float32)), read_only(np.zeros(2, np.float32)), ("colour", "other")
)
COLOURS = {"red": (200, 30, 30), "blue": (30, 30, 200)}


def features_of(frame: Frame) -> FloatArray:
    """[6, 2, 2]: the mean colour of each quarter, and what is missing to white."""
    height, width = frame.image.shape[:2]
    quarters = frame.image.reshape(2, height // 2, 2, width // 2, 3).mean((1, 3)) / 255
    both = np.concatenate([quarters, 1 - quarters], axis=2)
    return read_only(both.transpose(2, 0, 1).astype(np.float32))


@dataclass
class ColourExplainer(FakeExplainer):
    """A `TeachableExplainer`."""

    head: LinearHead = OWN
    base: ModelInfo | None = None

    @property
    def backbone(self) -> Backbone:
        info = self.base or self.info
        return Backbone(info.name, info.title, info.weights_sha256, "colours.pth", CHANNELS)

    def with_head(self, taught: TaughtHead) -> ColourExplainer:
        info = replace(self.info, weights_sha256=taught.sha256, weights_origin=WeightsOrigin.TAUGHT)
        return ColourExplainer(info, labels=taught.head.labels, head=taught.head, base=self.backbone_info)

    @property
    def backbone_info(self) -> ModelInfo:
        return self.base or self.info

    def example_features(self, frame: Frame) -> ExampleFeatures:
        pooled = features_of(frame).mean((1, 2))
        return ExampleFeatures(
            read_only(np.stack([pooled, pooled])), read_only(np.full(CHANNELS, 0.5, np.float32))
        )

    def explain(self, frame: Frame, request: ExplainRequest, load: float = 0.0) -> Explanation:
        features = features_of(frame)
        logits = self.head.weight @ features.mean((1, 2)) + self.head.bias
        return Explanation(
            frame=frame,
            region=Region(0, 0, frame.width, frame.height),
            prediction=predicted(logits.astype(np.float32), self.head.labels),
            maps=ExactMaps(features, self.head),
            timing=Timing(0.0, 0.0, 0.0, 0.0),
            model=self.info,
            request=request,
        )


def picture(colour: str, seed: int) -> Frame:
    """Of a colour, and noise."""
    noise = np.random.default_rng(seed).integers(-25, 26, (40, 60, 3))
    image = np.clip(np.array(COLOURS[colour]) + noise, 0, 255).astype(np.uint8)
    return Frame(read_only(image), seed, 0.0)


@dataclass
class Taught:
    pipeline: Pipeline
    camera: FakeCamera
    dock: TeachDock
    control: TeachControl
    save: TeachSave
    banners: BannerArea
    folder: Path
    qtbot: QtBot

    def show(self, colour: str, seed: int) -> Explanation:
        """A frame from the camera, and what is said of it."""
        with self.qtbot.waitSignal(self.pipeline.explained):
            self.camera.bring(picture(colour, seed))
        assert self.pipeline.current is not None
        return self.pipeline.current

    def hold(self, number: int, colour: str, count: int) -> None:
        """Hold a class's button while so many frames come."""
        project = self.control.keeper.project
        key, before = project.classes[number].key, len(project.examples)
        self.show(colour, 0)
        button = self.dock._cards[key].hold
        self.qtbot.waitUntil(lambda: button.height() > 0)  # laid out: else a press misses it
        QTest.mousePress(button, Qt.MouseButton.LeftButton)
        for seed in range(1, count):
            self.wait_for_examples(before + seed)
            self.show(colour, seed)
            self.control.capture.capture()
        self.wait_for_examples(before + count)
        QTest.mouseRelease(button, Qt.MouseButton.LeftButton)

    def wait_for_examples(self, count: int) -> None:
        self.qtbot.waitUntil(lambda: len(self.control.keeper.project.examples) == count)

    def teach(self, examples: int = 3) -> None:
        for number, colour in enumerate(COLOURS):
            self.hold(number, colour, examples)
        self.wait_for(len(COLOURS) * examples)

    def wait_for(self, examples: int) -> None:
        """A head of so many examples, which runs."""

        def runs() -> bool:
            fitted, model = self.control.fitted, self.pipeline.model
            return (
                fitted is not None
                and model is not None
                and len(fitted.request.examples) == examples
                and model.weights_sha256 == fitted.learned.head.sha256
            )

        self.qtbot.waitUntil(runs)


@pytest.fixture
def begin(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[], Taught]]:
    """Opens the dock on a folder; again on the same one."""
    begun: list[Taught] = []

    def make() -> Taught:
        window = QMainWindow()
        qtbot.addWidget(window)
        explainer = ColourExplainer(model_info("resnet18"), labels=OWN.labels)
        pipeline = Pipeline(lambda _choice: FakeModel(explainer), window)
        dock, banners, background = TeachDock(), BannerArea(), Background(window)
        qtbot.addWidget(banners)
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        folder, settings = tmp_path / "project", Settings()
        control = TeachControl(pipeline, dock, banners, background, folder, window)
        save = TeachSave(pipeline, settings, control, dock, banners, background, window)
        pipeline.start(ModelChoice())
        qtbot.waitUntil(lambda: pipeline.model is not None)
        camera = FakeCamera()
        pipeline.open(camera)
        window.show()
        qtbot.waitUntil(lambda: len(control.keeper.project.classes) >= 2)
        begun.append(Taught(pipeline, camera, dock, control, save, banners, folder, qtbot))
        return begun[-1]

    yield make
    for each in begun:
        assert each.control.close(5.0)
        each.pipeline.close()


def test_what_is_shown_is_learned_and_runs(begin: Callable[[], Taught]) -> None:
    taught = begin()
    assert taught.show("red", 50).labels == OWN.labels
    taught.teach()
    for colour, name in zip(COLOURS, ("Class 1", "Class 2"), strict=True):
        explanation = taught.show(colour, 99)
        assert explanation.labels == ("Class 1", "Class 2")
        assert explanation.labels[explanation.top(1)[0]] == name
        for class_id in range(2):
            score = explanation.map(ClassScore(class_id)).score
            assert score == pytest.approx(float(explanation.logits[class_id]), abs=1e-4)
    assert taught.dock.run.isChecked()
    assert taught.dock.results.isVisibleTo(taught.dock)
    taught.dock.run.click()
    taught.qtbot.waitUntil(lambda: taught.show("red", 51).labels == OWN.labels)
    assert not taught.dock.run.isChecked()


def test_removing_refits_and_undo_takes_back(begin: Callable[[], Taught]) -> None:
    taught = begin()
    taught.teach()
    before = taught.control.keeper.project
    taught.dock.examples_removed.emit([before.examples[0].file])
    taught.wait_for(5)
    taught.dock.undo.click()
    taught.wait_for(6)
    assert taught.control.keeper.project == before
    taught.dock.undo.click()  # the whole of the last hold
    taught.qtbot.waitUntil(lambda: taught.show("red", 51).labels == OWN.labels)
    assert len(taught.control.keeper.project.examples) == 3


def test_the_project_is_kept_and_opened_again(begin: Callable[[], Taught]) -> None:
    first = begin()
    first.dock.renamed.emit(first.control.keeper.project.classes[0].key, "Röt")
    first.teach()
    assert first.control.fitted is not None
    head = first.control.fitted.learned.head
    assert first.control.close(5.0)
    assert read_project(first.folder) == first.control.keeper.project
    second = begin()
    second.qtbot.waitUntil(lambda: len(second.control.looker.features) == 6)
    assert second.show("red", 51).labels == OWN.labels, "it doesn't run by itself"
    second.dock.run.click()
    second.wait_for(6)
    assert second.control.fitted is not None
    again = second.control.fitted.learned.head
    assert again.head.labels[0] == "Röt"
    assert np.array_equal(again.head.weight, head.head.weight)


def test_delete_all_leaves_nothing(begin: Callable[[], Taught]) -> None:
    taught = begin()
    taught.teach()
    taught.dock.delete.click()
    (box,) = taught.dock.window().findChildren(QMessageBox)
    assert len(taught.control.keeper.project.examples) == 6, "it asks first"
    next(each for each in box.buttons() if "Delete" in each.text()).click()
    taught.qtbot.waitUntil(lambda: taught.show("red", 51).labels == OWN.labels)
    assert taught.control.close(5.0)
    assert list((taught.folder / PICTURES).iterdir()) == []
    assert read_project(taught.folder).examples == ()
    assert not taught.dock.undo.isEnabled()
    assert taught.control.fitted is None
    assert not taught.dock.save.isEnabled()
    assert taught.dock.results.isHidden()
    assert taught.dock.results.worst.count() == 0, "no picture of an example stays"


def test_what_is_being_learned_of_examples_that_are_gone_is_dropped(begin: Callable[[], Taught]) -> None:
    taught = begin()
    taught.teach()
    fitter = taught.control._fitter
    fitted = taught.control.fitted
    assert fitted is not None
    fitter.fit(fitted.request)
    assert fitter.running
    taught.control.delete_all()
    taught.qtbot.waitUntil(lambda: not fitter.running)
    assert taught.dock.results.isHidden()
    assert not taught.dock.save.isEnabled()
    assert taught.show("red", 51).labels == OWN.labels


def test_changes_while_ones_own_classes_were_off_are_learned_when_they_are_on(
    begin: Callable[[], Taught],
) -> None:
    taught = begin()
    taught.teach()
    taught.dock.run.click()
    taught.qtbot.waitUntil(lambda: taught.show("red", 51).labels == OWN.labels)
    first = taught.control.keeper.project.classes[0].key
    taught.dock.renamed.emit(first, "Crimson")
    taught.dock.run.click()
    taught.qtbot.waitUntil(lambda: taught.show("red", 52).labels[0] == "Crimson")


def test_a_key_that_is_held_ends_with_the_focus(begin: Callable[[], Taught]) -> None:
    """Its release goes elsewhere then, and pictures would be taken for ever."""
    taught = begin()
    taught.show("red", 0)
    QTest.keyPress(taught.dock, Qt.Key.Key_1)
    app, running = QApplication.instance(), [taught.control.capture.running]
    assert isinstance(app, QApplication)
    app.focusChanged.emit(taught.dock, None)
    running.append(taught.control.capture.running)
    QTest.keyPress(taught.dock, Qt.Key.Key_1)
    QTest.keyRelease(taught.dock, Qt.Key.Key_1)
    running.append(taught.control.capture.running)
    assert running == [True, False, False]


def test_pictures_that_there_is_no_room_for_are_told(
    begin: Callable[[], Taught], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("camviewer.core.training.project", "camviewer.ui.controllers.teach_control"):
        monkeypatch.setattr(f"{module}.MOST_EXAMPLES", 2)
    taught = begin()
    for number in range(3):
        Image.fromarray(picture("red", number).image).save(tmp_path / f"{number}.png")
    first = taught.control.keeper.project.classes[0].key
    taught.dock.photos_dropped.emit(first, [tmp_path / f"{number}.png" for number in range(3)])
    taught.wait_for_examples(2)
    assert "1 pictures are left out" in (taught.banners.text(BannerKey.TEACH) or "")


def test_nothing_is_changed_before_what_was_kept_is_read(begin: Callable[[], Taught]) -> None:
    """It would be overwritten, and its pictures deleted."""
    first = begin()
    first.hold(0, "red", 2)
    assert first.control.close(5.0)
    keeper = ProjectKeeper(first.folder, first.dock)
    keeper.load()
    keeper.change(Project().with_class("New"))
    assert keeper.project == Project()
    with first.qtbot.waitSignal(keeper.loaded):
        pass
    assert len(keeper.project.examples) == 2


def test_photos_and_folders_are_taken(begin: Callable[[], Taught], tmp_path: Path) -> None:
    taught = begin()
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        Image.fromarray(picture("red", number).image).save(folder / f"{number}.png")
    (folder / "broken.jpg").write_bytes(b"no picture")
    first, second = (each.key for each in taught.control.keeper.project.classes)
    taught.dock.photos_dropped.emit(first, [folder])
    Image.fromarray(picture("blue", 7).image).save(tmp_path / "blue.png")
    taught.dock.photos_dropped.emit(second, [tmp_path / "blue.png"])
    taught.wait_for(4)
    assert "broken.jpg" in (taught.banners.text(BannerKey.TEACH) or "")
    assert {path.name for path in folder.iterdir()} == {"0.png", "1.png", "2.png", "broken.jpg"}


def test_it_is_saved_as_a_model(begin: Callable[[], Taught], tmp_path: Path) -> None:
    taught = begin()
    taught.teach()
    path = tmp_path / "mine.safetensors"
    taught.save.save(path)
    taught.qtbot.waitUntil(path.exists)
    assert taught.control.fitted is not None
    head, _ = read_head(find_model_file(path))
    assert np.array_equal(head.head.weight, taught.control.fitted.learned.head.head.weight)
    assert head.taught.examples == (3, 3)


def test_a_damaged_project_is_told_and_left_alone(begin: Callable[[], Taught], tmp_path: Path) -> None:
    index = tmp_path / "project" / INDEX
    index.parent.mkdir()
    index.write_text('{"camviewer_project": 1, "classes": [], "examples": [{"file": "../x"}]}')
    before = index.read_bytes()
    taught = begin()
    assert "can't be read" in (taught.banners.text(BannerKey.TEACH) or "")
    taught.teach()
    assert taught.control.close(5.0)
    assert index.read_bytes() == before


def test_a_heads_network_can_be_shown(begin: Callable[[], Taught], tmp_path: Path) -> None:
    taught = begin()
    backbone = Backbone("own", "Own", "1" * 64, "own.pth", CHANNELS)
    failure = NoBackboneFailure(backbone, tmp_path / "mine.safetensors")
    taught.pipeline.model_failed.emit(failure)
    assert "own.pth" in (taught.banners.text(BannerKey.TEACH) or "")
    with taught.qtbot.waitSignal(taught.save.model_wanted) as wanted:
        taught.save.show_backbone(failure, tmp_path / "elsewhere.pth")
    assert wanted.args == [tmp_path / "mine.safetensors"]
    assert str(tmp_path / "elsewhere.pth") in backbones_file().read_text("utf-8")
