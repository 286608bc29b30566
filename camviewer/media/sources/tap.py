"""Takes video frames from Qt's video thread and leaves them in an inlet."""

from __future__ import annotations

import time

from PySide6.QtMultimedia import QVideoFrame

from camviewer.media.frames import to_frame
from camviewer.media.pipeline.inlet import Inlet


class FrameTap:
    """Its bound method `put` is connected to QVideoSink.videoFrameChanged.

    Not a QObject, so that Qt calls it in the video thread and the GUI thread never sees a raw frame.
    """

    in_medium = False
    """Whether frames have a position in a medium."""

    def __init__(self, inlet: Inlet, source: str) -> None:
        self._inlet = inlet
        self._source = source
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
        held, source, in_medium = QVideoFrame(video), self._source, self.in_medium
        self._inlet.put(lambda: to_frame(held, index, captured, source, in_medium), generation)

    def accepts(self, video: QVideoFrame) -> bool:  # noqa: ARG002
        """Whether to take a frame: for sources that have to leave some out."""
        return True
