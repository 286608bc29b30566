"""Images and their times become an MP4 that browsers and stock players open.

H.264 by OpenH264 (BSD), else by the system's own encoder, else VP9. Never by x264 or x265, which PyAV's
wheels have too: they are GPL.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, Protocol

import av
import numpy as np
from av.codec.context import CodecContext
from av.container import OutputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter

from camviewer.core.arrays import ByteArray
from camviewer.core.failures import SaveFailure
from camviewer.media.frames import array_to_image

log = logging.getLogger(__name__)

TIME_BASE = Fraction(1, 90_000)
"""Fine enough for any clock; the usual frame rates are whole numbers of it."""
FINEST_TIME_BASE, LONGEST_TICKS = Fraction(1, 2_000_000), 2**30
"""How long a frame lasts has 32 bits in an MP4, of which not every reader takes the highest: 3.3 hours in
1/90,000 s, 9 minutes in the finest unit."""
KEY_SECONDS = 2.0
"""A player that seeks decodes from the key frame before: so far at most."""
FRAGMENT_SECONDS = 1.0
BLOCK = 16
MAX_BLOCKS, MAX_SIDE = 36_864, 8192
"""Of a movie. H.264's level 5.2, where OpenH264 ends, has so many blocks of 16 × 16: 4096 × 2304."""
BITS_PER_PIXEL = 0.25
"""The most that is spent: 7 Mbit/s at 720p and 30 frames a second. A quiet scene needs a tenth of it."""
_BT709 = 1  # primaries, transfer and matrix have the same number in ITU-T H.273


@dataclass(frozen=True, slots=True)
class Encoder:
    """platform: the only one where it exists, as in `sys.platform`. quantisers: the best one that is used
    (below it nobody sees a difference) and the worst (above it everybody does)."""

    name: str
    title: str
    options: tuple[tuple[str, str], ...] = ()
    quantisers: tuple[int, int] | None = None
    platform: str | None = None


ENCODERS = (
    Encoder("libopenh264", "H.264 (OpenH264)", (("rc_mode", "quality"), ("profile", "high")), (18, 40)),
    Encoder("h264_videotoolbox", "H.264 (VideoToolbox)", (("allow_sw", "1"),), platform="darwin"),
    Encoder("h264_mf", "H.264 (Media Foundation)", platform="win32"),
    Encoder(
        "libvpx-vp9",
        "VP9",
        (("deadline", "realtime"), ("cpu-used", "8"), ("row-mt", "1"), ("lag-in-frames", "0"), ("crf", "26")),
    ),
)
"""In order of preference. VP9 in an MP4 plays in browsers, not in every player."""


class Sink(Protocol):
    """What a movie is written to: a binary file, or something like it."""

    def write(self, data: bytes, /) -> int: ...

    def seek(self, offset: int, whence: int = 0, /) -> int: ...


class _SteadyFile:
    """Stands between FFmpeg and a file: keeps the first error and hides it from FFmpeg.

    FFmpeg's MP4 muxer may crash the process when it goes on or closes after a file failed.
    """

    def __init__(self, file: Sink) -> None:
        self.error: OSError | None = None
        self._file, self._at = file, 0

    def write(self, data: bytes) -> int:
        self._try(lambda: self._file.write(data))
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence == 0:  # FFmpeg asks for no other
            self._try(lambda: self._file.seek(offset))
            self._at = offset
        return self._at

    def tell(self) -> int:
        return self._at

    def check(self) -> None:
        """Raises the first error."""
        if self.error is not None:
            raise self.error

    def _try(self, action: Callable[[], object]) -> None:
        if self.error is None:
            try:
                action()
            except OSError as error:
                self.error = error


def movie_size(width: int, height: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """How large frames of this size become, and the movie that they are in: (width, height) each.

    Too large ones are reduced. A movie's sides are even, because a chroma sample stands for 2 × 2 pixels,
    and at least a block: what frames lack of that is filled at the right and below.
    """
    inner = width, height
    if -(-width // BLOCK) * -(-height // BLOCK) > MAX_BLOCKS or max(inner) > MAX_SIDE:
        share = min((MAX_BLOCKS * BLOCK**2 / (width * height)) ** 0.5, MAX_SIDE / max(inner), 1.0)
        inner = _reduced(width, share), _reduced(height, share)
    outer_width, outer_height = (max(side + side % 2, BLOCK) for side in inner)
    return inner, (outer_width, outer_height)


def _reduced(side: int, share: float) -> int:
    """Whole blocks, because those count; what is less than one stays as it is."""
    side = int(side * share)
    return side // BLOCK * BLOCK if side >= BLOCK else max(side, 1)


class MovieWriter:
    """Writes one movie. Its size is that of the first frame (see `movie_size`); others are fitted into it.

    file stays open. fragmented: what is written plays at any time, in fragments of a second, and becomes an
    ordinary MP4 at the end; otherwise the file plays only then. time_base: the unit of the times in
    the file, if it isn't too fine. rate: frames a second, about: it limits the file's size, no time
    depends on it.
    """

    def __init__(
        self,
        file: Sink,
        *,
        time_base: Fraction = TIME_BASE,
        rate: Fraction = Fraction(30),
        fragmented: bool = False,
        encoders: Sequence[Encoder] = ENCODERS,
    ) -> None:
        self.count = 0
        self.encoder: Encoder | None = None
        self.inner, self.size = (0, 0), (0, 0)
        """Of the frames in the movie, and of the movie: (width, height), once there is a frame."""
        self._file, self._fragmented, self._encoders = _SteadyFile(file), fragmented, tuple(encoders)
        self._time_base = time_base if time_base >= FINEST_TIME_BASE else FINEST_TIME_BASE
        self._rate = min(max(rate, Fraction(1)), Fraction(60))
        self._first_size = (0, 0)
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._reformatter = VideoReformatter()
        self._held: Packet[Any] | None = None
        self._last, self._last_key, self._left_out = -1, 0, 0

    @property
    def last(self) -> Fraction:
        """When the last frame begins, in seconds; negative before there is one."""
        return self._last * self._time_base

    def write(self, image: QImage | ByteArray, time: Fraction | float) -> None:
        """Append an image, or uint8 [H, W, 3], that begins at this time: seconds, 0 or more.

        A time that doesn't go on from the last one becomes the next that there is; of a gap that is longer
        than an MP4 can have, what is too much is left out. The frame is in the file when the next one or
        the end comes: how long it lasts is clear only then.
        Raises SaveFailure if it can't be encoded, OSError if it can't be written.
        """
        self._file.check()
        with _ffmpeg_errors():
            stream = self._stream or self._open(image)
            ticks = max(self._ticks(time), self._last + 1)
            frame = self._frame(image)
            frame.pts, frame.time_base = ticks, self._time_base
            # The second frame as a key frame ends the first fragment: so soon there is something to play.
            second = self._fragmented and self.count == 1
            if second or (ticks - self._last_key) * self._time_base >= KEY_SECONDS:
                frame.pict_type = PictureType.I
            packets = stream.encode(frame)
            self._last = ticks
            self.count += 1
            self._mux(packets)
        self._file.check()

    def close(self, end: Fraction | float | None = None) -> None:
        """Finish the file. end: when the last frame ends, in seconds; None: it lasts as long as at `rate`.

        Raises as `write` does; the file is closed all the same.
        """
        container, stream = self._container, self._stream
        if container is None or stream is None:
            return
        self._stream = None
        with _ffmpeg_errors():
            try:
                self._mux(stream.encode(None))
                held, self._held = self._held, None
                if held is not None:
                    until = round(1 / self._rate / self._time_base) + self._last
                    until = until if end is None else self._ticks(end)
                    held.duration = max(until - (held.pts or 0), 1)
                    container.mux_one(held)
            finally:
                self._container = None
                container.close()
        self._file.check()

    def abandon(self) -> None:
        """Close a file that is of no use any more."""
        with suppress(SaveFailure, OSError):
            self.close()

    def _open(self, image: QImage | ByteArray) -> VideoStream:
        self._first_size = _size_of(image)
        self.inner, self.size = movie_size(*self._first_size)
        self.encoder = usable_encoder(*self.size, self._encoders)
        options = {"movie_timescale": str(self._time_base.denominator)}
        if self._fragmented:
            options["movflags"] = "hybrid_fragmented+frag_keyframe"
            options["frag_duration"] = str(round(1e6 * FRAGMENT_SECONDS))
        container = av.open(self._file, "w", format="mp4", options=options)
        stream = container.add_stream(self.encoder.name, rate=self._rate)
        assert isinstance(stream, VideoStream)
        _set_up(stream.codec_context, self.encoder, self.size, self._time_base, self._rate)
        stream.time_base = self._time_base
        log.info("a movie of %d × %d: %s", *self.size, self.encoder.title)
        self._container, self._stream = container, stream
        return stream

    def _ticks(self, time: Fraction | float) -> int:
        ticks = round(Fraction(time) / self._time_base) - self._left_out
        too_much = ticks - max(self._last, 0) - LONGEST_TICKS
        if too_much > 0:
            self._left_out += too_much
            ticks -= too_much
        return ticks

    def _mux(self, packets: Sequence[Packet[Any]]) -> None:
        """A packet waits for the next one, or the end."""
        assert self._container is not None
        for packet in packets:
            if packet.is_keyframe:
                self._last_key = packet.pts or 0
            held, self._held = self._held, packet
            if held is not None:
                held.duration = (packet.pts or 0) - (held.pts or 0)
                self._container.mux_one(held)

    def _frame(self, image: QImage | ByteArray) -> VideoFrame:
        """yuv420p, BT.709, limited range, of the movie's size."""
        if _size_of(image) != self.inner:
            image = self._fitted(image)
        if isinstance(image, QImage):
            if image.format() != QImage.Format.Format_RGB32:
                image = image.convertToFormat(QImage.Format.Format_RGB32)
            rows = np.frombuffer(image.constBits(), np.uint8)
            pixels: NDArray[np.uint8] = rows.reshape(image.height(), image.width(), 4)
        else:
            pixels = np.ascontiguousarray(image)
        height, width, depth = pixels.shape
        below, right = self.size[1] - height, self.size[0] - width
        if below or right:
            # By repetition: a black edge would bleed into the chroma samples that it shares.
            pixels = np.pad(pixels, ((0, below), (0, right), (0, 0)), "edge")
        # The average of 2 × 2 pixels is their chroma sample; by default swscale would leave some out.
        return self._reformatter.reformat(
            VideoFrame.from_numpy_buffer(pixels, "bgra" if depth == 4 else "rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.AREA,
        )

    def _fitted(self, image: QImage | ByteArray) -> QImage:
        """An image of the first one's size reduced; any other as large as it fits, on black."""
        size = _size_of(image)
        if not isinstance(image, QImage):
            image = array_to_image(image)
        inner, smooth = QSize(*self.inner), Qt.TransformationMode.SmoothTransformation
        if size == self._first_size:
            return image.scaled(inner, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        scaled = image.scaled(inner, Qt.AspectRatioMode.KeepAspectRatio, smooth)
        fitted = QImage(inner, QImage.Format.Format_RGB32)
        fitted.fill(Qt.GlobalColor.black)
        place = QRect(scaled.rect())
        place.moveCenter(fitted.rect().center())
        painter = QPainter(fitted)
        painter.drawImage(place, scaled)
        painter.end()
        return fitted


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
        _set_up(context, encoder, (width, height), TIME_BASE, Fraction(30))
        frame = VideoFrame(width, height, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        frame.pts, frame.time_base = 0, TIME_BASE
        return bool(context.encode(frame) + context.encode(None))
    except (av.FFmpegError, ValueError) as error:  # ValueError: there is no such encoder
        log.debug("%s: %r", encoder.name, error)
        return False


def _set_up(
    context: VideoCodecContext, encoder: Encoder, size: tuple[int, int], time_base: Fraction, rate: Fraction
) -> None:
    context.width, context.height = size
    context.pix_fmt = "yuv420p"
    context.time_base, context.framerate = time_base, rate
    context.bit_rate = max(round(BITS_PER_PIXEL * size[0] * size[1] * rate), 200_000)
    # Key frames are asked for by time; without B-frames each frame comes out when it goes in.
    context.gop_size, context.max_b_frames = 600, 0
    # Half of the cores: the rest is the network's. OpenH264 divides its work by slices.
    threads = max(1, min(4, (os.cpu_count() or 1) // 2))
    context.thread_count = threads
    context.options = {"slices": str(threads), **dict(encoder.options)}
    if encoder.quantisers is not None:
        context.qmin, context.qmax = encoder.quantisers
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = ColorRange.MPEG


def _size_of(image: QImage | ByteArray) -> tuple[int, int]:
    if isinstance(image, QImage):
        return image.width(), image.height()
    return image.shape[1], image.shape[0]


@contextmanager
def _ffmpeg_errors() -> Iterator[None]:
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
