"""How often the screen refreshes that the window is on."""

from __future__ import annotations

from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QWindow
from pytestqt.qtbot import QtBot

from camviewer.media.pipeline.pacing import refresh_period
from camviewer.ui.controllers.screen_rate import ScreenRate
from tests.ui.fakes import Windows, pipeline_of, settings_in


class FakeScreen(QObject):
    refreshRateChanged = Signal(float)

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def refreshRate(self) -> float:
        return self.rate


class FakeWindow(QWindow):
    """On the screen that the test says."""

    def __init__(self, screen: FakeScreen) -> None:
        super().__init__()
        self.on: FakeScreen | None = screen

    def screen(self) -> FakeScreen | None:  # type: ignore[override]
        return self.on

    def move_to(self, screen: FakeScreen | None) -> None:
        self.on = screen
        self.screenChanged.emit(None)


class Followed:
    def __init__(self) -> None:
        self.parent = QObject()
        self.rates: list[float] = []
        self.rate = ScreenRate(self.parent)
        self.rate.changed.connect(self.rates.append)


@pytest.fixture
def followed(qtbot: QtBot) -> Followed:
    return Followed()


def test_the_rate_follows_the_window_and_its_screen(followed: Followed) -> None:
    slow, fast = FakeScreen(60.0), FakeScreen(144.0)
    window = FakeWindow(slow)
    followed.rate.watch(window)
    assert followed.rates == [60.0]
    window.move_to(fast)
    assert followed.rates == [60.0, 144.0]
    fast.refreshRateChanged.emit(120.0)
    slow.refreshRateChanged.emit(75.0)  # the window isn't there any more
    assert followed.rates == [60.0, 144.0, 120.0]


def test_a_window_that_is_shown_again_is_followed_once(followed: Followed) -> None:
    screen = FakeScreen(60.0)
    window = FakeWindow(screen)
    for _ in range(3):
        followed.rate.watch(window)
    screen.refreshRateChanged.emit(75.0)
    assert followed.rates == [60.0, 75.0]


def test_a_screen_that_was_unplugged_is_left_alone(followed: Followed) -> None:
    gone, new = FakeScreen(60.0), FakeScreen(50.0)
    window = FakeWindow(gone)
    followed.rate.watch(window)
    shiboken6.delete(gone)
    window.move_to(None)
    window.move_to(new)
    assert followed.rates == [60.0, 50.0]


def test_another_window_takes_the_place_of_one_that_is_gone(followed: Followed) -> None:
    first = FakeWindow(FakeScreen(60.0))
    followed.rate.watch(first)
    shiboken6.delete(first)
    second = FakeWindow(FakeScreen(100.0))
    followed.rate.watch(second)
    assert followed.rates == [60.0, 100.0]


def test_the_pipeline_hears_of_the_screen_of_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    with settings_in(tmp_path):
        window = Windows(qtbot)()
    handle = window.windowHandle()
    assert handle is not None
    pacer = pipeline_of(window).pacer
    assert pacer.period == pytest.approx(refresh_period(handle.screen().refreshRate()))
    handle.screen().refreshRateChanged.emit(120.0)
    assert pacer.period == pytest.approx(1 / 120)
