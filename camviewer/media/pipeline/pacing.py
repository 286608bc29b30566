"""Pacing: no more is shown than the screen can, and of what comes faster, the newest.

On a GPU an explanation takes a millisecond. Painting each would keep the GUI thread from everything else, for
pictures that no screen shows. Nor need each be made: see `resting`.

What comes is shown at once wherever that may be. A source of 60 frames a second is never quite in step with a
screen that refreshes 60 times: on a fixed beat each frame would wait for half a period on average.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

USUAL_RATE = 60.0
LEAST_RATE, MOST_RATE = 30.0, 144.0
"""Refreshes a second. Some screens report 0 or 1; more than these nobody sees, and painting has its price."""
CLOSEST = 0.5
"""So much of a period two pictures are apart at least."""
PATIENCE = 1.25
"""So many periods a picture waits for the next, which may come just in time: longer than sources are late."""


def refresh_period(rate: float) -> float:
    """Seconds from one picture to the next, for a screen that refreshes so many times a second."""
    if not math.isfinite(rate) or rate <= 1:
        rate = USUAL_RATE
    return 1 / min(max(rate, LEAST_RATE), MOST_RATE)


@dataclass(frozen=True, slots=True, eq=False)
class Beat:
    """When the last picture was shown, and from when on the next may be."""

    shown: float = -math.inf
    earliest: float = -math.inf


class Pace:
    """When pictures may be shown: on average one a period, and two never closer than half of one.

    Times are in seconds, of any clock that never goes back.
    """

    def __init__(self, period: float) -> None:
        self.period = period
        self._due = -math.inf
        self.beat = Beat()
        """Replaced whole."""

    def delay(self, now: float) -> float:
        """Seconds until a picture may be shown; 0 a period or more after the last one."""
        return max(self.beat.earliest - now, 0.0)

    def is_quick(self, now: float) -> bool:
        """Whether pictures come much faster than the screen refreshes, if the next one comes now."""
        return now - self.beat.shown < CLOSEST * self.period

    def note_shown(self, now: float) -> None:
        """A picture is shown now."""
        self._due = max(min(self._due, now + self.period), now) + self.period
        # A period early, if those before it were late by as much.
        self.beat = Beat(now, max(self._due - self.period, now + CLOSEST * self.period))


class Pacer(QObject):
    """Lives in the GUI thread. Who has something to show asks, and shows the newest when it is `due`."""

    due = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.perf_counter,
        timer: QTimer | None = None,
    ) -> None:
        """clock: any thread calls it; on Windows `time.monotonic` of Python 3.11 has steps of 16 ms.
        timer: one that tests fire by hand."""
        super().__init__(parent)
        self.clock, self._pace = clock, Pace(refresh_period(USUAL_RATE))
        self._timer = timer or QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_timer_timeout)
        self.waited = 0
        """How often something couldn't be shown when it came."""
        self.wants_newer = False
        """Whether to ask again when something newer is there. Any thread may read it."""
        self.in_time = False
        """Whether what is there was made for the next moment at which it may be shown, so that there is
        nothing newer to wait for. The worker sets it."""

    @property
    def period(self) -> float:
        """Seconds. Any thread may read it."""
        return self._pace.period

    @property
    def beat(self) -> Beat:
        """Any thread may read it."""
        return self._pace.beat

    def set_rate(self, rate: float) -> None:
        """Refreshes a second of the screen that is painted on."""
        self._pace.period = refresh_period(rate)

    @property
    def waits(self) -> bool:
        """Whether something is there, and `due` comes soon."""
        return self._timer.isActive()

    @Slot()
    def ask(self) -> None:
        """Something is there, or something newer: `due` comes now, or when the screen can show more.

        Where things come quickly, that is when the next may be shown: the newest by then. Where they come
        about as fast as the screen refreshes, the one after this comes just in time to be shown at once.
        What the worker made in time and a little early is the newest then, too.
        """
        now = self.clock()
        delay = self._pace.delay(now)
        if delay == 0:
            self._end_wait()
        elif not self._timer.isActive():
            self.waited += 1
            self.wants_newer = not (self.in_time or self._pace.is_quick(now))
            self._timer.start(math.ceil(1000 * (PATIENCE * self.period if self.wants_newer else delay)))

    def flush(self) -> None:
        """What waits is due now: it came before what happens next, and was made as it was asked for then."""
        if self._timer.isActive():
            self._end_wait()

    def _end_wait(self) -> None:
        self.stop()
        self.due.emit()

    @Slot()
    def _on_timer_timeout(self) -> None:
        self._end_wait()

    def note_shown(self) -> None:
        """What was there is shown now."""
        self._pace.note_shown(self.clock())

    def stop(self) -> None:
        """Wait for nothing more."""
        self._timer.stop()
        self.wants_newer = False
