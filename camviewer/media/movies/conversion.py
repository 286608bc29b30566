"""Converts a whole video: each frame explained once, its overlay into a movie at the frame's own time, what
the network says of it into a line of JSON."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PySide6.QtCore import QObject, Signal

from camviewer.core.averaging import Smoother
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import Failure, ModelFailure, SaveFailure
from camviewer.core.frames import Frame
from camviewer.core.localize import localize
from camviewer.core.maps import MapChoice, shown_values
from camviewer.core.models.spec import ModelInfo
from camviewer.core.scaling import ValueRange
from camviewer.core.storage.files import atomic_write, make_folder, number, save_new
from camviewer.core.throttle import Throttle
from camviewer.media.drawing.compositor import OverlayStyle, compose, shown_range, style_for
from camviewer.media.export import found_facts
from camviewer.media.pipeline.jobs import FrameExplainer

if TYPE_CHECKING:  # importing FFmpeg takes a tenth of a second, which only who converts should wait for
    from camviewer.media.movies.video_reader import VideoReader

STEP_SECONDS, LONGEST_PASS = 0.1, 0.25
"""About how long a step takes: the live view gets a frame in between. A pass with several frames may take
longer, for it is what makes a busy computer fast: one frame 102 ms, four of them 110 ms (ResNet18, two cores
that others use too); on an idle one 10 ms and 35 ms."""
BATCH_PIXELS = 32 * 2**20
"""Frames of so many pixels together are held at a time."""
PROGRESS_SECONDS = 0.25
_LINE = re.compile(rb'\{"index": \d+, "time": [^,]+, "predictions": \[')


@dataclass(frozen=True, slots=True)
class Look:
    """How a frame is drawn: which map, in which style, over which range."""

    choice: MapChoice
    style: OverlayStyle
    shown: ValueRange


def top_class(style: OverlayStyle) -> Callable[[Explanation], Look]:
    """Each frame with the map of its most probable class."""
    return lambda explanation: _look(explanation, explanation.top(1)[0], style)


def always(choice: MapChoice, style: OverlayStyle) -> Callable[[Explanation], Look]:
    """Each frame with the same map: of one class, of a difference, of a channel's part."""
    return lambda explanation: _look(explanation, choice, style)


def _look(explanation: Explanation, choice: MapChoice, style: OverlayStyle) -> Look:
    style = style_for(choice, style)
    return Look(choice, style, shown_range(explanation, (choice,), style))


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
        """0..1"""
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
    """A `Job`; or alone, by `run`. Made, cancelled and told in one thread; `step` and `end` are the worker's.

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
        look: Callable[[Explanation], Look],
        *,
        lines: Path | None = None,
        request: ExplainRequest | None = None,
        classes: Callable[[Explanation], Sequence[int]] = top_five,
        threshold: float | None = None,
        caption: bool = False,
        overwrite: bool = False,
        parent: QObject | None = None,
    ) -> None:
        """movie: an MP4, in a folder that is made if need be. lines: a file with a JSON object a frame:
        ``index``, ``time`` (seconds), and ``predictions`` of `classes`, each with ``class_id``, ``label``,
        ``probability``, ``logit``, and with a threshold ``box`` and ``area``. caption: with the strip below
        that says the class. overwrite: replace an existing movie, and lines of one;
        a SaveFailure if something else has their name. Otherwise names get a number if need be.
        """
        super().__init__(parent)
        self.video = video
        self.result: Converted | None = None
        self._movie, self._lines, self._overwrite = movie, lines, overwrite
        self._look, self._classes = look, classes
        self._request = request if request is not None else ExplainRequest()
        self._threshold, self._caption = threshold, caption
        self._cancelled = False
        self._model: ModelInfo | None = None
        self._files: _Files | None = None
        self._explained: deque[tuple[Explanation, Fraction]] = deque()
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
        """Read and explain some frames, or draw and write some. Raises Failure."""
        try:
            return self._step(explainer)
        except BaseException as error:
            files, self._files = self._files, None
            if files is not None:
                files.drop(error)
            raise

    def end(self, failure: Failure | None) -> None:
        files, self._files = self._files, None
        if files is not None:
            files.drop(_Stopped())
        self._explained.clear()
        self.ended.emit(failure)

    def _step(self, explainer: FrameExplainer) -> bool:
        if self._cancelled:
            return False
        self._model = self._model or explainer.info
        if explainer.info != self._model:
            raise ModelFailure("Another model was chosen, so the conversion was stopped.", "Start it again.")
        if self._files is None:
            self._files = _Files(self.video, self._movie, self._lines, self._overwrite)
        files, until = self._files, time.perf_counter() + STEP_SECONDS
        if not self._explained:
            if self._explain(files.reader, explainer, until):
                return True
            self._finish(files)
            return False
        while self._explained and time.perf_counter() < until:
            self._write(files, *self._explained.popleft())
        self._report_progress(files)
        return True

    def _explain(self, reader: VideoReader, explainer: FrameExplainer, until: float) -> bool:
        """Several frames in one pass, where that is quick enough. False at the video's end."""
        most = min(self._batch, explainer.batch_size)
        frames: list[Frame] = []
        times: list[Fraction] = []
        pixels = 0
        while len(frames) < most and pixels < BATCH_PIXELS and (not frames or time.perf_counter() < until):
            read = reader.read()
            if read is None:
                break
            frames.append(read[0])
            times.append(read[1])
            pixels += read[0].width * read[0].height
        if not frames:
            return False
        start = time.perf_counter()
        explained = explainer.explain_batch(frames, self._request)
        took = time.perf_counter() - start
        if took < STEP_SECONDS and len(frames) == most:
            self._batch = 2 * most
        elif took > LONGEST_PASS:
            self._batch = max(1, len(frames) // 2)
        if self._request.smoothing > 0:
            explained = [self._smoothed(explanation) for explanation in explained]
        self._explained.extend(zip(explained, times, strict=True))
        return True

    def _smoothed(self, explanation: Explanation) -> Explanation:
        """By this video's frames alone: the explainer's own average is the live view's."""
        explanation = replace(explanation, request=self._request)
        smoothed = self._smoother.smoothed(explanation)
        return explanation if smoothed is explanation.features else replace(explanation, averaged=smoothed)

    def _write(self, files: _Files, explanation: Explanation, begins: Fraction) -> None:
        look = self._look(explanation)
        picture = compose(explanation, look.choice, look.style, look.shown, self._caption, False)
        files.writer.write(picture, begins)
        if files.lines is not None:
            line = json.dumps(self._record(explanation), allow_nan=False)
            files.lines.write(line.encode("ascii") + b"\n")

    def _record(self, explanation: Explanation) -> dict[str, object]:
        predictions = []
        for class_id in self._classes(explanation):
            prediction: dict[str, object] = {
                "class_id": class_id,
                "label": explanation.label(class_id),
                "probability": number(explanation.probabilities[class_id]),
                "logit": number(explanation.logits[class_id]),
            }
            if self._threshold is not None:
                found = localize(shown_values(explanation, class_id), explanation.region, self._threshold)
                prediction |= found_facts(found)
            predictions.append(prediction)
        seconds = round(explanation.frame.time, 6)
        return {"index": explanation.frame.index, "time": seconds, "predictions": predictions}

    def _finish(self, files: _Files) -> None:
        reader, frames = files.reader, files.writer.count
        movie, lines = files.publish()
        self._files = None
        self.result = Converted(movie, lines, frames, float(reader.end), reader.damaged)
        self.progressed.emit(Progress(frames, frames, float(reader.end), float(reader.end)))

    def _report_progress(self, files: _Files) -> None:
        if self._progress.ready():
            done, total = files.writer.count, files.reader.total
            # The number that a file gives may be too low.
            total = max(total, files.reader.count) if total is not None else None
            self.progressed.emit(
                Progress(done, total, max(float(files.writer.last), 0.0), files.reader.duration)
            )


class _Stopped(Exception):
    """Not a failure: what was begun isn't wanted any more."""


class _Files:
    """The video that is read, and the files beside their places that are written."""

    def __init__(self, video: Path, movie: Path, lines: Path | None, overwrite: bool) -> None:
        """Raises Failure."""
        from camviewer.media.movies.movie import MovieWriter
        from camviewer.media.movies.video_reader import VideoReader

        self._overwrite = overwrite
        if not overwrite:
            movie, lines = _free_names(movie, lines)
        elif movie.exists() and video.exists() and movie.samefile(video):
            raise SaveFailure(
                "{name} is the video itself.", "Choose another name or folder.", name=movie.name
            )
        elif lines is not None:
            _check_lines(lines)
        self._movie, self._lines = movie, lines
        self.lines: BinaryIO | None = None
        with ExitStack() as stack:
            self.reader = VideoReader(video)
            stack.callback(self.reader.close)
            make_folder(movie.parent)
            if lines is not None:
                self.lines = stack.enter_context(atomic_write(lines, overwrite=overwrite))
            self._file = stack.enter_context(atomic_write(movie, overwrite=overwrite))
            self.writer = MovieWriter(self._file, time_base=self.reader.time_base, rate=self.reader.rate)
            self._stack = stack.pop_all()

    def drop(self, error: BaseException) -> None:
        """Leave nothing. Raises SaveFailure for an OSError."""
        self.writer.abandon()
        self._stack.__exit__(type(error), error, error.__traceback__)

    def publish(self) -> tuple[Path, Path | None]:
        """Finish the files and give them their names. Raises SaveFailure and OSError."""
        self.writer.close(self.reader.end)
        self._file.flush()
        if self.lines is not None:
            self.lines.flush()  # before the movie is in its place: there are both, or none
        taken = self._movie.exists() or (self._lines is not None and self._lines.exists())
        if self._overwrite or not taken:
            self._stack.close()
            return self._movie, self._lines
        # Somebody took a name meanwhile; what may be the work of hours isn't lost for that.
        movie = save_new(self._movie.parent, self._movie.stem, self._movie.suffix, _copies(self._file))
        lines = None
        if self._lines is not None and self.lines is not None:
            lines = save_new(self._lines.parent, movie.stem, self._lines.suffix, _copies(self.lines))
        self.drop(_Stopped())
        return movie, lines


def _free_names(movie: Path, lines: Path | None) -> tuple[Path, Path | None]:
    """With the same number."""
    count = 1
    while True:
        stem = movie.stem if count == 1 else f"{movie.stem}-{count}"
        names = movie.with_name(stem + movie.suffix), lines and lines.with_name(stem + lines.suffix)
        if not any(path is not None and (path.exists() or path.is_symlink()) for path in names):
            return names
        count += 1


def _check_lines(lines: Path) -> None:
    """Raises SaveFailure where the lines would take the place of something else: nobody asked about them."""
    try:
        other = lines.is_file() and not _is_ours(lines)
    except OSError:
        other = True
    if other:
        raise SaveFailure(
            "The predictions would replace {name}, which is something else.",
            "Choose another name or folder.",
            name=lines.name,
        )


def _is_ours(lines: Path) -> bool:
    with lines.open("rb") as file:
        start = file.read(100)
    return not start or _LINE.match(start) is not None


def _copies(file: BinaryIO) -> Callable[[Path], Path]:
    def copy(path: Path) -> Path:
        with atomic_write(path) as target, Path(file.name).open("rb") as source:
            shutil.copyfileobj(source, target)
        return path

    return copy
