"""Takes video frames from Qt's video thread and leaves them in an inlet."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtMultimedia import QVideoFrame

from camviewer.core.failures import SourceFailure
from camviewer.core.frames import Frame
from camviewer.media.frames import to_frame
from camviewer.media.pipeline.inlet import Inlet

if TYPE_CHECKING:
    from camviewer.media.sources.decoding import FrameDecoder

MOST_UNSOUND = 15
"""So many of a camera's pictures in a row may be damaged, as over a long cable, before that is told: the last
sound one stays."""


class FrameTap:
    """Its bound method `put` is connected to QVideoSink.videoFrameChanged.

    Not a QObject, so that Qt calls it in the video thread and the GUI thread never sees a raw frame.
    """

    in_medium = False
    """Whether frames have a position in a medium."""

    def __init__(self, inlet: Inlet, source: str, path: Path | None = None) -> None:
        """path: of the file that is played."""
        self._inlet = inlet
        self._source = source
        self._path = path
        self._decoder: FrameDecoder | None = None
        self._sound: Frame | None = None
        self._unsound = 0
        self.count = 0
        self.last = time.monotonic()

    def put(self, video: QVideoFrame) -> None:
        if not video.isValid():  # sent when a medium ends
            return
        # Read first: if another thread seeks right now, this frame is stale.
        generation = self._inlet.generation
        if not self.accepts(video):
            return
        self.last = captured = time.monotonic()
        self.count = index = self.count + 1
        # The handle is copied (not the pixels): PySide's argument lives only as long as this call.
        held = QVideoFrame(video)
        self._inlet.put(lambda: self._load(held, index, captured), generation)

    def _load(self, video: QVideoFrame, index: int, captured: float) -> Frame:
        """In the worker. Raises SourceFailure."""
        if self._decoder is None:
            from camviewer.media.sources.decoding import FrameDecoder  # not before there is a window

            self._decoder = FrameDecoder(self._path)
        try:
            frame = to_frame(video, index, captured, self._source, self.in_medium, self._decoder.image)
        except SourceFailure:
            self._unsound += 1
            if self.in_medium or self._sound is None or self._unsound > MOST_UNSOUND:
                raise
            return replace(self._sound, index=index, time=captured)
        if not self.in_medium:
            self._sound, self._unsound = frame, 0
        return frame

    def accepts(self, video: QVideoFrame) -> bool:  # noqa: ARG002
        """Whether to take a frame: for sources that have to leave some out."""
        return True
