"""Limits how often something happens."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Throttle:
    """Lets something happen at most once in so many seconds. One thread uses it."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._last = -math.inf

    def ready(self) -> bool:
        """True the first time, and then whenever so much time has passed since it was last True."""
        now = self._clock()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True
