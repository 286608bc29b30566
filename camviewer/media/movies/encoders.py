"""What encodes movies, and how many threads of it there are.

H.264 by OpenH264 (BSD), else by the system's own encoder, else VP9. Never by x264 or x265, which PyAV's
wheels have too: they are GPL.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import av
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

from camviewer.core.failures import SaveFailure

log = logging.getLogger(__name__)

TIME_BASE = Fraction(1, 90_000)
"""Fine enough for any clock; the usual frame rates are whole numbers of it."""
BITS_PER_PIXEL = 0.25
"""The most that is spent: 7 Mbit/s at 720p and 30 frames a second. A quiet scene needs a tenth of it."""
MOST_ENCODERS, MOST_THREADS = 12, 4
"""At once; and of one that is alone: OpenH264 uses no more."""
MANY_CORES, OTHERS = 8, 4
"""From so many cores on, all but so many encode a conversion: the others read, paint and make colours."""
_BT709 = 1  # primaries, transfer and matrix have the same number in ITU-T H.273


@dataclass(frozen=True, slots=True)
class Encoder:
    """platform: the only one where it exists, as in `sys.platform`. quantisers: the best one that is used
    (below it nobody sees a difference) and the worst (above it everybody does). several: what several of them
    make, a part each, is one movie: none holds frames back, and the movie's head is true of all."""

    name: str
    title: str
    options: tuple[tuple[str, str], ...] = ()
    quantisers: tuple[int, int] | None = None
    platform: str | None = None
    several: bool = False


ENCODERS = (
    Encoder(
        "libopenh264",
        "H.264 (OpenH264)",
        (("rc_mode", "quality"), ("profile", "high")),
        (18, 40),
        several=True,
    ),
    Encoder("h264_videotoolbox", "H.264 (VideoToolbox)", (("allow_sw", "1"),), platform="darwin"),
    Encoder("h264_mf", "H.264 (Media Foundation)", platform="win32"),
    Encoder(
        "libvpx-vp9",
        "VP9",
        (("deadline", "realtime"), ("cpu-used", "8"), ("row-mt", "1"), ("lag-in-frames", "0"), ("crf", "26")),
    ),
)
"""In order of preference. VP9 in an MP4 plays in browsers, not in every player."""


@dataclass(frozen=True, slots=True)
class EncoderThreads:
    """encoders: how many encode a movie together, if its encoder can do that. each: threads of each."""

    encoders: int
    each: int


def live_threads(cores: int) -> EncoderThreads:
    """Half of the cores: the rest is the network's."""
    return EncoderThreads(1, max(1, min(MOST_THREADS, cores // 2)))


def all_threads(cores: int) -> EncoderThreads:
    """For a conversion, of which encoding is most of the work, beside other threads of its own.

    Four threads make one encoder twice as fast (beside an H200: 43 instead of 95 ms for a frame of 1080p).
    Four encoders of one thread each are four times as fast, but hold many frames at a time.
    """
    if cores < MANY_CORES:
        return EncoderThreads(1, min(MOST_THREADS, cores))
    return EncoderThreads(min(MOST_ENCODERS, cores - OTHERS), 1)


def usable_cores() -> int:
    """Of the processor, those that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # only Linux has it
        return os.cpu_count() or 1


def usable_encoder(width: int, height: int, encoders: tuple[Encoder, ...] = ENCODERS) -> Encoder:
    """The first encoder that is there and takes movies of this size. Raises SaveFailure if none does."""
    for encoder in encoders:
        if encoder.platform in (None, sys.platform) and _works(encoder, width, height):
            return encoder
    tried = ", ".join(encoder.name for encoder in encoders)
    raise SaveFailure("There is no encoder for movies.", "Install PyAV again.", f"tried: {tried}")


@lru_cache(maxsize=32)
def _works(encoder: Encoder, width: int, height: int) -> bool:
    """Whether it encodes a frame of this size: that it can be opened says too little."""
    try:
        context = CodecContext.create(encoder.name, "w")
        assert isinstance(context, VideoCodecContext)
        set_up(context, encoder, (width, height), TIME_BASE, Fraction(30), 1)
        frame = VideoFrame(width, height, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        frame.pts, frame.time_base = 0, TIME_BASE
        return bool(context.encode(frame) + context.encode(None))
    except (av.FFmpegError, ValueError) as error:  # ValueError: there is no such encoder
        log.debug("%s: %r", encoder.name, error)
        return False


def set_up(
    context: VideoCodecContext,
    encoder: Encoder,
    size: tuple[int, int],
    time_base: Fraction,
    rate: Fraction,
    threads: int,
) -> None:
    """Tell an encoder what it encodes. size: width, height; rate: frames a second, about."""
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.time_base, context.framerate = time_base, rate
    context.bit_rate = max(round(BITS_PER_PIXEL * size[0] * size[1] * rate), 200_000)
    # Key frames are asked for by time; without B-frames each frame comes out when it goes in.
    context.gop_size, context.max_b_frames = 600, 0
    # OpenH264 divides its work by slices.
    context.thread_count = threads
    context.options = {"slices": str(threads), **dict(encoder.options)}
    if encoder.quantisers is not None:
        context.qmin, context.qmax = encoder.quantisers
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = ColorRange.MPEG


@contextmanager
def ffmpeg_errors() -> Iterator[None]:
    """Turns what FFmpeg raises into OSError or SaveFailure."""
    try:
        yield
    except av.FFmpegError as error:
        if isinstance(error, OSError):
            raise
        raise SaveFailure(
            "The pictures can't be encoded ({reason}).",
            "The log says more.",
            repr(error),
            reason=error.strerror,
        ) from error
