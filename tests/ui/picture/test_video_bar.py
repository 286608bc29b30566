"""The bar below the picture: for videos and for several photos, and for nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QSlider, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from camviewer.media.pipeline.inlet import Inlet, PendingFrame
from camviewer.media.pipeline.mailbox import Mailbox
from camviewer.media.sources.photos import ArraySource, PhotoSource
from camviewer.media.sources.source import Source
from camviewer.ui.picture.video_bar import VideoBar
from tests.ui.fakes import FakeCamera, FakeVideo, plain_frame


class Bar:
    """The bar and its parts."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.actions = [QAction(name, self.window) for name in ("play", "previous", "next")]
        self.bar = VideoBar(*self.actions)
        self.bar.setParent(self.window)
        self.window.resize(600, 60)
        self.bar.resize(600, 50)
        self.window.show()
        self.slider = self.bar.findChildren(QSlider)[0]
        self.place = self.bar.findChildren(QLabel)[0]
        buttons = self.bar.findChildren(QToolButton)
        self.play, self.previous, self.next, self.loop = buttons

    def take(self, source: Source) -> None:
        source.setParent(self.window)
        frames: Mailbox[PendingFrame] = Mailbox()
        source.start(Inlet(frames, 0))
        self.bar.set_source(source)
        if isinstance(source, PhotoSource) and (first := frames.take()) is not None:
            first.load()  # lists the others


@pytest.fixture
def bar(qtbot: QtBot) -> Bar:
    return Bar(qtbot)


def several(samples: Path) -> PhotoSource:
    return PhotoSource(sorted(samples.glob("*.png")))


def test_it_is_hidden_where_there_is_nothing_to_leaf_through(bar: Bar, samples: Path) -> None:
    assert bar.bar.isHidden()
    for source in (ArraySource(lambda: plain_frame().image, "Pasted picture"), FakeCamera()):
        bar.take(several(samples))
        assert bar.bar.isVisible()
        bar.take(source)
        assert bar.bar.isHidden()
    bar.bar.set_source(None)
    assert bar.bar.isHidden()


def test_a_videos_place_is_shown_and_chosen(bar: Bar) -> None:
    video = FakeVideo()
    bar.take(video)
    assert bar.bar.isVisible()
    assert not bar.play.isHidden()
    assert not bar.loop.isHidden()
    assert bar.place.text() == "0:00.0 / 1:23.5"
    assert bar.slider.maximum() == 83500
    video.seek(61.25)
    assert bar.slider.value() == 61250
    assert bar.place.text().startswith("1:01.")
    bar.slider.setSliderPosition(20000)
    bar.slider.sliderMoved.emit(20000)
    assert video.place == 20.0


def test_a_click_goes_to_that_place(bar: Bar) -> None:
    video = FakeVideo()
    bar.take(video)
    slider = bar.slider
    QTest.mouseClick(
        slider, Qt.MouseButton.LeftButton, pos=QPoint(round(slider.width() * 0.75), slider.height() // 2)
    )
    assert video.place == pytest.approx(0.75 * 83.5, abs=2)


def test_looping(bar: Bar) -> None:
    video = FakeVideo()
    bar.take(video)
    assert bar.loop.isChecked()
    bar.loop.click()
    assert not video.loop
    video.set_loop(True)
    assert bar.loop.isChecked()


def test_photos_are_leafed_through(bar: Bar, samples: Path) -> None:
    source = several(samples)
    bar.take(source)
    assert bar.play.isHidden()
    assert bar.loop.isHidden()
    assert bar.place.text() == "1 of 3"
    source.step(2)
    assert (bar.place.text(), bar.slider.value()) == ("3 of 3", 2)
    bar.slider.sliderMoved.emit(1)
    assert (source.index, bar.place.text()) == (1, "2 of 3")


def test_the_buttons_are_the_windows_actions(bar: Bar) -> None:
    buttons = (bar.play, bar.previous, bar.next)
    assert [b.defaultAction() for b in buttons] == bar.actions
    assert bar.slider.accessibleName()
    assert bar.loop.accessibleName()
