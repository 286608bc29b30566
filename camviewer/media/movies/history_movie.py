"""Writes what the history holds as a movie of its overlays, and as lines of JSON beside it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QThread

from camviewer.core.explanation import Explanation
from camviewer.core.failures import SaveFailure
from camviewer.core.kept import KeptExplanation
from camviewer.core.storage.export import prediction_line
from camviewer.core.storage.files import (
    atomic_write,
    make_folder,
)
from camviewer.core.targets import (
    ClassScore,
    Target,
)
from camviewer.core.throttle import Throttle
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import (
    ViewState,
    view_state,
)
from camviewer.media.movies.conversion import (
    PROGRESS_SECONDS,
    top_five,
)
from camviewer.media.movies.conversion_files import unused_names
from camviewer.media.thread_priority import lower_priority


@dataclass(frozen=True, slots=True)
class HistoryStyle:
    """How each moment is drawn. target: None for each one's own most probable class, as where its map of the
    target was not computed."""

    style: OverlayStyle
    target: Target | None
    caption: bool

    def state(self, explanation: Explanation) -> ViewState:
        target, labels = self.target, len(explanation.labels)
        known = target is not None and all(c < labels for c in target.classes)
        if target is None or not known or not explanation.maps.available(target):
            target = ClassScore(explanation.top(1)[0])
        return view_state(explanation, target, self.style)


@dataclass(frozen=True, slots=True)
class Written:
    """The two files, and what is in them."""

    movie: Path
    lines: Path
    frames: int
    seconds: float


class HistoryMovie:
    """Runs in the background, in one thread; `cancel` may be called in any."""

    def __init__(
        self,
        kept: Sequence[KeptExplanation],
        movie: Path,
        how: HistoryStyle,
        progressed: Callable[[int], object] = lambda _: None,
    ) -> None:
        """movie: an MP4 in a folder that is made if need be; both files get a number if the name is taken.
        progressed: called in the background with the number of frames so far."""
        self._kept, self._movie, self._how, self._progressed = tuple(kept), movie, how, progressed
        self._cancelled = threading.Event()
        self._throttle = Throttle(PROGRESS_SECONDS)

    @property
    def total(self) -> int:
        """Frames."""
        return len(self._kept)

    def cancel(self) -> None:
        """End soon, and leave nothing."""
        self._cancelled.set()

    def write(self) -> Written | None:
        """Both files whole, or none; None if it was cancelled. Raises Failure."""
        lower_priority(QThread.currentThread())
        if not self._kept:
            raise SaveFailure("Nothing is kept yet.", "Wait until a picture of the camera is in view.")
        make_folder(self._movie.parent)
        movie, lines = unused_names(self._movie, self._movie.with_suffix(".jsonl"))
        assert lines is not None
        try:
            seconds = self._write(movie, lines)
        except _Cancelled:
            return None
        return Written(movie, lines, len(self._kept), seconds)

    def _write(self, movie: Path, lines: Path) -> float:
        from camviewer.media.movies.movie import MovieWriter  # importing FFmpeg takes 0.1 s

        first, last = self._kept[0].time, self._kept[-1].time
        seconds = last - first + _usual_step([kept.time for kept in self._kept])
        with atomic_write(lines) as lines_file, atomic_write(movie) as movie_file:
            writer = MovieWriter(movie_file)
            try:
                for done, kept in enumerate(self._kept):
                    if self._cancelled.is_set():
                        raise _Cancelled
                    explanation = kept.delivery().explanation
                    image = compose(self._how.state(explanation), self._how.caption, full_resolution=False)
                    writer.write(image, kept.time - first)
                    lines_file.write(prediction_line(explanation, kept.time - first, top_five(explanation)))
                    if self._throttle.ready():
                        self._progressed(done + 1)
            except BaseException:
                writer.abandon()
                raise
            writer.close(seconds)
        return seconds


class _Cancelled(Exception):
    """Not a failure: the files aren't wanted any more."""


def _usual_step(times: Sequence[float]) -> float:
    """Seconds that the last frame is shown: as long as the others, in the middle."""
    steps = sorted(b - a for a, b in itertools.pairwise(times))
    return steps[len(steps) // 2] if steps else 1 / 30
