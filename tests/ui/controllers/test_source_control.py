"""Opening photos by menu, command line, drop and paste; and what is said when that fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from camviewer.core.failures import SourceFailure
from camviewer.media.frames import array_to_image
from camviewer.media.sources.source import Remembered, Reopenable
from camviewer.ui.shell.main_window import MainWindow
from camviewer.ui.system.settings import Settings
from camviewer.ui.widgets.banner import BannerKey
from tests.ui.fakes import FakeCamera, Windows, current, pipeline_of, settings_in


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Windows]:
    with settings_in(tmp_path / "settings"):
        yield Windows(qtbot)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """a.png and c.png are good, b.png is not."""
    there = tmp_path / "photos"
    there.mkdir()
    for name, grey in (("a.png", 40), ("c.png", 90)):
        Image.new("RGB", (80, 60), (grey, grey, grey)).save(there / name)
    (there / "b.png").write_bytes(b"not a picture")
    return there


def wait_for(window: MainWindow, qtbot: QtBot, source: str) -> None:
    pipeline = pipeline_of(window)
    qtbot.waitUntil(lambda: pipeline.current is not None and pipeline.current.frame.source == source)


def test_a_photo_is_explained_and_shown(open_window: Windows, samples: Path, qtbot: QtBot) -> None:
    window = open_window((samples / "cat.png",))
    explanation = current(window)
    assert explanation.frame.source == "cat.png"
    assert window.windowTitle().startswith("cat.png")
    assert window.tabs.classes == (0, 1, 2, 3, 4)
    assert not window.view.region_on_screen().isEmpty()
    qtbot.waitUntil(lambda: window.stats.painted > 0)
    act = window.actions_by_name
    qtbot.waitUntil(lambda: act["previous"].isEnabled() and act["next"].isEnabled())
    assert not act["freeze"].isEnabled()


def test_a_photo_brings_its_folder_along(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    (folder / "b.png").unlink()
    window = open_window((folder / "c.png",))
    qtbot.waitUntil(window.centre.video_bar.isVisible)
    window.actions_by_name["next"].trigger()
    wait_for(window, qtbot, "a.png")


def test_a_broken_photo_is_told_and_the_next_one_clears_it(
    open_window: Windows, folder: Path, qtbot: QtBot
) -> None:
    window = open_window((folder / "a.png",))
    act, banners = window.actions_by_name, window.banners
    qtbot.waitUntil(act["next"].isEnabled)
    act["next"].trigger()
    qtbot.waitUntil(lambda: banners.text(BannerKey.SOURCE) is not None)
    assert "b.png" in str(banners.text(BannerKey.SOURCE))
    act["next"].trigger()
    wait_for(window, qtbot, "c.png")
    assert banners.text(BannerKey.SOURCE) is None
    assert not banners.isVisible()


def test_opening_a_broken_photo_does_not_go_on_saying_so(
    open_window: Windows, folder: Path, qtbot: QtBot
) -> None:
    window = open_window((folder / "b.png",), wait=False)
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.SOURCE) is not None)
    assert window.view.message == "No picture yet"


def test_a_broken_photo_leaves_no_numbers_of_the_one_before(
    open_window: Windows, folder: Path, qtbot: QtBot
) -> None:
    """The title says b.png: neither a's frame nor its classes, and nothing to save under that name."""
    window = open_window((folder / "a.png",))
    act = window.actions_by_name
    window.evidence.raise_()
    qtbot.waitUntil(lambda: bool(window.evidence.steps.rows))
    qtbot.waitUntil(act["next"].isEnabled)
    act["next"].trigger()
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.SOURCE) is not None)
    assert window.view.message == "No picture yet"
    assert window.tabs.classes == ()
    assert window.evidence.steps.rows == ()
    exported: list[object] = []
    window.export(lambda *what: exported.append(what))
    assert not exported
    act["next"].trigger()
    wait_for(window, qtbot, "c.png")
    assert len(window.tabs.classes) == 5


def test_a_video_among_photos_is_opened_alone_and_that_is_told(
    open_window: Windows, folder: Path, qtbot: QtBot
) -> None:
    (folder / "film.mp4").write_bytes(b"not a film either")
    window = open_window((folder / "a.png",))
    window.sources.open_paths([folder / "a.png", folder / "film.mp4"])
    assert "Only film.mp4 was opened" in str(window.banners.text(BannerKey.SEVERAL))
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.SOURCE) is not None)


def test_a_missing_file_is_told(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    window = open_window((folder / "a.png",))
    window.sources.open_paths([folder / "nowhere.png"])
    assert "nowhere.png doesn't exist" in str(window.banners.text(BannerKey.SOURCE))
    assert current(window).frame.source == "a.png", "what was there stays"
    window.sources.open_paths([folder / "nowhere.png", folder / "c.png"])
    wait_for(window, qtbot, "c.png")
    assert "nowhere.png doesn't exist" in str(window.banners.text(BannerKey.SOURCE))


def test_a_missing_file_at_the_start_is_told_beside_a_sample(open_window: Windows, tmp_path: Path) -> None:
    window = open_window(None)
    window.sources.open_first([tmp_path / "nowhere.png"], None, False)
    assert "nowhere.png doesn't exist" in str(window.banners.text(BannerKey.SOURCE))
    assert pipeline_of(window).source is not None


def test_a_missing_camera_is_told_beside_a_sample(open_window: Windows) -> None:
    window = open_window(None)
    window.sources.open_first([], "no such camera", False)
    assert "no such camera" in str(window.banners.text(BannerKey.SOURCE))
    assert pipeline_of(window).source is not None


def test_without_camera_and_arguments_a_sample_is_opened(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window(None)
    if window.sources.cameras.all():
        pytest.skip("this computer has a camera")
    window.sources.open_first([], None, False)
    wait_for(window, qtbot, "cat.png")
    assert Settings().texts("recent") == []


def test_a_folder_without_photos_is_told(open_window: Windows, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "empty").mkdir()
    window = open_window((tmp_path / "empty",), wait=False)
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.SOURCE) is not None)
    assert "There are no photos in empty" in str(window.banners.text(BannerKey.SOURCE))


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(window: MainWindow, mime: QMimeData) -> bool:
    """Whether it was accepted."""
    copy, button, key = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), copy, mime, button, key)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if not enter.isAccepted():
        return False
    event = QDropEvent(QPointF(50, 50), copy, mime, button, key)
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def test_a_model_file_is_dropped(open_window: Windows, tmp_path: Path, qtbot: QtBot) -> None:
    window, path = open_window(), tmp_path / "best.pth"
    path.write_bytes(b"weights")
    with qtbot.waitSignal(pipeline_of(window).model_loading) as loading:
        assert drop(window, files(path))
    assert loading.args is not None
    assert loading.args[0].file == path


def test_files_are_dropped(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    window = open_window()
    assert drop(window, files(folder / "c.png"))
    wait_for(window, qtbot, "c.png")
    assert drop(window, files(folder))
    wait_for(window, qtbot, "a.png")


def test_an_image_is_dropped_and_text_is_not(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window()
    mime = QMimeData()
    mime.setText("https://example.org")
    assert not drop(window, mime)
    mime.setImageData(QImage(30, 20, QImage.Format.Format_RGB32))
    assert drop(window, mime)
    wait_for(window, qtbot, "Pasted picture")


def test_paste(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    window = open_window()
    clipboard = QApplication.clipboard()
    pixels = np.random.default_rng(0).integers(0, 256, (21, 31, 3), np.uint8)
    clipboard.setImage(array_to_image(pixels))
    window.actions_by_name["paste"].trigger()
    wait_for(window, qtbot, "Pasted picture")
    np.testing.assert_array_equal(current(window).frame.image, pixels)
    assert not window.centre.video_bar.isVisible()
    clipboard.setMimeData(files(folder / "c.png"))
    window.actions_by_name["paste"].trigger()
    wait_for(window, qtbot, "c.png")
    clipboard.setText("text")
    window.actions_by_name["paste"].trigger()
    assert window.banners.text(BannerKey.PASTE) == "The clipboard holds no picture and no files."
    assert current(window).frame.source == "c.png"
    window.banners.clear(BannerKey.PASTE)
    clipboard.clear()
    window.actions_by_name["paste"].trigger()
    assert window.banners.text(BannerKey.PASTE) is not None


def test_a_transparent_image_is_pasted(open_window: Windows, qtbot: QtBot) -> None:
    window = open_window()
    image = QImage(30, 20, QImage.Format.Format_ARGB32)
    image.fill(QColor(255, 0, 0, 255))
    window.sources.open_image(image, "Pasted picture")
    wait_for(window, qtbot, "Pasted picture")
    assert tuple(current(window).frame.image[0, 0]) == (255, 0, 0)


def test_a_photo_that_vanished_is_told(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    (folder / "b.png").unlink()
    window = open_window((folder / "a.png",))
    qtbot.waitUntil(window.actions_by_name["next"].isEnabled)
    shutil.rmtree(folder)
    window.actions_by_name["next"].trigger()
    qtbot.waitUntil(lambda: "c.png" in str(window.banners.text(BannerKey.SOURCE)))


class Kept(FakeCamera, Reopenable, Remembered):
    """A device that is remembered, and may be opened again; or is gone."""

    settings_key = "source/kept"

    def __init__(self, name: str, gone: bool = False) -> None:
        super().__init__()
        self.name, self.gone = name, gone

    @property
    def identity(self) -> str:
        return self.name

    def reopened(self) -> Kept:
        if self.gone:
            raise SourceFailure("{name} is gone.", "Bring it back.", name=self.name)
        return Kept(f"{self.name} again")


def test_what_can_be_opened_again_is_tried_again(open_window: Windows) -> None:
    window = open_window(None)
    pipeline = pipeline_of(window)
    pipeline.open(Kept("it"))
    assert Settings().text("source/kept") == "it"
    pipeline.source_failed.emit(SourceFailure("{name} failed.", "Try it.", name="it"))
    banner = window.banners.banner(BannerKey.SOURCE)
    assert banner is not None
    (again,) = (b for b in banner.buttons() if b.text() == "Try again")
    again.click()
    assert isinstance(pipeline.source, Kept)
    assert pipeline.source.identity == Settings().text("source/kept") == "it again"
    assert window.banners.text(BannerKey.SOURCE) is None


def test_what_is_gone_is_told_when_it_is_tried_again(open_window: Windows) -> None:
    window = open_window(None)
    pipeline = pipeline_of(window)
    pipeline.open(kept := Kept("it", gone=True))
    window.sources.open_again()
    assert pipeline.source is kept
    assert "it is gone" in str(window.banners.text(BannerKey.SOURCE))


def test_a_file_is_tried_again_by_its_path(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    window = open_window((folder / "c.png",))
    pipeline = pipeline_of(window)
    before = pipeline.source
    window.sources.open_again()
    assert pipeline.source is not before
    wait_for(window, qtbot, "c.png")


def test_a_folder_says_what_it_leaves_out(open_window: Windows, folder: Path, qtbot: QtBot) -> None:
    window = open_window((folder / "a.png",))
    for name in ("._a.png", "b.dng"):
        (folder / name).touch()
    window.sources.open_paths([folder])
    qtbot.waitUntil(lambda: window.banners.text(BannerKey.LEFT_OUT) is not None)
    text = str(window.banners.text(BannerKey.LEFT_OUT))
    assert "1 file that may be a picture is left out, by its name (.dng)." in text
    assert "1 file of a system or a program (a thumbnail, waste) is left out." in text
    window.sources.open_paths([folder / "a.png"])
    assert window.banners.text(BannerKey.LEFT_OUT) is None
