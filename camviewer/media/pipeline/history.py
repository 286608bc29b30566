"""Keeps the last seconds of a live source: made small, and read again, in a thread of its own.

    put (GUI) → a few raw ones → keep (thread) → History
    fetch (GUI) → Mailbox → decode (thread) → Mailbox → restored (GUI)

Nobody waits for it. What comes while it is busy is left out of the history, not queued.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from threading import Condition

from PySide6.QtCore import QObject, QThread, Signal, Slot

from camviewer.core.explanation import Delivery
from camviewer.core.history import History
from camviewer.core.kept import (
    KeptExplanation,
    keep,
)
from camviewer.media.pipeline.mailbox import Mailbox
from camviewer.media.pipeline.pipeline import Counters
from camviewer.media.thread_priority import lower_priority

log = logging.getLogger(__name__)

MOST_WAITING = 4
"""So many explanations wait with all their pixels, at most."""
BUSY, DROPPED, SHARE = 0.85, 0.1, 0.01
"""Where explaining takes more than this of the worker's time, or more than this of the source's frames are
dropped, every processor is needed for what is live: then keeping takes this share of them at most, and frames
are left out. It would cost a tenth of the rate on two cores."""
MEASURED_SECONDS = 1.0


class Load:
    """Whether there is time to spare beside what is live, by the pipeline's counters."""

    def __init__(self) -> None:
        self._since = 0.0
        self._before = Counters(0, 0, 0)
        self.is_full = False

    def note(self, counters: Counters, now: float) -> None:
        """now: seconds."""
        passed, before = now - self._since, self._before
        if passed >= MEASURED_SECONDS:
            busy = counters.work.busy - before.work.busy > BUSY * passed
            dropped, came = counters.dropped - before.dropped, counters.frames_in - before.frames_in
            self.is_full = passed < 4 * MEASURED_SECONDS and (busy or dropped > DROPPED * came)
            self._since, self._before = now, counters


class _KeepThread(QThread):
    """Makes small what waits, and reads again what is asked for, which goes first."""

    restored = Signal()
    """Payload-free, only if the slot was empty: the newest is in `deliveries`."""

    def __init__(self, history: History) -> None:
        super().__init__()
        self.setObjectName("history")
        self.deliveries: Mailbox[tuple[int, Delivery]] = Mailbox()
        self.is_full = False
        """As `Load.is_full`; set by the GUI thread."""
        self._history = history
        self._changed = Condition()
        self._waiting: deque[tuple[Delivery, int]] = deque()
        self._wanted: KeptExplanation | None = None
        self._ends = False
        self._free_at = 0.0

    def put(self, delivery: Delivery) -> bool:
        """Returns whether it will be kept."""
        with self._changed:
            if len(self._waiting) >= MOST_WAITING or time.monotonic() < self._free_at:
                return False
            self._waiting.append((delivery, self._history.epoch))
            self._changed.notify()
            return True

    def fetch(self, kept: KeptExplanation) -> None:
        """Read one again; it takes the place of one that was wanted before."""
        with self._changed:
            self._wanted = kept
            self._changed.notify()

    def forget(self) -> None:
        """What waits, and what was asked for."""
        with self._changed:
            self._waiting.clear()
            self._wanted = None
        self.deliveries.take()

    def end(self) -> None:
        with self._changed:
            self._ends = True
            self._changed.notify()

    def run(self) -> None:
        lower_priority(self)
        while self._do_next():
            pass

    def _do_next(self) -> bool:
        """One step. A function of its own: what it holds is let go before the next wait."""
        wanted, waiting = None, None
        with self._changed:
            while not (self._ends or self._wanted is not None or self._waiting):
                self._changed.wait()
            if self._ends:
                return False
            wanted, self._wanted = self._wanted, None
            if wanted is None:
                waiting = self._waiting.popleft()
        try:
            if wanted is not None:
                self._restore(wanted)
            elif waiting is not None:
                self._keep(*waiting)
        except Exception:
            log.exception("a frame can't be kept, or not be read again")
        return True

    def _keep(self, delivery: Delivery, epoch: int) -> None:
        begin, used = time.monotonic(), time.thread_time()
        self._history.add(keep(delivery), epoch)
        if self.is_full:
            cores = max(QThread.idealThreadCount(), 1)
            self._free_at = begin + (time.thread_time() - used) / (SHARE * cores)

    def _restore(self, kept: KeptExplanation) -> None:
        epoch = self._history.epoch
        delivery = kept.delivery()
        if epoch == self._history.epoch and self.deliveries.put((epoch, delivery)) is None:
            self.restored.emit()


class HistoryKeeper(QObject):
    """Lives in the GUI thread; nothing in it waits, except `close`."""

    restored = Signal(object)
    """Delivery that was asked for by `fetch`; the newest, where several were."""

    def __init__(self, seconds: float, budget: int, parent: QObject | None = None) -> None:
        """As `History`."""
        super().__init__(parent)
        self.history = History(seconds, budget)
        self._load = Load()
        self._thread = _KeepThread(self.history)
        self._thread.restored.connect(self._on_thread_restored)
        self._begun = self._closed = False
        self.left_out = 0
        """Explanations that came too fast to be kept."""

    def put(self, delivery: Delivery, counters: Counters) -> None:
        """Keep an explanation, if there is time for it."""
        if self.history.seconds <= 0 or self._closed:
            return
        self._begin()
        self._load.note(counters, time.monotonic())
        self._thread.is_full = self._load.is_full
        self.left_out += not self._thread.put(delivery)

    def fetch(self, kept: KeptExplanation) -> None:
        """Read one again: `restored` follows."""
        if not self._closed:
            self._begin()
            self._thread.fetch(kept)

    def forget(self) -> None:
        """All that is kept or on its way; nothing of it is left in memory but what is in view."""
        self.history.forget()
        self._thread.forget()

    def close(self) -> None:
        """Forget all, and wait for the step under way: some milliseconds."""
        self._closed = True
        self.forget()
        if self._begun:
            self._thread.end()
            self._thread.wait()

    def _begin(self) -> None:
        """Only once something is to be kept: photos need no thread."""
        if not self._begun:
            self._begun = True
            self._thread.start()

    @Slot()
    def _on_thread_restored(self) -> None:
        found = self._thread.deliveries.take()
        if found is not None and found[0] == self.history.epoch:
            self.restored.emit(found[1])
