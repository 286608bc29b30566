"""The Method and Layer menus, and the rows of the dock: what can be chosen, and what a new model lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QComboBox, QMenu
from pytestqt.qtbot import QtBot

from camviewer.core.loading import ModelChoice
from camviewer.core.localize import EXTENT_THRESHOLD, PAPER_THRESHOLD
from camviewer.core.maps import EXTENT
from camviewer.core.methods.offers import MethodOffer
from camviewer.core.models.card import Layer
from camviewer.core.models.spec import ModelInfo, SizeRule, WeightsOrigin
from camviewer.core.storage.snapshot import write_snapshot
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.widgets.banner import BannerKey
from tests.model_fakes import EXACT_OFFERS, LAYERS, LOCAL_OFFERS
from tests.ui.fakes import (
    FakeCamera,
    FakeExplainer,
    FakeModel,
    Windows,
    current,
    model_info,
    pipeline_of,
    settings_in,
)

EXACT, LOCAL, BARE = Path("/m/exact.pth"), Path("/m/local.pth"), Path("/m/bare.onnx")


def info_of(path: Path) -> ModelInfo:
    info = model_info("resnet18", WeightsOrigin.FILE)
    sizes = SizeRule(32, 224, 224) if path == BARE else info.sizes
    return replace(info, title=path.stem, weights_file=str(path), sizes=sizes)


def load(choice: ModelChoice) -> FakeModel:
    path = choice.file or EXACT
    offers: tuple[MethodOffer, ...] = {EXACT: EXACT_OFFERS, LOCAL: LOCAL_OFFERS, BARE: EXACT_OFFERS[:1]}[path]
    layers: tuple[Layer, ...] = () if path == BARE else LAYERS
    return FakeModel(FakeExplainer(info_of(path), methods=offers, layers=layers, default_layer="layer4"))


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with settings_in(tmp_path):
        yield Windows(qtbot)(loader=load)


def switch(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    with qtbot.waitSignal(pipeline_of(window).model_ready):
        window.models.choose(ModelChoice(file=path))


def entries(menu: QMenu) -> dict[str, QAction]:
    menu.aboutToShow.emit()
    return {action.text().replace("&", ""): action for action in menu.actions() if action.text()}


def box(window: MainWindow, index: int) -> QComboBox:
    chosen = window.dock.how.widgets[index]
    assert isinstance(chosen, QComboBox)
    return chosen


def test_the_menu_names_the_methods(window: MainWindow) -> None:
    found = entries(window.methods.menu)
    assert list(found) == [
        *("Automatic (most faithful): CAM", "CAM", "Gradient × activation", "Grad-CAM", "Object extent"),
        "Layer",
    ]
    assert found["Automatic (most faithful): CAM"].isChecked()
    assert "relative" in found["Grad-CAM"].toolTip()
    assert "one pass and one gradient a class" in found["Grad-CAM"].toolTip()
    assert "Selvaraju" in found["Grad-CAM"].statusTip()


def test_what_can_not_be_had_is_grey_and_says_why(window: MainWindow, qtbot: QtBot) -> None:
    switch(window, qtbot, LOCAL)
    found = entries(window.methods.menu)
    assert not found["CAM"].isEnabled()
    assert "it flattens" in found["CAM"].toolTip()
    assert found["Automatic (most faithful): Gradient × activation"].isEnabled()
    assert box(window, 0).currentText() == "automatic: Gradient × activation"


def test_a_method_and_a_layer_are_asked_for(window: MainWindow, qtbot: QtBot) -> None:
    pipeline = pipeline_of(window)
    assert not entries(window.methods.menu)["Layer"].isEnabled(), "CAM looks at one only"
    assert not box(window, 1).isEnabled()
    with qtbot.waitSignal(pipeline.explained):
        entries(window.methods.menu)["Grad-CAM"].trigger()
    assert current(window).request.method == "Grad-CAM"
    assert box(window, 0).currentText() == "Grad-CAM"
    assert entries(window.methods.menu)["Layer"].isEnabled()
    layers = entries(window.methods.layer_menu)
    assert next(iter(layers)) == "layer4 · 7 × 7 · 512 channels"
    assert layers["layer4 · 7 × 7 · 512 channels"].isChecked()
    with qtbot.waitSignal(pipeline.explained):
        layers["layer3 · 14 × 14 · 256 channels"].trigger()
    assert current(window).request.layer == "layer3"
    assert box(window, 1).currentText() == "layer3 · 14 × 14 · 256 channels"


def test_the_dock_asks_too(window: MainWindow, qtbot: QtBot) -> None:
    for index, text in ((0, "Grad-CAM"), (1, "layer2 · 28 × 28 · 128 channels")):
        combo = box(window, index)
        combo.setCurrentIndex(combo.findText(text))
        with qtbot.waitSignal(pipeline_of(window).explained):
            combo.activated.emit(combo.currentIndex())
    assert (current(window).request.method, current(window).request.layer) == ("Grad-CAM", "layer2")


def test_other_rows_of_the_dock_leave_the_method(window: MainWindow, qtbot: QtBot) -> None:
    window.methods.choose_method("Grad-CAM")
    resolution = next(c for c in window.dock.findChildren(QComboBox) if c.findText("448 pixels") >= 0)
    resolution.setCurrentIndex(resolution.findText("448 pixels"))
    resolution.activated.emit(resolution.currentIndex())
    request = pipeline_of(window).request
    assert (request.method, request.resolution) == ("Grad-CAM", 448)


def test_what_a_new_model_lacks_goes_back_to_automatic(window: MainWindow, qtbot: QtBot) -> None:
    pipeline, camera = pipeline_of(window), FakeCamera()
    pipeline.open(camera)
    window.methods.choose_method("Grad-CAM")
    window.methods.choose_layer("layer3")
    pipeline.set_request(replace(pipeline.request, resolution=448))
    with qtbot.assertNotEmitted(pipeline.frame_failed):
        switch(window, qtbot, BARE)
        for _ in range(3):
            with qtbot.waitSignal(pipeline.explained):
                camera.bring()
    request = pipeline.request
    assert (request.method, request.layer, request.resolution) == (None, None, None)
    assert current(window).request == request
    assert window.banners.text(BannerKey.METHOD) == "bare has no maps by Grad-CAM; these are by CAM."
    assert box(window, 0).currentText() == "automatic: CAM"
    switch(window, qtbot, EXACT)
    assert window.banners.text(BannerKey.METHOD) is None, "it isn't true any more"


def test_a_photo_is_explained_anew_by_a_model_that_lacks_the_method(window: MainWindow, qtbot: QtBot) -> None:
    window.methods.choose_method("Grad-CAM")
    switch(window, qtbot, BARE)
    qtbot.waitUntil(lambda: current(window).model.title == "bare")
    assert window.banners.text(BannerKey.SOURCE) is None


def test_a_method_that_both_have_stays(window: MainWindow, qtbot: QtBot) -> None:
    window.methods.choose_method("Grad-CAM")
    switch(window, qtbot, LOCAL)
    assert pipeline_of(window).request.method == "Grad-CAM"
    assert window.banners.text(BannerKey.METHOD) is None


def test_a_snapshot_says_how_it_was_made(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    file = write_snapshot(current(window), window.tabs.classes, tmp_path / "a.camsnap")
    window.methods.choose_method("Grad-CAM")
    with qtbot.waitSignal(pipeline_of(window).explained):
        window.sources.open_paths([file])
    qtbot.waitUntil(lambda: box(window, 0).currentText() == "CAM")
    assert not box(window, 0).isEnabled()
    window.sources.open_sample()
    qtbot.waitUntil(lambda: box(window, 0).isEnabled())
    assert box(window, 0).currentText() == "Grad-CAM"


def test_the_extent_is_one_click_from_the_map_in_view_and_back(window: MainWindow, qtbot: QtBot) -> None:
    pipeline, action = pipeline_of(window), window.actions_by_name["extent"]
    window.methods.choose_method("Grad-CAM")
    check = window.dock.how.widgets[-1]
    assert isinstance(check, QCheckBox)
    for change in (action.trigger, check.click):
        with qtbot.waitSignal(pipeline.explained):
            change()
        assert current(window).request.method == EXTENT
        assert action.isChecked()
        assert check.isChecked()
        with qtbot.waitSignal(pipeline.explained):
            change()
        assert current(window).request.method == "Grad-CAM"
        assert not action.isChecked()
        assert not check.isChecked()


def test_a_box_at_the_usual_threshold_goes_to_that_of_the_extent(window: MainWindow, qtbot: QtBot) -> None:
    for threshold, at_extent in ((PAPER_THRESHOLD, EXTENT_THRESHOLD), (0.3, 0.3), (None, None)):
        window.styles.restyle(threshold=threshold)
        window.methods.set_extent(True)
        assert window.styles.style.threshold == at_extent
        window.methods.set_extent(False)
        assert window.styles.style.threshold == threshold


def test_a_model_without_an_earlier_layer_says_why_it_has_no_extent(window: MainWindow, qtbot: QtBot) -> None:
    switch(window, qtbot, LOCAL)
    check = window.dock.how.widgets[-1]
    assert not check.isEnabled()
    assert not window.actions_by_name["extent"].isEnabled()
    assert "twice as many rows" in check.toolTip()
