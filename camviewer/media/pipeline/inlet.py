"""Frames on their way in: where a source leaves them, not decoded yet, and which are still wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from camviewer.core.explanation import Delivery
from camviewer.core.frames import Frame
from camviewer.media.pipeline.mailbox import Mailbox


@dataclass(frozen=True, slots=True)
class PendingFrame:
    """A frame that is not decoded yet. load runs in the worker and may raise SourceFailure.

    explained: loads the frame's explanation, where that needs no model; it may raise the same.
    """

    load: Callable[[], Frame]
    generation: int
    explained: Callable[[], Delivery] | None = None


class Inlet:
    """Where one source leaves its frames. Any thread may call `put`; never blocks.

    Each source gets an inlet of its own, so that a closed source can't reach the next one's.
    """

    def __init__(self, mailbox: Mailbox[PendingFrame], generation: int) -> None:
        self._mailbox = mailbox
        self._lock = Lock()
        self._open = True
        self.generation = generation
        self.received = 0
        self.dropped = 0

    def put(self, load: Callable[[], Frame], generation: int | None = None) -> None:
        """Leave a frame. generation: that of its arrival, if that was earlier than now."""
        self._put(lambda now: PendingFrame(load, now if generation is None else generation))

    def put_explained(self, load: Callable[[], Delivery]) -> None:
        """Leave a frame that is explained already."""
        self._put(lambda now: PendingFrame(lambda: load().explanation.original, now, load))

    def _put(self, make: Callable[[int], PendingFrame]) -> None:
        with self._lock:
            if not self._open:
                return
            self.received += 1
            replaced = self._mailbox.put(make(self.generation))
            self.dropped += replaced is not None

    def set_open(self, is_open: bool) -> None:
        with self._lock:
            self._open = is_open


class Intake:
    """One source's inlet at a time. Used by the GUI thread only.

    A generation is what one source brings from one place of its medium: after another source, a seek or a
    freeze, the frames of the generation before are stale wherever they are.
    """

    def __init__(self, mailbox: Mailbox[PendingFrame]) -> None:
        self._mailbox = mailbox
        self._inlet: Inlet | None = None
        self._past_received = self._past_dropped = 0
        self.generation = 0

    @property
    def received(self) -> int:
        """Frames of all sources so far."""
        return self._past_received + (self._inlet.received if self._inlet is not None else 0)

    @property
    def dropped(self) -> int:
        """Those of them that a newer one replaced before they were explained."""
        return self._past_dropped + (self._inlet.dropped if self._inlet is not None else 0)

    def open(self) -> Inlet:
        """An inlet for a new source; that of the source before is closed for good."""
        self.close()
        self._inlet = Inlet(self._mailbox, self.generation)
        return self._inlet

    def close(self) -> None:
        """Nothing of the source comes out any more."""
        if self._inlet is not None:
            self._inlet.set_open(False)
            self._past_received, self._past_dropped = self.received, self.dropped
            self._mailbox.take()
        self._inlet = None
        self.generation += 1

    def let_in(self, on: bool) -> None:
        """Whether frames of the source that is open come in. Off also takes back those under way."""
        if self._inlet is not None:
            self._inlet.set_open(on)
        if not on:
            self.begin_generation()
            self._mailbox.take()

    def begin_generation(self) -> None:
        """What is under way becomes stale."""
        self.generation += 1
        if self._inlet is not None:
            self._inlet.generation = self.generation

    def offer_again(self, frame: Frame) -> None:
        """The frame in view once more. One that is there already is newer, and stays."""
        self._mailbox.offer(PendingFrame(lambda: frame, self.generation))
