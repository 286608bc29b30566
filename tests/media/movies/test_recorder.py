"""The recorder: what is put is in the movie at its time; nobody waits for it; it ends, and tells how."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from camviewer.core.arrays import read_only
from camviewer.core.explanation import Explanation, Timing
from camviewer.core.failures import Defect, Failure, SaveFailure
from camviewer.core.frames import Frame
from camviewer.core.targets import ClassScore, Target
from camviewer.media.drawing.style import OverlayStyle
from camviewer.media.drawing.view_state import ViewState, view_state
from camviewer.media.movies.fragmented_file import FragmentedFile, open_to_append
from camviewer.media.movies.recorder import Recorded, Recorder, SourceClock
from tests.media.fakes import Gate
from tests.media.videos import look_at, number_of, numbered

PLAIN = OverlayStyle(visible=False, mark_region=False)
FIRST = ClassScore(0)
FRAME_S = 1 / 30


class Time:
    """A clock that stands still unless it is told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


Make = Callable[..., Explanation]


@pytest.fixture
def explained(make_explanation: Make) -> Make:
    """An explanation of a numbered frame that was delivered and explained at given moments."""
    base = make_explanation()

    def make(
        index: int, captured: float, took: float = 0.05, size: tuple[int, int] = (64, 48)
    ) -> Explanation:
        image = read_only(numbered(index, *size))
        frame = Frame(image, index, captured)
        return replace(base, frame=frame, timing=Timing(captured, captured + took, 0.0, took))

    return make


# When a frame is to be seen


def test_live_frames_have_the_times_of_their_source(explained: Make) -> None:
    clock, delays = SourceClock(), [0.05, 0.08, 0.06, 0.20, 0.05]
    times = []
    for index, delay in enumerate(delays):
        captured = 500 + index * FRAME_S
        times.append(clock.time_of(explained(index, captured, 0.04), captured + delay))
    assert times == pytest.approx([index * FRAME_S for index in range(5)])


def test_the_same_frame_shown_otherwise_is_of_that_moment(explained: Make) -> None:
    clock = SourceClock()
    first, second = explained(0, 500.0), explained(1, 501.0)
    assert clock.time_of(first, 500.1) == 0
    assert clock.time_of(first, 500.6) == pytest.approx(0.5)
    # Explained anew, by another model: still the frame that was there.
    again = replace(first, timing=Timing(500.0, 500.75, 0.0, 0.1))
    assert clock.time_of(again, 500.8) == pytest.approx(0.7)
    assert clock.time_of(second, 501.1) == pytest.approx(1.0)


def test_a_frame_that_was_frozen_long_ago_begins_now(explained: Make) -> None:
    clock = SourceClock()
    assert clock.time_of(explained(0, 440.0), 500.0) == 0
    assert clock.time_of(explained(1, 502.0), 502.1) == pytest.approx(2.0)
    assert clock.at(503.1) == pytest.approx(3.0)


def test_no_time_goes_back(explained: Make) -> None:
    clock = SourceClock()
    first = explained(0, 500.0)
    clock.time_of(first, 500.05)
    shown = clock.time_of(first, 500.5)
    assert clock.time_of(explained(1, 500.2, 0.3), 500.52) == shown
    # A snapshot's times are of another computer.
    assert clock.time_of(explained(2, 9e9), 500.6) >= shown


def test_before_the_first_frame_there_is_no_time() -> None:
    assert SourceClock().at(500.0) == 0


# Recording


class Recording:
    """A recorder, the clock it reads, and what it said."""

    def __init__(self, folder: Path, qtbot: QtBot, **options: Any) -> None:
        self.folder, self.qtbot, self.time = folder, qtbot, Time()
        self.recorder = Recorder(now=self.time, **options)
        self.started: list[Path] = []
        self.progress: list[Recorded] = []
        self.finished: list[Recorded] = []
        self.failed: list[Failure] = []
        self.recorder.started.connect(self.started.append)
        self.recorder.progressed.connect(self.progress.append)
        self.recorder.finished.connect(self.finished.append)
        self.recorder.failed.connect(self.failed.append)

    def put(self, explanation: Explanation, target: Target = FIRST, style: OverlayStyle = PLAIN) -> None:
        """Just after it was explained, if that is later than the last one."""
        self.time.now = max(self.time.now, explanation.timing.finished)
        self.recorder.put(view_state(explanation, target, style))

    def written(self, count: int) -> None:
        """Until so many frames are written."""
        self.qtbot.waitUntil(lambda: self.frames >= count)

    def written_or(self, count: int, done: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(lambda: self.frames >= count or done())

    @property
    def frames(self) -> int:
        thread = self.recorder._thread
        return thread.frames if thread is not None else 0

    def ended(self) -> None:
        self.qtbot.waitUntil(lambda: not self.recorder.busy)


@pytest.fixture
def record(tmp_path: Path, qtbot: QtBot) -> Iterator[Callable[..., Recording]]:
    made: list[Recording] = []

    def make(**options: Any) -> Recording:
        made.append(Recording(tmp_path, qtbot, **options))
        return made[-1]

    yield make
    for recording in made:
        assert recording.recorder.close(10.0)


def test_what_is_put_is_in_the_movie_at_its_time(record: Callable[..., Recording], explained: Make) -> None:
    recording = record()
    recording.recorder.start(recording.folder / "videos", "camera")
    for index in range(20):
        captured = 1000 + index * FRAME_S
        recording.time.now = captured + 0.06
        recording.put(explained(index, captured))
        recording.written(index + 1)
    recording.time.now += 0.1
    recording.recorder.stop()
    recording.ended()
    (done,) = recording.finished
    assert done.path == recording.folder / "videos/camera.mp4"
    assert recording.started == [done.path]
    assert (done.frames, done.left_out, done.size) == (20, 0, done.path.stat().st_size)
    movie = look_at(done.path)
    assert [number_of(frame) for frame in movie.frames] == list(range(20))
    assert [float(time) for time in movie.times] == pytest.approx([i * FRAME_S for i in range(20)], abs=1e-4)
    # The last frame came 0.06 s after its time, as all did, and was seen for 0.1 s.
    assert done.seconds == pytest.approx(19 * FRAME_S + 0.1)
    assert float(movie.duration) == pytest.approx(done.seconds, abs=1e-4)
    assert not recording.failed


def test_the_overlay_is_in_the_movie_as_it_was_put(record: Callable[..., Recording], explained: Make) -> None:
    recording, style = record(), OverlayStyle(opacity=1.0, follow_value=False, colormap="viridis")
    recording.recorder.start(recording.folder, "camera")
    explanation = explained(0, 1000.0)
    for count, shown in enumerate((PLAIN, style), 1):
        recording.put(explanation, ClassScore(1), shown)
        recording.written(count)
        recording.time.now += 0.5
    recording.recorder.stop()
    recording.ended()
    movie = look_at(recording.started[0])
    assert [float(time) for time in movie.times] == [0, 0.5]
    assert float(movie.duration) == 1.0
    plain, overlaid = (frame.astype(int) for frame in movie.frames)
    assert plain.max() < 20
    assert overlaid.mean() > 60


def test_with_a_caption_the_movie_is_higher(record: Callable[..., Recording], explained: Make) -> None:
    recording = record()
    recording.recorder.start(recording.folder, "camera", caption=True)
    recording.put(explained(0, 1000.0, size=(320, 240)))
    recording.written(1)
    recording.recorder.stop()
    recording.ended()
    movie = look_at(recording.folder / "camera.mp4")
    assert movie.size == (320, 240 + 44)


def test_frames_of_other_sizes_are_fitted_into_the_first_ones(
    record: Callable[..., Recording], explained: Make
) -> None:
    recording = record()
    recording.recorder.start(recording.folder, "camera")
    for index, size in enumerate([(64, 48), (48, 64), (640, 360), (64, 48)]):
        recording.put(explained(index, 1000.0 + index, size=size))
        recording.time.now += 1
        recording.written(index + 1)
    recording.recorder.stop()
    recording.ended()
    movie = look_at(recording.folder / "camera.mp4")
    assert (movie.count, movie.size) == (4, (64, 48))


def test_what_it_cannot_keep_up_with_is_left_out_and_counted(
    record: Callable[..., Recording], explained: Make
) -> None:
    gate = Gate()

    class Slow(FragmentedFile):
        def write(self, data: bytes, /) -> int:
            gate.go_through()
            return super().write(data)

    recording = record(make_file=Slow)
    recording.recorder.start(recording.folder, "camera")
    for index in range(12):
        recording.time.now = 1000.0 + index
        before = gate.arrived
        if index == 2:
            gate.shut()
        recording.put(explained(index, 1000.0 + index))
        if index < 2:
            recording.written(index + 1)
        elif index == 2:
            gate.wait_for(before + 1)  # it writes what it has got so far
    gate.open()
    recording.recorder.stop()
    recording.ended()
    (done,) = recording.finished
    assert done.path is not None
    movie = look_at(done.path)
    assert [number_of(frame) for frame in movie.frames] == [0, 1, 2, 11]  # the newest wins
    assert [float(time) for time in movie.times] == [0, 1, 2, 11]
    assert done.left_out == 8


def test_the_first_frame_is_at_0_also_if_one_before_it_was_left_out(
    record: Callable[..., Recording], explained: Make
) -> None:
    gate = Gate()

    class SlowToBegin(FragmentedFile):
        def check(self) -> None:
            gate.go_through()

    gate.shut()
    recording = record(make_file=SlowToBegin)
    recording.recorder.start(recording.folder, "camera")
    for index in range(3):
        recording.put(explained(index, 1000.0 + index))
    gate.open()
    recording.written(1)
    recording.put(explained(3, 1003.0))
    recording.time.now += 1
    recording.recorder.stop()
    recording.ended()
    (done,) = recording.finished
    assert done.path is not None
    assert (done.frames, done.left_out) == (2, 2)
    assert done.seconds == pytest.approx(2.0)
    movie = look_at(done.path)
    assert movie.times == [0, 1]
    assert movie.duration == 2


def test_a_frame_that_stands_still_goes_on_being_written(
    record: Callable[..., Recording], explained: Make
) -> None:
    """A crash would lose it otherwise, however long it has been seen."""
    recording = record()
    recording.recorder.start(recording.folder, "photo")
    recording.put(explained(5, 900.0))
    recording.written(1)
    for seconds in (2.5, 4.0, 6.0):
        before = recording.frames
        recording.time.now = 1000 + seconds
        recording.written(before + 1)
    assert recording.started  # there is something on the disk, though nothing new came
    recording.recorder.stop()
    recording.ended()
    movie = look_at(recording.started[0])
    assert {number_of(frame) for frame in movie.frames} == {5}
    assert [float(time) for time in movie.times] == pytest.approx([0, 1.5, 3.0, 5.0])
    assert movie.duration == 6


def test_progress_is_told_a_few_times_a_second(record: Callable[..., Recording], explained: Make) -> None:
    recording = record()
    recording.recorder.start(recording.folder, "camera")
    recording.put(explained(0, 1000.0))
    recording.time.now = 1001.5
    recording.qtbot.waitUntil(lambda: len(recording.progress) >= 2)
    assert recording.progress[-1].seconds == pytest.approx(1.45)  # it came 0.05 s after its time
    recording.recorder.stop()
    recording.ended()
    assert not recording.recorder._timer.isActive()


def test_one_recording_follows_the_other(record: Callable[..., Recording], explained: Make) -> None:
    recording = record()
    for number in range(3):
        recording.recorder.start(recording.folder, "camera")
        recording.recorder.start(recording.folder, "ignored")
        recording.put(explained(number, 1000.0 + number))
        states = [recording.recorder.recording]
        recording.recorder.stop()
        states.append(recording.recorder.recording)
        assert states == [True, False]
        recording.put(explained(60, 1000.5 + number))  # too late
        recording.ended()
    names = [done.path.name for done in recording.finished if done.path]
    assert names == ["camera.mp4", "camera-2.mp4", "camera-3.mp4"]
    assert [number_of(look_at(recording.folder / name).frames[0]) for name in names] == [0, 1, 2]


def test_without_a_frame_there_is_no_file_and_it_is_told(record: Callable[..., Recording]) -> None:
    recording = record()
    recording.recorder.start(recording.folder / "videos", "camera")
    recording.recorder.stop()
    recording.ended()
    assert [str(failure) for failure in recording.failed] == ["Nothing was recorded: no picture came."]
    assert not (recording.folder / "videos").exists()


def test_what_is_put_while_nothing_is_recorded_is_ignored(
    record: Callable[..., Recording], explained: Make
) -> None:
    recording = record()
    recording.put(explained(0, 1000.0))
    recording.recorder.stop()
    assert recording.recorder.close(0.0)
    assert not recording.failed
    assert not recording.finished


# Trouble


def test_no_room_is_told_at_once(record: Callable[..., Recording]) -> None:
    recording = record(make_file=lambda folder, stem: FragmentedFile(folder, stem, free_space=lambda _: 1000))
    recording.recorder.start(recording.folder, "camera")
    recording.ended()
    (failure,) = recording.failed
    assert isinstance(failure, SaveFailure)
    assert "no room" in failure.message
    assert failure.mend


def test_a_full_disk_ends_it_by_itself(record: Callable[..., Recording], explained: Make) -> None:
    room = iter([200, 200])

    def make_file(folder: Path, stem: str) -> FragmentedFile:
        return FragmentedFile(folder, stem, reserve=50, free_space=lambda _: next(room, 10))

    recording = record(make_file=make_file)
    recording.recorder.start(recording.folder, "camera")
    index = 0
    while recording.recorder.recording:
        recording.put(explained(index, 1000.0 + index / 5))
        recording.time.now = 1000.0 + index / 5
        index += 1
        assert index < 100
        recording.written_or(index, lambda: not recording.recorder.busy)
    (failure,) = recording.failed
    assert "no room" in failure.message
    path = recording.folder / "camera.mp4"
    assert str(path) in failure.message
    assert look_at(path).count == look_at(path).indexed
    assert not recording.finished


def test_a_frame_that_cannot_be_made_ends_it_with_the_file_finished(
    record: Callable[..., Recording], explained: Make
) -> None:
    recording = record()
    recording.recorder.start(recording.folder, "camera")
    for index in range(5):
        recording.put(explained(index, 1000.0 + index))
        recording.written(index + 1)
    broken = ViewState(explained(5, 1005.0), FIRST, OverlayStyle(), None)  # type: ignore[arg-type]
    recording.recorder.put(broken)
    recording.ended()
    (failure,) = recording.failed
    assert isinstance(failure, Defect)
    path = recording.folder / "camera.mp4"
    assert str(path) in failure.message
    movie = look_at(path)
    assert movie.count == movie.indexed == 5


def test_closing_waits_so_long_and_no_longer(record: Callable[..., Recording], explained: Make) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    class Stuck:
        """A disk that doesn't answer."""

        def __init__(self, path: Path) -> None:
            self._file = open_to_append(path)

        def write(self, data: Any) -> int:
            arrived.set()
            assert go_on.wait(10)
            return self._file.write(data)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

    recording = record(make_file=lambda folder, stem: FragmentedFile(folder, stem, open_file=Stuck))  # type: ignore[arg-type]
    recording.recorder.start(recording.folder, "camera")
    index = 0
    while not arrived.is_set():
        recording.put(explained(index, 1000.0 + index / 2))
        index += 1
        recording.written_or(index, arrived.is_set)
    assert not recording.recorder.close(0.1)
    movie = look_at(recording.folder / "camera.mp4")  # it plays as it is
    assert movie.count >= 1
    go_on.set()
    assert recording.recorder.close(10.0)
    assert look_at(recording.folder / "camera.mp4").indexed >= movie.count
