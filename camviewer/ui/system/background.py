"""Work that takes longer than a frame (encoding, writing) off the GUI thread, one job at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from camviewer.core.failures import (
    Defect,
    Failure,
)

log = logging.getLogger(__name__)
T = TypeVar("T")


class _Job(QRunnable):
    def __init__(self, work: Callable[[], object], finished: Callable[[object], None]) -> None:
        super().__init__()
        self._work, self._finished = work, finished

    def run(self) -> None:
        result: object
        try:
            result = self._work()
        except Failure as failure:
            result = failure
        except Exception as error:
            log.exception("a job in the background failed")
            result = Defect("Something went wrong.", "The log says more.", repr(error))
        self._finished(result)


class Background(QObject):
    """Jobs run in order; `done` or `failed` is called in the GUI thread."""

    _finished = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self, maxThreadCount=1)
        self._finished.connect(self._on_finished)

    def run(
        self, work: Callable[[], T], done: Callable[[T], None], failed: Callable[[Failure], None]
    ) -> None:
        def finish(result: object) -> None:
            with suppress(RuntimeError):  # the window is gone
                self._finished.emit((done, failed), result)

        self._pool.start(_Job(work, finish))

    def wait(self, patience: float | None = None) -> bool:
        """Until all jobs are done, at most so many seconds: nothing that was begun is lost when the window
        closes. Those that could not even begin are given up. Returns whether none is under way."""
        done = self._pool.waitForDone(-1 if patience is None else round(1000 * patience))
        self._pool.clear()
        return done

    @Slot(object, object)
    def _on_finished(
        self, calls: tuple[Callable[[object], None], Callable[[Failure], None]], result: object
    ) -> None:
        done, failed = calls
        if isinstance(result, Failure):
            failed(result)
        else:
            done(result)
