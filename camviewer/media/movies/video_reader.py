"""Reads a video file frame by frame: each once, in order, at its own time. (`sources.video` plays one.)"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.sidedata.sidedata import Type
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream

from camviewer.core.arrays import (
    ByteArray,
    read_only,
)
from camviewer.core.failures import SourceFailure
from camviewer.core.frames import Frame
from camviewer.core.storage.files import (
    exists,
    is_file,
)
from camviewer.core.text import Text
from camviewer.media.video_pixels import (
    VideoTags,
    rgb_pixels,
    tags_of,
)

log = logging.getLogger(__name__)

FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegvideo,mpegts,asf,ogg,flv,mxf,nut,ivf,gif,apng,"
    "h264,hevc,m4v,mjpeg,dv,rm"
)
"""FFmpeg's names. Playlists are not among them: they name other files, and addresses on the network."""
MAX_PIXELS = 64 * 2**20
MOST_ERRORS = 200
"""After so many errors in a row reading ends: the rest is no video."""


class VideoReader:
    """One thread uses it. Frames are upright, sRGB, with square pixels, and not interlaced.

    time_base: the unit of its times. rate: frames a second, on average. total: the number of frames, or about
    that; None if the file doesn't say it. duration: seconds, or None. damaged: how many
    packets could not be decoded, so far.
    """

    def __init__(self, path: Path, max_pixels: int = MAX_PIXELS) -> None:
        """max_pixels: of a frame. Raises SourceFailure."""
        self.path = path
        self._max_pixels = max_pixels
        self.damaged = 0
        self.count = 0
        self.end = Fraction(0)
        """When the frame that was read last ends, in seconds."""
        if not exists(path):
            raise SourceFailure("{name} doesn't exist.", "Check the path.", name=path.name)
        if not is_file(path):
            raise SourceFailure("{name} is not a file.", "Choose a video.", name=path.name)
        with self._source_failures():
            options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
            # Not `options`: PyAV would hand those to each stream that it knows before it looks for more, and
            # write past their end where streams appear only then (MPEG program streams, FLV): a crash.
            container = av.open(
                str(path.resolve()), "r", container_options=options, metadata_errors="replace"
            )
        assert isinstance(container, InputContainer)
        self._container = container
        try:
            self._stream = stream = self._chosen(container)
        except BaseException:
            container.close()
            raise
        stream.thread_type = "AUTO"
        stream.codec_context.options = {"max_pixels": str(max_pixels)}
        self.time_base = stream.time_base or Fraction(1, 90_000)
        rate = stream.average_rate or stream.guessed_rate
        self.rate = rate if rate is not None and 0 < rate <= 1000 else Fraction(30)
        self.duration = self._duration(container, stream)
        self.total: int | None = stream.frames or None
        if self.total is None and self.duration is not None:
            self.total = max(1, round(self.duration * self.rate))
        self._packets: Iterator[Packet[VideoStream]] | None = container.demux(stream)
        self._decoded: deque[VideoFrame] = deque()
        self._reformatter = VideoReformatter()
        self._first: int | None = None
        self._last = -1
        self._errors = 0

    def close(self) -> None:
        self._decoded.clear()
        self._packets = None
        self._container.close()

    def read(self) -> tuple[Frame, Fraction] | None:
        """The next frame and when it begins, in seconds after the first; None after the last one.

        Times are whole numbers of `time_base`, and always go on. The frame's `time` and `position` are that
        time too. Raises SourceFailure if there is no frame at all, or the file can't be read any more.
        """
        found = self._next()
        if found is None:
            return None
        decoded, time = found
        image = self._upright(decoded)
        return Frame(read_only(image), self.count - 1, float(time), self.path.name, float(time)), time

    def skip(self) -> bool:
        """Go past the next frame and make no picture of it; False after the last one. Raises as `read`."""
        return self._next() is not None

    def _next(self) -> tuple[VideoFrame, Fraction] | None:
        """The next frame as it was decoded, and when it begins."""
        while not self._decoded:
            if self._packets is None:
                if not self.count:
                    raise self._unreadable(Text("There is not one frame in it."))
                self._find_end()
                return None
            self._decode()
        decoded = self._decoded.popleft()
        time = self._ticks(decoded) * self.time_base
        step = max(decoded.duration or 0, 0) * self.time_base or 1 / self.rate
        self.end = time + step
        self.count += 1
        return decoded, time

    def first_tags(self) -> VideoTags | None:
        """What the first frame says; None if there is none. Before `read`. Raises SourceFailure."""
        while not self._decoded and self._packets is not None:
            self._decode()
        return tags_of(self._decoded[0], self._stream.sample_aspect_ratio) if self._decoded else None

    def _chosen(self, container: InputContainer) -> VideoStream:
        """The best track with frames. A sound file's cover is a track too, but none of a video."""
        tracks = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
        if not tracks:
            raise self._unreadable(Text("It has no picture, only sound."))
        best = container.streams.best("video")
        stream = next((s for s in tracks if best is not None and s.index == best.index), tracks[0])
        if stream.codec_context is None:  # its type says never, but there are codecs that FFmpeg doesn't know
            raise self._unreadable(Text("camviewer doesn't know its codec."))
        if stream.width * stream.height > self._max_pixels:
            raise SourceFailure(
                "{name} is too large.",
                "Frames may have up to {count} megapixels.",
                name=self.path.name,
                count=self._max_pixels // 1_000_000,
            )
        return stream

    @staticmethod
    def _duration(container: InputContainer, stream: VideoStream) -> float | None:
        if stream.duration and stream.time_base:
            seconds = float(stream.duration * stream.time_base)
        else:
            seconds = (container.duration or 0) / av.time_base
        return seconds if 0 < seconds < 1e8 else None

    def _decode(self) -> None:
        """One packet more, or the end."""
        assert self._packets is not None
        try:
            packet = next(self._packets, None)
            if packet is None:
                self._packets = None
                return
            frames = packet.decode()
        except (av.error.EOFError, IndexError):
            # IndexError: at the end PyAV may ask for a stream that appeared while it read, and knows none.
            self._packets = None
            return
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                with self._source_failures():
                    raise
            log.debug("%s: %r", self.path.name, error)
            self.damaged += 1
            self._errors += 1
            # An error ends this iterator; a new one goes on after the damaged packet.
            self._packets = self._container.demux(self._stream) if self._errors < MOST_ERRORS else None
            return
        if frames:
            self._errors = 0
        self.damaged += sum(frame.is_corrupt for frame in frames)
        self._decoded.extend(frames)

    def _find_end(self) -> None:
        """Take the track's own end, if all of its frames were read: for some codecs FFmpeg only guesses how
        long frames last."""
        stream, start = self._stream, self._stream.start_time
        if self.count == stream.frames and stream.duration and start is not None and self._first is not None:
            end = start + stream.duration - self._first
            if end > self._last:
                self.end = end * self.time_base

    def _ticks(self, frame: VideoFrame) -> int:
        """The frame's time in units of `time_base`, the first one's being 0."""
        stamp = frame.pts if frame.pts is not None else frame.dts
        if self._first is None:
            self._first = stamp or 0
        follows = self._last + 1
        if stamp is None:
            usual = round(1 / self.rate / self.time_base)
            self._last = follows if self._last < 0 else self._last + max(usual, 1)
        else:
            self._last = max(stamp - self._first, follows)
        return self._last

    def _upright(self, frame: VideoFrame) -> ByteArray:
        """uint8 [H, W, 3], rotated and with square pixels, as a player shows it."""
        tags = tags_of(frame, self._stream.sample_aspect_ratio)
        with self._source_failures():
            pixels = rgb_pixels(frame, tags, self._reformatter, self._max_pixels)
        return np.ascontiguousarray(_turned(pixels, frame))

    @contextmanager
    def _source_failures(self) -> Iterator[None]:
        try:
            yield
        except av.FFmpegError as error:
            if isinstance(error, OSError):
                raise SourceFailure(
                    "{name} can't be read ({reason}).",
                    "Check the file and the disk.",
                    repr(error),
                    name=self.path.name,
                    reason=error.strerror,
                ) from error
            mend = Text("The file may be damaged or of a format that camviewer can't read.")
            raise self._unreadable(mend, repr(error)) from error

    def _unreadable(self, mend: Text, details: str = "") -> SourceFailure:
        return SourceFailure("{name} can't be read.", mend, details, name=self.path.name)


def _turned(pixels: ByteArray, frame: VideoFrame) -> ByteArray:
    """Rotated and mirrored as the file says, by quarters."""
    # SideData's stub is of another class than what is there.
    side_data: Any = frame.side_data.get(Type.DISPLAYMATRIX)  # type: ignore[call-overload]
    if side_data is None:
        return pixels
    # x' = a·x + c·y, y' = b·x + d·y, in the order of ISO/IEC 14496-12's track header: a b u c d v x y w.
    matrix = np.frombuffer(bytes(side_data), np.int32)
    a, b, c, d = (int(matrix[index]) for index in (0, 1, 3, 4))
    if abs(b) + abs(c) > abs(a) + abs(d):
        pixels, across, down = pixels.transpose(1, 0, 2), c, b
    else:
        across, down = a, d
    if across < 0:
        pixels = pixels[:, ::-1]
    return pixels[::-1] if down < 0 else pixels
