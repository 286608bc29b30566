"""Why this class and not that one, one channel's part, and the dock's newer controls, in the window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QTabBar
from pytestqt.qtbot import QtBot

from camviewer.core import colormaps
from camviewer.core.explanation import ExplainRequest
from camviewer.core.loading import ModelChoice
from camviewer.core.localize import localize
from camviewer.core.scaling import Scale, ValueRange
from camviewer.core.storage.export import read_facts
from camviewer.core.targets import ChannelPart, ClassScore, ScoreDifference, Target
from camviewer.media.drawing.view_state import ViewState
from camviewer.ui.docks.evidence_rows import step_rows
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import (
    LABELS,
    SCORES,
    FakeCamera,
    FakeExplainer,
    FakeLoader,
    FakeModel,
    Windows,
    current,
    model_info,
    pipeline_of,
    press,
    ready,
    settings_in,
)

CTRL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)


@pytest.fixture
def window(open_window: Windows) -> MainWindow:
    return open_window()


def click_tab(window: MainWindow, class_id: int, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    bar = window.tabs.findChild(QTabBar)
    assert bar is not None
    place = bar.tabRect(window.tabs.classes.index(class_id)).center()
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, modifier, place)


def combo_named(window: MainWindow, name: str) -> QComboBox:
    (combo,) = (c for c in window.dock.findChildren(QComboBox) if c.accessibleName() == name)
    return combo


def pick(window: MainWindow, name: str, data: object) -> None:
    """Choose an entry of one of the dock's lists, as a user does."""
    combo = combo_named(window, name)
    index = next(i for i in range(combo.count()) if combo.itemData(i) == data)
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def state_of(window: MainWindow) -> ViewState:
    state = window.view.state
    assert state is not None
    return state


def in_view(window: MainWindow) -> Target:
    return state_of(window).target


def show_evidence(window: MainWindow, qtbot: QtBot) -> None:
    window.evidence.raise_()
    qtbot.waitUntil(lambda: bool(window.evidence.channels.bars))
    for bars in (window.evidence.channels, window.evidence.logits):
        qtbot.waitUntil(lambda bars=bars: bars.height() == bars.sizeHint().height())  # type: ignore[misc]


def click_channel(window: MainWindow, index: int) -> int:
    """A click on a channel's bar; returns the channel."""
    bars = window.evidence.channels
    height = bars.sizeHint().height() / len(bars.bars)
    QTest.mouseClick(
        bars.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, round((index + 0.5) * height))
    )
    return bars.bars[index].key


# Comparing


def test_ctrl_click_shows_the_difference(window: MainWindow, qtbot: QtBot) -> None:
    show_evidence(window, qtbot)
    pick(window, "Colours", "viridis")
    before = window.view.grab().toImage()
    click_tab(window, 1, CTRL)
    assert in_view(window) == ScoreDifference(0, 1)
    assert window.tabs.chosen == 0
    assert not window.tabs.follow, "both sides stay"
    assert state_of(window).style.colormap == colormaps.DIVERGING
    assert window.presenter.style.colormap == "viridis", "only for the difference"
    explanation = current(window)
    peak = float(abs(explanation.map(ScoreDifference(0, 1)).values).max())
    assert state_of(window).shown == ValueRange(-peak, peak)
    assert window.centre.colour_bar.shown == state_of(window).shown
    assert window.centre.colour_bar.overlay_style.colormap == colormaps.DIVERGING
    assert window.view.grab().toImage() != before
    assert f"{LABELS[0]} − {LABELS[1]}" in window.view.accessibleDescription()
    rows = {row.name: row.value for row in window.evidence.steps.rows}
    assert float(rows["difference of the logits"]) == pytest.approx(SCORES[0] - SCORES[1])


def test_a_diverging_colormap_stays(window: MainWindow) -> None:
    pick(window, "Colours", "red-blue")
    click_tab(window, 1, CTRL)
    assert state_of(window).style.colormap == "red-blue"


def test_ctrl_click_again_ends_it(window: MainWindow) -> None:
    before = window.view.grab().toImage()
    click_tab(window, 1, CTRL)
    assert window.actions_by_name["compare"].isChecked()
    click_tab(window, 1, CTRL)
    assert in_view(window) == ClassScore(0)
    assert not window.actions_by_name["compare"].isChecked()
    assert window.view.grab().toImage() == before


def test_ctrl_click_on_another_compares_with_that(window: MainWindow) -> None:
    click_tab(window, 1, CTRL)
    click_tab(window, 3, CTRL)
    assert in_view(window) == ScoreDifference(0, 3)


def test_ctrl_click_on_the_chosen_tab_compares_nothing(window: MainWindow) -> None:
    click_tab(window, 0, CTRL)
    assert in_view(window) == ClassScore(0)


@pytest.mark.parametrize("class_id", [0, 1, 2])
def test_a_plain_click_ends_it(window: MainWindow, class_id: int) -> None:
    """On the chosen tab, on the other one, on a third one."""
    click_tab(window, 1, CTRL)
    click_tab(window, class_id)
    assert in_view(window) == ClassScore(class_id)
    assert window.presenter.comparison.other is None
    assert not window.actions_by_name["compare"].isChecked()
    assert state_of(window).style == window.presenter.style


def test_w_compares_with_the_most_probable_other_class(window: MainWindow) -> None:
    press(window.view, Qt.Key.Key_W)
    assert in_view(window) == ScoreDifference(0, 1)
    press(window.view, Qt.Key.Key_W)
    assert in_view(window) == ClassScore(0)
    click_tab(window, 3)
    press(window.view, Qt.Key.Key_W)
    assert in_view(window) == ScoreDifference(3, 0)


def test_w_ends_what_ctrl_click_began(window: MainWindow) -> None:
    click_tab(window, 2, CTRL)
    press(window.view, Qt.Key.Key_W)
    assert in_view(window) == ClassScore(0)


def test_w_without_a_picture_is_not_on(open_window: Windows) -> None:
    window = open_window(None)
    press(window.view, Qt.Key.Key_W)
    assert not window.actions_by_name["compare"].isChecked()


def test_a_comparison_is_followed_through_frames(open_window: Windows, qtbot: QtBot) -> None:
    explainer = FakeExplainer(model_info("resnet18"))
    window = open_window(None, loader=FakeLoader(lambda _: FakeModel(explainer)))
    pipeline, camera = pipeline_of(window), FakeCamera()
    pipeline.open(camera)
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()
    click_tab(window, 1, CTRL)
    explainer.scores = tuple(reversed(SCORES))
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()
    assert in_view(window) == ScoreDifference(0, 1)
    assert state_of(window).explanation is current(window)


def has_fewer(choice: ModelChoice) -> FakeModel:
    """ResNet18 as ever, and any other model with two classes and two channels."""
    if choice.name == "resnet18":
        return ready(choice.name)
    return FakeModel(FakeExplainer(model_info(choice.name), (3.0, 1.0), ("yes", "no")))


@pytest.mark.parametrize("what", ["class", "channel"])
def test_another_model_may_have_fewer(open_window: Windows, qtbot: QtBot, what: str) -> None:
    """What the old one compared, or whose channel it showed, may not be in the new one."""
    window = open_window(loader=FakeLoader(has_fewer), choice=ModelChoice("resnet18"))
    window.tabs.choose(6)
    pick(window, "Scale", Scale.SHARED)
    if what == "class":
        window.presenter.comparison.compare_with(7)
    else:
        window.evidence.channel_chosen.emit(7)
    assert in_view(window) in (ScoreDifference(6, 7), ChannelPart(6, 7))
    with (
        qtbot.captureExceptions() as problems,
        qtbot.waitSignal(pipeline_of(window).explained),
    ):
        window.models.choose(ModelChoice("efficientnet_lite0"))
    assert problems == []
    assert in_view(window) == ClassScore(0)
    assert state_of(window).explanation is current(window)


# Saving


def test_the_saved_file_says_both_classes(open_window: Windows, tmp_path: Path, qtbot: QtBot) -> None:
    folder = tmp_path / "pictures"
    Settings().set("save/folder", str(folder))
    window = open_window()
    click_tab(window, 2, CTRL)
    press(window.view, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: "Saved" in str(window.banners.text(BannerKey.SAVE)))
    (file,) = folder.iterdir()
    assert "tabby" in file.name
    assert "golden_retriever" in file.name
    facts = read_facts(file)
    assert facts is not None
    assert (facts["class_id"], facts["other"], facts["other_label"]) == (0, 2, LABELS[2])
    assert facts["colormap"] == colormaps.DIVERGING
    shown = state_of(window).shown
    assert facts["shown"] == pytest.approx([shown.low, shown.high])


def test_what_is_saved_beside_all_is_drawn_in_its_own_range(
    open_window: Windows, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "pictures"
    Settings().set("save/folder", str(folder))
    window = open_window()
    click_tab(window, 1, CTRL)
    press(window.view, Qt.Key.Key_A)
    press(window.view, Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: "Saved" in str(window.banners.text(BannerKey.SAVE)))
    (file,) = folder.iterdir()
    facts = read_facts(file)
    assert facts is not None
    low, high = facts["shown"]
    assert low == (-high if colormaps.info(facts["colormap"]).diverging else 0.0)


# All


def test_comparing_ends_all(window: MainWindow) -> None:
    press(window.view, Qt.Key.Key_A)
    assert window.centre.all_view.isVisible()
    click_tab(window, 1, CTRL)
    assert window.view.isVisible()
    assert not window.actions_by_name["all"].isChecked()
    assert in_view(window) == ScoreDifference(0, 1)


def test_all_ends_comparing(window: MainWindow) -> None:
    click_tab(window, 1, CTRL)
    press(window.view, Qt.Key.Key_A)
    assert window.centre.all_view.isVisible()
    assert window.presenter.comparison.other is None
    assert not window.actions_by_name["compare"].isChecked()
    assert {state.style for state in window.centre.all_view.states} == {window.presenter.style}, (
        "no difference's colours"
    )


# Channels


def test_a_channel_shows_its_map_and_a_tab_goes_back(window: MainWindow, qtbot: QtBot) -> None:
    show_evidence(window, qtbot)
    before = window.view.grab().toImage()
    channel = click_channel(window, 5)
    assert in_view(window) == ChannelPart(0, channel)
    assert window.evidence.steps.rows == step_rows(state_of(window))
    assert window.view.grab().toImage() != before
    click_tab(window, 0)
    assert in_view(window) == ClassScore(0)
    assert window.view.grab().toImage() == before


def test_the_same_channel_again_goes_back(window: MainWindow, qtbot: QtBot) -> None:
    show_evidence(window, qtbot)
    click_channel(window, 5)
    click_channel(window, 5)
    assert in_view(window) == ClassScore(0)


def test_escape_in_the_view_leaves_the_channel(window: MainWindow, qtbot: QtBot) -> None:
    """And before that the cell that the keyboard points at there."""
    show_evidence(window, qtbot)
    channel = click_channel(window, 5)
    window.view.setFocus()
    QTest.keyClick(window.view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(window.view, Qt.Key.Key_Escape)
    assert in_view(window) == ChannelPart(0, channel)
    QTest.keyClick(window.view, Qt.Key.Key_Escape)
    assert in_view(window) == ClassScore(0)
    click_channel(window, 2)
    QTest.keyClick(window.evidence.channels, Qt.Key.Key_Escape)
    assert in_view(window) == ClassScore(0)


def test_a_channel_ends_the_comparison(window: MainWindow, qtbot: QtBot) -> None:
    show_evidence(window, qtbot)
    click_tab(window, 1, CTRL)
    channel = click_channel(window, 0)
    assert in_view(window) == ChannelPart(0, channel)
    assert not window.actions_by_name["compare"].isChecked()


def test_a_channel_does_not_claim_the_fixed_range(window: MainWindow) -> None:
    pick(window, "Scale", Scale.FIXED)
    window.evidence.channel_chosen.emit(3)
    shown = window.centre.colour_bar.shown
    assert shown is not None
    assert shown.high != window.presenter.style.fixed, "it would hide the channel"
    assert Scale.FIXED not in (window.centre.colour_bar.overlay_style.scale, state_of(window).style.scale)
    window.presenter.selection.clear()
    assert window.centre.colour_bar.overlay_style.scale is Scale.FIXED


def test_a_logit_chooses_its_class(window: MainWindow, qtbot: QtBot) -> None:
    show_evidence(window, qtbot)
    bars = window.evidence.logits
    height = bars.sizeHint().height() / len(bars.bars)
    QTest.mouseClick(bars.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, round(2.5 * height)))
    assert window.tabs.chosen == 2
    assert in_view(window) == ClassScore(2)


def test_evidence_behind_the_other_dock_is_not_computed(window: MainWindow, qtbot: QtBot) -> None:
    """As the program starts: the Overlay dock lies on it."""
    with qtbot.waitSignal(pipeline_of(window).explained):
        pick(window, "Resolution", 320)
    window.tabs.choose(1)  # the same frame: shown at once, where it is seen
    assert not window.evidence.waits
    assert window.evidence.steps.rows == ()
    show_evidence(window, qtbot)
    assert window.evidence.steps.rows == step_rows(state_of(window))


# The dock


def test_a_threshold_draws_a_box_and_reads_it_out(window: MainWindow) -> None:
    before = window.view.grab().toImage()
    assert not bool(window.dock.found_text)
    pick(window, "Box at", 0.7)
    assert window.presenter.style.threshold == 0.7
    assert window.view.grab().toImage() != before
    explanation = current(window)
    expected = localize(explanation.map(ClassScore(0)).values, explanation.region, 0.7)
    assert expected.box is not None
    assert bool(window.dock.found_text)
    assert ", ".join(f"{side:.0f}" for side in expected.box) in window.dock.found_text
    assert f"{100 * expected.area:.0f} %" in window.dock.found_text
    pick(window, "Box at", None)
    assert window.view.grab().toImage() == before
    assert not bool(window.dock.found_text)


def test_the_readout_follows_the_map_in_view(window: MainWindow) -> None:
    pick(window, "Box at", 0.7)
    first = window.dock.found_text
    click_tab(window, 4)
    second = window.dock.found_text
    click_tab(window, 1, CTRL)
    explanation = current(window)
    expected = localize(explanation.map(ScoreDifference(4, 1)).values, explanation.region, 0.7)
    assert first != second
    assert (expected.box is None) == ("no box" in window.dock.found_text)


def test_signs_choose_a_colormap_with_two_sides_and_back(window: MainWindow) -> None:
    pick(window, "Colours", "viridis")
    pick(window, "Shows", True)
    assert window.presenter.style.signed
    shown = state_of(window).shown
    assert shown.low == -shown.high
    pick(window, "Shows", False)
    assert window.presenter.style.colormap == "viridis"
    assert state_of(window).shown.low == 0


def test_the_dock_is_remembered(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window()
    pipeline = pipeline_of(window)
    with qtbot.waitSignal(pipeline.explained):
        (fine,) = (b for b in window.dock.findChildren(QCheckBox) if "six" in b.text())
        fine.click()
    with qtbot.waitSignal(pipeline.explained):
        pick(window, "Smooth over", 0.5)
    pick(window, "Shows", True)
    pick(window, "Box at", 0.3)
    pick(window, "Scale", Scale.FIXED)
    (fixed,) = window.dock.findChildren(QDoubleSpinBox)
    fixed.setValue(12.5)
    request, style = pipeline.request, window.presenter.style
    assert request == ExplainRequest(fine=True)
    assert pipeline.smoothing == 0.5
    assert pipeline.origin.smoothing == 0.5
    assert (style.signed, style.threshold, style.scale, style.fixed) == (True, 0.3, Scale.FIXED, 12.5)
    assert state_of(window).shown == ValueRange(-12.5, 12.5)
    window.close()

    again = open_window()
    assert pipeline_of(again).request == request
    assert pipeline_of(again).smoothing == 0.5
    assert again.presenter.style == style
    assert current(again).request == request
    (fine,) = (b for b in again.dock.findChildren(QCheckBox) if "six" in b.text())
    (fixed,) = again.dock.findChildren(QDoubleSpinBox)
    assert (fine.isChecked(), fixed.value()) == (True, 12.5)
    assert combo_named(again, "Smooth over").currentData() == 0.5
    assert combo_named(again, "Box at").currentData() == 0.3
    assert combo_named(again, "Shows").currentData() is True
    assert not any("nan" in label.text() for label in again.dock.findChildren(QLabel))
