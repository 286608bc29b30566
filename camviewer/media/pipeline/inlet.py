"""The inlet: where a source leaves its frames, not decoded yet."""

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
        self._put(lambda now: PendingFrame(lambda: load().explanation.frame, now, load))

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
