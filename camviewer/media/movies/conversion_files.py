"""The files of a conversion: the video, and the movie and lines that are written whole or not at all."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from camviewer.core.failures import SaveFailure
from camviewer.core.storage.files import (
    atomic_write,
    make_folder,
    numbered,
    save_new,
)

if TYPE_CHECKING:  # importing FFmpeg takes 0.1 s
    from camviewer.media.movies.encoders import EncoderThreads

_LINE = re.compile(rb'\{"index": \d+, "time": [^,]+, "predictions": \[')
"""The start of a line of predictions, as `Conversion` writes it."""


class _Cancelled(Exception):
    """Not a failure: the files that were begun aren't wanted any more."""


class ConversionFiles:
    """The video that is read, and the files beside their places that are written."""

    def __init__(
        self,
        video: Path,
        movie: Path,
        lines: Path | None,
        overwrite: bool,
        threads: EncoderThreads | None = None,
    ) -> None:
        """threads: of the encoders; None: as many as there are cores for. Raises Failure."""
        from camviewer.media.movies.encoders import all_threads, usable_cores
        from camviewer.media.movies.movie import MovieWriter
        from camviewer.media.movies.video_reader import VideoReader

        self._overwrite = overwrite
        if not overwrite:
            movie, lines = unused_names(movie, lines)
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
            self.writer = MovieWriter(
                self._file,
                time_base=self.reader.time_base,
                rate=self.reader.rate,
                threads=threads or all_threads(usable_cores()),
            )
            self._stack = stack.pop_all()

    def discard(self, error: BaseException | None = None) -> None:
        """Leave nothing. error: why; None: it was cancelled. Raises SaveFailure for an OSError."""
        error = error or _Cancelled()
        self.writer.abandon()
        self._stack.__exit__(type(error), error, error.__traceback__)

    def publish(self) -> tuple[Path, Path | None]:
        """Give the files their names, once the writer is closed. Raises SaveFailure and OSError."""
        self._file.flush()
        if self.lines is not None:
            self.lines.flush()  # before the movie is in its place: there are both, or none
        taken = self._movie.exists() or (self._lines is not None and self._lines.exists())
        if self._overwrite or not taken:
            self._stack.close()
            return self._movie, self._lines
        # Another program took a name meanwhile: take another, as this may be the work of hours.
        movie = save_new(self._movie.parent, self._movie.stem, self._movie.suffix, _copies(self._file))
        lines = None
        if self._lines is not None and self.lines is not None:
            lines = save_new(self._lines.parent, movie.stem, self._lines.suffix, _copies(self.lines))
        self.discard()
        return movie, lines


def unused_names(movie: Path, lines: Path | None) -> tuple[Path, Path | None]:
    """Two names with the same number, both free now."""
    pairs = (
        (movie.with_name(stem + movie.suffix), lines and lines.with_name(stem + lines.suffix))
        for stem in numbered(movie.stem)
    )
    return next(
        pair
        for pair in pairs
        if not any(path is not None and (path.exists() or path.is_symlink()) for path in pair)
    )


def _check_lines(lines: Path) -> None:
    """Raises SaveFailure where the lines would take the place of something else: nobody asked about them."""
    try:
        other = lines.is_file() and not _has_prediction_lines(lines)
    except OSError:
        other = True
    if other:
        raise SaveFailure(
            "The predictions would replace {name}, which is something else.",
            "Choose another name or folder.",
            name=lines.name,
        )


def _has_prediction_lines(lines: Path) -> bool:
    with lines.open("rb") as file:
        start = file.read(100)
    return not start or _LINE.match(start) is not None


def _copies(file: BinaryIO) -> Callable[[Path], Path]:
    def copy(path: Path) -> Path:
        with atomic_write(path) as target, Path(file.name).open("rb") as source:
            shutil.copyfileobj(source, target)
        return path

    return copy
