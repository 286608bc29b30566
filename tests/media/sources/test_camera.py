"""A camera that comes back under another id, with devices that are plugged in when a test says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtMultimedia import QCamera, QCameraDevice
from pytestqt.qtbot import QtBot

from camviewer.core.failures import SourceFailure
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.pipeline.mailbox import Mailbox
from camviewer.media.sources import camera as cameras
from camviewer.media.sources.camera import Cameras, CameraSource, camera_id


class FakeDevice(QCameraDevice):
    def __init__(self, key: str, name: str = "HD Webcam") -> None:
        super().__init__()
        self.key, self.name = key, name

    def id(self) -> QByteArray:
        return QByteArray(self.key.encode())

    def description(self) -> str:
        return self.name


class FakeCameras(Cameras):
    """`plug` says what there is from now on."""

    def __init__(self, *devices: QCameraDevice) -> None:
        super().__init__()
        self.devices = list(devices)

    def all(self) -> list[QCameraDevice]:
        return self.devices

    def plug(self, *devices: QCameraDevice) -> None:
        self.devices = list(devices)
        self.changed.emit()


class StillCamera(QCamera):
    """Starts without a trouble, and sends nothing."""

    def start(self) -> None:
        return

    def error(self) -> QCamera.Error:
        return QCamera.Error.NoError


OURS, OTHER = FakeDevice("/dev/video0"), FakeDevice("/dev/video4", "Capture Card")
BACK, TWIN = FakeDevice("/dev/video2"), FakeDevice("/dev/video6")


class Opened:
    """OURS, open among others, and what the source told."""

    def __init__(self, *others: QCameraDevice) -> None:
        self.plugged = FakeCameras(OURS, *others)
        self.source = CameraSource(self.plugged, OURS)
        self.failures: list[SourceFailure] = []
        self.source.failed.connect(self.failures.append)
        self.source.start(Inlet(Mailbox(), 0))

    @property
    def open_id(self) -> str | None:
        """None while it is unplugged."""
        return camera_id(self.source.device) if self.source.format is not None else None


@pytest.fixture
def opened(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Opened]]:
    monkeypatch.setattr(cameras, "QCamera", StillCamera)
    made: list[Opened] = []
    yield made
    for one in made:
        one.source.stop()


def open_among(opened: list[Opened], *others: QCameraDevice) -> Opened:
    opened.append(Opened(*others))
    assert opened[-1].open_id == "/dev/video0"
    return opened[-1]


def test_back_under_another_id_it_goes_on_again_and_again(opened: list[Opened]) -> None:
    ours = open_among(opened, OTHER)
    for device in (BACK, OURS, BACK):
        ours.plugged.plug(OTHER)
        assert ours.open_id is None
        assert "unplugged" in ours.failures[-1].message
        ours.plugged.plug(OTHER, device)
        assert ours.open_id == camera_id(device)


def test_back_before_it_was_noticed_that_it_was_gone(opened: list[Opened]) -> None:
    ours = open_among(opened)
    with_signal: list[str] = []
    ours.source.changed.connect(lambda: with_signal.append(camera_id(ours.source.device)))
    ours.plugged.plug(BACK)
    assert ours.open_id == "/dev/video2"
    assert with_signal == ["/dev/video2"]


def test_it_is_found_without_a_word_from_the_system(
    opened: list[Opened], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cameras, "RETRY_SECONDS", 0.0)
    ours = open_among(opened)
    ours.plugged.plug()
    ours.plugged.devices = [BACK]
    qtbot.waitUntil(lambda: ours.open_id == "/dev/video2")


@pytest.mark.parametrize(
    ("others", "later"),
    [
        ((), (BACK, TWIN)),  # two that are new
        ((TWIN,), (BACK,)),  # one is new, but two were unplugged
        ((TWIN,), (TWIN,)),  # it was there before
        ((), (OTHER,)),  # another name
    ],
)
def test_what_may_be_another_camera_is_not_taken(
    others: tuple[QCameraDevice, ...], later: tuple[QCameraDevice, ...], opened: list[Opened]
) -> None:
    ours = open_among(opened, *others)
    ours.plugged.plug()
    ours.plugged.plug(*later)
    assert ours.open_id is None
    assert len(ours.failures) == 1
    ours.plugged.plug(OURS, *later)
    assert ours.open_id == "/dev/video0"


def test_a_twin_that_was_plugged_in_meanwhile_is_not_taken(opened: list[Opened]) -> None:
    ours = open_among(opened)
    ours.plugged.plug(OURS, TWIN)
    ours.plugged.plug(TWIN)
    assert ours.open_id is None
    ours.plugged.plug(TWIN, BACK)
    assert ours.open_id == "/dev/video2"
