"""Menus that choose a source: recent files, samples, cameras, formats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from camviewer.media.sources.screen import ScreenSource
from camviewer.media.sources.source import FrameFormat, HasFormats
from camviewer.ui.shell.main_window import MainWindow
from tests.ui.fakes import FakeCamera, Windows, pipeline_of, settings_in


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    there = tmp_path / "photos"
    there.mkdir()
    for name in ("a.png", "c.png"):
        Image.new("RGB", (80, 60), (90, 90, 90)).save(there / name)
    return there


def wait_for(window: MainWindow, qtbot: QtBot, source: str) -> None:
    pipeline = pipeline_of(window)
    qtbot.waitUntil(lambda: pipeline.current is not None and pipeline.current.frame.source == source)


class ManyFormats(FakeCamera, HasFormats):
    """A source that can be sent in two formats."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen = "small"

    @property
    def formats(self) -> list[FrameFormat]:
        return [FrameFormat("large", 1920, 1080, 30.0), FrameFormat("small", 640, 480, 59.94)]

    @property
    def format_key(self) -> str:
        return self.chosen

    def set_format(self, key: str) -> None:
        self.chosen = key


def test_recent_files(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    window = open_window((folder / "c.png",))
    menu = window.source_menus.recent_menu
    window.sources.open_sample()
    wait_for(window, qtbot, "cat.png")
    menu.aboutToShow.emit()
    assert [a.text() for a in menu.actions()] == ["c.png", "", "Clear the list"], "samples are not listed"
    menu.actions()[0].trigger()
    wait_for(window, qtbot, "c.png")
    menu.actions()[-1].trigger()
    menu.aboutToShow.emit()
    assert [a.isEnabled() for a in menu.actions()] == [False]


def test_every_sample_is_in_the_menu(open_window: Windows, samples: Path, qtbot: QtBot) -> None:
    window = open_window()
    actions = {a.text(): a for a in window.source_menus.samples_menu.actions()}
    assert set(actions) == {p.stem for p in samples.iterdir() if p.suffix in (".png", ".jpg")}
    actions["rocket"].trigger()
    wait_for(window, qtbot, "rocket.jpg")


def test_no_camera_is_said_in_the_menu(open_window: Windows) -> None:
    window = open_window(None)
    menu = window.source_menus.camera_menu
    menu.aboutToShow.emit()
    if not window.sources.cameras.all():
        assert not menu.actions()[0].isEnabled()
    assert not window.source_menus.format_menu.isEnabled()


def test_a_sources_formats_are_in_a_menu(open_window: Windows) -> None:
    """Of whatever has some: the menu knows no camera."""
    window = open_window(None)
    source = ManyFormats()
    pipeline_of(window).open(source)
    menus = window.source_menus
    menus.camera_menu.aboutToShow.emit()
    assert menus.format_menu.isEnabled()
    menus.format_menu.aboutToShow.emit()
    texts = [(action.text(), action.isChecked()) for action in menus.format_menu.actions()]
    assert texts == [("1920 × 1080, 30 fps", False), ("640 × 480, 60 fps", True)]
    menus.format_menu.actions()[0].trigger()
    assert source.format_key == "large"


def test_a_screens_name_is_not_on_the_cameras_button(open_window: Windows, qapp: QApplication) -> None:
    """There would be two buttons "Screen"."""
    window = open_window(None)
    texts = [button.text() for button in window.toolbar.findChildren(QToolButton)]
    window.toolbar.show_source(ScreenSource(qapp.primaryScreen()))
    assert [button.text() for button in window.toolbar.findChildren(QToolButton)] == texts
    window.toolbar.show_source(FakeCamera())
    assert "Fake camera ▾" in [button.text() for button in window.toolbar.findChildren(QToolButton)]
