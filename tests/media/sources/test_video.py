"""Videos: what comes of a seek, a step, the end and a file that is none."""

from __future__ import annotations

import random
import time
import wave
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Literal, cast

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from PySide6.QtMultimedia import QMediaFormat, QMediaMetaData, QMediaPlayer, QVideoFrame
from pytestqt.qtbot import QtBot

from camviewer.core.failures import SourceFailure
from camviewer.core.frames import Frame
from camviewer.media.frames import array_to_image
from camviewer.media.pipeline.inlet import Inlet, PendingFrame
from camviewer.media.pipeline.mailbox import Mailbox
from camviewer.media.sources import video
from camviewer.media.sources.video import VideoSource, VideoTap
from tests.media.fakes import make_frame

FRAME_S = 1 / 30
DURATION_S = 12.0


def video_frame(start: float, end: float | None = None) -> QVideoFrame:
    frame = QVideoFrame(array_to_image(make_frame(0).image))
    frame.setStartTime(round(start * 1e6))
    frame.setEndTime(round((start + FRAME_S if end is None else end) * 1e6))
    return frame


@pytest.mark.usefixtures("qapp")
class TestTap:
    @pytest.fixture
    def box(self) -> Mailbox[PendingFrame]:
        return Mailbox()

    @pytest.fixture
    def inlet(self, box: Mailbox[PendingFrame]) -> Inlet:
        return Inlet(box, 0)

    @pytest.fixture
    def tap(self, inlet: Inlet) -> VideoTap:
        return VideoTap(inlet, "clip.mp4")

    def test_without_a_seek_all_frames_pass(self, tap: VideoTap) -> None:
        assert all(tap.accepts(video_frame(start)) for start in (0.0, 7.0, 3.0))

    def test_after_a_seek_only_its_frame_passes_and_then_all(self, tap: VideoTap) -> None:
        tap.expect(5.0, FRAME_S)
        others = [0.0, 4.9, 5.0 - FRAME_S, 5.0 + FRAME_S, 5.0 + 5 * FRAME_S, 11.0]
        assert not any(tap.accepts(video_frame(start)) for start in others)
        assert tap.accepts(video_frame(5.0))
        assert all(tap.accepts(video_frame(start)) for start in others)

    @pytest.mark.parametrize("off", [-0.4, -1e-3, 1e-3, 0.4])
    def test_times_are_rounded(self, off: float, tap: VideoTap) -> None:
        tap.expect(5.0, FRAME_S)
        assert tap.accepts(video_frame(5.0 + off * FRAME_S))

    def test_a_frame_that_lasts_long_is_there(self, tap: VideoTap) -> None:
        tap.expect(5.0, FRAME_S)
        assert not tap.accepts(video_frame(4.0, 4.9))
        assert tap.accepts(video_frame(4.9, 7.0))

    def test_the_last_of_two_seeks_counts(self, tap: VideoTap) -> None:
        tap.expect(5.0, FRAME_S)
        tap.expect(2.0, FRAME_S)
        assert not tap.accepts(video_frame(5.0))
        assert tap.accepts(video_frame(2.0))

    def test_files_whose_times_are_wrong_come_after_a_while(
        self, tap: VideoTap, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tap.expect(5.0, FRAME_S)
        assert not tap.accepts(video_frame(0.0))
        late = time.monotonic() + video.SEEK_PATIENCE + 0.1
        monkeypatch.setattr(time, "monotonic", lambda: late)
        assert tap.accepts(video_frame(0.0))

    def test_only_valid_frames_are_counted_and_left(self, tap: VideoTap, box: Mailbox[PendingFrame]) -> None:
        tap.put(QVideoFrame())
        assert box.take() is None
        tap.put(video_frame(1.0))
        tap.put(video_frame(2.0))
        assert tap.count == 2
        pending = box.take()
        assert pending is not None
        frame = pending.load()
        assert (frame.index, frame.position, frame.source) == (2, 2.0, "clip.mp4")
        assert frame.time == tap.last

    def test_a_frame_that_was_looked_at_before_a_seek_is_stale(
        self, tap: VideoTap, inlet: Inlet, box: Mailbox[PendingFrame], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The GUI thread may seek between the video thread's look and its putting the frame down."""

        def seek_meanwhile(_: QVideoFrame) -> bool:
            inlet.generation = 1
            return True

        monkeypatch.setattr(tap, "accepts", seek_meanwhile)
        tap.put(video_frame(1.0))
        pending = box.take()
        assert pending is not None
        assert pending.generation == 0


def test_frames_between_a_seeks_steps_are_of_the_old_place(qtbot: QtBot, tmp_path: Path) -> None:
    """When `jumped` tells of a new generation, the tap must already refuse what isn't of the new place."""
    player = Playing(tmp_path / "none.mp4", qtbot)
    accepted: list[bool] = []
    player.source.jumped.connect(lambda: accepted.append(player.source._tap.accepts(video_frame(9.0))))
    player.source.seek(0.0)
    assert accepted == [False]
    player.source.stop()


class Playing:
    """A video whose frames are written down, as the pipeline would see them."""

    def __init__(self, path: Path, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.seen: list[tuple[int, Frame]] = []
        self.failures: list[SourceFailure] = []
        self.inlet = _Recorder(self.seen)
        self.source = VideoSource(path)
        self.source.failed.connect(self.failures.append)
        self.source.jumped.connect(self._on_jumped)
        self.source.start(self.inlet)

    def _on_jumped(self) -> None:
        self.inlet.generation += 1

    @property
    def positions(self) -> list[float]:
        """Of the frames since the last seek."""
        return [f.position or 0.0 for generation, f in list(self.seen) if generation == self.inlet.generation]

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=8000)

    def pause(self) -> None:
        """After this no frame comes by itself."""
        self.source.set_paused(True)
        self.until(lambda: not self.source.playing)
        self.qtbot.wait(100)


class _Recorder(Inlet):
    def __init__(self, seen: list[tuple[int, Frame]]) -> None:
        super().__init__(Mailbox(), 0)
        self._seen = seen

    def put(self, load: Callable[[], Frame], generation: int | None = None) -> None:
        self._seen.append((self.generation if generation is None else generation, load()))


def sound(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))
    return path


def garbage(path: Path) -> Path:
    path.write_bytes(random.Random(0).randbytes(50_000))
    return path


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def missing(path: Path) -> Path:
    return path


def video_file(
    path: Path,
    times: list[int],
    size: tuple[int, int] = (160, 120),
    codec: Literal["mjpeg", "libvpx-vp9", "mpeg2video"] = "mjpeg",
) -> Path:
    """With a frame at each time, in 1/1000 s."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        if codec == "mpeg2video":  # it knows some rates only
            stream.time_base = stream.codec_context.time_base = Fraction(1, 25)
        else:
            stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for index, time in enumerate(times):
            grey = np.full((size[1], size[0], 3), 8 * index % 256, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, "rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def no_frames(path: Path) -> Path:
    """An AVI that declares a video stream, and ends."""
    whole = video_file(path.with_suffix(".avi"), list(range(0, 1000, 33))).read_bytes()
    start = whole.index(b"movi")
    path.write_bytes(whole[: start + 4])
    return path


def unknown_codec(path: Path) -> Path:
    whole = video_file(path.with_suffix(".avi"), list(range(0, 1000, 33))).read_bytes()
    path.write_bytes(whole.replace(b"MJPG", b"zzzz"))
    return path


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (no_frames, "not one frame"),
        (unknown_codec, "can't play"),
        (sound, "only sound"),
        (garbage, "damaged"),
        (empty, "damaged"),
        (missing, "damaged"),
    ],
)
def test_a_file_that_is_no_video_fails_once(
    make: Callable[[Path], Path], why: str, qtbot: QtBot, tmp_path: Path
) -> None:
    playing = Playing(make(tmp_path / "clip.mp4"), qtbot)
    playing.until(lambda: bool(playing.failures))
    playing.source.set_paused(True)
    playing.source.set_paused(False)
    qtbot.wait(100)
    (failure,) = playing.failures
    assert "clip.mp4" in failure.message
    assert why in failure.mend
    playing.source.stop()
    assert not playing.seen


def test_frames_that_last_unequally_long_come_at_their_own_times(qtbot: QtBot, tmp_path: Path) -> None:
    times = [0, 40, 300, 340, 700, 1200]
    playing = Playing(video_file(tmp_path / "clip.mkv", times), qtbot)
    playing.source.set_loop(False)
    playing.until(lambda: len(playing.seen) >= len(times))
    shown = [frame.position for _, frame in playing.seen]
    assert shown[: len(times)] == pytest.approx([t / 1000 for t in times], abs=0.002)
    playing.source.stop()
    assert not playing.failures


@pytest.mark.slow
def test_8k_is_shown(qtbot: QtBot, tmp_path: Path) -> None:
    playing = Playing(video_file(tmp_path / "clip.avi", [0, 100, 200], (7680, 4320)), qtbot)
    playing.until(lambda: bool(playing.seen))
    assert playing.seen[0][1].image.shape == (4320, 7680, 3)
    playing.source.stop()


def test_one_frame_is_shown_and_does_not_spin(qtbot: QtBot, tmp_path: Path) -> None:
    playing = Playing(video_file(tmp_path / "clip.avi", [0]), qtbot)
    playing.until(lambda: bool(playing.seen))
    qtbot.wait(300)
    playing.source.stop()
    assert not playing.failures


@pytest.mark.parametrize("name", ["clip.mov", "clip.mpg", "clip.ts"])
def test_short_videos_are_repeated(name: str, qtbot: QtBot, tmp_path: Path) -> None:
    """Qt reads four seconds ahead, and repeats nothing that it has read; MPEG's streams never."""
    codec: Literal["mjpeg", "mpeg2video"] = "mjpeg" if name == "clip.mov" else "mpeg2video"
    playing = Playing(video_file(tmp_path / name, list(range(0, 400, 40)), codec=codec), qtbot)
    playing.until(lambda: len(playing.seen) >= 25)
    if name != "clip.mov":  # of which Qt has read some rounds ahead
        playing.source.set_loop(False)
        playing.until(lambda: not playing.source.playing)
        count = len(playing.seen)
        qtbot.wait(100)
        assert len(playing.seen) == count
    playing.source.stop()
    positions = [frame.position or 0.0 for _, frame in playing.seen]
    assert sum(after < before for before, after in pairwise(positions)) >= 2
    assert not playing.failures


@pytest.mark.parametrize(("codec", "why"), [("AV1", "no AV1 decoder"), ("H264", "not one frame")])
def test_a_codec_without_a_decoder_is_named(codec: str, why: str, qtbot: QtBot) -> None:
    data = QMediaMetaData()
    data.insert(QMediaMetaData.Key.VideoCodec, getattr(QMediaFormat.VideoCodec, codec))
    player = SimpleNamespace(metaData=lambda: data)
    assert why in video._why_no_frame(cast(QMediaPlayer, player))


def test_stop_before_start_and_twice(qtbot: QtBot, tmp_path: Path) -> None:
    source = VideoSource(tmp_path / "none.mp4")
    source.stop()
    source.seek(1.0)
    source.step(1)
    source.start(_Recorder([]))
    source.stop()
    source.stop()
    assert (source.playing, source.position, source.duration) == (False, 0.0, 0.0)


@pytest.mark.weights
class TestRealVideo:
    @pytest.fixture
    def playing(self, assets: Path, qtbot: QtBot) -> Iterator[Playing]:
        playing = Playing(assets / "media/six-classes-720p.mp4", qtbot)
        playing.until(lambda: len(playing.seen) >= 3)
        yield playing
        playing.source.stop()
        assert not playing.failures

    def test_frames_come_in_order(self, playing: Playing) -> None:
        playing.until(lambda: len(playing.seen) >= 30)
        positions = playing.positions
        assert positions == pytest.approx([i * FRAME_S for i in range(len(positions))], abs=1e-3)
        frame = playing.seen[0][1]
        assert (frame.width, frame.height, frame.source) == (1280, 720, "six-classes-720p.mp4")
        assert playing.source.duration == pytest.approx(DURATION_S)
        assert playing.source.frame_seconds == pytest.approx(FRAME_S)

    @pytest.mark.parametrize("paused", [False, True])
    def test_a_seek_brings_its_frame_first_and_none_from_before(self, paused: bool, playing: Playing) -> None:
        if paused:
            playing.pause()
        numbers = random.Random(7)
        for seconds in [11.99, 0.0, *(numbers.uniform(0, DURATION_S) for _ in range(6))]:
            playing.source.seek(seconds)
            playing.until(lambda: bool(playing.positions))
            if not paused:
                playing.until(lambda: len(playing.positions) >= 3)
            wanted = int(min(seconds, DURATION_S - FRAME_S) / FRAME_S + 1e-6) * FRAME_S
            positions = playing.positions
            assert positions[0] == pytest.approx(wanted, abs=FRAME_S / 2)
            # Playing goes on from there; at the end, from the start.
            later = [(p - wanted) % DURATION_S for p in positions[1:]]
            assert all(0 < p < 1 for p in later), positions

    def test_a_seek_to_a_near_place_too(self, playing: Playing) -> None:
        playing.source.seek(5.0)
        for _ in range(5):
            playing.until(lambda: len(playing.positions) >= 4)
            wanted = playing.positions[-1] - 3 * FRAME_S
            playing.source.seek(wanted + FRAME_S / 2)
            playing.until(lambda: bool(playing.positions))
            assert playing.positions[0] == pytest.approx(wanted, abs=FRAME_S / 2)

    def test_steps_land_on_the_neighbouring_frames(self, playing: Playing) -> None:
        playing.source.seek(4.0)
        playing.until(lambda: bool(playing.positions))
        playing.pause()
        here = round(playing.positions[-1] / FRAME_S)
        for steps in (1, 1, -1, -1, -1, 1, 5, -3):
            playing.source.step(steps)
            here += steps
            playing.until(lambda: bool(playing.positions))
            assert playing.positions[-1] / FRAME_S == pytest.approx(here, abs=0.1)
        assert not playing.source.playing

    def test_quick_steps_all_count(self, playing: Playing) -> None:
        playing.source.seek(6.0)
        playing.until(lambda: bool(playing.positions))
        playing.pause()
        here = round(playing.positions[-1] / FRAME_S)
        for _ in range(4):
            playing.source.step(1)
        playing.until(lambda: bool(playing.positions))
        assert playing.positions[-1] / FRAME_S == pytest.approx(here + 4, abs=0.1)

    def test_a_step_pauses(self, playing: Playing) -> None:
        playing.source.step(1)
        assert not playing.source.playing

    def test_it_goes_on_from_the_start_at_the_end(self, playing: Playing) -> None:
        playing.source.seek(11.8)
        playing.until(lambda: len(playing.positions) > 0 and playing.positions[-1] < 1)
        positions = playing.positions
        first = next(i for i, p in enumerate(positions) if p < 1)
        assert positions[first - 1] == pytest.approx(DURATION_S - FRAME_S, abs=FRAME_S / 2)
        assert positions[first] == pytest.approx(0, abs=FRAME_S / 2)

    def test_without_loop_it_ends_and_can_be_sought_in(self, playing: Playing) -> None:
        playing.source.set_loop(False)
        playing.source.seek(11.8)
        playing.until(lambda: not playing.source.playing)
        assert playing.positions[-1] == pytest.approx(DURATION_S - FRAME_S, abs=FRAME_S / 2)
        playing.source.seek(3.0)
        playing.until(lambda: bool(playing.positions))
        assert playing.positions[0] == pytest.approx(3.0, abs=FRAME_S / 2)
        playing.source.set_paused(False)
        playing.until(lambda: len(playing.positions) >= 5)

    def test_stop_lets_go_at_once(self, playing: Playing) -> None:
        playing.source.stop()
        playing.qtbot.wait(50)  # the recorder may be decoding the last one in Qt's thread
        count = len(playing.seen)
        playing.qtbot.wait(150)
        assert len(playing.seen) == count
        assert not playing.source.playing

    def test_a_file_that_breaks_off_plays_as_far_as_it_goes(
        self, assets: Path, qtbot: QtBot, tmp_path: Path
    ) -> None:
        whole = (assets / "media/six-classes-720p.mp4").read_bytes()
        cut = tmp_path / "cut.mp4"
        cut.write_bytes(whole[:300_000])
        playing = Playing(cut, qtbot)
        playing.until(lambda: len(playing.seen) >= 10)
        playing.source.stop()

    def test_a_video_that_was_taken_upright_is_upright(
        self, assets: Path, qtbot: QtBot, tmp_path: Path
    ) -> None:
        """Phones write down how they were held: a matrix in the track's header."""
        data = bytearray((assets / "media/six-classes-720p.mp4").read_bytes())
        start = data.index(b"tkhd") + 4 + 4 + 20 + 8 + 8  # version, times and ids, reserved, layer to volume
        one, zero = 0x10000, 0
        turned = (zero, one, zero, -one, zero, zero, zero, zero, 0x40000000)
        data[start : start + 36] = b"".join(n.to_bytes(4, "big", signed=True) for n in turned)
        path = tmp_path / "upright.mp4"
        path.write_bytes(data)
        playing = Playing(path, qtbot)
        playing.until(lambda: len(playing.seen) >= 1)
        playing.source.stop()
        frame = playing.seen[0][1]
        assert (frame.width, frame.height) == (720, 1280)
