"""Records the overlay in view into a movie, while it is in view.

    put (GUI) → Mailbox → compose, encode, write (the recorder's thread) → signals (GUI)

The window never waits for the recorder: frames that are too many for it are left out and counted.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot
from PySide6.QtGui import QImage

from camviewer.core.explanation import Explanation
from camviewer.core.failures import (
    Defect,
    Failure,
    SaveFailure,
)
from camviewer.core.frames import Frame
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.movies.fragmented_file import (
    FragmentedFile,
    with_recorded_path,
)
from camviewer.media.pipeline.mailbox import Mailbox
from camviewer.media.thread_priority import lower_priority

if TYPE_CHECKING:  # importing FFmpeg takes 0.1 s, so only a recording does
    from camviewer.media.movies.movie import MovieWriter

log = logging.getLogger(__name__)

FRESH_SECONDS, LONGEST_DELAY = 0.5, 5.0
"""A frame that was explained longer ago is an old one in another view; one that took longer from its source
to its explanation was on hold in between."""
PROGRESS_MS = 250
SILENCE_SECONDS, BEHIND_SECONDS = 2.0, 1.0
"""After so long without a new overlay the last one is written again, as of so long ago: a crash loses no
more of one that stands still, and a frame that is on its way doesn't come too late."""


class SourceClock:
    """When each overlay is shown in the movie, in seconds since the first: by the clock of the source.

    A live frame's time is that at which the source delivered it. A frame that was there already (another tab,
    a still photo) has no such time. It gets the present less the delay of live frames from source to screen,
    so that both follow one clock.
    """

    def __init__(self) -> None:
        self.latest = 0.0
        """The time of the last overlay."""
        self._start: float | None = None
        self._delay = 0.0
        self._frame: Frame | None = None

    def time_of(self, explanation: Explanation, now: float) -> float:
        """now: `time.monotonic()` when it is shown. Never less than the one before."""
        frame, finished = explanation.frame, explanation.timing.finished
        took, age = finished - frame.time, now - finished
        is_new = frame is not self._frame
        if is_new and 0 <= took <= LONGEST_DELAY and 0 <= age <= FRESH_SECONDS:
            self._delay = now - frame.time
        self._frame = frame
        if self._start is None:
            self._start = now - self._delay
        self.latest = max(self.latest, self.at(now))
        return self.latest

    def at(self, now: float) -> float:
        """The present, in seconds since the first overlay; 0 before it."""
        return max(0.0, now - self._delay - self._start) if self._start is not None else 0.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording so far. path: None until there is something to play. size: bytes. left_out:
    frames that came faster than they could be written."""

    path: Path | None
    seconds: float
    size: int
    frames: int
    left_out: int


@dataclass(frozen=True, slots=True)
class _TimedState:
    """A state to write, and its time in seconds. state: None to write the one before again."""

    state: ViewState | None
    time: float


class _RecordThread(QThread):
    """Composes, encodes and writes; ends by itself when it is stopped or when the file fails."""

    published = Signal(object)
    """Path"""

    def __init__(self, file: FragmentedFile, caption: bool) -> None:
        super().__init__()
        self.setObjectName("record")
        self.states: Mailbox[_TimedState] = Mailbox()
        self.file = file
        self.frames = 0
        self.start_time = 0.0
        """Of the first frame that was written: one before it may have been left out."""
        self.failure: Failure | None = None
        self._caption = caption
        self._end: float | None = None
        self._last: QImage | None = None
        self._is_published = False

    def end_at(self, seconds: float) -> None:
        """Write what waits, and finish the file: the last frame is shown until this time."""
        self._end = seconds
        self.states.wake()

    def run(self) -> None:
        lower_priority(self)
        try:
            self._record()
        except Failure as failure:
            log.warning("recording: %s", failure, exc_info=True)
            self.failure = failure
        except Exception as error:
            log.exception("a recording failed")
            self.failure = Defect("The recording has ended.", "The log says more.", repr(error))
        if self.failure is not None and self.file.failure is None and self.file.path is not None:
            self.failure.message = with_recorded_path(self.failure.message, self.file.path)
        self._last = None

    def _record(self) -> None:
        from camviewer.media.movies.movie import MovieWriter

        self.file.check()
        writer = MovieWriter(self.file, fragmented=True)
        end = None
        try:
            while self.file.failure is None:
                end = self._end
                timed = self.states.wait() if end is None else self.states.take()
                if timed is not None:
                    self._write(writer, timed)
                elif end is not None:
                    break
        finally:
            self.file.begin_finishing()
            try:
                writer.close(None if end is None else end - self.start_time)
            finally:
                self.file.finish()
                self._report_published()
        if self.file.failure is not None:
            raise self.file.failure
        if self.file.path is None:
            raise SaveFailure("Nothing was recorded: no picture came.")

    def _write(self, writer: MovieWriter, timed: _TimedState) -> None:
        if timed.state is not None:
            self._last = compose(timed.state, self._caption, full_resolution=False)
        if self._last is None:
            return
        if not self.frames:
            self.start_time = timed.time
        writer.write(self._last, timed.time - self.start_time)
        self.frames = writer.count
        self._report_published()

    def _report_published(self) -> None:
        if self.file.path is not None and not self._is_published:
            self._is_published = True
            self.published.emit(self.file.path)


class Recorder(QObject):
    """Lives in the GUI thread; nothing in it waits, except `close`. One recording at a time."""

    started = Signal(object)
    """Path: the file is there, and plays. For live frames a moment after `start`; for others later."""
    progressed = Signal(object)
    """Recorded, four times a second."""
    finished = Signal(object)
    """Recorded, with its path: the file is whole."""
    failed = Signal(object)
    """Failure, instead of `finished`. It says where what was recorded until then is."""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        make_file: Callable[[Path, str], FragmentedFile] = FragmentedFile,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._make_file, self._now = make_file, now
        self._thread: _RecordThread | None = None
        self._clock = SourceClock()
        self._left_out = 0
        self._any = self._stopped = False
        self._seconds = 0.0
        self._timer = QTimer(self, interval=PROGRESS_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    @property
    def recording(self) -> bool:
        """Overlays are wanted: from `start` to `stop`, or until it fails."""
        return self._thread is not None and not self._stopped

    @property
    def busy(self) -> bool:
        """From `start` to `finished` or `failed`."""
        return self._thread is not None

    def start(self, folder: Path, stem: str, caption: bool = False) -> None:
        """Record into the first unused one of ``stem.mp4``, ``stem-2.mp4``, … in the folder, which is made.

        caption: with the strip below that says the class, as under saved overlays. Does nothing while busy.
        """
        if self._thread is not None:
            return
        self._clock, self._left_out, self._seconds = SourceClock(), 0, 0.0
        self._any = self._stopped = False
        self._thread = thread = _RecordThread(self._make_file(folder, stem), caption)
        thread.published.connect(self.started)
        thread.finished.connect(self._on_thread_finished)
        thread.start()
        self._timer.start()

    def put(self, state: ViewState) -> None:
        """The state that is in view from now on, of a new frame or the same. Ignored unless recording."""
        thread = self._thread
        if thread is None or self._stopped:
            return
        moment = self._clock.time_of(state.explanation, self._now())
        self._any = True
        replaced = thread.states.put(_TimedState(state, moment))
        self._left_out += replaced is not None and replaced.state is not None

    def stop(self) -> None:
        """End the recording: the last frame is shown until now. `finished` follows."""
        thread = self._thread
        if thread is None or self._stopped:
            return
        self._stopped = True
        self._seconds = self._clock.at(self._now())
        thread.end_at(self._seconds)

    def close(self, patience: float | None = None) -> bool:
        """Stop, and wait for the file, at most so many seconds. Whether all has ended; if not, what is in the
        file plays, and the process must end without destroying this."""
        self.stop()
        thread = self._thread
        if thread is None:
            return True
        ended = thread.wait() if patience is None else thread.wait(round(1000 * patience))
        if ended:
            self._conclude(thread)
        return ended

    def _state(self, thread: _RecordThread) -> Recorded:
        seconds = self._seconds if self._stopped else self._clock.at(self._now())
        seconds = max(0.0, seconds - thread.start_time)
        return Recorded(thread.file.path, seconds, thread.file.size, thread.frames, self._left_out)

    @Slot()
    def _on_timer_timeout(self) -> None:
        thread = self._thread
        if thread is None or self._stopped:
            return
        present = self._clock.at(self._now())
        if self._any and present - self._clock.latest >= SILENCE_SECONDS:
            again = _TimedState(None, present - BEHIND_SECONDS)
            if thread.states.offer(again):
                self._clock.latest = again.time
        self.progressed.emit(self._state(thread))

    @Slot()
    def _on_thread_finished(self) -> None:
        thread = self._thread
        if thread is not None and thread.isFinished():
            self._conclude(thread)

    def _conclude(self, thread: _RecordThread) -> None:
        thread.wait()
        self._timer.stop()
        recorded = self._state(thread)
        self._thread = None
        thread.deleteLater()
        if thread.failure is not None:
            self.failed.emit(thread.failure)
        else:
            self.finished.emit(recorded)
