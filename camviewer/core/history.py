"""The last seconds of a live source, within a limit of time and one of memory.

One thread adds, others read: what they get is never changed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass
from threading import Lock

from camviewer.core.kept import KeptExplanation

SECONDS, LONGEST = 10.0, 60.0
"""How much is kept unless the user chooses, and at most."""
MEGABYTES = 200
"""Of memory, at most, unless the user chooses: 10 s of 720p at 30 frames a second take less than a half."""


@dataclass(frozen=True, slots=True)
class Span:
    """What is kept. first, last: times of frames, in seconds; size: bytes."""

    first: float
    last: float
    count: int
    size: int

    @property
    def seconds(self) -> float:
        """From the first frame to the last."""
        return self.last - self.first


class History:
    """Explanations in the order of their frames' times; the oldest go first."""

    def __init__(self, seconds: float = SECONDS, budget: int = MEGABYTES * 10**6) -> None:
        """seconds: 0 keeps nothing. budget: bytes."""
        self._lock = Lock()
        self._kept: deque[KeptExplanation] = deque()
        self._size = 0
        self._seconds, self._budget = seconds, budget
        self._held = False
        self.epoch = 0
        """Counts how often all was forgotten: what was on its way then must not come any more."""

    @property
    def seconds(self) -> float:
        """How much is kept at most."""
        return self._seconds

    @property
    def budget(self) -> int:
        """Bytes, at most."""
        return self._budget

    def limit(self, seconds: float, budget: int) -> None:
        """Keep so much from now on. seconds: 0 forgets all."""
        with self._lock:
            self._seconds, self._budget = seconds, budget
            self._drop()
        if seconds <= 0:
            self.forget()

    def hold(self, on: bool) -> None:
        """While the user looks back, nothing goes because of its age: only the memory is a limit."""
        with self._lock:
            self._held = on
            self._drop()

    def add(self, kept: KeptExplanation, epoch: int) -> bool:
        """Keep it as the newest; False if all was forgotten since the epoch, or nothing is to be kept.

        One that isn't newer than the last is left out: the same frame explained once more.
        """
        with self._lock:
            if epoch != self.epoch or self._seconds <= 0 or (self._kept and kept.time <= self._kept[-1].time):
                return False
            self._size += kept.size + self._head_size(kept)
            self._kept.append(kept)
            self._drop()
            return True

    def forget(self) -> None:
        """All of it, and all that is on its way."""
        with self._lock:
            self.epoch += 1
            self._kept.clear()
            self._size = 0

    def items(self) -> tuple[KeptExplanation, ...]:
        """All, the oldest first."""
        with self._lock:
            return tuple(self._kept)

    def span(self) -> Span | None:
        """None while there is nothing."""
        with self._lock:
            if not self._kept:
                return None
            return Span(self._kept[0].time, self._kept[-1].time, len(self._kept), self._size)

    def nearest(self, time: float) -> KeptExplanation | None:
        """The one whose frame is nearest to a time; None while there is nothing."""
        return min(self.items(), key=lambda kept: abs(kept.time - time), default=None)

    def neighbour(self, time: float, steps: int) -> KeptExplanation | None:
        """So many frames after a time, or before it if negative; the first rather than one before it.

        None beyond the last, and while there is nothing.
        """
        kept = self.items()
        times = [each.time for each in kept]
        at = bisect_left(times, time)
        if steps > 0 and not (at < len(times) and times[at] == time):
            at -= 1
        index = max(at + steps, 0)
        return kept[index] if index < len(kept) else None

    def _drop(self) -> None:
        kept = self._kept
        while kept and (
            self._size > self._budget or (not self._held and kept[-1].time - kept[0].time > self._seconds)
        ):
            gone = kept.popleft()
            self._size -= gone.size
            # The head goes with the last frame that has it; the next one's is counted with that one.
            if not kept or kept[0].maps.head is not gone.maps.head:
                self._size -= _bytes_of(gone)

    def _head_size(self, kept: KeptExplanation) -> int:
        """Models may change with every frame, while one is trained: each head counts once."""
        shared = bool(self._kept) and self._kept[-1].maps.head is kept.maps.head
        return 0 if shared else _bytes_of(kept)


def _bytes_of(kept: KeptExplanation) -> int:
    head = kept.maps.head
    return 0 if head is None else head.weight.nbytes + head.bias.nbytes
