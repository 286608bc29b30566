"""Full screen is no trap: it says how to leave, Escape leaves, and all keys work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from camviewer.ui.shell import full_screen
from camviewer.ui.shell.main_window import MainWindow
from tests.ui.fakes import Windows, press, settings_in

Key = Qt.Key


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path):
        yield Windows(qtbot)


@pytest.fixture
def window(open_window: Windows, qtbot: QtBot) -> MainWindow:
    """In full screen."""
    window = open_window()
    press(window.view, Key.Key_F11)
    qtbot.waitUntil(window.isFullScreen)
    return window


@pytest.mark.parametrize("part", ["view", "dock", "toolbar", "review"])
def test_escape_leaves_it_wherever_the_focus_is(window: MainWindow, qtbot: QtBot, part: str) -> None:
    if part == "review":
        window.show_review(True)
    elif part == "view":
        window.view.setFocus()
    else:
        focused = getattr(window, part).findChild(QAbstractButton)
        focused.setFocus()
    press(window, Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert window.menuBar().isVisible()
    assert window.statusBar().isVisible()
    assert not window.actions_by_name["full_screen"].isChecked()


def test_escape_closes_what_is_open_first(window: MainWindow, qtbot: QtBot) -> None:
    press(window.view, Key.Key_Slash)
    finder = window.classes.finder
    qtbot.waitUntil(finder.isVisible)
    line = finder.findChild(QLineEdit)
    assert line is not None
    press(line, Key.Key_Escape)
    assert finder.isHidden()
    assert window.isFullScreen()


def test_it_says_how_to_leave_and_stops_saying_it(
    open_window: Windows, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(full_screen, "NOTE_S", 0.2)
    window = open_window()
    note, place = window.full_screen.note, window.view.geometry()
    assert not note.isVisible()
    window.actions_by_name["full_screen"].trigger()
    qtbot.waitUntil(note.isVisible)
    assert "Esc" in note.text()
    assert window.centre.rect().contains(note.geometry()), "no dock is over it"
    assert not note.visibleRegion().isEmpty()
    assert window.view.geometry().topLeft() == place.topLeft(), "it moves nothing"
    qtbot.waitUntil(note.isHidden)
    assert window.isFullScreen()


def test_nothing_is_said_any_more_once_it_is_left(window: MainWindow, qtbot: QtBot) -> None:
    assert window.full_screen.note.isVisible()
    press(window.view, Key.Key_Escape)
    qtbot.waitUntil(window.full_screen.note.isHidden)


def test_it_is_said_too_where_the_program_starts_so(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window()
    window.actions_by_name["full_screen"].trigger()
    qtbot.waitUntil(window.isFullScreen)
    window.close()
    again = open_window()
    assert again.isFullScreen()
    assert again.full_screen.note.isVisible()
    assert again.menuBar().isHidden()
    press(again.view, Key.Key_Escape)
    qtbot.waitUntil(lambda: not again.isFullScreen())


def test_escape_does_nothing_to_a_window_that_is_not_full_screen(open_window: Windows) -> None:
    window = open_window()
    window.showMaximized()
    press(window.view, Key.Key_Escape)
    assert window.isMaximized()
    assert window.isVisible()


def test_every_key_of_the_menus_works_without_them(window: MainWindow) -> None:
    def below(menu: QMenu) -> Iterator[QAction]:
        for action in menu.actions():
            inner = action.menu()
            if isinstance(inner, QMenu):
                yield from below(inner)
            else:
                yield action

    assert window.menuBar().isHidden()
    dead = [
        action.text()
        for top in window.menuBar().actions()
        if isinstance(menu := top.menu(), QMenu)
        for action in below(menu)
        if action.shortcuts()
        and not any(
            isinstance(place, QWidget) and not isinstance(place, QMenu) and place.window() is window
            for place in action.associatedObjects()
        )
    ]
    assert dead == []
