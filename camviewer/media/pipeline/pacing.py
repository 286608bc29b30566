"""Pacing: of what comes faster than the screen refreshes, the newest is shown once a refresh.

On a GPU an explanation takes a millisecond. Painting each would keep the GUI thread from everything else, for
pictures that no screen shows.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

USUAL_RATE = 60.0
LEAST_RATE, MOST_RATE = 30.0, 144.0
"""Refreshes a second. Some screens report 0 or 1; more than these nobody sees, and painting has its price."""
SLACK_S = 0.002
"""So much too early is in time: timers are late by a little, and would lose a refresh now and then."""


def refresh_period(rate: float) -> float:
    """Seconds from one picture to the next, for a screen that refreshes so many times a second."""
    if not math.isfinite(rate) or rate <= 1:
        rate = USUAL_RATE
    return 1 / min(max(rate, LEAST_RATE), MOST_RATE)


class Pace:
    """When the next picture may be shown. Times are in seconds, of any clock that never goes back."""

    def __init__(self, period: float) -> None:
        self.period = period
        self._due = -math.inf

    def delay(self, now: float) -> float:
        """Seconds to wait; 0 where the last picture was shown a period ago or more."""
        return max(self._due - now, 0.0)

    def note_shown(self, now: float) -> None:
        """A picture is shown now: the next one a period later."""
        # From when it was due, if that was just now: lateness doesn't add up.
        self._due = min(max(self._due, now - SLACK_S), now) + self.period


class Pacer(QObject):
    """Lives in the GUI thread. Who has something to show asks, and shows the newest when it is `due`."""

    due = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
        timer: QTimer | None = None,
    ) -> None:
        """timer: one that tests fire by hand."""
        super().__init__(parent)
        self._clock, self._pace = clock, Pace(refresh_period(USUAL_RATE))
        self._timer = timer or QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.due)
        self.waited = 0
        """How often something had to wait for the screen."""

    @property
    def period(self) -> float:
        """Seconds."""
        return self._pace.period

    def set_rate(self, rate: float) -> None:
        """Refreshes a second of the screen that is painted on."""
        self._pace.period = refresh_period(rate)

    @property
    def waits(self) -> bool:
        """Whether `due` comes soon."""
        return self._timer.isActive()

    @Slot()
    def ask(self) -> None:
        """Something is there: `due` comes now, or when a period is over since the last picture."""
        if self._timer.isActive():
            return
        delay = self._pace.delay(self._clock())
        if delay > 0:
            self.waited += 1
            self._timer.start(math.ceil(1000 * delay))
        else:
            self.due.emit()

    def flush(self) -> None:
        """What waits is due now: it came before what happens next, and was made as it was asked for then."""
        if self._timer.isActive():
            self._timer.stop()
            self.due.emit()

    def note_shown(self) -> None:
        """What was there is shown now."""
        self._pace.note_shown(self._clock())

    def stop(self) -> None:
        """Wait for nothing more."""
        self._timer.stop()
