"""What each source says that it can do; the window asks for nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtMultimedia import QCameraFormat
from pytestqt.qtbot import QtBot

from camviewer.core.failures import SourceFailure
from camviewer.media.sources.camera import CameraSource, camera_id, camera_named
from camviewer.media.sources.photos import ArraySource, PhotoSource
from camviewer.media.sources.screen import ScreenSource
from camviewer.media.sources.snapshot import SnapshotSource
from camviewer.media.sources.source import (
    Countable,
    FrameFormat,
    FromFile,
    HasFormats,
    Remembered,
    Reopenable,
    Seekable,
    Source,
    Steppable,
)
from camviewer.media.sources.video import VideoSource
from tests.media.sources.test_camera import BACK, OTHER, OURS, FakeCameras, FakeDevice

CAPABILITIES = (Seekable, Steppable, Countable, FromFile, Reopenable, Remembered, HasFormats)


@pytest.mark.parametrize(
    ("source", "capabilities"),
    [
        (CameraSource, {Reopenable, Remembered, HasFormats}),
        (ScreenSource, {Reopenable}),
        (VideoSource, {Seekable, Steppable, FromFile}),
        (PhotoSource, {Steppable, Countable, FromFile}),
        (SnapshotSource, {FromFile}),
        (ArraySource, set()),
    ],
)
def test_what_the_sources_can_do(source: type[Source], capabilities: set[type]) -> None:
    assert {capability for capability in CAPABILITIES if issubclass(source, capability)} == capabilities
    for capability in capabilities:
        missing = [
            name
            for name, value in vars(capability).items()
            if not name.startswith("_") and getattr(source, name) is value and name != "can_step"
        ]
        assert missing == [], f"{source.__name__} doesn't do what {capability.__name__} promises"


def test_photos_can_be_stepped_through_if_there_are_several() -> None:
    one, two = Path("a.png"), Path("b.png")
    assert not PhotoSource([one]).can_step
    assert PhotoSource([one, two]).can_step
    assert VideoSource(one).can_step


class FakeFormat(QCameraFormat):
    def __init__(self, width: int, height: int, rate: float) -> None:
        super().__init__()
        self.size, self.rate = QSize(width, height), rate

    def resolution(self) -> QSize:
        return self.size

    def maxFrameRate(self) -> float:
        return self.rate


class Rich(FakeDevice):
    """A camera with three formats, one of them twice."""

    def videoFormats(self) -> list[QCameraFormat]:
        return [
            FakeFormat(*f)
            for f in ((640, 480, 30.0), (1280, 720, 29.97), (1280, 720, 30.0), (640, 480, 60.0))
        ]


def test_a_cameras_formats(qtbot: QtBot) -> None:
    device = Rich("/dev/video9")
    source = CameraSource(FakeCameras(device), device)
    assert source.formats == [
        FrameFormat("1280x720@30", 1280, 720, 29.97),
        FrameFormat("640x480@60", 640, 480, 60.0),
        FrameFormat("640x480@30", 640, 480, 30.0),
    ]
    assert source.format_key == "", "it isn't open"


def test_a_camera_is_remembered_by_its_id_and_opened_again_by_it(qtbot: QtBot) -> None:
    plugged = FakeCameras(OTHER, OURS)
    source = CameraSource(plugged, OURS)
    assert (source.settings_key, source.identity) == ("source/camera", "/dev/video0")
    again = source.reopened()
    assert again is not source
    assert again.identity == source.identity
    plugged.plug(OTHER, BACK)
    with pytest.raises(SourceFailure, match=r"/dev/video0.*Capture Card, HD Webcam"):
        source.reopened()


def test_a_camera_by_name(qtbot: QtBot) -> None:
    plugged = FakeCameras(OURS, OTHER)
    assert camera_id(camera_named(plugged, "Capture Card")) == "/dev/video4"
    with pytest.raises(SourceFailure, match="no camera “Fax”"):
        camera_named(plugged, "Fax")
    plugged.plug()
    with pytest.raises(SourceFailure, match="Plug one in"):
        camera_named(plugged, "Fax")
