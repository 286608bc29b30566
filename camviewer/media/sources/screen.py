"""A screen as a source."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtMultimedia import QMediaCaptureSession, QScreenCapture, QVideoSink

from camviewer.core.failures import SourceFailure
from camviewer.core.text import Text
from camviewer.media.pipeline.inlet import Inlet
from camviewer.media.sources.source import (
    Reopenable,
    Source,
)
from camviewer.media.sources.tap import FrameTap


class ScreenSource(Source, Reopenable):
    """One screen. A still screen may send no frames: that is no failure."""

    live = True

    def __init__(self, screen: QScreen) -> None:
        super().__init__()
        self._screen = screen
        name = screen.name()
        # Kept: the screen may be unplugged, and is deleted then.
        plain = name.lower() in ("", "screen")
        self._title = Text("Screen") if plain else Text("Screen {name}", name=name)
        self._inlet: Inlet | None = None
        self._capture: QScreenCapture | None = None

    @property
    def title(self) -> str:
        return self._title

    @property
    def running(self) -> bool:
        return self._capture is not None and self._capture.isActive()

    @property
    def may_rest(self) -> bool:
        return True

    def reopened(self) -> ScreenSource:
        """Of the primary screen: this one may be gone."""
        return ScreenSource(QGuiApplication.primaryScreen())

    def start(self, inlet: Inlet) -> None:
        self._tap = FrameTap(inlet, self.title)
        self._sink = QVideoSink(self)
        self._sink.videoFrameChanged.connect(self._tap.put)
        self._capture = QScreenCapture(self)
        self._capture.setScreen(self._screen)
        self._capture.errorOccurred.connect(self._on_capture_error_occurred)
        self._session = QMediaCaptureSession(self)
        self._session.setScreenCapture(self._capture)
        self._session.setVideoSink(self._sink)
        self._capture.start()

    def stop(self) -> None:
        if self._capture is not None:
            self._capture.errorOccurred.disconnect(self._on_capture_error_occurred)
            self._capture.stop()
            self._sink.videoFrameChanged.disconnect(self._tap.put)
            self._capture = None

    @Slot(QScreenCapture.Error, str)
    def _on_capture_error_occurred(self, error: QScreenCapture.Error, text: str) -> None:
        if error != QScreenCapture.Error.NoError:
            self.failed.emit(
                SourceFailure(
                    "The screen can't be captured.", "Allow screen recording in your system's settings.", text
                )
            )
