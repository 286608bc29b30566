"""What is in view as files, and snapshots that open again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest
from camviewer.core.failures import ModelFailure
from camviewer.core.frames import Fit
from camviewer.core.loading import ModelChoice
from camviewer.core.storage.export import read_facts
from camviewer.core.storage.snapshot import read_snapshot, write_snapshot
from camviewer.core.targets import ClassScore
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import (
    FakeExplainer,
    FakeLoader,
    FakeModel,
    Windows,
    current,
    model_info,
    pipeline_of,
    settings_in,
)

MANY = tuple(f"class {i}" for i in range(60))
SCORES = tuple(float(-i) for i in range(60))


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)


@pytest.fixture
def window(open_window: Windows) -> MainWindow:
    return open_window()


def many_classes(choice: ModelChoice) -> FakeModel:
    return FakeModel(FakeExplainer(model_info(choice.name), SCORES, MANY))


def export_to(window: MainWindow, path: Path, name: str = "png") -> None:
    """Choose a file and a kind of file in the dialog."""
    window.actions_by_name["export"].trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    chosen = window.saves.format_named(name)
    dialog.selectNameFilter(chosen.filter)
    dialog.filterSelected.emit(chosen.filter)
    assert Path(dialog.selectedFiles()[0]).suffix == chosen.suffixes[0]
    dialog.fileSelected.emit(str(path))
    dialog.close()


def test_a_handout_is_a_page_of_what_is_in_view(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    Settings().set("save/folder", str(tmp_path))
    window.evidence.handout_wanted.emit()  # as the wide page's button
    qtbot.waitUntil(lambda: "cat.tabby.handout.html" in str(window.banners.text(BannerKey.SAVE)))
    html = (tmp_path / "cat.tabby.handout.html").read_text("utf-8")
    assert "How it adds up: tabby" in html
    assert f"{current(window).logits[0]:+.2f}" in html


def test_export_asks_and_remembers_folder_and_format(
    open_window: Windows, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window()
    export_to(window, tmp_path / "mine.jpg", "jpg")
    qtbot.waitUntil(lambda: "mine.jpg" in str(window.banners.text(BannerKey.SAVE)))
    assert read_facts(tmp_path / "mine.jpg") is not None
    window.actions_by_name["save"].trigger()
    qtbot.waitUntil((tmp_path / "cat.tabby.jpg").exists)
    qtbot.waitUntil(lambda: "cat.tabby.jpg" in str(window.banners.text(BannerKey.SAVE)))


@pytest.mark.parametrize(
    ("name", "file", "written"),
    [
        ("png", "map.v2", "map.v2.png"),
        ("jpg", "map.jpeg", "map.jpeg"),
        ("png", "map.csv", "map.csv"),
        ("csv", "map", "map.csv"),
        ("npz", "map.npz", "map.npz"),
        ("grey", "map.png", "map.png"),
        ("snapshot", "map.camsnap", "map.camsnap"),
    ],
)
def test_what_is_exported_is_what_the_filter_or_the_suffix_says(
    name: str, file: str, written: str, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    export_to(window, tmp_path / file, name)
    path = tmp_path / written
    qtbot.waitUntil(lambda: f"Saved {written}" in str(window.banners.text(BannerKey.SAVE)))
    explanation, chosen = current(window), window.tabs.chosen
    assert chosen is not None
    cam = explanation.map(ClassScore(chosen)).values
    if path.suffix == ".csv":
        np.testing.assert_array_equal(np.loadtxt(path, np.float32, delimiter=","), cam)
    elif path.suffix == ".npz":
        with np.load(path) as raw:
            assert tuple(raw["class_ids"]) == window.tabs.classes
            np.testing.assert_array_equal(raw["cams"][window.tabs.classes.index(chosen)], cam)
    elif name == "grey":
        with Image.open(path) as image:
            assert image.size == cam.shape[::-1]
    elif name == "snapshot":
        assert read_snapshot(path).explanation.logits.tolist() == explanation.logits.tolist()
    else:
        assert read_facts(path) is not None


# Snapshots


def saved_snapshot(window: MainWindow, folder: Path, qtbot: QtBot) -> Path:
    Settings().set("save/folder", str(folder))
    window.actions_by_name["snapshot"].trigger()
    qtbot.waitUntil(lambda: str(folder) in str(window.banners.text(BannerKey.SAVE)))
    (path,) = folder.glob("*.camsnap")
    return path


def test_a_snapshot_opens_with_its_tabs_and_saves_as_the_same_file(
    open_window: Windows, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window(loader=FakeLoader(many_classes))
    window.tabs.toggle_pin(40)
    window.tabs.toggle_pin(31)
    path = saved_snapshot(window, tmp_path / "first", qtbot)
    tabs, explanation = window.tabs.classes, current(window)
    for class_id in (40, 31):
        window.tabs.toggle_pin(class_id)
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    assert pipeline_of(window).origin.snapshot is not None
    assert window.tabs.classes == tabs
    np.testing.assert_array_equal(current(window).frame.image, explanation.frame.image)
    window.tabs.choose(31)
    shown = window.presenter.state
    assert shown is not None
    np.testing.assert_array_equal(shown.map.values, explanation.map(ClassScore(31)).values)
    assert path.name in window.windowTitle()
    assert "A snapshot of" in str(window.banners.text(BannerKey.SNAPSHOT))
    again = saved_snapshot(window, tmp_path / "second", qtbot)
    assert again.read_bytes() == path.read_bytes()


def test_it_needs_no_model(open_window: Windows, tmp_path: Path, qtbot: QtBot) -> None:
    def none(choice: ModelChoice) -> FakeModel:
        raise ModelFailure("There is no model.", "None at all.")

    path = saved_snapshot(open_window(), tmp_path / "saved", qtbot)
    window = open_window((path,), loader=FakeLoader(none))
    qtbot.waitUntil(lambda: window.presenter.state is not None)
    assert pipeline_of(window).model is None
    window.status_line.refresh()
    assert window.status_line.text.startswith("Snapshot of ResNet18")


def test_another_model_leaves_it_as_it_is_until_it_is_asked_to_explain_anew(
    open_window: Windows, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window()
    path = saved_snapshot(window, tmp_path / "saved", qtbot)
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    before = current(window)
    with qtbot.waitSignal(pipeline_of(window).model_ready):
        window.models.choose(ModelChoice("efficientnet_lite0"))
    window.dock.given.request_changed.emit(ExplainRequest(Fit.SQUASH))
    with qtbot.assertNotEmitted(pipeline_of(window).explained, wait=100):
        pass
    assert current(window) is before
    banner = window.banners.banner(BannerKey.SNAPSHOT)
    assert banner is not None
    (button,) = (b for b in banner.findChildren(QPushButton) if "present model" in b.text())
    button.click()
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    assert pipeline_of(window).origin.snapshot is None
    assert current(window).model.name == "efficientnet_lite0"
    assert current(window).request == ExplainRequest(Fit.SQUASH)
    np.testing.assert_array_equal(current(window).frame.image, before.frame.image)
    assert window.banners.text(BannerKey.SNAPSHOT) is None


def test_a_class_outside_of_it_says_so(open_window: Windows, tmp_path: Path, qtbot: QtBot) -> None:
    window = open_window(loader=FakeLoader(many_classes))
    path = saved_snapshot(window, tmp_path / "saved", qtbot)
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    window.classes.show(55)
    assert window.presenter.state is None, "there is nothing to save"
    assert "doesn't hold the map of class 55" in window.view.message
    assert "20 of 60" in window.view.message
    assert window.evidence.steps.rows == ()
    for action in ("save", "snapshot", "copy", "export"):
        window.actions_by_name[action].trigger()
    window.actions_by_name["all"].trigger()
    window.centre.all_view.grab()
    window.tabs.choose(3)
    assert window.view.message == ""
    window.presenter.comparison.compare_with(55)
    assert "class 3 − class 55" in window.view.message


def test_what_the_network_was_given_is_shown_and_can_not_be_changed(
    open_window: Windows, tmp_path: Path, qtbot: QtBot
) -> None:
    window = open_window()
    window.dock.given.request_changed.emit(ExplainRequest(Fit.WHOLE, 448))
    window.dock.given.show_request(ExplainRequest(Fit.WHOLE, 448), 0.0)
    qtbot.waitUntil(lambda: current(window).request.fit is Fit.WHOLE)
    explanation = replace(current(window), request=ExplainRequest(Fit.SQUASH, 352))
    path = write_snapshot(explanation, (0, 1), tmp_path / "a.camsnap")
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    combos = {c.accessibleName(): c for c in window.dock.findChildren(QComboBox)}
    assert not combos["Fit"].isEnabled()
    assert (combos["Fit"].currentData(), combos["Resolution"].currentData()) == (Fit.SQUASH, 352)
    window.sources.open_sample()
    assert combos["Fit"].isEnabled()
    assert (combos["Fit"].currentData(), combos["Resolution"].currentData()) == (Fit.WHOLE, 448)


def test_a_damaged_one_is_told(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "bad.camsnap"
    path.write_bytes(b"PK nothing")
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: "no snapshot that can be opened" in str(window.banners.text(BannerKey.SOURCE)))
    assert window.presenter.state is None


def test_dropped_or_pasted_it_opens_alone(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    path = saved_snapshot(window, tmp_path / "saved", qtbot)
    mime = QMimeData()
    photo = tmp_path / "a.png"
    Image.new("RGB", (20, 20)).save(photo)
    mime.setUrls([QUrl.fromLocalFile(str(p)) for p in (photo, path)])
    assert window.sources.open_mime(mime)
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    assert pipeline_of(window).origin.snapshot is not None
    assert "shown alone" in str(window.banners.text(BannerKey.SEVERAL))
    assert Settings().texts("recent")[1] == str(path)


def test_the_same_pixels_are_saved_from_it(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    export_to(window, tmp_path / "before.png")
    qtbot.waitUntil((tmp_path / "before.png").exists)
    path = saved_snapshot(window, tmp_path / "saved", qtbot)
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    export_to(window, tmp_path / "after.png")
    qtbot.waitUntil((tmp_path / "after.png").exists)
    with Image.open(tmp_path / "before.png") as before, Image.open(tmp_path / "after.png") as after:
        np.testing.assert_array_equal(np.asarray(before), np.asarray(after))
