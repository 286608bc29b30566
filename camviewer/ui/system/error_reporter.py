"""Troubles: what nobody foresaw, in any thread, told in a banner while the program goes on.

Whatever is logged as an error with its exception counts: uncaught ones (`logs` logs them) and those that a
thread caught to stay alive. The second in the same place within a second stops the live picture, from which
whatever happens again and again comes; the program goes on. The banner tells of each place once a second.
"""

from __future__ import annotations

import logging
import math
import platform
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication

from camviewer import __version__
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.ui.system import crash_reports as crashes
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)

KEY, CRASH_KEY = BannerKey.DEFECT, BannerKey.CRASH
AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """sentence: what was being done, or the exception; place: file and line; time: monotonic seconds."""

    sentence: str
    place: str
    report: str
    time: float


def trouble_of(record: logging.LogRecord) -> Trouble | None:
    """None for records that are no defects: below errors, or without an exception."""
    error = record.exc_info[1] if record.exc_info else None
    if record.levelno < logging.ERROR or error is None:
        return None
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else record.name
    kind = type(error).__name__
    message = record.getMessage()
    report = "\n".join(
        (
            f"camviewer {__version__}, Python {platform.python_version()}, PySide6 {pyside_version}",
            platform.platform(),
            f"{record.levelname} in thread {record.threadName} at {place}: {message}",
            "".join(traceback.format_exception(error)),
        )
    )
    return Trouble(
        f"{message} ({kind}: {error})" if str(error) else f"{message} ({kind})",
        place,
        report,
        time.monotonic(),
    )


class _Handler(logging.Handler):
    def __init__(self, troubles: Troubles) -> None:
        super().__init__(logging.ERROR)
        self._troubles = troubles

    def emit(self, record: logging.LogRecord) -> None:
        try:
            trouble = trouble_of(record)
            if trouble is not None:
                self._troubles.raised.emit(trouble)
        except RuntimeError:  # the window is gone
            return


class Troubles(QObject):
    """Listens to the log as long as it lives, or until `close`."""

    raised = Signal(object)
    """Trouble. From any thread."""

    def __init__(self, pipeline: Pipeline, banners: BannerArea, parent: QObject) -> None:
        super().__init__(parent)
        self._pipeline, self._banners = pipeline, banners
        self._times: dict[str, float] = {}
        self._told: dict[str, float] = {}
        self._reports: dict[str, str] = {}
        # Always through the event loop: it may have happened in the middle of painting.
        self.raised.connect(self._on_raised, Qt.ConnectionType.QueuedConnection)
        self._handler = _Handler(self)
        logging.getLogger().addHandler(self._handler)

    def close(self) -> None:
        logging.getLogger().removeHandler(self._handler)

    @Slot(object)
    def _on_raised(self, trouble: Trouble) -> None:
        place, now = trouble.place, trouble.time
        halted = now - self._times.get(place, -math.inf) < AGAIN_S and self._pipeline.set_frozen(
            True, blank=True
        )
        self._times[place] = now
        self._reports[place] = trouble.report
        if not halted and now - self._told.get(place, -math.inf) < AGAIN_S:
            return  # nobody could press the buttons of a banner that is new with each frame
        self._told[place] = now
        text = self.tr("Something unforeseen happened: {0}.").format(trouble.sentence)
        if halted:
            text += " " + self.tr(
                "The picture was frozen, because it happens again and again. Space resumes."
            )
        else:
            text += " " + self.tr("camviewer goes on.")
        self._banners.show_message(KEY, Severity.ERROR, text, [(self.tr("Copy report"), self._copy_reports)])

    def _copy_reports(self) -> None:
        QGuiApplication.clipboard().setText("\n\n".join(self._reports.values()))

    def tell_crash(self, report: Path) -> None:
        """Offer the report of an earlier start that crashed."""
        self._banners.show_message(
            CRASH_KEY,
            Severity.WARNING,
            self.tr("camviewer crashed the last time. A report helps its makers to mend it."),
            [
                (self.tr("Show report"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(report)))),
                (
                    self.tr("Copy report"),
                    lambda: QGuiApplication.clipboard().setText(crashes.text(report)),
                ),
            ],
        )
