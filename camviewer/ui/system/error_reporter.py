"""ErrorReporter: shows unforeseen errors of any thread in a banner; the program goes on.

It listens to the log. An error that is logged with its exception counts: an uncaught one (`logs` logs them),
or one that a thread caught to stay alive. The second error in the same place within a second freezes the live
frame: errors that come again and again come from new frames. The banner shows each place once a second at
most.
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
from camviewer.ui.system import crash_reports
from camviewer.ui.widgets.banner import (
    BannerArea,
    BannerKey,
    Severity,
)

KEY, CRASH_KEY = BannerKey.DEFECT, BannerKey.CRASH
AGAIN_S = 1.0


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """One unforeseen error. time: seconds of the monotonic clock."""

    sentence: str
    """What was being done, and the exception."""
    place: str
    """File and line."""
    text: str
    """Versions, thread and traceback, to be copied."""
    time: float


def report_of(record: logging.LogRecord) -> ErrorReport | None:
    """The report of a log record; None below the level of errors, or without an exception."""
    error = record.exc_info[1] if record.exc_info else None
    if record.levelno < logging.ERROR or error is None:
        return None
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else record.name
    kind = type(error).__name__
    message = record.getMessage()
    text = "\n".join(
        (
            f"camviewer {__version__}, Python {platform.python_version()}, PySide6 {pyside_version}",
            platform.platform(),
            f"{record.levelname} in thread {record.threadName} at {place}: {message}",
            "".join(traceback.format_exception(error)),
        )
    )
    return ErrorReport(
        f"{message} ({kind}: {error})" if str(error) else f"{message} ({kind})",
        place,
        text,
        time.monotonic(),
    )


class _Handler(logging.Handler):
    def __init__(self, reporter: ErrorReporter) -> None:
        super().__init__(logging.ERROR)
        self._reporter = reporter

    def emit(self, record: logging.LogRecord) -> None:
        try:
            report = report_of(record)
            if report is not None:
                self._reporter.reported.emit(report)
        except RuntimeError:  # the window is gone
            return


class ErrorReporter(QObject):
    """Listens to the log as long as it lives, or until `close`."""

    reported = Signal(object)
    """ErrorReport. From any thread."""

    def __init__(self, pipeline: Pipeline, banners: BannerArea, parent: QObject) -> None:
        super().__init__(parent)
        self._pipeline, self._banners = pipeline, banners
        self._last_times: dict[str, float] = {}
        self._banner_times: dict[str, float] = {}
        self._texts: dict[str, str] = {}
        # Always through the event loop: the error may come in the middle of painting.
        self.reported.connect(self._on_reported, Qt.ConnectionType.QueuedConnection)
        self._handler = _Handler(self)
        logging.getLogger().addHandler(self._handler)

    def close(self) -> None:
        logging.getLogger().removeHandler(self._handler)

    @property
    def reports(self) -> tuple[str, ...]:
        """The last report of each place."""
        return tuple(self._texts.values())

    @Slot(object)
    def _on_reported(self, report: ErrorReport) -> None:
        place, now = report.place, report.time
        halted = now - self._last_times.get(place, -math.inf) < AGAIN_S and self._pipeline.set_frozen(
            True, blank=True
        )
        self._last_times[place] = now
        self._texts[place] = report.text
        if not halted and now - self._banner_times.get(place, -math.inf) < AGAIN_S:
            return  # nobody could press the buttons of a banner that is new with each frame
        self._banner_times[place] = now
        text = self.tr("Something unforeseen happened: {0}.").format(report.sentence)
        if halted:
            text += " " + self.tr(
                "The picture was frozen, because it happens again and again. Space resumes."
            )
        else:
            text += " " + self.tr("camviewer goes on.")
        self._banners.show_message(KEY, Severity.ERROR, text, [(self.tr("Copy report"), self._copy_reports)])

    def _copy_reports(self) -> None:
        QGuiApplication.clipboard().setText("\n\n".join(self.reports))

    def offer_crash_report(self, report: Path) -> None:
        """Offer the report of an earlier start that crashed."""
        self._banners.show_message(
            CRASH_KEY,
            Severity.WARNING,
            self.tr("camviewer crashed the last time. A report helps its makers to mend it."),
            [
                (self.tr("Show report"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(report)))),
                (
                    self.tr("Copy report"),
                    lambda: QGuiApplication.clipboard().setText(crash_reports.text(report)),
                ),
            ],
        )
