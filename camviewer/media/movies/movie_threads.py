"""The threads of a conversion: one reads, some draw, one writes, while the worker explains.

    read → frames → (worker: explain) → draw → write, with the encoders

In each queue wait a few frames, counted in pixels. What is drawn is written in the order in which it came.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction

from av.video.frame import VideoFrame
from PySide6.QtGui import QImage

from camviewer.core.frames import Frame
from camviewer.media.drawing.compositor import (
    compose,
    overlay_size,
)
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.movies.conversion_files import ConversionFiles
from camviewer.media.movies.encoders import usable_cores
from camviewer.media.movies.movie_frames import MovieFrames
from camviewer.media.movies.work_threads import (
    BoundedQueue,
    StoppedError,
    WorkThreads,
)

READ_PIXELS, DRAWN_PIXELS = 16 * 2**20, 16 * 2**20
"""Frames of so many pixels together wait to be explained, and to be drawn or written."""
MOST_DRAWING = 2
"""One paints, for which Qt keeps Python's lock; another makes the movie's colours of what it painted."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    frame: Future[VideoFrame]
    begins: Fraction
    line: bytes | None


class _Drawing(threading.local):
    """What a drawing thread uses again and again."""

    canvas: QImage | None = None
    frames: MovieFrames | None = None


class MovieThreads:
    """The worker uses it. What fails in a thread is raised by what the worker calls next."""

    def __init__(self, files: ConversionFiles, caption: bool) -> None:
        self._files, self._caption = files, caption
        self._frames: BoundedQueue[tuple[Frame, Fraction]] = BoundedQueue(READ_PIXELS)
        self._drawn: BoundedQueue[_Drawn] = BoundedQueue(DRAWN_PIXELS)
        self._first_size = 0, 0
        self._drawing = _Drawing()
        # PySide makes types when they are needed first, and crashes or hangs if two threads do that at once.
        self._painting = threading.Lock()
        self._pool = ThreadPoolExecutor(max(1, min(MOST_DRAWING, usable_cores() // 4)), "draw")
        self._threads = WorkThreads(self._wake)
        self._threads.start("read", self._read)
        self._threads.start("write", self._write)

    @property
    def all_read(self) -> bool:
        """Whether the video has no more frames."""
        return self._frames.ended

    def read(self, timeout: float) -> tuple[Frame, Fraction] | None:
        """The next frame and when it begins; None if there is none within so many seconds."""
        try:
            return self._frames.take(timeout)
        except StoppedError:
            self._threads.check()
            raise

    def draw(self, state: ViewState, begins: Fraction, line: bytes | None, timeout: float) -> bool:
        """Whether there was room within so many seconds: then it will be drawn and written. line: of JSON."""
        frame = state.explanation.frame
        pixels = frame.width * frame.height
        try:
            if not self._drawn.wait_for_room(pixels, timeout):
                return False
            if not any(self._first_size):
                self._first_size = overlay_size(frame.width, frame.height, self._caption)
            self._drawn.put(_Drawn(self._pool.submit(self._draw, state), begins, line), pixels)
        except (StoppedError, RuntimeError):  # the pool's, when it is shut down
            self._threads.check()
            raise
        return True

    def finished(self, timeout: float) -> bool:
        """Nothing more will be drawn; whether all is written within so many seconds."""
        self._drawn.close()
        return self._threads.finished(timeout)

    def stop(self) -> None:
        """End the threads, whatever they do."""
        self._threads.stop()
        self._pool.shutdown()

    def _wake(self) -> None:
        self._frames.stop()
        self._drawn.stop()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._files.writer.cancel()

    # In the threads

    def _read(self) -> None:
        reader = self._files.reader
        while (read := reader.read()) is not None:
            self._frames.put(read, read[0].width * read[0].height)
        self._frames.close()

    def _draw(self, state: ViewState) -> VideoFrame:
        mine = self._drawing
        if mine.frames is None:
            mine.frames = MovieFrames(self._first_size, threads=1)
        with self._painting:
            mine.canvas = compose(state, self._caption, full_resolution=False, onto=mine.canvas)
            image = mine.frames.prepared(mine.canvas)
        return mine.frames.coloured(image)

    def _write(self) -> None:
        writer, lines = self._files.writer, self._files.lines
        while (drawn := self._drawn.take()) is not None:
            writer.write_frame(drawn.frame.result(), drawn.begins)
            if lines is not None and drawn.line is not None:
                lines.write(drawn.line)
        writer.close(self._files.reader.end)
