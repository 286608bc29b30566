"""Files and devices that nobody has seen yet, in the window: told, and nothing stands still."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtMultimedia import QCameraDevice
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from camviewer.core.failures import ModelFailure
from camviewer.core.loading import ModelChoice
from camviewer.media.sources.camera import CameraSource, unique_names
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import (
    FakeCamera,
    FakeLoader,
    Windows,
    current,
    pipeline_of,
    plain_frame,
    ready,
    settings_in,
)

GAP_S = 0.25


class Heart:
    """Beats in the event loop; the longest pause between two beats is how long the window stood still."""

    def __init__(self) -> None:
        self.longest, self._last = 0.0, time.monotonic()
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=5)
        self._timer.timeout.connect(self._on_timeout)
        self._timer.start()

    def _on_timeout(self) -> None:
        now = time.monotonic()
        self.longest, self._last = max(self.longest, now - self._last), now


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)()


def photo(path: Path) -> Path:
    Image.new("RGB", (64, 48), (90, 120, 150)).save(path, "PNG")
    return path


def empty(path: Path) -> Path:
    path.touch()
    return path


def truncated(path: Path) -> Path:
    content = photo(path).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def text(path: Path) -> Path:
    path.write_text("no photo")
    return path


def folder(path: Path) -> Path:
    path.mkdir()
    return path


def pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def device(path: Path) -> Path:
    path.symlink_to("/dev/zero")
    return path


def loop(path: Path) -> Path:
    path.symlink_to(path)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes and devices in folders")
@pytest.mark.parametrize(
    ("make", "words"),
    [
        (empty, "x.png is empty"),
        (truncated, "x.png can't be read"),
        (text, "x.png is not an image"),
        (folder, "no photos in x.png"),
        (pipe, "x.png is not a file"),
        (device, "x.png is not a file"),
        (loop, "x.png doesn't exist"),
    ],
)
def test_what_is_no_photo_is_told_and_nothing_stands_still(
    make: object, words: str, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = make(tmp_path / "x.png")  # type: ignore[operator]
    heart = Heart()
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: words in (window.banners.text(BannerKey.SOURCE) or ""))
    assert heart.longest < GAP_S
    window.sources.open_paths([photo(tmp_path / "good.png")])
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.SOURCE) is None)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders")
@pytest.mark.parametrize("name", ["x.mp4", "x.camsnap"])
def test_a_pipe_that_is_called_as_a_film_or_snapshot_is_told_and_left(
    name: str, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path, heart = pipe(tmp_path / name), Heart()
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: f"{name} is not a file" in (window.banners.text(BannerKey.SOURCE) or ""))
    window.sources.open_paths([photo(tmp_path / "good.png")])  # Qt's player would never come back from this
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    assert heart.longest < GAP_S


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 10_000), (10_000, 1)])
def test_odd_shapes_are_shown(
    width: int, height: int, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "odd.png"
    Image.new("RGB", (width, height), (200, 30, 40)).save(path)
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    assert (current(window).frame.width, current(window).frame.height) == (width, height)
    window.view.grab()


@pytest.mark.skipif(sys.platform != "linux", reason="file names are Unicode elsewhere")
def test_a_name_that_is_no_utf_8_is_opened_named_saved_and_remembered(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    photo(path)
    saved = tmp_path / "saved"
    Settings().set("save/folder", str(saved))
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    assert "caf" in window.windowTitle()
    window.actions_by_name["save"].trigger()
    qtbot.waitUntil(lambda: saved.exists() and len(list(saved.glob("caf*.png"))) == 1)
    window.source_menus.recent_menu.aboutToShow.emit()
    assert "caf" in window.source_menus.recent_menu.actions()[0].text()
    Settings().sync()
    assert Settings().put_aside is None


def test_a_photo_that_is_replaced_while_it_is_open_stays_as_it_is_explained(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = photo(tmp_path / "photo.png")
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    before = current(window).frame.image
    Image.new("RGB", (640, 20), "red").save(path)
    other = replace(pipeline_of(window).request, resolution=448)
    window.dock.given.request_changed.emit(other)
    qtbot.waitUntil(lambda: current(window).request == other)
    window.styles.next_colormap()
    assert current(window).frame.image is before, "the frame and its map are of one moment"
    window.sources.open_paths([path])
    qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
    assert current(window).frame.width == 640


def test_the_same_trouble_again_is_counted_not_stacked(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    for _ in range(3):
        pipeline_of(window).frame_failed.emit(ModelFailure("It failed.", "Do this."))
    banner = window.banners.banner(BannerKey.SOURCE)
    assert banner is not None
    assert banner.shown_text.endswith("(×3)")


def test_a_remembered_camera_that_is_gone_is_no_trouble_at_the_start(qtbot: QtBot, tmp_path: Path) -> None:
    with settings_in(tmp_path / "settings"):
        settings = Settings()
        settings.set("source/camera", "usb-that-is-gone")
        settings.sync()
        window = Windows(qtbot)(None)
        window.sources.open_first((), None, False)
        qtbot.waitUntil(lambda: pipeline_of(window).current is not None)
        assert window.banners.text(BannerKey.SOURCE) is None
        assert window.windowTitle().startswith("cat")


def test_a_denied_camera_is_shown_with_where_to_allow_it(
    window: MainWindow, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Linux asks nobody; macOS and Windows may answer so.
    monkeypatch.setattr(qapp, "checkPermission", lambda _: Qt.PermissionStatus.Denied, raising=False)
    pipeline_of(window).open(CameraSource(window.sources.cameras, QCameraDevice()))
    text = window.banners.text(BannerKey.SOURCE) or ""
    assert "may not use the camera" in text
    assert "Allow it in" in text


def test_cameras_of_one_name_are_told_apart() -> None:
    assert unique_names(["HD", "HD", "Other", "HD"]) == ["HD", "HD (2)", "Other", "HD (3)"]


def test_a_size_that_changes_in_the_stream_is_shown(window: MainWindow, qtbot: QtBot) -> None:
    pipeline, camera = pipeline_of(window), FakeCamera()
    pipeline.open(camera)
    for width, height in ((64, 48), (320, 200), (48, 64)):
        with qtbot.waitSignal(pipeline.explained):
            camera.bring(plain_frame(width, height))
        window.view.grab()
        assert (current(window).frame.width, current(window).region.height <= height) == (width, True)


def test_labels_that_do_not_fit_are_told_and_the_embedded_model_runs(qtbot: QtBot, tmp_path: Path) -> None:
    def load(choice: object) -> object:
        if getattr(choice, "labels", None) is not None:
            raise ModelFailure("names.txt has 3 labels, but the model has 1000 classes.", "Give one a line.")
        return ready("efficientnet_lite0")

    with settings_in(tmp_path / "settings"):
        choice = ModelChoice(labels=tmp_path / "names.txt")
        window = Windows(qtbot)(loader=FakeLoader(load), choice=choice)  # type: ignore[arg-type]
        assert "3 labels" in (window.banners.text(BannerKey.MODEL) or "")


def test_geometry_of_another_screen_layout_opens_on_this_one(qtbot: QtBot, tmp_path: Path) -> None:
    with settings_in(tmp_path / "settings"):
        first = Windows(qtbot)()
        first.move(30_000, 20_000)  # a second screen, far to the right
        first.close()
        again = Windows(qtbot)()
        screen = again.screen().availableGeometry()
        assert screen.intersects(again.frameGeometry())
