"""Asking for files and folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from camviewer.ui.shell.main_window import MainWindow
from tests.ui.fakes import Windows, pipeline_of, settings_in


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


@pytest.mark.parametrize("name", ["open", "open_folder"])
def test_asking_for_files_does_not_stop_the_program(
    open_window: Windows, folder: Path, qtbot: QtBot, name: str
) -> None:
    window = open_window()
    window.actions_by_name[name].trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.filesSelected.emit([str(folder / "c.png" if name == "open" else folder)])
    wait_for(window, qtbot, "c.png" if name == "open" else "a.png")
    dialog.close()
