"""The scores of a whole video over time: each so-many-th frame is predicted, between live frames."""

from __future__ import annotations

import math
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from camviewer.core.explanation import ExplainRequest, Prediction
from camviewer.core.failures import Failure
from camviewer.core.models.spec import ModelInfo
from camviewer.media.pipeline.jobs import FrameExplainer

if TYPE_CHECKING:  # importing FFmpeg takes 0.1 s, so only a curve does
    from camviewer.media.movies.video_reader import VideoReader

STEP_SECONDS = 0.1
RATE = 10.0
"""Frames a second of the video, at most."""
MOST_ROWS = 3000
"""Of a long video every frame of a second or more is skipped: as many as a screen has points across."""


def stride(rate: float, total: int | None) -> int:
    """Each so-many-th frame is predicted. rate: frames a second; total: frames, if it is known."""
    of_length = math.ceil((total or 0) / MOST_ROWS)
    return max(math.ceil(rate / RATE - 1e-3), of_length, 1)


class VideoCurve(QObject):
    """A `Job`. Made, read and cancelled in the GUI thread; the worker calls `step` and `end`."""

    progressed = Signal()
    """Payload-free, and only if nothing waited: there are rows to `take`."""
    ended = Signal(object)
    """Failure; None when it is whole or was cancelled."""

    def __init__(self, video: Path, request: ExplainRequest, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.video, self.request = video, request
        self.share = 0.0
        """How much of it is done: 0..1. Replaced whole by the worker."""
        self.is_whole = False
        self._rows: deque[tuple[float, Prediction]] = deque()
        self._cancelled = False
        self._reader: VideoReader | None = None
        self._model: ModelInfo | None = None
        self._stride = 1

    def cancel(self) -> None:
        """End soon."""
        self._cancelled = True

    def take(self) -> list[tuple[float, Prediction]]:
        """The rows that came since the last call: seconds, and the prediction."""
        rows = []
        while self._rows:
            rows.append(self._rows.popleft())
        return rows

    # In the worker

    def step(self, explainer: FrameExplainer) -> bool:
        """Predict some frames. Raises Failure."""
        if self._cancelled:
            return False
        self._model = self._model or explainer.info
        if explainer.info != self._model:
            return False  # another model was chosen: with its first frame the curve begins anew
        reader = self._begun()
        until = time.perf_counter() + STEP_SECONDS
        while not self._cancelled and time.perf_counter() < until:
            if reader.count % self._stride and reader.skip():
                continue
            read = reader.read()
            if read is None:
                self.is_whole, self.share = True, 1.0
                return False
            frame, begins = read
            prediction = explainer.predict(frame, self.request)
            self._rows.append((float(begins), prediction))
            if reader.duration:
                self.share = min(float(begins) / reader.duration, 1.0)
            if len(self._rows) == 1:
                self.progressed.emit()
        return not self._cancelled

    def end(self, failure: Failure | None) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        self.ended.emit(failure)

    def _begun(self) -> VideoReader:
        if self._reader is None:
            from camviewer.media.movies.video_reader import VideoReader

            self._reader = VideoReader(self.video)
            self._stride = stride(float(self._reader.rate), self._reader.total)
        return self._reader
