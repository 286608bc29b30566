"""Several encoders that take turns make the same movie as one: each frame once, in order, at its time."""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any, cast

import av
import numpy as np
import pytest
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from camviewer.core.failures import SaveFailure
from camviewer.media.movies.encoders import EncoderThreads, all_threads, live_threads
from camviewer.media.movies.encoding import WAITING_PIXELS, SeveralEncoders
from camviewer.media.movies.movie import KEY_SECONDS, MovieWriter
from camviewer.media.movies.movie_frames import MovieFrames
from tests.media.fakes import PATIENCE_S, Gate
from tests.media.videos import VP9, look_at, needs_openh264, number_of, numbered

SEVERAL = EncoderThreads(3, 2)


def encoding_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("encode")]


def moving(count: int, width: int = 320, height: int = 240) -> list[NDArray[np.uint8]]:
    """A pattern of which each frame shows another part."""
    rows, columns = np.mgrid[: height + count, : width + 2 * count]
    wide = np.stack(
        [128 + 100 * np.sin(columns / each) * np.cos(rows / (each + 3)) for each in (9, 14, 23)], -1
    ).astype(np.uint8)
    return [wide[i : i + height, 2 * i : 2 * i + width] for i in range(count)]


def written(
    frames: Sequence[NDArray[np.uint8]], times: Sequence[Fraction], end: Fraction, threads: EncoderThreads
) -> bytes:
    needs_openh264()
    buffer = io.BytesIO()
    writer = MovieWriter(buffer, threads=threads)
    for frame, time in zip(frames, times, strict=True):
        writer.write(frame, time)
    writer.close(end)
    assert writer.encoded == writer.count == len(frames)
    assert not encoding_threads()
    return buffer.getvalue()


def test_each_frame_is_there_once_at_its_time() -> None:
    times = [Fraction(index, 30) for index in range(300)]
    movie = look_at(written([numbered(i) for i in range(300)], times, Fraction(10), SEVERAL))
    assert [number_of(frame) for frame in movie.frames] == list(range(300))
    assert movie.times == times
    assert movie.duration == 10
    assert movie.indexed == 300
    gaps = [later - earlier for earlier, later in pairwise([*movie.keys, Fraction(10)])]
    assert max(gaps) <= KEY_SECONDS


def test_it_looks_as_by_one_encoder() -> None:
    frames = moving(150)
    times = [Fraction(index, 30) for index in range(len(frames))]
    shown = {}
    for threads in (EncoderThreads(1, 1), SEVERAL):
        data = written(frames, times, Fraction(5), threads)
        movie = look_at(data)
        errors = [((a.astype(float) - b) ** 2).mean() for a, b in zip(movie.frames, frames, strict=True)]
        shown[threads] = np.array(errors), len(data)
    (one, one_size), (several, several_size) = shown.values()
    assert 10 * np.log10(255**2 / several.max()) > 30  # dB, of the worst frame
    assert 10 * np.log10(several.mean() / one.mean()) < 1
    assert several_size < 1.15 * one_size


def test_frames_far_apart_are_all_key_frames() -> None:
    """Two that follow each other have to be told apart by any reader."""
    times = [Fraction(3 * index) for index in range(8)]
    movie = look_at(written([numbered(i) for i in range(8)], times, Fraction(24), SEVERAL))
    assert [number_of(frame) for frame in movie.frames] == list(range(8))
    assert movie.keys == movie.times == times


def test_other_encoders_work_alone() -> None:
    buffer = io.BytesIO()
    writer = MovieWriter(buffer, encoders=(VP9,), threads=SEVERAL)
    for index in range(10):
        writer.write(numbered(index), Fraction(index, 10))
        assert not encoding_threads()
    writer.close(Fraction(1))
    assert [number_of(frame) for frame in look_at(buffer.getvalue()).frames] == list(range(10))


def test_what_an_encoder_refuses_is_told_and_ends_the_threads() -> None:
    needs_openh264()
    writer = MovieWriter(io.BytesIO(), threads=SEVERAL)
    with pytest.raises(SaveFailure, match="can't be encoded"):  # noqa: PT012
        for index in range(100):
            frame = VideoFrame(0, 0, "yuv420p") if index == 70 else MovieFrames((64, 48)).frame(numbered(0))
            writer.write_frame(frame, Fraction(index, 30))
        writer.close()
    writer.abandon()
    assert not encoding_threads()


def test_abandoned_in_the_middle_nothing_goes_on() -> None:
    needs_openh264()
    writer = MovieWriter(io.BytesIO(), threads=SEVERAL)
    for index, frame in enumerate(moving(40)):
        writer.write(frame, Fraction(index, 30))
    writer.abandon()
    assert not encoding_threads()


# What waits


class FakeContext:
    """Encodes when the gate is open; a packet is what a frame says of itself."""

    def __init__(self, width: int = 1920, height: int = 1080) -> None:
        self.width, self.height = width, height
        self.gate = Gate()
        self.encoded: list[int] = []
        self.gate.shut()

    def encode(self, frame: VideoFrame) -> list[Packet[Any]]:
        self.gate.go_through()
        self.encoded.append(frame.pts or 0)
        packet: Packet[Any] = Packet(b"packet")
        packet.pts = frame.pts
        return [packet]


class Fed:
    """Several encoders that a thread gives frames, in segments of ten, as fast as they take them."""

    def __init__(self, contexts: Sequence[FakeContext], count: int) -> None:
        self._container = av.open(io.BytesIO(), "w", format="mp4")
        stream = self._container.add_stream("mpeg4", rate=30)
        assert isinstance(stream, VideoStream)
        self.encoding = SeveralEncoders(stream, cast(Sequence[VideoCodecContext], contexts))
        self.given, self.got = 0, list[int]()
        self._count = count
        self.thread = threading.Thread(target=self._feed, daemon=True)
        self.thread.start()

    def _feed(self) -> None:
        for index in range(self._count):
            frame = VideoFrame(16, 16, "yuv420p")
            frame.pts = index
            packets = self.encoding.encode(frame, index % 10 == 0)
            self.given += 1
            self.got += [packet.pts or 0 for packet in packets]
        self.before_end = len(self.got)
        self.got += [packet.pts or 0 for packet in self.encoding.finish()]


def test_packets_come_in_order_although_a_later_segment_is_ready_first() -> None:
    contexts = [FakeContext(), FakeContext()]
    fed = Fed(contexts, 20)
    contexts[1].gate.open()
    contexts[1].gate.wait_for(10)
    assert fed.got == []
    contexts[0].gate.open()
    fed.thread.join(PATIENCE_S)
    fed.encoding.stop()
    assert contexts[0].encoded == list(range(10))
    assert contexts[1].encoded == list(range(10, 20))
    assert fed.got == list(range(20))


def test_so_many_frames_wait_and_no_more() -> None:
    contexts = [FakeContext(4096, 2304), FakeContext(4096, 2304)]
    most = 2 * (WAITING_PIXELS // (4096 * 2304))
    assert 4 < most < 15
    fed = Fed(contexts, 100)
    contexts[0].gate.wait_for(1)
    fed.thread.join(0.2)
    assert fed.thread.is_alive(), "it waits"
    assert fed.given == most
    for context in contexts:
        context.gate.open()
    fed.thread.join(PATIENCE_S)
    fed.encoding.stop()
    assert fed.got == list(range(100))
    # At the end some frames still wait, and a segment that is ready may wait for the one before it.
    assert fed.before_end >= 100 - most - 2 * 10, "packets don't wait for the end"


def test_cancelled_it_waits_for_nothing_but_what_is_being_encoded() -> None:
    contexts = [FakeContext(4096, 2304), FakeContext(4096, 2304)]
    fed = Fed(contexts, 100)
    contexts[0].gate.wait_for(1)
    fed.encoding.cancel()
    contexts[0].gate.open()
    contexts[1].gate.open()
    fed.thread.join(PATIENCE_S)
    fed.encoding.stop()
    assert not fed.thread.is_alive()
    assert not encoding_threads()
    assert contexts[0].encoded == [0]
    assert contexts[1].encoded in ([], [10])


# How many


def test_as_many_threads_as_there_are_cores_for() -> None:
    assert [all_threads(cores) for cores in (1, 2, 4, 8, 16, 64)] == [
        EncoderThreads(1, 1),
        EncoderThreads(1, 2),
        EncoderThreads(1, 4),
        EncoderThreads(4, 1),
        EncoderThreads(12, 1),
        EncoderThreads(12, 1),
    ]
    assert [live_threads(cores).each for cores in (1, 2, 4, 8, 64)] == [1, 1, 2, 4, 4]
    assert live_threads(64).encoders == 1


def test_frames_are_those_of_the_writer_itself() -> None:
    """Made beforehand, in other threads, they are the same movie."""
    frames = moving(5, 65, 49)
    movies = []
    for beforehand in (False, True):
        buffer, maker = io.BytesIO(), MovieFrames((65, 49), threads=1)
        writer = MovieWriter(buffer, encoders=(VP9,), threads=EncoderThreads(1, 1))
        for index, frame in enumerate(frames):
            if beforehand:
                writer.write_frame(maker.frame(frame), Fraction(index, 5))
            else:
                writer.write(frame, Fraction(index, 5))
        writer.close(Fraction(1))
        movies.append(buffer.getvalue())
    assert movies[0] == movies[1]
