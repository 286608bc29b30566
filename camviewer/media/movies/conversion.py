"""Converts a whole video: every frame is explained once.

Its overlay goes into a movie, at the frame's own time; its predictions become a line of JSON.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal

from camviewer.core.averaging import Smoother
from camviewer.core.explanation import (
    ExplainRequest,
    Explanation,
)
from camviewer.core.failures import (
    Failure,
    ModelFailure,
)
from camviewer.core.frames import Frame
from camviewer.core.models.spec import ModelInfo
from camviewer.core.storage.export import prediction_line
from camviewer.core.targets import (
    ClassScore,
    Target,
    scores_of,
)
from camviewer.core.throttle import Throttle
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import (
    ViewState,
    view_state,
)
from camviewer.media.movies.conversion_files import ConversionFiles
from camviewer.media.pipeline.jobs import FrameExplainer

if TYPE_CHECKING:  # importing FFmpeg takes 0.1 s, so only a conversion does
    from camviewer.media.movies.movie_threads import MovieThreads

STEP_SECONDS, LONGEST_PASS, WAIT_SECONDS = 0.1, 0.25, 0.02
"""About how long a step takes: the live view gets a frame in between. A pass with several frames may take
longer, because that pays on a busy computer: one frame takes 102 ms, four take 110 ms (ResNet18, two cores
that other programs use too); on an idle computer 10 ms and 35 ms. So long it waits for those who write: the
live view would wait, too."""
BATCH_PIXELS = 16 * 2**20
"""Frames of so many pixels together are explained at a time."""
PROGRESS_SECONDS = 0.25


StateMaker: TypeAlias = Callable[[Explanation], ViewState]
"""Makes the view state of a frame: which map is drawn, and how."""


def top_class_state(style: OverlayStyle) -> StateMaker:
    """Every frame shows the map of its most probable class."""
    return lambda explanation: view_state(explanation, ClassScore(explanation.top(1)[0]), style)


def target_state(target: Target, style: OverlayStyle) -> StateMaker:
    """Every frame shows the map of the same target."""
    return lambda explanation: view_state(explanation, target, style)


def top_five(explanation: Explanation) -> Sequence[int]:
    return explanation.top(5)


@dataclass(frozen=True, slots=True)
class Progress:
    """done, total: frames; seconds, duration: of the video. None where the video doesn't say."""

    done: int
    total: int | None
    seconds: float
    duration: float | None

    @property
    def share(self) -> float | None:
        """How much is done: 0..1; None if the video doesn't say how long it is."""
        return min(self.done / self.total, 1.0) if self.total else None


@dataclass(frozen=True, slots=True)
class Converted:
    """movie, lines: where they are. damaged: parts of the video that couldn't be decoded, and are missing."""

    movie: Path
    lines: Path | None
    frames: int
    seconds: float
    damaged: int


class Conversion(QObject):
    """A `Job`; or alone, by `run`. Made and cancelled in one thread; the worker calls `step` and `end`.

    All or nothing: the files lie beside their places until they are whole.
    """

    progressed = Signal(object)
    """Progress, four times a second at most, and at the end."""
    ended = Signal(object)
    """Failure, or None: then there is a `result`, or it was cancelled."""

    def __init__(
        self,
        video: Path,
        movie: Path,
        make_state: StateMaker,
        *,
        lines: Path | None = None,
        request: ExplainRequest | None = None,
        smoothing: float = 0.0,
        classes: Callable[[Explanation], Sequence[int]] = top_five,
        threshold: float | None = None,
        caption: bool = False,
        overwrite: bool = False,
        open_files: Callable[[Path, Path, Path | None, bool], ConversionFiles] = ConversionFiles,
        parent: QObject | None = None,
    ) -> None:
        """movie: an MP4, in a folder that is made if need be. lines: a file with a JSON object a frame:
        ``index``, ``time`` (seconds), and ``predictions`` of `classes`, each with ``class_id``, ``label``,
        ``probability``, ``logit``, and with a threshold ``box`` and ``area``. smoothing: seconds over which
        what is drawn is averaged. caption: with the strip below that says the class. overwrite: replace an
        existing movie, and lines of one; a SaveFailure if something else has their name. Otherwise names get
        a number if need be.
        """
        super().__init__(parent)
        self.video = video
        self.result: Converted | None = None
        self._movie, self._lines, self._overwrite = movie, lines, overwrite
        self._open_files = open_files
        self._make_state, self._classes = make_state, classes
        self._request = request if request is not None else ExplainRequest()
        self._smoothing, self._threshold, self._caption = smoothing, threshold, caption
        self._cancelled = False
        self._model: ModelInfo | None = None
        self._files: ConversionFiles | None = None
        self._threads: MovieThreads | None = None
        self._explained: deque[tuple[ViewState, Fraction, bytes | None]] = deque()
        self._smoother = Smoother()
        self._batch = 1
        self._progress = Throttle(PROGRESS_SECONDS)

    def cancel(self) -> None:
        """Any thread: end soon, and leave nothing."""
        self._cancelled = True

    def run(self, explainer: FrameExplainer) -> Converted | None:
        """All of it, in this thread; None if it was cancelled. Raises Failure, with nothing left behind."""
        failure: Failure | None = None
        try:
            while self.step(explainer):
                pass
        except Failure as expected:
            failure = expected
            raise
        finally:
            self.end(failure)
        return self.result

    # In the worker

    def step(self, explainer: FrameExplainer) -> bool:
        """Explain some frames, or have some drawn and written. Raises Failure."""
        try:
            return self._step(explainer)
        except BaseException as error:
            self._discard(error)
            raise

    def end(self, failure: Failure | None) -> None:
        self._discard()
        self.ended.emit(failure)

    def _step(self, explainer: FrameExplainer) -> bool:
        if self._cancelled:
            return False
        self._model = self._model or explainer.info
        if explainer.info != self._model:
            raise ModelFailure("Another model was chosen, so the conversion was stopped.", "Start it again.")
        files, threads = self._begun()
        until = time.perf_counter() + STEP_SECONDS
        if self._explained:
            self._hand_over(threads, until, WAIT_SECONDS)
        elif not threads.all_read:
            self._explain(threads, explainer, until)
            self._hand_over(threads, until, 0.0)
        elif threads.finished(WAIT_SECONDS):
            self._finish(files, threads)
            return False
        self._report_progress(files)
        return True

    def _begun(self) -> tuple[ConversionFiles, MovieThreads]:
        if self._files is None:
            self._files = self._open_files(self.video, self._movie, self._lines, self._overwrite)
        if self._threads is None:
            from camviewer.media.movies.movie_threads import MovieThreads

            self._threads = MovieThreads(self._files, self._caption)
        return self._files, self._threads

    def _discard(self, error: BaseException | None = None) -> None:
        """End the threads, then leave nothing. Raises SaveFailure for an OSError."""
        threads, self._threads = self._threads, None
        files, self._files = self._files, None
        self._explained.clear()
        if threads is not None:
            threads.stop()
        if files is not None:
            files.discard(error)

    def _explain(self, threads: MovieThreads, explainer: FrameExplainer, until: float) -> None:
        """Several frames in one pass, where that is quick enough."""
        most = min(self._batch, explainer.batch_size(self._request))
        frames: list[Frame] = []
        times: list[Fraction] = []
        pixels = 0
        while len(frames) < most and pixels < BATCH_PIXELS:
            read = threads.read(max(0.0, until - time.perf_counter()))
            if read is None:
                break
            frames.append(read[0])
            times.append(read[1])
            pixels += read[0].width * read[0].height
        if not frames:
            return
        start = time.perf_counter()
        explained = explainer.explain_batch(frames, self._request)
        explained = [explainer.with_maps(e, scores_of(self._classes(e))) for e in explained]
        took = time.perf_counter() - start
        if took < STEP_SECONDS and len(frames) == most:
            self._batch = 2 * most
        elif took > LONGEST_PASS:
            self._batch = max(1, len(frames) // 2)
        for explanation, begins in zip(explained, times, strict=True):
            smoothed = self._smoother.smoothed(explanation, self._smoothing)
            line = self._line(smoothed) if self._lines is not None else None
            self._explained.append((self._make_state(smoothed), begins, line))

    def _hand_over(self, threads: MovieThreads, until: float, wait: float) -> None:
        """Have frames drawn and written, as many as there is room for. wait: seconds."""
        while self._explained and threads.draw(*self._explained[0], wait):
            self._explained.popleft()
            if time.perf_counter() > until:
                break

    def _line(self, explanation: Explanation) -> bytes:
        classes = self._classes(explanation)
        return prediction_line(explanation, explanation.frame.time, classes, self._threshold)

    def _finish(self, files: ConversionFiles, threads: MovieThreads) -> None:
        threads.stop()
        self._threads = None
        reader, frames = files.reader, files.writer.count
        movie, lines = files.publish()
        self._files = None
        self.result = Converted(movie, lines, frames, float(reader.end), reader.damaged)
        self.progressed.emit(Progress(frames, frames, float(reader.end), float(reader.end)))

    def _report_progress(self, files: ConversionFiles) -> None:
        """Frames count when they are encoded."""
        if self._progress.ready():
            done, total = files.writer.encoded, files.reader.total
            # The number that a file gives may be too low.
            total = max(total, files.reader.count) if total is not None else None
            self.progressed.emit(
                Progress(done, total, max(float(files.writer.last), 0.0), files.reader.duration)
            )
