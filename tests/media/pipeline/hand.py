"""A pacer whose clock and timer a test moves by hand. No clock runs here."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer

from camviewer.media.pipeline.pacing import Pacer

PERIOD = 1 / 60


class HandTimer(QTimer):
    """Never runs out by itself."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self.clock = clock
        self.since = 0.0
        self.waits_ms: int | None = None

    def start(self, ms: int | None = None) -> None:
        self.since, self.waits_ms = self.clock(), ms

    def stop(self) -> None:
        self.waits_ms = None

    def isActive(self) -> bool:
        return self.waits_ms is not None


class Hand:
    """A pacer, and its clock and timer in the test's hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timer = HandTimer(lambda: self.now)
        self.pacer = Pacer(clock=lambda: self.now, timer=self.timer)
        self.due = 0
        self.pacer.due.connect(self._on_due)

    def _on_due(self) -> None:
        self.due += 1

    def go_to(self, now: float, late: float = 0.0) -> None:
        """Time passes; the timer runs out where it is to, so late."""
        if self.timer.waits_ms is not None and (end := self.timer.since + self.timer.waits_ms / 1000) <= now:
            self.now = max(min(end + late, now), self.now)
            self.timer.stop()
            self.timer.timeout.emit()
        self.now = now

    def pass_by(self, seconds: float) -> None:
        self.go_to(self.now + seconds)
