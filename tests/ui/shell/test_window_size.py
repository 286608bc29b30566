"""How large the window is at its first start, and how its docks give way where it is narrow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from camviewer.ui.shell.docks import dock_table
from camviewer.ui.shell.main_window import MainWindow
from tests.ui.fakes import Windows, settings_in

ALL = [record.id for record in dock_table() if not record.hidden]


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path):
        yield Windows(qtbot)


@pytest.fixture(params=[100, 200])
def text_size(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    """Percent of the usual size."""
    font = QFont(qapp.font())
    larger = QFont(font)
    larger.setPointSizeF(font.pointSizeF() * request.param / 100)
    qapp.setFont(larger)
    yield
    qapp.setFont(font)


def docks(window: MainWindow) -> list[str]:
    return [name for name, dock in window.docks.items() if not dock.isHidden()]


def front(window: MainWindow) -> list[str]:
    return [name for name, dock in window.docks.items() if not dock.visibleRegion().isEmpty()]


def test_with_room_the_window_has_its_own_size(open_window: Windows) -> None:
    window = open_window(None)
    assert window.size() == QSize(1280, 800)
    assert docks(window) == ALL


@pytest.mark.usefixtures("text_size")
@pytest.mark.parametrize("screen", [QSize(1280, 720), QSize(960, 540), QSize(640, 480)], ids=str)
def test_the_first_window_is_not_larger_than_the_screen(screen: QSize, open_window: Windows) -> None:
    window = open_window(None, screen=screen)
    assert window.width() <= screen.width()
    assert window.height() < screen.height(), "the title bar stands above it"
    assert window.minimumSizeHint().height() < screen.height()
    assert docks(window) == (ALL if window.width() >= 1000 else [])


def test_docks_give_way_and_come_back(open_window: Windows) -> None:
    window = open_window(None)
    window.evidence.raise_()
    window.resize(990, 700)
    assert docks(window) == []
    window.resize(1010, 700)
    assert docks(window) == ALL
    assert front(window) == ["evidence_dock"], "as it was"


def test_a_narrow_window_shows_a_dock_that_is_asked_for(open_window: Windows) -> None:
    window = open_window(None)
    window.resize(900, 700)
    window.dock.toggleViewAction().trigger()
    window.resize(880, 700)
    assert docks(window) == ["overlay_dock"]
    window.dock.toggleViewAction().trigger()
    window.resize(1100, 700)
    others = [name for name in ALL if name != "overlay_dock"]
    assert docks(window) == others, "it was closed by the user, not for want of room"


def test_docks_that_gave_way_are_known_at_the_next_start(open_window: Windows) -> None:
    window = open_window(None)
    window.evidence.toggleViewAction().trigger()
    window.resize(700, 500)
    window.close()
    again = open_window(None)
    assert again.size() == QSize(700, 500)
    assert docks(again) == []
    again.resize(1200, 700)
    assert docks(again) == [name for name in ALL if name != "evidence_dock"]


def test_a_narrow_first_window_shows_the_usual_dock_once_it_is_wide(open_window: Windows) -> None:
    window = open_window(None, screen=QSize(640, 480))
    window.resize(1200, 700)
    assert front(window) == ["overlay_dock"]
