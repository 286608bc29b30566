"""When the worker rests: a screen shows one picture a refresh, so most of what a fast model makes isn't seen.

Explaining all that comes would keep Python's lock from the GUI thread, which has to paint. Where explaining
takes much less than a refresh, the worker waits until just before the next picture may be shown. Then it
takes the newest frame, and what it makes of it is shown as soon as it is made.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from statistics import median

from camviewer.media.pipeline.pacing import CLOSEST, Beat, Pacer

QUICK = 0.5
"""Of a refresh: a model that takes longer never rests."""
REMEMBERED = 9
"""Explanations of which it knows how long they took. The median of them is not moved by a slow one."""
LATE, OFTEN = 0.25, 8
"""Of a refresh: if so many rests in a row end so much too late, the computer's clock is too coarse."""
WITHOUT = 10.0
"""Seconds without rests then."""


class Rest:
    """The worker uses it, but for `pacer`, which is the GUI thread's.

    Only frames that come quickly are left to wait: within half a period of the last picture. A frame of a
    source about as fast as the screen is explained when it comes, and so is all that slow models explain.
    """

    def __init__(self, pacer: Pacer | None, is_untaken: Callable[[], bool]) -> None:
        """pacer: None: it never rests. is_untaken: whether the last explanation still waits for the GUI
        thread."""
        self._pacer, self._is_untaken = pacer, is_untaken
        self._took: deque[float] = deque(maxlen=REMEMBERED)
        self._of: object = None
        self._beat: Beat | None = None
        self._delivered = self._without_until = -math.inf
        self._late = 0
        self._until: float | None = None
        self.rested = False
        """Whether the frame that is explained next was left to wait for its moment."""

    def begin(self) -> None:
        """The next frame is looked for."""
        self.rested, self._until = False, None

    def seconds(self, of: object) -> float:
        """So long a frame that is there had better wait: a newer one may come, and none is shown earlier.

        0: explain it now. of: as `note`'s; of something else it isn't known how long it takes.
        """
        pacer = self._pacer
        if pacer is None or of != self._of or pacer.wants_newer:
            return 0.0
        now, period, beat, took = pacer.clock(), pacer.period, pacer.beat, median(self._took)
        if self._until is not None and now >= self._until:
            self._note_end(now, now - self._until > LATE * period)
        if took >= QUICK * period or now < self._without_until:
            return 0.0
        if beat is not self._beat and now - beat.shown < CLOSEST * period:
            self._beat = beat
        until = beat.earliest if beat is self._beat else now
        if self._is_untaken():
            # The GUI thread is busy. What waits for it must not become old, so sometimes it is replaced.
            until = max(until, self._delivered + CLOSEST * period)
        left = until - took - now
        if left <= 0:
            return 0.0
        self.rested, self._until = True, until - took
        return left

    def _note_end(self, now: float, is_late: bool) -> None:
        self._late = self._late + 1 if is_late else 0
        if self._late == OFTEN:
            self._late, self._without_until = 0, now + WITHOUT

    def note(self, took: float, of: object) -> None:
        """A frame was explained in so many seconds. of: what was asked for, and of which source."""
        if of != self._of:
            self._of = of
            self._took.clear()
        self._took.append(took)

    def tell(self) -> None:
        """Before an explanation is delivered."""
        pacer = self._pacer
        if pacer is not None:
            self._delivered, pacer.in_time = pacer.clock(), self.rested

    @property
    def wants_newer(self) -> bool:
        """Whether the pacer is to be told of each explanation."""
        return self._pacer is not None and self._pacer.wants_newer
