"""Images and their times become an MP4 that browsers and stock players open."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any, Protocol

import av
from av.codec.context import CodecContext
from av.container import OutputContainer
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream
from PySide6.QtGui import QImage

from camviewer.core.arrays import ByteArray
from camviewer.core.failures import SaveFailure
from camviewer.media.movies.encoders import (
    ENCODERS,
    TIME_BASE,
    Encoder,
    EncoderThreads,
    ffmpeg_errors,
    live_threads,
    set_up,
    usable_cores,
    usable_encoder,
)
from camviewer.media.movies.encoding import (
    Encoding,
    OneEncoder,
    SeveralEncoders,
)
from camviewer.media.movies.movie_frames import (
    MovieFrames,
    size_of,
)

log = logging.getLogger(__name__)

FINEST_TIME_BASE, LONGEST_TICKS = Fraction(1, 2_000_000), 2**30
"""How long a frame lasts has 32 bits in an MP4, of which not every reader takes the highest: 3.3 hours in
1/90,000 s, 9 minutes in the finest unit."""
KEY_SECONDS = 2.0
"""A player that seeks decodes from the key frame before: so far at most."""
FRAGMENT_SECONDS = 1.0


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


class MovieWriter:
    """Writes one movie. Its size is that of the first frame (see `movie_size`); others are fitted into it.

    file stays open. fragmented: what is written plays at any time, in fragments of a second, and becomes an
    ordinary MP4 at the end; otherwise the file plays only then. time_base: the unit of the times in
    the file, if it isn't too fine. rate: frames a second, about: it limits the file's size, no time
    depends on it. threads: of the encoders.
    """

    def __init__(
        self,
        file: Sink,
        *,
        time_base: Fraction = TIME_BASE,
        rate: Fraction = Fraction(30),
        fragmented: bool = False,
        encoders: Sequence[Encoder] = ENCODERS,
        threads: EncoderThreads | None = None,
    ) -> None:
        self.count = 0
        self.encoded = 0
        """Of `count`, the frames that the encoder is done with."""
        self.encoder: Encoder | None = None
        self.size = 0, 0
        """Of the movie: width, height, once there is a frame."""
        self._file, self._fragmented, self._encoders = _SteadyFile(file), fragmented, tuple(encoders)
        self._time_base = time_base if time_base >= FINEST_TIME_BASE else FINEST_TIME_BASE
        self._rate = min(max(rate, Fraction(1)), Fraction(60))
        self._threads = threads if threads is not None else live_threads(usable_cores())
        self._frames: MovieFrames | None = None
        self._container: OutputContainer | None = None
        self._encoding: Encoding | None = None
        self._segment: int | None = None
        self._held: Packet[Any] | None = None
        self._last, self._last_encoded = -1, -1
        self._last_key, self._left_out = 0, 0
        self._since_key = 0

    @property
    def last(self) -> Fraction:
        """When the last frame that is encoded begins, in seconds; negative before there is one."""
        return self._last_encoded * self._time_base

    def write(self, image: QImage | ByteArray, time: Fraction | float) -> None:
        """Append an image, or uint8 [H, W, 3], that begins at this time: seconds, 0 or more.

        A time that doesn't go on from the last one becomes the next that there is; of a gap that is longer
        than an MP4 can have, what is too much is left out. The frame is in the file when the next one or
        the end comes: how long it lasts is clear only then.
        Raises SaveFailure if it can't be encoded, OSError if it can't be written.
        """
        self._file.check()
        if self._frames is None:
            self._frames = MovieFrames(size_of(image))
        self.write_frame(self._frames.frame(image), time)

    def write_frame(self, frame: VideoFrame, time: Fraction | float) -> None:
        """As `write`. frame: made by `MovieFrames`; all have one size."""
        self._file.check()
        with ffmpeg_errors():
            encoding = self._encoding or self._open(frame)
            ticks = max(self._ticks(time), self._last + 1)
            frame.pts, frame.time_base = ticks, self._time_base
            # The second frame as a key frame ends the first fragment: so soon there is something to play.
            is_key = self._fragmented and self.count == 1
            is_key |= (ticks - self._last_key) * self._time_base >= KEY_SECONDS
            is_key |= self._segment is not None and self._since_key >= self._segment
            if is_key:
                frame.pict_type = PictureType.I
                self._last_key, self._since_key = ticks, 0
            packets = encoding.encode(frame, is_key)
            self._last = ticks
            self._since_key += 1
            self.count += 1
            self._mux(packets)
        self._file.check()

    def close(self, end: Fraction | float | None = None) -> None:
        """Finish the file. end: when the last frame ends, in seconds; None: it lasts as long as at `rate`.

        Raises as `write` does; the file is closed all the same.
        """
        container, encoding = self._container, self._encoding
        if container is None or encoding is None:
            return
        self._encoding = None
        with ffmpeg_errors():
            try:
                self._mux(encoding.finish())
                held, self._held = self._held, None
                if held is not None:
                    until = round(1 / self._rate / self._time_base) + self._last
                    until = until if end is None else self._ticks(end)
                    held.duration = max(until - (held.pts or 0), 1)
                    container.mux_one(held)
            finally:
                encoding.stop()
                self._container = None
                container.close()
        self._file.check()

    def cancel(self) -> None:
        """Any thread: the file is of no use any more, so `write` and `close` needn't encode what waits."""
        encoding = self._encoding
        if encoding is not None:
            encoding.cancel()

    def abandon(self) -> None:
        """Close a file that is of no use any more."""
        self.cancel()
        with suppress(SaveFailure, OSError):
            self.close()

    def _open(self, frame: VideoFrame) -> Encoding:
        self.size = frame.width, frame.height
        self.encoder = encoder = usable_encoder(*self.size, self._encoders)
        options = {"movie_timescale": str(self._time_base.denominator)}
        if self._fragmented:
            options["movflags"] = "hybrid_fragmented+frag_keyframe"
            options["frag_duration"] = str(round(1e6 * FRAGMENT_SECONDS))
        self._container = container = av.open(self._file, "w", format="mp4", options=options)
        stream = container.add_stream(encoder.name, rate=self._rate)
        assert isinstance(stream, VideoStream)
        self._set_up(stream.codec_context)
        stream.time_base = self._time_base
        log.info("a movie of %d × %d: %s", *self.size, encoder.title)
        self._encoding = encoding = self._encoding_of(stream, encoder)
        return encoding

    def _encoding_of(self, stream: VideoStream, encoder: Encoder) -> Encoding:
        contexts = [stream.codec_context]
        while encoder.several and len(contexts) < self._threads.encoders:
            context = CodecContext.create(encoder.name, "w")
            assert isinstance(context, VideoCodecContext)
            self._set_up(context)
            context.flags = stream.codec_context.flags  # such as that the movie's head is apart
            contexts.append(context)
        for context in contexts:
            context.open(strict=False)
        # A movie has one head, which the encoders make: one that isn't true of all would make it unreadable.
        if len(contexts) == 1 or len({context.extradata for context in contexts}) > 1:
            return OneEncoder(stream)
        several = SeveralEncoders(stream, contexts)
        self._segment = self._segment_frames(several)
        return several

    def _set_up(self, context: VideoCodecContext) -> None:
        assert self.encoder is not None
        set_up(context, self.encoder, self.size, self._time_base, self._rate, self._threads.each)

    def _segment_frames(self, several: SeveralEncoders) -> int:
        """So many that all encoders have work, if that isn't too few: a key frame takes much more space."""
        usual = round(KEY_SECONDS * self._rate)
        return max(usual // 2, min(usual, several.segment_frames))

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
            if packet.is_keyframe and self._segment is None:
                self._last_key = packet.pts or 0  # the encoder may have begun a scene by itself
            self.encoded += 1
            self._last_encoded = packet.pts or 0
            held, self._held = self._held, packet
            if held is not None:
                held.duration = (packet.pts or 0) - (held.pts or 0)
                self._container.mux_one(held)
