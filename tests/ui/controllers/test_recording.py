"""Recording what is in view: the button, the status line, the file."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest
from PySide6.QtCore import Qt, SignalInstance
from pytestqt.qtbot import QtBot

from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import FakeCamera, Windows, pipeline_of, plain_frame, press, settings_in

Key, Mod = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path / "settings"):
        settings = Settings()
        settings.set("save/folder", str(tmp_path / "saved"))
        settings.sync()
        yield Windows(qtbot)


@pytest.fixture
def window(open_window: Windows) -> MainWindow:
    return open_window()


def wait_for(signal: SignalInstance, qtbot: QtBot) -> None:
    with qtbot.waitSignal(signal):
        pass


def times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        (stream,) = container.streams.video
        assert stream.time_base is not None
        return [f.pts * stream.time_base for f in container.decode(stream) if f.pts is not None]


def test_what_comes_into_view_is_recorded(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    camera, pipeline = FakeCamera(), pipeline_of(window)
    pipeline.open(camera)
    with qtbot.waitSignal(pipeline.explained):
        camera.bring(plain_frame(320, 240))
    press(window.view, Key.Key_R, Mod.ControlModifier)
    action = window.actions_by_name["record"]
    assert action.isChecked()
    assert action.iconText() == "Stop"
    for grey in range(20, 220, 20):
        with qtbot.waitSignal(window.records.recorder.progressed):
            camera.bring(plain_frame(320, 240, grey))
    qtbot.waitUntil(lambda: window.status_line.recording_text.startswith("● Recording 0:0"))
    press(window.view, Key.Key_R, Mod.ControlModifier)
    assert not action.isChecked()
    qtbot.waitUntil(lambda: "Recorded" in str(window.banners.text(BannerKey.RECORD)))
    (path,) = (tmp_path / "saved").glob("photo*.mp4")
    moments = times(path)
    assert len(moments) >= 10
    assert moments[0] == 0
    assert all(a < b for a, b in pairwise(moments))
    assert window.status_line.recording_text == ""


def test_another_tab_of_a_frozen_frame_is_recorded(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.actions_by_name["record"].trigger()
    wait_for(window.records.recorder.progressed, qtbot)
    window.tabs.choose(2)
    wait_for(window.records.recorder.progressed, qtbot)
    window.actions_by_name["record"].trigger()
    qtbot.waitUntil(lambda: "Recorded" in str(window.banners.text(BannerKey.RECORD)))
    (path,) = (tmp_path / "saved").glob("cat*.mp4")
    assert len(times(path)) >= 2


def test_nothing_in_view_is_told(open_window: Windows) -> None:
    window = open_window(None)
    window.actions_by_name["record"].trigger()
    assert "nothing to record" in str(window.banners.text(BannerKey.RECORD))
    assert not window.actions_by_name["record"].isChecked()


def test_a_place_that_can_not_be_written_is_told(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "file").touch()
    Settings().set("save/folder", str(tmp_path / "file"))
    window.actions_by_name["record"].trigger()
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.RECORD) is not None)
    qtbot.waitUntil(lambda: not window.actions_by_name["record"].isChecked())
    assert str(tmp_path / "file") in str(window.banners.text(BannerKey.RECORD))


def test_closing_finishes_the_file(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.actions_by_name["record"].trigger()
    wait_for(window.records.recorder.started, qtbot)
    window.close()
    assert window.has_ended
    (path,) = (tmp_path / "saved").glob("cat*.mp4")
    assert times(path)


def test_another_source_goes_on_in_the_same_file(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    """Of another size: fitted into the first one's."""
    window.actions_by_name["record"].trigger()
    wait_for(window.records.recorder.progressed, qtbot)
    camera = FakeCamera()
    pipeline_of(window).open(camera)
    with qtbot.waitSignal(pipeline_of(window).explained):
        camera.bring(plain_frame(100, 300))
    wait_for(window.records.recorder.progressed, qtbot)
    window.actions_by_name["record"].trigger()
    qtbot.waitUntil(lambda: "Recorded" in str(window.banners.text(BannerKey.RECORD)))
    (path,) = (tmp_path / "saved").glob("*.mp4")
    assert len(times(path)) >= 2
