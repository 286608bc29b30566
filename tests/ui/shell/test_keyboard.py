"""Everything on the keyboard is in a menu and the reverse; plain keys belong to the view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QMenu, QWidget
from pytestqt.qtbot import QtBot

from camviewer.core import colormaps
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.widgets.words import without_mnemonic
from tests.ui.fakes import (
    FakeCamera,
    FakeExplainer,
    FakeLoader,
    FakeModel,
    Windows,
    model_info,
    pipeline_of,
    press,
    settings_in,
)

Key, Mod = Qt.Key, Qt.KeyboardModifier
DESIGNED = {
    "open": "Ctrl+O",
    "open_folder": "Ctrl+Shift+O",
    "save": "Ctrl+S",
    "snapshot": "Ctrl+Shift+S",
    "export": "Ctrl+E",
    "copy": "Ctrl+C",
    "paste": "Ctrl+V",
    "freeze": "Space",
    "previous": "Left",
    "next": "Right",
    "pin": "P",
    "find_class": "/",
    "next_colormap": "C",
    "less_opacity": "[",
    "more_opacity": "]",
    "fit_window": "Ctrl+F",
    "full_screen": "F11",
    "help": "F1",
    **{f"tab{i}": str(i) for i in range(1, 10)},
}


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path):
        yield Windows(qtbot)


@pytest.fixture
def window(open_window: Windows) -> MainWindow:
    return open_window()


def in_menus(menu: QMenu) -> list[QAction]:
    """All actions of a menu and those below it."""
    found = []
    for action in menu.actions():
        below = action.menu()
        found += in_menus(below) if isinstance(below, QMenu) else [action]
    return found


def all_in_menus(window: MainWindow) -> list[QAction]:
    return [a for top in window.menuBar().actions() for a in in_menus(top.menu())]  # type: ignore[arg-type]


def test_the_keys_are_those_of_the_design(window: MainWindow) -> None:
    for name, key in DESIGNED.items():
        assert QKeySequence(key) in window.actions_by_name[name].shortcuts(), name


def test_every_action_is_in_a_menu_once(window: MainWindow) -> None:
    counts = Counter(id(action) for action in all_in_menus(window))
    missing = {name for name, action in window.actions_by_name.items() if counts[id(action)] != 1}
    # The toolbar's button opens the first screen; the menu lists all.
    assert missing <= {"open_screen"}
    window.source_menus.screen_menu.aboutToShow.emit()
    assert len(window.source_menus.screen_menu.actions()) == len(QApplication.screens())


def test_every_key_is_one_actions(window: MainWindow) -> None:
    actions = {*all_in_menus(window), *window.findChildren(QAction)}
    keys = Counter(key.toString() for action in actions for key in action.shortcuts())
    assert {key for key, count in keys.items() if count > 1} == set()


def test_tips_name_the_key(window: MainWindow) -> None:
    act = window.actions_by_name
    assert act["save"].toolTip() == "Save image (Ctrl+S)"
    assert act["about"].toolTip() == "About camviewer"
    assert all("&" not in action.toolTip() for action in act.values())


def test_mnemonics_within_a_menu_differ(window: MainWindow) -> None:
    for top in window.menuBar().actions():
        menu = top.menu()
        assert isinstance(menu, QMenu)
        letters = Counter(
            text[text.index("&") + 1].lower() for text in (a.text() for a in menu.actions()) if "&" in text
        )
        # The tabs' are their numbers.
        assert {letter for letter, count in letters.items() if count > 1} == set(), top.text()


def test_digits_choose_tabs(window: MainWindow) -> None:
    for key, place in ((Key.Key_3, 2), (Key.Key_1, 0), (Key.Key_5, 4), (Key.Key_9, 4)):
        press(window.view, key)
        assert window.tabs.chosen == window.tabs.classes[place]


def test_p_pins_and_unpins_the_chosen_class(window: MainWindow) -> None:
    press(window.view, Key.Key_2)
    press(window.view, Key.Key_P)
    assert list(window.tabs.pinned) == [1]
    assert window.actions_by_name["pin"].isChecked()
    press(window.view, Key.Key_P)
    assert list(window.tabs.pinned) == []
    assert not window.actions_by_name["pin"].isChecked()


def test_c_goes_round_the_colormaps(window: MainWindow) -> None:
    names = list(colormaps.COLORMAPS)
    seen = []
    for _ in names:
        press(window.view, Key.Key_C)
        seen.append(window.presenter.style.colormap)
    assert seen == [*names[1:], names[0]]
    press(window.view, Key.Key_R)
    press(window.view, Key.Key_C)
    assert window.presenter.style.colormap == f"{names[1]}_r"
    press(window.view, Key.Key_R)
    assert window.presenter.style.colormap == names[1]


def test_brackets_change_the_opacity_within_its_limits(window: MainWindow) -> None:
    for key, expected in ((Key.Key_BracketLeft, 0.7), (Key.Key_BracketRight, 0.8)):
        press(window.view, key)
        assert window.presenter.style.opacity == pytest.approx(expected)
    for key, limit in ((Key.Key_BracketLeft, 0.0), (Key.Key_BracketRight, 1.0)):
        for _ in range(12):
            press(window.view, key)
        assert window.presenter.style.opacity == limit


def test_arrows_leaf_through_the_photos(window: MainWindow, qtbot: QtBot) -> None:
    pipeline = pipeline_of(window)
    qtbot.waitUntil(window.actions_by_name["next"].isEnabled)
    first = window.windowTitle()
    for key, same in ((Key.Key_Right, False), (Key.Key_Left, True)):
        with qtbot.waitSignal(pipeline.explained):
            press(window.view, key)
        assert (window.windowTitle() == first) is same


def test_space_freezes_what_is_live(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(None)
    pipeline, camera = pipeline_of(window), FakeCamera()
    pipeline.open(camera)
    press(window.view, Key.Key_Space)
    assert not window.actions_by_name["freeze"].isChecked(), "there is nothing to keep"
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()
    frozen_changed = QSignalSpy(pipeline.frozen_changed)
    for frozen in (True, False):
        press(window.view, Key.Key_Space)
        assert pipeline.frozen is frozen
        assert window.actions_by_name["freeze"].isChecked() is frozen
    assert frozen_changed.count() == 2


def test_keys_of_what_is_not_there_do_nothing(open_window: Windows) -> None:
    window = open_window(None)
    for key in (Key.Key_1, Key.Key_Slash, Key.Key_Space, Key.Key_Right, Key.Key_A, Key.Key_P):
        press(window.view, key)
    for key in (Key.Key_S, Key.Key_C):
        press(window.view, key, Mod.ControlModifier)
    assert list(window.tabs.pinned) == []
    assert window.classes.finder.isHidden()
    assert not window.actions_by_name["pin"].isChecked(), "nothing is pinned"


def test_the_finder_takes_all_keys_while_it_is_open(window: MainWindow, qtbot: QtBot) -> None:
    before = window.presenter.style
    press(window.view, Key.Key_Slash)
    finder = window.classes.finder
    qtbot.waitUntil(finder.isVisible)
    line = finder.findChild(QLineEdit)
    assert line is not None
    QTest.keyClicks(line, "c1 p[]/")
    assert line.text() == "c1 p[]/"
    assert window.presenter.style == before
    assert list(window.tabs.pinned) == []
    press(line, Key.Key_Escape)
    assert finder.isHidden()


@pytest.mark.parametrize(
    ("typed", "downs", "found"),
    [("acorn", 0, 7), ("7", 0, 7), ("CRANE", 0, 5), ("crane", 1, 6), ("cat", 0, 1)],
)
def test_a_found_class_is_pinned_and_chosen(
    window: MainWindow, qtbot: QtBot, typed: str, downs: int, found: int
) -> None:
    press(window.view, Key.Key_Slash)
    line = window.classes.finder.findChild(QLineEdit)
    assert line is not None
    QTest.keyClicks(line, typed)
    for _ in range(downs):
        QTest.keyClick(line, Key.Key_Down)
    QTest.keyClick(line, Key.Key_Return)
    assert window.classes.finder.isHidden()
    assert (window.tabs.chosen, window.tabs.pinned) == (found, (found,))


def test_the_finder_lists_the_most_probable_first(window: MainWindow, qtbot: QtBot) -> None:
    window.classes.find()
    listed, line = window.classes.finder.findChild(QListWidget), window.classes.finder.findChild(QLineEdit)
    assert listed is not None
    assert line is not None
    assert [listed.item(i).data(Qt.ItemDataRole.UserRole) for i in range(listed.count())] == list(range(8))
    QTest.keyClicks(line, "zzz")
    assert listed.isHidden()
    QTest.keyClick(line, Key.Key_Return)
    assert window.classes.finder.isVisible(), "there is nothing to choose"
    window.classes.finder.close()


def percents(finder: QWidget) -> list[str]:
    listed = finder.findChild(QListWidget)
    assert listed is not None
    return [listed.item(i).text() for i in range(listed.count())]


def test_the_finders_numbers_are_those_of_the_newest_frame(open_window: Windows, qtbot: QtBot) -> None:
    """In the places that they had, until something is typed."""
    explainer = FakeExplainer(model_info("resnet18"))
    window = open_window(None, loader=FakeLoader(lambda _: FakeModel(explainer)))
    pipeline, camera, finder = pipeline_of(window), FakeCamera(), window.classes.finder
    pipeline.open(camera)
    with qtbot.waitSignal(pipeline.explained):
        camera.bring()
    window.classes.find()
    assert percents(finder)[0] == "tabby   63 %"
    assert percents(finder)[7] == "acorn   0.1 %"
    explainer.scores = tuple(reversed(explainer.scores))
    camera.bring()
    qtbot.waitUntil(lambda: percents(finder)[0] == "tabby   0.1 %")
    assert percents(finder)[7] == "acorn   63 %"
    line = finder.findChild(QLineEdit)
    assert line is not None
    QTest.keyClicks(line, "a")
    assert percents(finder)[0] == "acorn   63 %", "the most probable first"
    explainer.labels = tuple(f"other {i}" for i in range(8))
    camera.bring()
    qtbot.waitUntil(lambda: not percents(finder), timeout=2000)
    line.clear()
    assert percents(finder)[0] == "other 7   63 %"
    finder.close()


def test_the_menu_names_the_tabs_classes(window: MainWindow) -> None:
    tabs = [window.actions_by_name[f"tab{i}"] for i in range(1, 10)]
    (menu,) = (top.menu() for top in window.menuBar().actions() if top.text() == "&Classes")
    assert isinstance(menu, QMenu)
    assert {action.text() for action in tabs} == {f"Tab &{i}" for i in range(1, 10)}
    menu.popup(window.mapToGlobal(window.rect().topLeft()))
    names = [action.text() for action in tabs if action.isVisible()]
    assert names == ["&1  tabby", "&2  tiger cat", "&3  golden retriever", "&4  tennis ball", "&5  Löwe"]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(tabs[2]).center())
    assert window.tabs.chosen == 2
    assert menu.isHidden()
    assert all(action.isVisible() for action in tabs)
    press(window.view, Key.Key_2)
    assert window.tabs.chosen == 1, "keys still work"


def test_no_two_things_of_a_menu_are_called_alike(window: MainWindow) -> None:
    """“Show the overlay” and “Overlay” are."""
    assert window.dock.toggleViewAction().text() == "Panel “Overlay”"
    for top in window.menuBar().actions():
        menu = top.menu()
        assert isinstance(menu, QMenu)
        names = [without_mnemonic(action.text()).lower() for action in menu.actions() if action.text()]
        alike = [(a, b) for a in names for b in names if a is not b and f"the {a}" in b]
        assert alike == [], top.text()


def test_a_shows_all_and_a_digit_goes_back_to_one(window: MainWindow) -> None:
    press(window.view, Key.Key_A)
    assert window.centre.all_view.isVisible()
    assert not window.view.isVisible()
    assert window.actions_by_name["all"].isChecked()
    press(window, Key.Key_2)
    assert window.view.isVisible()
    assert window.tabs.chosen == 1
    assert not window.actions_by_name["all"].isChecked()


def test_zoom_keys(window: MainWindow) -> None:
    press(window.view, Key.Key_Plus, Mod.ControlModifier)
    assert window.view.zoom == pytest.approx(1.25)
    press(window.view, Key.Key_Minus, Mod.ControlModifier)
    assert window.view.zoom == pytest.approx(1)
    window.view.zoom_by(5)
    press(window.view, Key.Key_F, Mod.ControlModifier)
    assert window.view.zoom == 1


@pytest.mark.parametrize("maximized", [False, True])
def test_full_screen_and_back(window: MainWindow, qtbot: QtBot, maximized: bool) -> None:
    if maximized:
        window.showMaximized()
        qtbot.waitUntil(window.isMaximized)
    press(window.view, Key.Key_F11)
    qtbot.waitUntil(window.isFullScreen)
    assert window.menuBar().isHidden()
    assert window.statusBar().isHidden()
    press(window.view, Key.Key_C)
    assert window.presenter.style.colormap == "magma", "keys work without the menu bar"
    press(window.view, Key.Key_F11)
    qtbot.waitUntil(lambda: not window.isFullScreen(), timeout=1000)
    assert window.menuBar().isVisible()
    assert window.statusBar().isVisible()
    assert window.isMaximized() is maximized


def test_every_key_works_without_the_menu_bar(window: MainWindow, qtbot: QtBot) -> None:
    press(window.view, Key.Key_F11)
    qtbot.waitUntil(window.isFullScreen)
    window.view.zoom_by(4)
    press(window.view, Key.Key_F, Mod.ControlModifier)
    assert window.view.zoom == 1
    press(window.view, Key.Key_Q, Mod.ControlModifier)
    qtbot.waitUntil(window.isHidden)
