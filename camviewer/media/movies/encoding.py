"""Frames become packets, in order: by one encoder, or by several that take turns.

A movie's key frames divide it into segments that need nothing of each other, so several encoders may each
have one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from threading import Semaphore
from typing import Any, Protocol

from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

WAITING_PIXELS = 30 * 2**20
"""Frames of so many pixels together, at most, wait for each of several encoders: 47 MB. With too few of them
waiting the encoders of later segments have nothing to do."""


class Encoding(Protocol):
    """Raises what FFmpeg raises. One thread uses it."""

    def encode(self, frame: VideoFrame, begins: bool) -> Sequence[Packet[Any]]:
        """The packets that are ready by now and whose turn it is, of this frame or earlier ones.

        begins: whether the frame is the first of a segment, which is a key frame.
        """
        ...

    def finish(self) -> Sequence[Packet[Any]]:
        """The rest of the packets."""
        ...

    def cancel(self) -> None:
        """Any thread: encode none of the frames that wait, so that `encode` and `finish` return soon."""
        ...

    def stop(self) -> None:
        """As `cancel`, and end the threads. May come twice."""
        ...


class OneEncoder:
    """Encodes in the calling thread."""

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream

    def encode(self, frame: VideoFrame, begins: bool) -> Sequence[Packet[Any]]:  # noqa: ARG002
        return self._stream.encode(frame)

    def finish(self) -> Sequence[Packet[Any]]:
        return self._stream.encode(None)

    def cancel(self) -> None:
        pass

    def stop(self) -> None:
        pass


class SeveralEncoders:
    """Encodes in a thread an encoder, segment by segment in turns.

    A frame comes when there is room for it. So that all encoders have work, about half of a segment has to
    wait for each but the first.
    """

    def __init__(self, stream: VideoStream, contexts: Sequence[VideoCodecContext]) -> None:
        """stream: whose packets they are. contexts: of encoders that hold no frames back."""
        self._stream, self._contexts = stream, tuple(contexts)
        size = contexts[0].width * contexts[0].height
        most_waiting = max(2, WAITING_PIXELS // size) * len(contexts)
        self.segment_frames = 2 * most_waiting // (len(contexts) - 1)
        """The longest segments with which all encoders have work."""
        self._room = Semaphore(most_waiting)
        self._threads = [ThreadPoolExecutor(1, "encode") for _ in contexts]
        self._packets: deque[Future[Sequence[Packet[Any]]]] = deque()
        self._turn = self._in_segment = 0

    def encode(self, frame: VideoFrame, begins: bool) -> Sequence[Packet[Any]]:
        # Two key frames in a row have to differ in their numbers, which the same encoder sees to.
        if begins and self._in_segment > 1:
            self._turn, self._in_segment = (self._turn + 1) % len(self._contexts), 0
        self._in_segment += 1
        self._room.acquire()
        try:
            packets = self._threads[self._turn].submit(self._encode, self._contexts[self._turn], frame)
        except RuntimeError:  # it was cancelled
            self._room.release()
            return ()
        packets.add_done_callback(lambda _: self._room.release())
        self._packets.append(packets)
        ready: list[Packet[Any]] = []
        while self._packets and self._packets[0].done():
            ready += self._taken()
        return ready

    def finish(self) -> Sequence[Packet[Any]]:
        rest: list[Packet[Any]] = []
        while self._packets:
            rest += self._taken()
        return rest

    def cancel(self) -> None:
        for thread in self._threads:
            thread.shutdown(wait=False, cancel_futures=True)

    def stop(self) -> None:
        self.cancel()
        for thread in self._threads:
            thread.shutdown()

    def _encode(self, context: VideoCodecContext, frame: VideoFrame) -> Sequence[Packet[Any]]:
        packets = context.encode(frame)
        for packet in packets:
            packet.stream = self._stream
        return packets

    def _taken(self) -> Sequence[Packet[Any]]:
        try:
            return self._packets.popleft().result()
        except CancelledError:
            return ()
