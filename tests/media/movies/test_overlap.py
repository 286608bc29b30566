"""A conversion's threads: the same result as by one, bounded memory, and an end of all, whatever happens."""

from __future__ import annotations

import errno
import json
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from av.packet import Packet
from av.video.frame import VideoFrame

from camviewer.core.arrays import read_only
from camviewer.core.averaging import Smoother
from camviewer.core.explanation import ExplainRequest, Explanation
from camviewer.core.failures import Failure, SaveFailure, SourceFailure
from camviewer.core.frames import Frame
from camviewer.core.models.spec import LinearHead
from camviewer.core.scaling import Scale
from camviewer.core.storage.export import prediction_facts
from camviewer.media.drawing.compositor import compose
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState
from camviewer.media.movies.conversion import BATCH_PIXELS, Conversion, Progress, top_class_state
from camviewer.media.movies.conversion_files import ConversionFiles
from camviewer.media.movies.encoders import EncoderThreads
from camviewer.media.movies.encoding import Encoding, SeveralEncoders
from camviewer.media.movies.movie import MovieWriter
from camviewer.media.movies.movie_threads import DRAWN_PIXELS, READ_PIXELS
from camviewer.media.movies.video_reader import VideoReader
from tests.media.fakes import PATIENCE_S, Bright, FakeExplainer, Gate
from tests.media.videos import VP9, look_at, needs_openh264, number_of, numbered

STYLE = OverlayStyle(scale=Scale.FIXED, fixed=7.0, follow_value=False)
RATE, COUNT = 25, 60
ONE, SEVERAL = EncoderThreads(1, 1), EncoderThreads(3, 1)
NO_ROOM = errno.ENOSPC, os.strerror(errno.ENOSPC)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        writer = MovieWriter(file, encoders=(VP9,), time_base=Fraction(1, 25_600))
        for index in range(COUNT):
            writer.write(numbered(index), Fraction(index, RATE))
        writer.close(Fraction(COUNT, RATE))
    return path


@pytest.fixture
def out(tmp_path: Path, qapp: object) -> Path:
    return tmp_path / "out"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def changed(
    change: Callable[[ConversionFiles], None], threads: EncoderThreads = ONE
) -> Callable[[Path, Path, Path | None, bool], ConversionFiles]:
    """Files of which a test replaces a part."""

    def open_files(video: Path, movie: Path, lines: Path | None, overwrite: bool) -> ConversionFiles:
        files = ConversionFiles(video, movie, lines, overwrite, threads)
        change(files)
        return files

    return open_files


# The same result


class Lit(Bright):
    """With weights that are not 0, so that there is something to draw."""

    head = LinearHead(np.ones((2, 1), np.float32), np.zeros(2, np.float32), ("a", "b"))


def explainer() -> Bright:
    return Lit(lambda frame: float(frame.index % 7))


def made_by_one_thread(video: Path, movie: Path, smoothing: float) -> list[dict[str, Any]]:
    """Frame by frame: read, explained, drawn and written."""
    reader, explains, smoother, lines = VideoReader(video), explainer(), Smoother(), []
    with movie.open("wb") as file:
        writer = MovieWriter(file, time_base=reader.time_base, rate=reader.rate, threads=ONE)
        while (read := reader.read()) is not None:
            explanation = smoother.smoothed(explains.explain(read[0], ExplainRequest()), smoothing)
            writer.write(compose(top_class_state(STYLE)(explanation), True, full_resolution=False), read[1])
            facts = prediction_facts(explanation, explanation.top(5), 0.3)
            time = round(explanation.frame.time, 6)
            lines.append({"index": explanation.frame.index, "time": time, "predictions": facts})
        writer.close(reader.end)
    reader.close()
    return lines


def converted(video: Path, out: Path, threads: EncoderThreads, smoothing: float = 0.0) -> Conversion:
    return Conversion(
        video,
        out / "film.mp4",
        top_class_state(STYLE),
        lines=out / "film.jsonl",
        threshold=0.3,
        caption=True,
        smoothing=smoothing,
        open_files=partial(ConversionFiles, threads=threads),
    )


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_it_is_to_the_byte_what_one_thread_makes(
    video: Path, out: Path, tmp_path: Path, smoothing: float
) -> None:
    lines = made_by_one_thread(video, tmp_path / "expected.mp4", smoothing)
    result = converted(video, out, ONE, smoothing).run(explainer())
    assert result is not None
    assert result.movie.read_bytes() == (tmp_path / "expected.mp4").read_bytes()
    assert (out / "film.jsonl").read_text() == "".join(json.dumps(line) + "\n" for line in lines)


def test_several_encoders_make_it_of_the_same_frames(video: Path, out: Path) -> None:
    needs_openh264()
    plain = OverlayStyle(visible=False, mark_region=False)
    kinds: list[type[Encoding]] = []

    class Noting(MovieWriter):
        def _open(self, frame: VideoFrame) -> Encoding:
            encoding = super()._open(frame)
            kinds.append(type(encoding))
            return encoding

    def change(files: ConversionFiles) -> None:
        files.writer.__class__ = Noting

    conversion = Conversion(
        video, out / "film.mp4", top_class_state(plain), open_files=changed(change, SEVERAL)
    )
    result = conversion.run(FakeExplainer())
    assert result is not None
    movie = look_at(result.movie)
    assert [number_of(frame) for frame in movie.frames] == list(range(COUNT))
    assert movie.times == [Fraction(index, RATE) for index in range(COUNT)]
    assert movie.duration == Fraction(COUNT, RATE)
    assert len(movie.keys) > 1
    assert kinds == [SeveralEncoders]


# Memory, progress


class Endless:
    """Reads frames of a megapixel, for ever."""

    time_base, rate, total, duration, damaged = Fraction(1, 90_000), Fraction(30), None, None, 0
    end = Fraction(0)

    def __init__(self) -> None:
        self.count = 0
        self._image = read_only(np.zeros((512, 2048, 3), np.uint8))

    def read(self) -> tuple[Frame, Fraction]:
        time = Fraction(self.count, 30)
        frame = Frame(self._image, self.count, float(time), "endless", float(time))
        self.count += 1
        return frame, time

    def close(self) -> None:
        pass


class Keeps:
    """Encodes, and gives nothing back before the end."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._kept: list[Packet[Any]] = []
        self.stop, self.cancel = encoding.stop, encoding.cancel

    def encode(self, frame: VideoFrame, begins: bool) -> Sequence[Packet[Any]]:
        self._kept += self._encoding.encode(frame, begins)
        return ()

    def finish(self) -> Sequence[Packet[Any]]:
        return [*self._kept, *self._encoding.finish()]


class Held(MovieWriter):
    """Takes five frames, which its encoder keeps; others wait at its gate."""

    gate: Gate
    cancelled = False

    def cancel(self) -> None:
        self.cancelled = True
        super().cancel()

    def write_frame(self, frame: VideoFrame, time: Fraction | float) -> None:
        if self.count == 5:
            self.gate.go_through()
        super().write_frame(frame, time)

    def _open(self, frame: VideoFrame) -> Encoding:
        self._encoding = Keeps(super()._open(frame))
        return self._encoding


def hold(files: ConversionFiles, gate: Gate) -> None:
    files.writer.__class__ = Held
    cast(Held, files.writer).gate = gate


def test_while_the_encoder_is_slow_the_reader_waits(video: Path, out: Path) -> None:
    endless, gate = Endless(), Gate()
    gate.shut()

    def change(files: ConversionFiles) -> None:
        files.reader.close()
        files.reader = cast(VideoReader, endless)
        hold(files, gate)

    conversion = Conversion(video, out / "film.mp4", top_class_state(STYLE), open_files=changed(change))
    explains, pixels = FakeExplainer(), 2048 * 512
    while endless.count < READ_PIXELS // pixels + DRAWN_PIXELS // pixels:
        assert conversion.step(explains)
    for _ in range(20):
        assert conversion.step(explains)
    # Five are written, one is in the writer's hand, one in the reader's.
    assert endless.count <= (READ_PIXELS + BATCH_PIXELS + DRAWN_PIXELS) // pixels + 7
    conversion.cancel()
    gate.open()
    conversion.end(None)
    assert names(out) == []


def test_progress_counts_what_is_written(video: Path, out: Path) -> None:
    gate, told = Gate(), list[Progress]()
    gate.shut()
    conversion = Conversion(
        video,
        out / "film.mp4",
        top_class_state(STYLE),
        open_files=changed(lambda files: hold(files, gate)),
    )
    conversion.progressed.connect(told.append)
    explains = FakeExplainer()
    while not gate.arrived:
        assert conversion.step(explains)
    told.clear()
    while len(told) < 2:
        assert conversion.step(explains)
    assert [(each.done, each.seconds, each.total) for each in told] == [(0, 0.0, COUNT)] * 2, (
        "five frames are with the encoder, none is written"
    )
    gate.open()
    while conversion.step(explains):
        pass
    conversion.end(None)
    done = [each.done for each in told]
    assert done == sorted(done)
    assert told[-1] == Progress(COUNT, COUNT, COUNT / RATE, COUNT / RATE)


# The end of all of it. That no thread is left is seen by the fixture `no_leaks`.


class Watched(VideoReader):
    """Notes which threads there are when it is closed."""

    threads: list[str]

    def close(self) -> None:
        names = [thread.name.split("_")[0] for thread in threading.enumerate()]
        self.threads += {"read", "draw", "write", "encode"}.intersection(names)
        super().close()


@pytest.mark.parametrize("steps", range(10))
def test_cancelled_at_any_moment_it_leaves_nothing(video: Path, out: Path, steps: int) -> None:
    threads: list[str] = []

    def watch(files: ConversionFiles) -> None:
        files.reader.__class__ = Watched
        cast(Watched, files.reader).threads = threads

    conversion = Conversion(
        video,
        out / "film.mp4",
        top_class_state(STYLE),
        lines=out / "film.jsonl",
        open_files=changed(watch, SEVERAL),
    )
    explains, ended = FakeExplainer(), list[object]()
    conversion.ended.connect(ended.append)
    for _ in range(steps):
        assert conversion.step(explains)
    conversion.cancel()
    assert not conversion.step(explains)
    conversion.end(None)
    assert names(out) == []
    assert threads == [], "they use the file"
    assert (ended, conversion.result) == ([None], None)


def test_cancelled_while_all_wait_for_the_encoder(video: Path, out: Path) -> None:
    gate, held = Gate(), list[Held]()
    gate.shut()

    def change(files: ConversionFiles) -> None:
        hold(files, gate)
        held.append(cast(Held, files.writer))

    conversion = Conversion(video, out / "film.mp4", top_class_state(STYLE), open_files=changed(change))
    explains = FakeExplainer()
    while not gate.arrived:
        assert conversion.step(explains)
    conversion.cancel()
    ending = threading.Thread(target=conversion.end, args=(None,))
    ending.start()
    ending.join(0.05)
    assert ending.is_alive(), "it waits for the thread"
    assert held[0].cancelled, "so that what waits isn't encoded first"
    assert names(out) != []
    gate.open()
    ending.join(PATIENCE_S)
    assert names(out) == []


def broken_drawing(explanation: Explanation) -> ViewState:
    state = top_class_state(STYLE)(explanation)
    if explanation.frame.index < 5:
        return state
    return replace(state, style=replace(state.style, colormap="no such colours"))


def read_fails(files: ConversionFiles) -> None:
    class Torn(VideoReader):
        def read(self) -> tuple[Frame, Fraction] | None:
            if self.count == 5:
                raise SourceFailure("film.mp4 can't be read.", "Check the file and the disk.")
            return super().read()

    files.reader.__class__ = Torn


def encoding_fails(files: ConversionFiles) -> None:
    class Refuses(MovieWriter):
        def write_frame(self, frame: VideoFrame, time: Fraction | float) -> None:
            broken = VideoFrame(0, 0, "yuv420p")
            super().write_frame(broken if self.count == 5 else frame, time)

    files.writer.__class__ = Refuses


def movie_has_no_room(files: ConversionFiles) -> None:
    class Full(MovieWriter):
        def write_frame(self, frame: VideoFrame, time: Fraction | float) -> None:
            if self.count == 5:
                raise OSError(*NO_ROOM)
            super().write_frame(frame, time)

    files.writer.__class__ = Full


def the_end_has_no_room(files: ConversionFiles) -> None:
    class Full(MovieWriter):
        def close(self, end: Fraction | float | None = None) -> None:
            super().close(end)
            raise OSError(*NO_ROOM)

    files.writer.__class__ = Full


def lines_have_no_room(files: ConversionFiles) -> None:
    class Full:
        def write(self, data: bytes) -> int:
            raise OSError(*NO_ROOM)

    files.lines = cast(Any, Full())


@pytest.mark.parametrize("threads", [ONE, SEVERAL], ids=["one encoder", "several"])
@pytest.mark.parametrize(
    ("change", "failure", "says"),
    [
        (read_fails, SourceFailure, "can't be read"),
        (encoding_fails, SaveFailure, "can't be encoded"),
        (movie_has_no_room, SaveFailure, "There is no room for"),
        (the_end_has_no_room, SaveFailure, "There is no room for"),
        (lines_have_no_room, SaveFailure, "There is no room for"),
    ],
)
def test_what_fails_in_a_thread_is_told_and_leaves_nothing(
    video: Path,
    out: Path,
    change: Callable[[ConversionFiles], None],
    failure: type[Failure],
    says: str,
    threads: EncoderThreads,
) -> None:
    conversion = Conversion(
        video,
        out / "film.mp4",
        top_class_state(STYLE),
        lines=out / "film.jsonl",
        open_files=changed(change, threads),
    )
    ended: list[object] = []
    conversion.ended.connect(ended.append)
    with pytest.raises(failure, match=says):
        conversion.run(FakeExplainer())
    assert [type(each) for each in ended] == [failure]
    assert names(out) == []
    assert conversion.result is None


def test_what_cannot_be_drawn_is_a_defect_and_leaves_nothing(video: Path, out: Path) -> None:
    conversion = Conversion(video, out / "film.mp4", broken_drawing, lines=out / "film.jsonl")
    with pytest.raises(KeyError):
        conversion.run(FakeExplainer())
    assert names(out) == []


def test_what_cannot_be_explained_leaves_nothing(video: Path, out: Path) -> None:
    explains = FakeExplainer()
    explains.fail = lambda frame: RuntimeError("out of memory") if frame.index == 5 else None
    with pytest.raises(RuntimeError, match="out of memory"):
        Conversion(video, out / "film.mp4", top_class_state(STYLE)).run(explains)
    assert names(out) == []
