"""The button that restarts the program: with what is open, and a question where something would be lost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from camviewer.core.covering import Fill
from camviewer.core.edits import Rectangle
from camviewer.core.loading import ModelChoice
from camviewer.core.resources import resource_path
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.shell.restart import Restart, arguments_again, model_arguments
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import Windows, settings_in

FIRST = ModelChoice("resnet18")


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with settings_in(tmp_path):
        yield Windows(qtbot)()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that were started, of a program that was started with no arguments but a photo."""
    lines: list[list[str]] = []

    def start(program: str, arguments: list[str], _folder: str) -> bool:
        lines.append([program, *arguments])
        return True

    monkeypatch.setattr(QProcess, "startDetached", start)
    monkeypatch.setattr(sys, "argv", ["camviewer", "cat.jpg"])
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "camviewer", "cat.jpg"])
    return lines


def restart_of(window: MainWindow) -> Restart:
    restart = Restart(window, [Path("cat.jpg")])
    window.preferences.restart = restart.ask
    return restart


def press_restart(window: MainWindow) -> None:
    """The button in the message after another language was chosen."""
    window.preferences.set_language("ko")
    banner = window.banners.banner(BannerKey.LANGUAGE)
    assert banner is not None
    banner.buttons()[0].click()


def question(window: MainWindow) -> QMessageBox | None:
    return next((box for box in window.findChildren(QMessageBox) if box.isVisible()), None)


def test_it_restarts_with_what_is_open_once_the_window_has_ended(
    window: MainWindow, started: list[list[str]]
) -> None:
    restart = restart_of(window)
    coffee = resource_path("samples/coffee.png")
    window.sources.open_paths([coffee])
    assert not restart.start_again(), "nobody asked for it"
    press_restart(window)
    assert question(window) is None, "nothing would be lost"
    assert not window.isVisible()
    assert window.preferences.language == "ko"
    assert started == [], "not before all has ended"
    assert restart.start_again()
    assert not restart.start_again(), "once"
    assert started == [[sys.executable, "-m", "camviewer", "--new-window", str(coffee)]]


def test_it_asks_where_something_would_be_lost(
    window: MainWindow, started: list[list[str]], qtbot: QtBot
) -> None:
    restart = restart_of(window)
    window.sources.open_image(QImage(64, 48, QImage.Format.Format_RGB32), "Pasted picture")
    qtbot.waitUntil(lambda: window.edits.may_edit and window.presenter.state is not None)
    window.edits.add(Rectangle(0, 0, 20, 20, Fill.GREY))
    press_restart(window)
    box = question(window)
    assert box is not None
    assert [line[0] for line in box.informativeText().splitlines()[1:]] == ["•", "•"]
    assert "pasted" in box.informativeText()
    box.reject()
    assert window.isVisible()
    assert not restart.start_again()
    press_restart(window)
    box = question(window)
    assert box is not None
    (again,) = [b for b in box.findChildren(QPushButton) if b.text().replace("&", "") == "Restart"]
    again.click()
    assert not window.isVisible()
    assert restart.start_again()
    assert started == [[sys.executable, "-m", "camviewer"]], "a pasted picture has no file"


def test_the_language_that_is_spoken_needs_no_restart(window: MainWindow) -> None:
    restart_of(window)
    window.preferences.set_language("ko")
    window.preferences.set_language("en")
    assert window.banners.text(BannerKey.LANGUAGE) is None


def test_without_a_restart_the_message_goes_by_itself(window: MainWindow) -> None:
    window.preferences.set_language("ko")
    banner = window.banners.banner(BannerKey.LANGUAGE)
    assert banner is not None
    assert len(banner.buttons()) == 1, "only that which closes it"
    assert banner.timer.isActive()


@pytest.mark.parametrize(
    ("arguments", "opened", "screen", "expected"),
    [
        (
            ["--stats", "s.json", "a.jpg"],
            ["/a.jpg"],
            False,
            ["--stats", "s.json", "--new-window", "/a.jpg"],
        ),
        (["a.jpg"], [], True, ["--screen"]),
        (["--screen"], [], False, []),
        (
            ["--camera", "1", "--screen"],
            ["/b c.mp4"],
            False,
            ["--camera", "1", "--new-window", "/b c.mp4"],
        ),
    ],
)
def test_arguments(arguments: list[str], opened: list[str], screen: bool, expected: list[str]) -> None:
    paths = [Path(path) for path in opened]
    assert (
        arguments_again(arguments, named=[Path("a.jpg")], opened=paths, screen=screen, model=[]) == expected
    )


def test_another_model_is_named() -> None:
    own = ModelChoice(file=Path("/m/best.pth"), labels=Path("/m/names.txt"))
    assert model_arguments([], FIRST, FIRST) == []
    assert model_arguments([], FIRST, own) == ["--model", "/m/best.pth", "--labels", "/m/names.txt"]
    assert model_arguments([], own, FIRST) == ["--model", "resnet18"]
    assert model_arguments(["--labels=x.txt"], own, FIRST) is None, "they would be taken for the other one's"
