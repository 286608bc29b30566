"""The window as a whole: what it shows, saves, says and remembers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QSlider,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit
from camviewer.core.loading_steps import announce
from camviewer.core.maps import shape_of
from camviewer.core.scaling import Interpolation, Scale
from camviewer.core.storage.export import read_facts
from camviewer.core.targets import ClassScore
from camviewer.core.text import Text
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import view_state
from camviewer.media.frames import image_to_array
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import Banner, BannerKey, Severity
from tests.ui.fakes import (
    FakeCamera,
    FakeExplainer,
    FakeLoader,
    FakeModel,
    FakeVideo,
    Windows,
    current,
    model_info,
    pipeline_of,
    plain_frame,
    press,
    settings_in,
)


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)


@pytest.fixture
def window(open_window: Windows) -> MainWindow:
    return open_window()


def pick(window: MainWindow, name: str, data: object) -> None:
    """Choose an entry of one of the dock's lists, as a user does."""
    (combo,) = (c for c in window.dock.findChildren(QComboBox) if c.accessibleName() == name)
    index = next(i for i in range(combo.count()) if combo.itemData(i) == data)
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def check_box(window: MainWindow, part: str) -> QCheckBox:
    (box,) = (b for b in window.dock.findChildren(QCheckBox) if part in b.text())
    return box


def wait_for_painting(window: MainWindow, qtbot: QtBot, painted: int) -> None:
    qtbot.waitUntil(lambda: window.stats.painted > painted)


# How it is drawn, and what the network is given


def test_the_dock_changes_the_style(window: MainWindow) -> None:
    before = window.view.grab().toImage()
    pick(window, "Colours", "viridis")
    pick(window, "Scale", Scale.SHARED)
    pick(window, "Between cells", Interpolation.NEAREST)
    check_box(window, "Fade").click()
    slider = window.dock.findChild(QSlider)
    assert slider is not None
    slider.setValue(35)
    (reverse,) = (b for b in window.dock.findChildren(QToolButton) if "Reverse" in b.accessibleName())
    reverse.click()
    assert window.presenter.style == OverlayStyle(
        "viridis_r", 0.35, True, False, Scale.SHARED, Interpolation.NEAREST
    )
    assert window.view.grab().toImage() != before
    check_box(window, "Show").click()
    assert not window.presenter.style.visible
    assert not window.actions_by_name["overlay"].isChecked()
    press(window.view, Qt.Key.Key_O)
    assert check_box(window, "Show").isChecked()


def test_the_dock_follows_the_keys(window: MainWindow) -> None:
    styles = QSignalSpy(window.dock.style_changed)
    press(window.view, Qt.Key.Key_C)
    press(window.view, Qt.Key.Key_BracketLeft)
    (combo,) = (c for c in window.dock.findChildren(QComboBox) if c.accessibleName() == "Colours")
    slider = window.dock.findChild(QSlider)
    assert slider is not None
    assert (combo.currentData(), slider.value()) == ("magma", 70)
    assert styles.count() == 0, "it was not the dock"


def test_another_request_explains_again(window: MainWindow, qtbot: QtBot) -> None:
    pipeline, first = pipeline_of(window), current(window)
    with qtbot.waitSignal(pipeline.explained):
        pick(window, "Fit", Fit.WHOLE)
    with qtbot.waitSignal(pipeline.explained):
        pick(window, "Resolution", 320)
    assert pipeline.request == ExplainRequest(Fit.WHOLE, 320)
    again = current(window)
    assert (again.request.fit, again.request.resolution) == (Fit.WHOLE, 320)
    assert again.frame is first.frame
    assert shape_of(again.maps) != shape_of(first.maps)


def test_what_is_frozen_is_explained_again_too(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(None)
    pipeline, camera = pipeline_of(window), FakeCamera()
    pipeline.open(camera)
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()
    kept = current(window).frame
    pipeline.set_frozen(True)
    camera.bring(plain_frame(32, 32))
    with qtbot.waitSignal(pipeline.explained):
        pick(window, "Fit", Fit.SQUASH)
    assert current(window).frame is kept


def test_a_shared_scale_has_the_range_of_all_tabs(window: MainWindow) -> None:
    explanation = current(window)
    window.tabs.choose(4)
    one, all_of_them = (float(explanation.map(ClassScore(c)).values.max()) for c in (4, 0))
    assert one < all_of_them
    assert window.centre.colour_bar.shown is not None
    assert window.centre.colour_bar.shown.high == pytest.approx(one)
    pick(window, "Scale", Scale.SHARED)
    assert window.centre.colour_bar.shown.high == pytest.approx(all_of_them)
    pick(window, "Scale", Scale.MAP)
    window.actions_by_name["all"].trigger()
    assert window.centre.colour_bar.shown.high == pytest.approx(all_of_them), "side by side means comparable"


def test_all_shows_every_tab_and_a_click_chooses(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_name["all"].trigger()
    tiles = window.centre.all_view.tiles()
    assert tuple(tiles) == window.tabs.classes
    rects = list(tiles.values())
    assert not any(a.intersects(b) for i, a in enumerate(rects) for b in rects[:i])
    assert all(window.centre.all_view.rect().contains(rect.toAlignedRect()) for rect in rects)
    wait_for_painting(window, qtbot, window.stats.painted)
    QTest.mouseClick(window.centre.all_view, Qt.MouseButton.LeftButton, pos=tiles[3].center().toPoint())
    assert window.tabs.chosen == 3
    assert window.view.isVisible()


def test_every_control_has_a_name(window: MainWindow) -> None:
    nameless = [
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, (QComboBox, QSlider, QToolButton))
        # Qt's own buttons: for what doesn't fit, to clear a line, to move a dock.
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), (QLineEdit, QTabBar))
        and not (widget.accessibleName() or widget.toolTip())
    ]
    assert nameless == []


# Live sources


def test_a_still_cannot_be_frozen(window: MainWindow) -> None:
    assert not window.actions_by_name["freeze"].isEnabled()
    press(window.view, Qt.Key.Key_Space)
    assert not pipeline_of(window).frozen


def test_frozen_keeps_the_frame(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(None)
    pipeline, camera = pipeline_of(window), FakeCamera()
    pipeline.open(camera)
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()
    kept = current(window)
    window.actions_by_name["freeze"].trigger()
    with qtbot.assertNotEmitted(pipeline.explained, wait=50):
        camera.bring()
    assert current(window) is kept
    assert "frozen" in window.status_line.text
    window.actions_by_name["freeze"].trigger()
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()


def test_a_live_class_keeps_its_slot_and_a_stills_does_not(open_window: Windows, qtbot: QtBot) -> None:
    explainer = FakeExplainer(model_info("resnet18"))
    window = open_window(None, loader=FakeLoader(lambda _: FakeModel(explainer)))
    pipeline, camera = pipeline_of(window), FakeCamera()
    pipeline.open(camera)
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()
    explainer.scores = tuple(reversed(explainer.scores))
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()
    assert len(window.tabs.classes) == 5, "the others wait for a slot"
    assert window.tabs.classes[0] == window.tabs.chosen == 7
    with qtbot.waitSignal(pipeline.explained):
        window.sources.open_sample()
    assert list(window.tabs.classes) == [7, 6, 5, 4, 3]


def test_a_paused_video_can_be_stepped(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(None)
    pipeline, video, act = pipeline_of(window), FakeVideo(), window.actions_by_name
    pipeline.open(video)
    with qtbot.waitSignal(pipeline.explained):
        video.bring()
    act["freeze"].trigger()
    assert [video.running, act["freeze"].iconText()] == [False, "Play"]
    with qtbot.waitSignal(pipeline.explained):
        act["next"].trigger()
    assert current(window).frame.position == pytest.approx(1 / 30)
    assert act["freeze"].isChecked()
    act["freeze"].trigger()
    assert video.running
    with qtbot.waitSignal(pipeline.explained):
        act["next"].trigger()  # pauses by itself
    act["freeze"].trigger()
    assert video.running, "one press, whatever paused it"


def test_the_status_line(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(None, loader=FakeLoader())
    pipeline, line = pipeline_of(window), window.status_line
    qtbot.waitUntil(lambda: pipeline.model is not None)
    line.refresh()
    assert line.text == "ResNet18 · CPU"
    window.sources.open_sample()
    qtbot.waitUntil(lambda: pipeline.current is not None)
    line.refresh()
    assert line.text == "ResNet18 · CPU  ·  15 ms"
    frame = current(window).frame
    assert line.source_text == f"cat.png  {frame.width} × {frame.height}"
    camera = FakeCamera()
    pipeline.open(camera)
    for _ in range(2):
        painted = window.stats.painted
        camera.bring()
        wait_for_painting(window, qtbot, painted)
    line.refresh()
    assert "fps" in line.text
    assert "ms behind" in line.text
    assert line.text.endswith("0 dropped")
    assert line.source_text == "Fake camera  64 × 48"


def test_while_the_model_is_loading(open_window: Windows, qtbot: QtBot) -> None:
    begin, go_on = threading.Event(), threading.Event()

    def load(choice: object) -> FakeModel:
        assert begin.wait(10)
        announce(Text("Loading {name}…", name="PyTorch"))
        assert go_on.wait(10)
        return FakeModel(FakeExplainer(model_info("resnet18")))

    window = open_window(loader=load, wait=False)
    assert window.status_line.text == "Loading the model…"
    assert window.view.message == "Loading the model…"
    begin.set()
    qtbot.waitUntil(lambda: window.status_line.text == "Loading PyTorch…")
    go_on.set()
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    assert window.status_line.text.startswith("ResNet18")


# Saving


@pytest.fixture
def images(open_window: Windows, tmp_path: Path) -> Path:
    """The remembered folder for saved images."""
    folder = tmp_path / "images" / "new"
    Settings().set("save/folder", str(folder))
    return folder


def saved(window: MainWindow, qtbot: QtBot, folder: Path, count: int) -> list[Path]:
    qtbot.waitUntil(lambda: "Saved" in str(window.banners.text(BannerKey.SAVE)))
    qtbot.waitUntil(lambda: len(list(folder.glob("*.png"))) == count)
    return sorted(folder.iterdir())


def test_saving_twice_makes_two_files(open_window: Windows, images: Path, qtbot: QtBot) -> None:
    window = open_window()
    window.tabs.choose(2)
    press(window.view, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    (first,) = saved(window, qtbot, images, 1)
    content = first.read_bytes()
    assert first.name == "cat.golden_retriever.png"
    facts = read_facts(first)
    assert facts is not None
    assert (facts["class_id"], facts["source"], facts["model"]) == (2, "cat.png", "resnet18")
    window.actions_by_name["save"].trigger()
    files = saved(window, qtbot, images, 2)
    assert [p.name for p in files] == ["cat.golden_retriever-2.png", "cat.golden_retriever.png"]
    assert first.read_bytes() == content


def test_saving_where_no_folder_can_be_is_told(open_window: Windows, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "file").write_text("")
    Settings().set("save/folder", str(tmp_path / "file"))
    window = open_window()
    window.actions_by_name["save"].trigger()
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.SAVE) is not None)
    text = str(window.banners.text(BannerKey.SAVE))
    assert str(tmp_path / "file") in text, "the reason"
    assert "Choose another folder." in text, "and the mend"


def test_copy_puts_what_is_seen_on_the_clipboard(window: MainWindow, qtbot: QtBot) -> None:
    clipboard = QApplication.clipboard()
    clipboard.clear()
    caption = window.actions_by_name["caption"]
    for wanted in (True, False):
        assert caption.isChecked()
        if not wanted:
            caption.trigger()
        window.banners.clear(BannerKey.SAVE)
        window.actions_by_name["copy"].trigger()
        qtbot.waitUntil(lambda: window.banners.text(BannerKey.SAVE) == "Copied the overlay.")
        style, explanation = window.presenter.style, current(window)
        expected = compose(view_state(explanation, ClassScore(0), style), wanted)
        np.testing.assert_array_equal(image_to_array(clipboard.image()), image_to_array(expected))
    clipboard.clear()


def test_closing_completes_what_is_being_saved(open_window: Windows, images: Path) -> None:
    window = open_window()
    for _ in range(5):
        window.actions_by_name["save"].trigger()
    window.close()
    files = sorted(images.iterdir())
    assert len(files) == 5
    assert all(read_facts(path) is not None for path in files)


# From one start to the next


def test_everything_is_remembered(open_window: Windows) -> None:
    window = open_window()
    style = OverlayStyle("vik_r", 0.6, True, False, Scale.SHARED, Interpolation.BILINEAR)
    window.styles.set_style(style)
    pick(window, "Fit", Fit.WHOLE)
    pick(window, "Resolution", 448)
    window.tabs.toggle_pin(6)
    window.tabs.toggle_pin(3)
    window.actions_by_name["caption"].trigger()
    window.dock.hide()
    window.resize(761, 643)  # within the offscreen screen, which has 800 × 800 pixels
    size = window.size()
    window.close()
    again = open_window()
    assert again.presenter.style == style
    assert pipeline_of(again).request == ExplainRequest(Fit.WHOLE, 448)
    assert current(again).request == ExplainRequest(Fit.WHOLE, 448)
    assert list(again.tabs.pinned) == [6, 3]
    assert not again.actions_by_name["caption"].isChecked()
    assert again.size() == size
    assert again.dock.isHidden()
    again.tabs.toggle_pin(6)
    again.tabs.toggle_pin(3)
    again.close()
    assert open_window().tabs.pinned == ()


def test_a_corrupt_settings_file_does_no_harm(open_window: Windows, tmp_path: Path) -> None:
    path = tmp_path / "settings" / "camviewer" / "camviewer.ini"
    path.parent.mkdir(parents=True)
    path.write_bytes(
        b"\xff\0[overlay\n[overlay]\ncolormap=x\nopacity=nan\n[window]\ngeometry=@ByteArray(junk)\n"
        b"state=1\n[classes]\npinned=a, -3, 1e5\n[save]\nsuffix=.exe\n"
    )
    window = open_window()
    assert window.presenter.style == OverlayStyle()
    assert list(window.tabs.pinned) == []
    assert window.isVisible()


# Banners, help, the end


def test_a_repeated_message_is_counted(window: MainWindow, qtbot: QtBot) -> None:
    def labels() -> list[str]:
        banners = [b for b in window.banners.findChildren(Banner) if not b.isHidden()]
        return [label.text() for b in banners for label in b.findChildren(QLabel) if label.text()]

    for _ in range(2):
        window.banners.show_message(BannerKey.SOURCE, Severity.ERROR, "The camera is gone.")
    qtbot.waitUntil(lambda: labels() == ["The camera is gone. (×2)"])
    assert window.banners.text(BannerKey.SOURCE) == "The camera is gone."
    window.banners.show_message(BannerKey.SOURCE, Severity.ERROR, "Another matter.")
    window.banners.show_message(BannerKey.MODEL, Severity.INFO, "<b>plain</b>")
    qtbot.waitUntil(lambda: labels() == ["Another matter.", "<b>plain</b>"])
    for banner in window.banners.findChildren(Banner):
        (close,) = (b for b in banner.findChildren(QToolButton) if b.accessibleName() == "Dismiss")
        close.click()
    assert window.banners.isHidden()


def test_a_passing_message_goes_by_itself(window: MainWindow, qtbot: QtBot) -> None:
    window.banners.show_message(BannerKey.SOURCE, Severity.INFO, "Copied.", seconds=0.05)
    window.banners.show_message(BannerKey.SOURCE, Severity.INFO, "To stay.")
    window.banners.show_message(BannerKey.SAVE, Severity.INFO, "Copied.", seconds=0.05)
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.SAVE) is None)
    assert window.banners.text(BannerKey.SOURCE) == "To stay."


@pytest.mark.parametrize("name", ["help", "about"])
def test_help_and_about_do_not_stop_the_program(window: MainWindow, name: str, qtbot: QtBot) -> None:
    window.actions_by_name[name].trigger()
    (dialog,) = (d for d in window.findChildren(QDialog) if d.isVisible())
    assert not dialog.isModal()
    assert QApplication.activeModalWidget() is None
    content = dialog.findChildren(QWidget)
    text = " ".join(str(w.toPlainText()) for w in content if hasattr(w, "toPlainText"))
    wanted = ("Ctrl+O", "F11", "Space") if name == "help" else ("ResNet18 (CPU)", "/weights/resnet18.pth")
    assert all(part in text for part in wanted)
    window.actions_by_name["next_colormap"].trigger()
    assert window.presenter.style.colormap == "magma"
    dialog.close()


def test_nothing_is_modal(window: MainWindow) -> None:
    left_out = {
        "open",
        "open_model",
        "open_folder",
        "export",
        "review",
        "convert",
        "quit",
        "full_screen",
        "help",
        "about",
        "open_screen",
    }
    for name, action in window.actions_by_name.items():
        if name not in left_out:
            action.trigger()
            assert QApplication.activeModalWidget() is None, name
    window.classes.finder.close()


def test_closing_twice(window: MainWindow) -> None:
    assert window.close()
    assert window.close()
    assert window.has_ended
    assert pipeline_of(window).close(0), "its thread has ended"


def test_closing_while_frames_come(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(None)
    camera = FakeCamera()
    pipeline_of(window).open(camera)
    qtbot.waitUntil(lambda: pipeline_of(window).model is not None)
    for _ in range(10):
        camera.bring()
    window.close()
    assert pipeline_of(window).source is None
