"""All of the window can be used by the keyboard, and read by somebody who doesn't see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent, QImage
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QListView,
    QMenu,
    QSlider,
    QTabBar,
    QTextBrowser,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from camviewer.core.explanation import ExplainRequest
from camviewer.core.frames import Fit
from camviewer.core.scaling import Scale
from camviewer.core.targets import ClassScore, scores_of
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import shown_range, view_state
from camviewer.ui.picture.all_view import AllView
from camviewer.ui.picture.colour_bar import ColourBar
from camviewer.ui.picture.overlay_view import OverlayView
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.widgets import accessibility
from camviewer.ui.widgets.banner import BannerKey, Severity
from camviewer.ui.widgets.text_window import TextWindow
from tests.ui.fakes import FakeVideo, Windows, crafted, current, pipeline_of, plain_frame, press, settings_in
from tests.ui.looking import NO_ROLE, spoken, usable_below

Key, Role = Qt.Key, QAccessible.Role
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(autouse=True)
def _roles() -> None:
    accessibility.install()


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)()


def unnamed(window: QWidget) -> list[str]:
    """What has no name, or is of no kind that a screen reader knows."""
    found = []
    for widget in usable_below(window):
        name, role = spoken(widget)
        if not name.strip() or role in NO_ROLE:
            found.append(f"{type(widget).__name__} {widget.objectName()!r}: {name!r}, {role.name}")
    return found


# Names and roles


def test_everything_in_the_window_has_a_name_and_a_role(window: MainWindow, qtbot: QtBot) -> None:
    window.banners.show_message(BannerKey.SOURCE, Severity.ERROR, "It failed.", [("Try again", lambda: None)])
    window.styles.restyle(scale=Scale.FIXED, threshold=0.2)
    assert unnamed(window) == []
    window.evidence.raise_()
    qtbot.waitUntil(lambda: window.evidence.steps.rows != ())
    assert unnamed(window) == []
    window.tabs.set_all(True)
    assert unnamed(window) == []


def test_a_videos_bar_has_names(window: MainWindow, qtbot: QtBot) -> None:
    video = FakeVideo()
    pipeline_of(window).open(video)
    with qtbot.waitSignal(pipeline_of(window).explained):
        video.bring()
    assert unnamed(window) == []


def test_a_review_has_names(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("tabby", "acorn"):
        (tmp_path / name).mkdir()
        QImage(60, 40, QImage.Format.Format_RGB32).save(str(tmp_path / name / "a.png"))
    window.reviews.start(tmp_path)
    qtbot.waitUntil(lambda: window.reviews.job is not None and window.reviews.job.over)
    qtbot.waitUntil(lambda: window.centre.review.head.headline != "")
    assert unnamed(window) == []
    page = window.centre.review
    interface = QAccessible.queryAccessibleInterface(page.list)
    texts = [interface.child(i).text(QAccessible.Text.Name) for i in range(interface.childCount())]
    assert len(texts) == 1
    assert "acorn" in texts[0]
    assert "✗ tabby 63 %" in texts[0]
    assert "✓ acorn" in texts[0]
    page.list.setFocus()
    press(page.list, Key.Key_Escape)
    assert window.centre.frame_page.isVisible(), "Escape leads back to the frame"


def test_windows_and_popups_have_names(window: MainWindow, qtbot: QtBot) -> None:
    window.classes.find()
    assert unnamed(window.classes.finder) == []
    window.classes.finder.close()
    for name in ("help", "guide", "about"):
        window.actions_by_name[name].trigger()
    windows = [w for w in window.findChildren(TextWindow) if w.isVisible()]
    assert len(windows) == 3
    for shown in windows:
        assert unnamed(shown) == []
        assert shown.findChild(QTextBrowser).accessibleName() == shown.windowTitle()  # type: ignore[union-attr]
        with qtbot.waitSignal(shown.destroyed):
            shown.close()


def test_what_is_painted_has_a_role(window: MainWindow) -> None:
    roles = {
        window.view: Role.Graphic,
        window.centre.all_view: Role.List,
        window.centre.colour_bar: Role.Slider,
        window.evidence.network_input: Role.Graphic,
        window.evidence.channels: Role.List,
    }
    for widget, role in roles.items():
        assert spoken(widget)[1] is role
    (bar,) = window.tabs.findChildren(QTabBar)
    assert spoken(bar)[1] is Role.PageTabList


def test_banners_are_announced(window: MainWindow) -> None:
    """There is nobody to listen here, but it must not fail where there is."""
    before = QAccessible.isActive()
    QAccessible.setActive(True)
    try:
        for severity in Severity:
            window.banners.show_message(BannerKey.SOURCE, severity, severity.value)
    finally:
        QAccessible.setActive(before)


# The way of the Tab key


def tabbed(window: QWidget, start: QWidget, limit: int = 80) -> list[QWidget]:
    """The widgets that Tab goes through, once round."""
    start.setFocus(Qt.FocusReason.TabFocusReason)
    found: list[QWidget] = []
    for _ in range(limit):
        focused = QApplication.focusWidget()
        assert focused is not None
        if found and focused is found[0]:
            break
        found.append(focused)
        QTest.keyClick(focused, Key.Key_Tab)
    return found


def test_tab_goes_through_everything_in_order(window: MainWindow, qtbot: QtBot) -> None:
    window.banners.show_message(BannerKey.SOURCE, Severity.ERROR, "It failed.", [("Try again", lambda: None)])
    window.styles.restyle(scale=Scale.FIXED)
    way = tabbed(window, window.view)
    by_tab = Qt.FocusPolicy.TabFocus.value
    reachable = {w for w in usable_below(window) if w.isEnabled() and w.focusPolicy().value & by_tab}
    assert {spoken(w)[0] for w in reachable} - {spoken(w)[0] for w in way} == set()
    areas = [area_of(window, widget) for widget in way]
    order = [area for i, area in enumerate(areas) if i == 0 or area != areas[i - 1]]
    first = order.index("tabs")
    assert (order[first:] + order[:first])[:5] == ["tabs", "banners", "view", "colour bar", "video bar"]
    assert len(order) == len(set(order)), "each part at one go"
    assert "evidence" not in order, "it is behind the other dock's tab"
    window.evidence.raise_()
    qtbot.waitUntil(window.evidence.steps.isEnabled)
    areas = [area_of(window, widget) for widget in tabbed(window, window.view)]
    assert "evidence" in areas
    assert "overlay" not in areas


def area_of(window: MainWindow, widget: QWidget) -> str:
    centre = window.centre
    parts: dict[str, QWidget] = {
        "tabs": centre.tabs,
        "banners": centre.banners,
        "view": centre.view,
        "colour bar": centre.colour_bar,
        "video bar": centre.video_bar,
        "overlay": window.dock,
        "evidence": window.evidence,
        "toolbar": window.toolbar,
    }
    return next(
        (name for name, part in parts.items() if part is widget or part.isAncestorOf(widget)), "elsewhere"
    )


# The view by the keyboard


def shown_view(qtbot: QtBot) -> OverlayView:
    view, style = OverlayView(), OverlayStyle()
    qtbot.addWidget(view)
    view.resize(640, 480)
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    view.setFocus()
    explanation = crafted(plain_frame(320, 320), ExplainRequest(Fit.WHOLE))
    view.show_state(view_state(explanation, ClassScore(0), style))
    return view


def test_cells_are_read_by_shift_and_the_arrows(qtbot: QtBot) -> None:
    view = shown_view(qtbot)
    assert view.accessibleDescription() == "tabby, class activation map"
    QTest.keyClick(view, Key.Key_Right, SHIFT)
    assert view.accessibleDescription().startswith("row 4, column 4: "), "the middle one first"
    QTest.keyClick(view, Key.Key_Up, SHIFT)
    QTest.keyClick(view, Key.Key_Left, SHIFT)
    place, share = view.accessibleDescription().split(", +", 1)
    assert place.startswith("row 3, column 3: ")
    assert share.endswith("of the logit 4.00")
    for _ in range(9):
        QTest.keyClick(view, Key.Key_Left, SHIFT)
    assert view.accessibleDescription().startswith("row 3, column 1: "), "the edge is the end"
    QTest.keyClick(view, Key.Key_Escape)
    assert view.accessibleDescription() == "tabby, class activation map"


def test_a_cell_that_is_out_of_view_is_brought_into_it(qtbot: QtBot) -> None:
    view = shown_view(qtbot)
    view.zoom_by(8)
    before = view.region_on_screen()
    for _ in range(5):
        QTest.keyClick(view, Key.Key_Right, SHIFT)
    assert view.region_on_screen().left() < before.left()
    cell = view.cell_on_screen
    assert cell.right() <= view.width() + 1
    assert cell.width() > 0


def test_the_mouse_takes_over(qtbot: QtBot) -> None:
    view = shown_view(qtbot)
    QTest.keyClick(view, Key.Key_Right, SHIFT)
    QTest.mouseMove(view, QPoint(5, 5))
    qtbot.waitUntil(lambda: view.accessibleDescription() == "tabby, class activation map")


def test_plain_arrows_still_leaf_through_photos(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.actions_by_name["next"].isEnabled)
    with qtbot.waitSignal(pipeline_of(window).explained):
        press(window.view, Key.Key_Right)
    press(window.view, Key.Key_Right, SHIFT)
    assert "row " in window.view.accessibleDescription()


def test_tiles_are_gone_through_and_chosen(window: MainWindow, qtbot: QtBot) -> None:
    press(window.view, Key.Key_A)
    tiles = window.centre.all_view
    assert tiles.hasFocus(), "the focus goes with the view"
    assert tiles.accessibleDescription() == "tabby, tiger cat, golden retriever, tennis ball, Löwe"
    press(tiles, Key.Key_Right, SHIFT)
    assert tiles.accessibleDescription() == "tabby: 63 %, 1 of 5", "the chosen one first"
    press(tiles, Key.Key_Right, SHIFT)
    assert tiles.accessibleDescription() == "tiger cat: 23 %, 2 of 5"
    below = next(iter(tiles.tiles().values())).left()
    press(tiles, Key.Key_Return)
    assert window.tabs.chosen == 1
    assert window.view.hasFocus()
    assert below >= 0


def test_tiles_below_each_other(qtbot: QtBot) -> None:
    tiles, style = AllView(), OverlayStyle()
    qtbot.addWidget(tiles)
    tiles.resize(600, 400)
    explanation = crafted(plain_frame())
    tabs = scores_of(range(5))
    tiles.show_states([view_state(explanation, tab, style, compared=tabs) for tab in tabs], 0)
    columns = len({round(rect.left()) for rect in tiles.tiles().values()})
    chosen = QSignalSpy(tiles.class_clicked)
    for key in (Key.Key_Down, Key.Key_Down, Key.Key_Down):
        QTest.keyClick(tiles, key, SHIFT)
    QTest.keyClick(tiles, Key.Key_Return)
    assert chosen.at(0)[0] in (columns, 2 * columns)


def test_the_range_by_keys(qtbot: QtBot) -> None:
    bar = ColourBar()
    qtbot.addWidget(bar)
    explanation, style = crafted(plain_frame()), OverlayStyle(scale=Scale.FIXED)
    bar.show_range(style, shown_range(explanation, (ClassScore(0),), style))
    bar.show()
    bar.activateWindow()
    qtbot.waitUntil(bar.isActiveWindow)
    bar.setFocus(Qt.FocusReason.TabFocusReason)
    assert bar.accessibleDescription() == "0.0 to 20.0 logit, fixed"
    dragged, freed = QSignalSpy(bar.range_dragged), QSignalSpy(bar.range_freed)
    for key in (Key.Key_Up, Key.Key_Down, Key.Key_PageUp, Key.Key_PageDown):
        QTest.keyClick(bar, key)
    assert [dragged.at(i)[0] for i in range(4)] == pytest.approx([22.0, 18.2, 40.0, 10.0])
    QTest.keyClick(bar, Key.Key_Escape)
    assert freed.count() == 1
    assert not bar.grab().isNull()


def test_seeking_by_keys(window: MainWindow, qtbot: QtBot) -> None:
    video = FakeVideo()
    pipeline_of(window).open(video)
    (slider,) = window.centre.video_bar.findChildren(QSlider)
    slider.setFocus()
    for key, place in ((Key.Key_PageUp, 10.0), (Key.Key_Up, 11.0), (Key.Key_Home, 0.0), (Key.Key_End, 83.5)):
        QTest.keyClick(slider, key)
        assert video.place == pytest.approx(place, abs=0.1)


# What Ctrl+click and the right button do


def test_any_class_can_be_compared_from_the_menu(window: MainWindow) -> None:
    window.tabs.choose(0)
    (menu,) = [m for m in window.menuBar().findChildren(QMenu) if m.title().startswith("W&hy")] or [
        m for m in window.findChildren(QMenu) if m.title().startswith("W&hy")
    ]
    menu.aboutToShow.emit()
    texts = [action.text() for action in menu.actions()]
    assert texts == ["tiger cat", "golden retriever", "tennis ball", "Löwe"]
    menu.actions()[2].trigger()
    assert window.presenter.comparison.other == 3
    menu.aboutToShow.emit()
    assert [a.text() for a in menu.actions() if a.isChecked()] == ["tennis ball"]


def test_the_menu_key_is_for_the_chosen_tab(window: MainWindow, qtbot: QtBot) -> None:
    window.tabs.choose(1)
    (bar,) = window.tabs.findChildren(QTabBar)
    bar.setFocus()
    middle = bar.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, middle, bar.mapToGlobal(middle))
    QApplication.sendEvent(bar, event)
    (menu,) = [m for m in window.tabs.findChildren(QMenu) if m.isVisible()]
    assert menu.actions()[0].text() == "Pin"
    menu.actions()[0].trigger()
    assert window.tabs.pinned == (1,)
    menu.close()


def test_the_finders_list_says_what_is_chosen(window: MainWindow) -> None:
    window.classes.find()
    line = window.classes.finder.findChild(QLineEdit)
    listed = window.classes.finder.findChild(QListView)
    assert line is not None
    assert listed is not None
    QTest.keyClick(line, Key.Key_Down)
    interface = QAccessible.queryAccessibleInterface(listed)
    assert interface.child(1).text(QAccessible.Text.Name) == "tiger cat   23 %"
    window.classes.finder.close()


# No information by colour alone


def test_what_colours_say_is_said_in_words_too(window: MainWindow, qtbot: QtBot) -> None:
    window.presenter.comparison.compare(0, 1)
    (bar,) = window.tabs.findChildren(QTabBar)
    names = [bar.accessibleTabName(i) for i in range(bar.count())]
    assert "tiger cat, 23 %, compared" in names
    window.presenter.comparison.toggle(False)
    window.records.set_recording(True)
    buttons = [b for b in window.toolbar.findChildren(QToolButton) if b.text() == "Stop"]
    assert len(buttons) == 1, "recording is told by a word, not by a red dot"
    window.records.set_recording(False)
    qtbot.waitUntil(lambda: not window.records.recorder.recording)
    window.evidence.raise_()
    qtbot.waitUntil(lambda: window.evidence.channels.bars != ())
    for part in window.evidence.channels.bars:
        assert part.value == 0 or part.text[0] == ("+" if part.value > 0 else "-")
    explanation = current(window)
    assert explanation.label(0) == "tabby"


def test_focus_can_be_seen(window: MainWindow, qtbot: QtBot) -> None:
    """Painted widgets show where the keyboard is, once it is used."""
    window.banners.clear(BannerKey.FIRST_START)
    for widget in (window.view, window.centre.colour_bar):
        window.tabs.setFocus()
        plain = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.sendPostedEvents(None, QEvent.Type.Paint.value)
        assert widget.grab().toImage() != plain
