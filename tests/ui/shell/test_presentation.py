"""The presentation: frame, caption and colour bar alone, and controls that come with the pointer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QPropertyAnimation, Qt
from PySide6.QtGui import QCursor, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from camviewer.ui.shell import presentation
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.shell.presentation import Presentation
from tests.ui.fakes import Windows, press, settings_in

Key = Qt.Key


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Windows]:
    monkeypatch.setattr(presentation, "FADE_MS", 30)
    monkeypatch.setattr(presentation, "IDLE_S", 0.1)
    with settings_in(tmp_path):
        yield Windows(qtbot)


@pytest.fixture(params=[Key.Key_F5, Key.Key_F11])
def window(open_window: Windows, qtbot: QtBot, request: pytest.FixtureRequest) -> MainWindow:
    """Presenting."""
    window = open_window()
    press(window.view, request.param)
    qtbot.waitUntil(window.isFullScreen)
    QCursor.setPos(window.mapToGlobal(window.rect().center()))
    return window


def of(window: MainWindow) -> Presentation:
    return window.full_screen.presentation


def parts(window: MainWindow) -> dict[str, bool]:
    """What is seen of the window besides the picture."""
    centre = window.centre
    widgets: dict[str, QWidget] = {
        "menu": window.menuBar(),
        "status": window.statusBar(),
        "toolbar": window.toolbar,
        "tabs": centre.tabs,
        "bar": centre.video_bar,
        "dock": window.dock,
    }
    return {name: widget.isVisible() for name, widget in widgets.items()}


def turn_wheel(widget: QWidget, steps: int) -> None:
    place = QPointF(widget.rect().center())
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(place.toPoint())),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def move_pointer(widget: QWidget) -> None:
    place, none = QPointF(widget.rect().center()), Qt.MouseButton.NoButton
    on_screen, keys = QPointF(widget.mapToGlobal(place.toPoint())), Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QMouseEvent(QEvent.Type.MouseMove, place, on_screen, none, none, keys))


def test_only_frame_caption_and_colour_bar_are_seen_and_all_comes_back(
    open_window: Windows, qtbot: QtBot
) -> None:
    window = open_window()
    before, view = parts(window), window.view.geometry()
    assert before["tabs"]
    window.actions_by_name["full_screen"].trigger()
    qtbot.waitUntil(window.isFullScreen)
    assert not any(parts(window).values())
    for part in (window.view, window.centre.caption, window.centre.colour_bar):
        assert part.isVisible()
    assert window.full_screen.note.text() == "Esc leaves"
    press(window.view, Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert parts(window) == before
    qtbot.waitUntil(lambda: window.view.geometry() == view)
    assert window.centre.caption.scale == 1.0


def test_controls_come_with_the_pointer_move_nothing_and_go(window: MainWindow, qtbot: QtBot) -> None:
    view = window.view.geometry()
    move_pointer(window.view)
    qtbot.waitUntil(window.tabs.isVisible)
    assert window.view.geometry() == view
    for each in (of(window).top, of(window).bottom):
        assert window.centre.rect().contains(each.geometry())
        qtbot.waitUntil(each.isHidden)
    assert not window.tabs.isVisible()


def test_controls_come_with_the_tab_key_and_stay_while_it_is_in_them(
    window: MainWindow, qtbot: QtBot
) -> None:
    QTest.keyClick(window.view, Key.Key_Tab)
    qtbot.waitUntil(window.tabs.isVisible)
    window.tabs.last_button.setFocus()
    press(window.tabs.last_button, Key.Key_2)
    assert window.tabs.chosen == 1, "the keys of the view work there"
    with qtbot.waitSignal(of(window)._idle.timeout):
        pass
    assert of(window).top.is_wanted
    window.view.setFocus()
    qtbot.waitUntil(of(window).top.isHidden)


def test_while_nothing_fades_nothing_runs(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An effect would have each frame painted by way of another picture."""
    monkeypatch.setattr(presentation, "IDLE_S", 60.0)
    top = of(window).top
    fade, effect = top.findChild(QPropertyAnimation), top.graphicsEffect()
    assert fade is not None
    assert effect is not None
    of(window).show_controls()
    assert effect.isEnabled()
    with qtbot.waitSignal(fade.finished):
        pass
    assert not effect.isEnabled()
    assert top.isVisible()
    monkeypatch.setattr(presentation, "IDLE_S", 0.01)
    of(window).show_controls()
    qtbot.waitUntil(top.isHidden)
    assert not effect.isEnabled()
    assert fade.state() == QPropertyAnimation.State.Stopped
    assert not of(window)._idle.isActive()


@pytest.mark.parametrize("is_all", [False, True])
def test_ctrl_and_the_wheel_size_the_text(open_window: Windows, qtbot: QtBot, is_all: bool) -> None:
    window = open_window()
    window.tabs.set_all(is_all)
    window.actions_by_name["full_screen"].trigger()
    qtbot.waitUntil(window.isFullScreen)
    view = window.centre.all_view if is_all else window.view
    before, letters = of(window).text_scale, window.centre.all_view.fontMetrics().height()
    assert letters > window.fontMetrics().height()
    turn_wheel(view, 3)
    larger = of(window).text_scale
    assert larger > before
    assert window.view.zoom == 1.0
    assert window.centre.all_view.fontMetrics().height() > letters
    turn_wheel(view, 99)
    assert of(window).text_scale == presentation.MOST
    turn_wheel(view, -99)
    assert of(window).text_scale == presentation.LEAST
    turn_wheel(view, 3)
    kept = of(window).text_scale
    press(view, Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert window.centre.all_view.fontMetrics().height() == window.fontMetrics().height()
    window.actions_by_name["full_screen"].trigger()
    qtbot.waitUntil(window.isFullScreen)
    assert of(window).text_scale == pytest.approx(kept)


def test_what_is_put_away_is_there_at_the_next_start(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window()
    docks = {name: dock.isHidden() for name, dock in window.docks.items()}
    window.actions_by_name["full_screen"].trigger()
    qtbot.waitUntil(window.isFullScreen)
    window.close()
    again = open_window()
    assert all(dock.isHidden() for dock in again.docks.values())
    assert not any(parts(again).values())
    press(again.view, Key.Key_Escape)
    qtbot.waitUntil(lambda: not again.isFullScreen())
    again.resize(1280, 800)  # the offscreen platform's screen is narrow
    assert {name: dock.isHidden() for name, dock in again.docks.items()} == docks


def test_a_caption_that_is_turned_off_is_off_again_afterwards(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window()
    window.captions.set_on(False)
    window.tabs.choose(1)
    window.actions_by_name["full_screen"].trigger()
    qtbot.waitUntil(window.isFullScreen)
    assert window.centre.caption.isVisible()
    assert window.centre.caption.caption is not None
    assert window.centre.caption.caption.name == "tiger cat"
    press(window.view, Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert window.centre.caption.isHidden()


def test_the_review_can_be_presented_too(window: MainWindow, qtbot: QtBot) -> None:
    window.show_review(True)
    of(window).show_controls()
    assert of(window).top.isHidden()
    press(window, Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    window.show_review(False)
    assert window.tabs.isVisible()
    assert window.centre.frame_page.isAncestorOf(window.centre.banners)
