"""The rotating log: Python's messages, Qt's, and exceptions of all threads."""

from __future__ import annotations

import logging
import sys
import threading
from collections import Counter
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from platformdirs import user_log_path
from PySide6.QtCore import QLoggingCategory, QMessageLogContext, QtMsgType, qInstallMessageHandler

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_log = logging.getLogger("camviewer")
_qt_log = logging.getLogger("qt")
_file: Path | None = None
FULLY_LOGGED = 20
"""Of each place; what goes wrong in every frame must not fill the log with itself."""
_counts: Counter[tuple[str, int]] = Counter()


def log_file() -> Path | None:
    """Where the log is written; None if nowhere."""
    return _file


def log_folder() -> Path:
    return user_log_path("camviewer", appauthor=False)


def start(level: str) -> None:
    """Log to the user's log folder, and warnings to standard error too (windowed builds have none)."""
    global _file
    root = logging.getLogger()
    root.setLevel(level.upper())
    formatter = logging.Formatter(
        "%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s%(times)s", defaults={"times": ""}
    )
    handlers: list[logging.Handler] = []
    if sys.stderr is not None:
        console = logging.StreamHandler()
        console.setLevel(max(logging.WARNING, root.level))
        handlers.append(console)
    path = log_folder() / "camviewer.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handlers.append(
            RotatingFileHandler(
                path,
                maxBytes=1_000_000,
                backupCount=3,
                encoding="utf-8",
                errors="backslashreplace",  # not every file has a name that is Unicode
            )
        )
        _file = path
    except OSError as error:
        _log.warning("no log file: %s", error)
    for handler in handlers:
        handler.setFormatter(formatter)
        handler.addFilter(_is_written)
        root.addHandler(handler)
    logging.captureWarnings(True)
    # FFmpeg may warn a hundred thousand times a second about a damaged file, and Python is slow.
    QLoggingCategory.setFilterRules("qt.multimedia.ffmpeg.*.warning=false\nqt.multimedia*.info=false")
    qInstallMessageHandler(_on_qt_message)
    sys.excepthook = log_uncaught
    threading.excepthook = _on_thread_exception


def stop() -> None:
    """Qt must not call into Python while the interpreter goes down."""
    qInstallMessageHandler(None)


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    level = _LEVELS.get(kind, logging.WARNING)
    # Qt's multimedia writes much about features that it does without.
    if context.category is not None and context.category.startswith("qt.multimedia"):
        level = min(level, logging.INFO)
    _qt_log.log(level, "%s: %s", context.category, message)


def log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Log an uncaught exception, also of slots that Qt called, in any thread. Never a dialog.

    Every one is logged, since `ErrorReporter` listens; not every one is written.
    """
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    place = _innermost(trace)
    _counts[place] += 1
    count = _counts[place]
    known = {"count": count, "times": f", {count} times" if count > FULLY_LOGGED else ""}
    _log.critical("an error that nobody caught", exc_info=(kind, error, trace), extra=known)


def _is_written(record: logging.LogRecord) -> bool:
    count: int = getattr(record, "count", 0)
    return count <= FULLY_LOGGED or count % 100 == 0


def _innermost(trace: TracebackType | None) -> tuple[str, int]:
    """The file and line in which an exception was raised."""
    if trace is None:
        return "", 0
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename, trace.tb_lineno


def _on_thread_exception(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
