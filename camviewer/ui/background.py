"""Work that takes longer than a frame (encoding, writing) off the GUI thread, one job at a time."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot

from camviewer.core.failures import Failure

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
            log.exception("background job")
            result = Failure("Something went wrong.", "The log says more.", repr(error))
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
        self._pool.start(_Job(work, lambda result: self._finished.emit((done, failed), result)))

    def wait(self) -> None:
        """Until all jobs are done: nothing is left half-written when the window closes."""
        self._pool.waitForDone()

    @Slot(object, object)
    def _on_finished(
        self, calls: tuple[Callable[[object], None], Callable[[Failure], None]], result: object
    ) -> None:
        done, failed = calls
        if isinstance(result, Failure):
            failed(result)
        else:
            done(result)
