"""Cameras: a list of them, and one as a source that survives unplugging, stalls and busy devices."""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Sequence
from enum import Enum

from PySide6.QtCore import QCameraPermission, QCoreApplication, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtMultimedia import (
    QCamera,
    QCameraDevice,
    QCameraFormat,
    QMediaCaptureSession,
    QMediaDevices,
    QVideoSink,
)

from camviewer.core.failures import SourceFailure
from camviewer.core.text import Text
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.sources.camera_formats import choose_format, format_key, formats_of
from camviewer.media.sources.source import (
    FrameFormat,
    HasFormats,
    Remembered,
    Reopenable,
    Source,
)
from camviewer.media.sources.tap import FrameTap

log = logging.getLogger(__name__)

STALL_SECONDS = 1.5
"""Without a frame for so long, the camera has stalled."""
START_SECONDS = 6.0
"""Cameras take up to a few seconds to send their first frame."""
LONGEST_START_SECONDS = 24.0
"""A camera that sends nothing is started again, each time with more patience, up to this."""
RETRY_SECONDS = 1.0
"""Between two tries to open a camera that is busy, or whose return was not noticed."""


class CameraTrouble(Enum):
    """Why a camera sends no frames. The value is the log's word for it."""

    DENIED = "denied"
    """The system lets camviewer use no camera."""
    UNPLUGGED = "unplugged"
    BUSY = "busy"
    """It doesn't start; another program may have it."""
    STALLED = "stalled"
    """It has started, and is silent."""


class Cameras(QObject):
    """The cameras of this computer. `changed` follows plugging and unplugging."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._devices = QMediaDevices(self)  # kept: it sends the signal
        self._devices.videoInputsChanged.connect(self.changed)

    def all(self) -> list[QCameraDevice]:
        return QMediaDevices.videoInputs()

    def find(self, wanted: str) -> QCameraDevice | None:
        """By id, name, part of a name, or index; the default camera for an empty string."""
        devices = self.all()
        if not wanted:
            default = QMediaDevices.defaultVideoInput()
            return default if not default.isNull() else next(iter(devices), None)
        for device in devices:
            if wanted in (camera_id(device), device.description()):
                return device
        if wanted.isdigit() and int(wanted) < len(devices):
            return devices[int(wanted)]
        return next((d for d in devices if wanted.lower() in d.description().lower()), None)


def camera_named(cameras: Cameras, wanted: str) -> QCameraDevice:
    """As `Cameras.find`; raises SourceFailure if there is no such camera."""
    device = cameras.find(wanted)
    if device is None:
        names = ", ".join(d.description() for d in cameras.all())
        raise SourceFailure(
            "There is no camera “{wanted}”." if wanted else "There is no camera.",
            "There are: {names}." if names else "Plug one in, or open a photo.",
            wanted=wanted,
            names=names,
        )
    return device


def camera_id(device: QCameraDevice) -> str:
    return bytes(device.id().data()).decode("utf-8", "replace")


def unique_names(names: Sequence[str]) -> list[str]:
    """The names, each made unique: the second ``HD Webcam`` becomes ``HD Webcam (2)``."""
    counts: Counter[str] = Counter()
    unique = []
    for name in names:
        counts[name] += 1
        unique.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return unique


class CameraFinder:
    """One camera, which is found again after it was unplugged, also under another id.

    An id holds the port or the node, so the same camera may come back with another one.
    """

    def __init__(self, cameras: Cameras, device: QCameraDevice) -> None:
        self._cameras = cameras
        self.device = device
        """As it was found last."""
        self._ids_before = self._ids_of_its_name()

    @property
    def is_plugged(self) -> bool:
        """Whether its id is still there."""
        return any(camera_id(d) == camera_id(self.device) for d in self._cameras.all())

    def find(self) -> QCameraDevice | None:
        """The camera as it is plugged in now; None if it isn't.

        If its id is gone, it is the one camera of its name with a new id, unless another one of that name is
        missing, too.
        """
        devices = {camera_id(d): d for d in self._cameras.all()}
        wanted, ids = camera_id(self.device), self._ids_of_its_name()
        new = ids - self._ids_before
        if wanted not in devices and len(new) == 1 and self._ids_before - ids == {wanted}:
            wanted = new.pop()
        return devices.get(wanted)

    def take(self, device: QCameraDevice) -> None:
        """It is this one from now on."""
        self.device = device
        self.note_ids()

    def note_ids(self) -> None:
        """While it is plugged in: which cameras of its name are there, to know later which one is new."""
        self._ids_before = self._ids_of_its_name()

    def _ids_of_its_name(self) -> set[str]:
        return {camera_id(d) for d in self._cameras.all() if d.description() == self.device.description()}


class CameraSource(Source, Remembered, HasFormats, Reopenable):
    """One camera, known by its id. Resumes by itself when it is plugged in again or no longer busy.

    After it is plugged in again it may have another id; `device` is the present one.
    """

    live = True
    settings_key = "source/camera"

    def __init__(self, cameras: Cameras, device: QCameraDevice, wanted_format: str = "") -> None:
        super().__init__()
        self._cameras = cameras
        self._finder = CameraFinder(cameras, device)
        self._wanted_format = wanted_format
        self._inlet: Inlet | None = None
        self._session: QMediaCaptureSession | None = None
        self._camera: QCamera | None = None
        self._sink: QVideoSink | None = None
        self._tap: FrameTap | None = None
        self._trouble: CameraTrouble | None = None
        self._started = 0.0
        self._patience = START_SECONDS
        self._watch = QTimer(self, interval=250)
        self._watch.timeout.connect(self._on_watch_timeout)
        cameras.changed.connect(self._on_cameras_changed)

    @property
    def device(self) -> QCameraDevice:
        return self._finder.device

    @property
    def title(self) -> str:
        return self.device.description()

    @property
    def running(self) -> bool:
        return self._camera is not None and self._trouble is None

    @property
    def identity(self) -> str:
        return camera_id(self.device)

    def reopened(self) -> CameraSource:
        return CameraSource(self._cameras, camera_named(self._cameras, self.identity), self._wanted_format)

    @property
    def format(self) -> QCameraFormat | None:
        return self._camera.cameraFormat() if self._camera is not None else None

    @property
    def format_key(self) -> str:
        return format_key(self.format) if self.format is not None else ""

    @property
    def formats(self) -> list[FrameFormat]:
        return [
            FrameFormat(
                format_key(fmt), fmt.resolution().width(), fmt.resolution().height(), fmt.maxFrameRate()
            )
            for fmt in formats_of(self.device)
        ]

    def start(self, inlet: Inlet) -> None:
        self._inlet = inlet
        permission = QCameraPermission()
        app = QCoreApplication.instance()
        status = app.checkPermission(permission) if app is not None else Qt.PermissionStatus.Granted
        if status == Qt.PermissionStatus.Undetermined and app is not None:
            app.requestPermission(permission, self, self._on_permission_decided)
        elif status == Qt.PermissionStatus.Denied:
            self._deny()
        else:
            self._begin()

    @Slot()
    def _on_permission_decided(self, permission: QCameraPermission) -> None:
        app = QCoreApplication.instance()
        if self._inlet is None or app is None:
            return
        if app.checkPermission(permission) == Qt.PermissionStatus.Granted:
            self._begin()
        else:
            self._deny()

    def _deny(self) -> None:
        where = {
            "darwin": Text("Allow it in System Settings, Privacy & Security, Camera."),
            "win32": Text("Allow it in Settings, Privacy, Camera."),
        }.get(sys.platform, Text("Allow it in your system's settings."))
        self._fail(CameraTrouble.DENIED, SourceFailure("camviewer may not use the camera.", where))

    def stop(self) -> None:
        self._watch.stop()
        self._end()
        self._inlet = None

    def set_format(self, key: str) -> None:
        """Go on with another format of this camera."""
        self._wanted_format = key
        if self._inlet is not None:
            self._begin()
            self.changed.emit()

    def _begin(self) -> None:
        assert self._inlet is not None
        self._end()
        self._watch.start()
        current = self._finder.find()
        if current is None:
            self._end_unplugged()
            return
        has_moved = camera_id(current) != camera_id(self.device)
        self._finder.take(current)
        if has_moved:
            log.info("camera %s: now %s", self.title, camera_id(current))
            self.changed.emit()
        self._tap = FrameTap(self._inlet, self.title)
        self._sink = QVideoSink(self)
        self._sink.videoFrameChanged.connect(self._tap.put)
        self._camera = QCamera(current, self)
        fmt = choose_format(current, self._wanted_format)
        if fmt is not None:
            self._camera.setCameraFormat(fmt)
        self._camera.errorOccurred.connect(self._on_camera_error_occurred)
        self._session = QMediaCaptureSession(self)
        self._session.setCamera(self._camera)
        self._session.setVideoSink(self._sink)
        self._started = time.monotonic()
        self._camera.start()
        if self._camera is not None and self._camera.error() != QCamera.Error.NoError:
            self._on_camera_error_occurred(self._camera.error(), self._camera.errorString())

    def _end(self) -> None:
        if self._camera is not None:
            self._camera.errorOccurred.disconnect(self._on_camera_error_occurred)
            self._camera.stop()
        for part in (self._session, self._camera, self._sink):
            if part is not None:
                part.deleteLater()
        self._session = self._camera = self._sink = self._tap = None

    def _end_unplugged(self) -> None:
        self._end()
        self._fail(
            CameraTrouble.UNPLUGGED,
            SourceFailure(
                "{camera} was unplugged.", "Plug it in again and it goes on by itself.", camera=self.title
            ),
        )

    def _fail(self, trouble: CameraTrouble, failure: SourceFailure) -> None:
        """Report a trouble once. The watch goes on, and notices when it is over."""
        self._started = time.monotonic()
        if trouble is not self._trouble:
            self._trouble = trouble
            log.warning("camera %s: %s (%s)", self.title, trouble.value, failure.details)
            self.failed.emit(failure)

    @Slot(QCamera.Error, str)
    def _on_camera_error_occurred(self, error: QCamera.Error, text: str) -> None:
        if error == QCamera.Error.NoError:
            return
        if not self._finder.is_plugged:
            self._end_unplugged()
            return
        self._end()
        self._fail(
            CameraTrouble.BUSY,
            SourceFailure(
                "{camera} doesn't start: it may be in use by another program.",
                "Close the other program; camviewer tries again by itself.",
                text,
                camera=self.title,
            ),
        )

    @Slot()
    def _on_cameras_changed(self) -> None:
        if self._inlet is None:
            return
        if not self._finder.is_plugged:
            self._end_unplugged()
        if self._trouble is not CameraTrouble.UNPLUGGED:
            self._finder.note_ids()
        elif self._finder.find() is not None:
            self._begin()

    @Slot()
    def _on_watch_timeout(self) -> None:
        now = time.monotonic()
        tap = self._tap
        if tap is not None and tap.count and now - tap.last < STALL_SECONDS:
            self._patience = START_SECONDS
            if self._trouble is not None:
                self._trouble = None
                self.recovered.emit()
            return
        if tap is None:
            if (
                self._trouble in (CameraTrouble.BUSY, CameraTrouble.UNPLUGGED)
                and now - self._started > RETRY_SECONDS
                and self._finder.find() is not None
            ):
                self._begin()
            return
        patience = STALL_SECONDS if tap.count else self._patience
        if now - max(tap.last, self._started) > patience:
            if not tap.count:
                self._patience = min(2 * self._patience, LONGEST_START_SECONDS)
            self._fail(
                CameraTrouble.STALLED,
                SourceFailure(
                    "{camera} sends no pictures.",
                    "Check its cable and its cover, or choose another format.",
                    camera=self.title,
                ),
            )
            # Perhaps it was unplugged and plugged in again faster than Qt noticed: it must be opened anew.
            self._begin()
