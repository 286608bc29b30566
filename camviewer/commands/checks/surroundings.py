"""Checks of `camviewer doctor`: do codecs, cameras, display and folders work? One function a check."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from camviewer.core.finding import (
    Finding,
    State,
    about_to,
    ok,
)
from camviewer.core.text import (
    Text,
    joined,
)

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

    from camviewer.core.failures import Failure
    from camviewer.core.frames import Frame
    from camviewer.media.sources.source import Source

FRAME_S = 8.0
"""How long the first frame of a camera or video may take."""


def codecs() -> Iterator[Finding]:
    """A movie is written as recordings are, and Qt plays it."""
    import numpy as np
    from PySide6.QtCore import QCoreApplication

    from camviewer.core.failures import SaveFailure
    from camviewer.media.movies.movie import MovieWriter
    from camviewer.media.sources.video import VideoSource

    application = QCoreApplication.instance() or QCoreApplication([])
    video = Text("video")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "movie.mp4"
        about_to("encode a movie")
        try:
            with path.open("wb") as file:
                movie = MovieWriter(file)
                for index in range(15):
                    movie.write(np.full((48, 64, 3), 10 * index, np.uint8), index / 30)
                movie.close()
        except SaveFailure as failure:
            yield Finding(video, State.PROBLEM, failure.message, failure.mend)
            return
        title = movie.encoder.title if movie.encoder else ""
        about_to(f"play {title}")
        problem = _first_frame(VideoSource(path), application)[1]
    if problem is None:
        yield ok(video, Text("written and played: {names}", names=title))
    else:
        text = Text("{name}: {problem}", name=title, problem=problem.message)
        yield Finding(video, State.PROBLEM, text, problem.mend)


def _first_frame(source: Source, application: QCoreApplication) -> tuple[Frame | None, Failure | None]:
    """The first frame that a source brings; or why there is none."""
    from camviewer.core.failures import (
        Failure,
        SourceFailure,
    )
    from camviewer.media.pipeline.inlet import (
        Inlet,
        PendingFrame,
    )
    from camviewer.media.pipeline.mailbox import Mailbox

    frames: Mailbox[PendingFrame] = Mailbox()
    failures: list[Failure] = []
    source.failed.connect(failures.append)
    start = time.monotonic()
    source.start(Inlet(frames, 0))
    try:
        while not failures and time.monotonic() - start < FRAME_S:
            application.processEvents()
            pending = frames.take()
            if pending is not None:
                return pending.load(), None
            time.sleep(0.01)
    except Failure as failure:
        return None, failure
    finally:
        source.stop()
    late = SourceFailure(
        "No picture within {seconds} s.", "Close other programs; plug it in again.", seconds=round(FRAME_S)
    )
    return None, failures[0] if failures else late


def camera() -> Iterator[Finding]:
    """Every camera, and a frame of each."""
    from PySide6.QtCore import QCoreApplication

    from camviewer.media.sources.camera import Cameras, CameraSource
    from camviewer.media.sources.camera_formats import formats_of

    application = QCoreApplication.instance() or QCoreApplication([])
    cameras = Cameras()
    devices = cameras.all()
    if not devices:
        text = Text("No camera is plugged in, or this program may not see one.")
        mend = Text("Plug one in; check the system's privacy settings.")
        yield Finding(Text("camera"), State.NOTE, text, mend)
    for number, device in enumerate(devices):
        name, title = Text("camera {number}", number=number), device.description()
        formats = formats_of(device)
        sizes = dict.fromkeys(f"{f.resolution().width()}×{f.resolution().height()}" for f in formats)
        about_to(f"a frame of {title}")
        start = time.monotonic()
        frame, problem = _first_frame(CameraSource(cameras, device), application)
        if frame is not None:
            text = Text(
                "{camera}: a frame of {size} after {time} s; {count} formats: {sizes}",
                camera=title,
                size=f"{frame.width}×{frame.height}",
                time=f"{time.monotonic() - start:.1f}",
                count=len(formats),
                sizes=", ".join(list(sizes)[:6]),
            )
            yield ok(name, text)
        elif problem is not None:
            text = Text("{name}: {problem}", name=title, problem=problem.message)
            yield Finding(name, State.PROBLEM, text, problem.mend)


def display() -> Iterator[Finding]:
    from PySide6.QtGui import QFontDatabase, QGuiApplication

    application = QGuiApplication.instance() or QGuiApplication(["camviewer"])
    assert isinstance(application, QGuiApplication)
    screens = [
        Text(
            "{size} at {scale} %",
            size=f"{s.size().width()}×{s.size().height()}",
            scale=round(100 * s.devicePixelRatio()),
        )
        for s in QGuiApplication.screens()
    ]
    if application.platformName() == "offscreen":
        mend = Text("The window needs a display. `camviewer explain` needs none.")
        yield Finding(Text("display"), State.NOTE, Text("There is no display."), mend)
    else:
        text = Text("{name}: {screens}", name=application.platformName(), screens=joined(", ", screens))
        yield ok(Text("display"), text)
    fonts = set(QFontDatabase.families()) - {"Monospace", "Sans Serif", "Serif"}
    if fonts or sys.platform in ("win32", "darwin"):
        yield ok(Text("fonts"), Text("{count} families", count=len(fonts)))
    else:
        mend = Text("Install one, such as Debian's fonts-dejavu-core.")
        text = Text("There are none: text can't be shown.")
        yield Finding(Text("fonts"), State.PROBLEM, text, mend)


def folders() -> Iterator[Finding]:
    from PySide6.QtCore import QSettings, QStandardPaths

    from camviewer.core.models.weights import hub_folder
    from camviewer.ui.system import logs

    scope, ini = QSettings.Scope.UserScope, QSettings.Format.IniFormat
    settings = QSettings(ini, scope, "camviewer", "camviewer").fileName()
    pictures = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
    places = {
        Text("folder of settings"): Path(settings).parent,
        Text("folder of log"): logs.log_folder(),
        Text("folder of pictures"): Path(pictures or Path.home()) / "camviewer",
        Text("folder of downloads of weights"): hub_folder(),
        Text("folder of temporary files"): Path(tempfile.gettempdir()),
    }
    for name, folder in places.items():
        nearest = next((p for p in (folder, *folder.parents) if p.exists()), folder)
        try:
            with tempfile.TemporaryFile(dir=nearest):
                yield ok(name, str(folder))
        except OSError as error:
            text = Text("{folder} can't be written: {reason}.", folder=folder, reason=error.strerror)
            yield Finding(name, State.PROBLEM, text, Text("Make room or change its permissions."))
    log_file = logs.log_folder() / "camviewer.log"
    there = log_file.exists()
    yield ok(Text("log"), str(log_file) if there else Text("{path} (none yet)", path=log_file))
