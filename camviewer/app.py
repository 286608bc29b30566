"""The composition root: the application, the log, the pipeline and the window."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QFileOpenEvent, QFontDatabase
from PySide6.QtWidgets import QApplication

from camviewer import __version__
from camviewer.core.loading import load_model
from camviewer.core.storage.files import discard_unfinished_files
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.options import WindowOptions
from camviewer.ui.help import hint
from camviewer.ui.shell.main_window import (
    CLOSING_S,
    MainWindow,
)
from camviewer.ui.system import (
    crash_reports,
    language,
    logs,
    single_instance,
)
from camviewer.ui.system.error_reporter import Troubles
from camviewer.ui.system.settings import Settings
from camviewer.ui.system.stats import StatsFile
from camviewer.ui.widgets import (
    accessibility,
    theme,
)
from camviewer.ui.widgets.banner import (
    BannerKey,
    Severity,
)
from camviewer.ui.widgets.icons import app_icon

log = logging.getLogger(__name__)


def run(options: WindowOptions) -> int:
    """Show the window until it is closed. Returns the exit status."""
    logs.start(options.log_level)
    app = make_application()
    if options.fits_any_window and single_instance.hand_over(options.paths):
        print("Opened in the window that is there already (--new-window opens another).", file=sys.stderr)  # noqa: T201
        return 0
    crash = crash_reports.found(logs.log_folder())
    crash_reports.watch(logs.log_folder())
    settings = Settings()
    theme.apply_appearance(app, settings.text("window/appearance", "system"))
    language.apply(app, settings.text(language.KEY, language.SYSTEM))
    choice = options.model.choice()
    pipeline = Pipeline(load_model)
    window = MainWindow(pipeline, settings, choice)
    troubles = Troubles(pipeline, window.banners, window)
    receiver = single_instance.Receiver(window, window.sources.open_paths)
    stats_file = None
    if options.stats is not None:
        try:
            stats_file = StatsFile(options.stats, window.stats)
        except OSError as error:
            print(f"camviewer: {options.stats} can't be written: {error.strerror}", file=sys.stderr)  # noqa: T201
            return 2
        timer = QTimer(window, interval=1000)
        timer.timeout.connect(stats_file.write)
        timer.start()
        app.lastWindowClosed.connect(timer.stop)  # the last line is of the running program

    def begin() -> None:
        if not window.isVisible():  # closed before it was painted
            return
        window.classes.restore_pins()
        window.sources.open_first([*options.paths, *app.early], options.camera, options.screen)
        app.open_paths = window.sources.open_paths
        pipeline.start(choice)  # last: a snapshot is shown before the model is loaded
        receiver.listen()
        hint.show_once(window.banners, settings)
        if crash is not None:
            troubles.tell_crash(crash)
        if settings.put_aside is not None:
            text = QCoreApplication.translate(
                "app",
                "The settings couldn't be read: these are the defaults. The old ones are kept in {0}.",
            )
            window.banners.show_message(BannerKey.SETTINGS, Severity.WARNING, text.format(settings.put_aside))
        log.info("camviewer %s is up", __version__)

    window.shown_first.connect(begin)
    window.show()
    if options.quit_after is not None:
        QTimer.singleShot(round(options.quit_after * 1000), window.close)
    for number in {signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}:
        # From the event loop, not from here: Python runs handlers in the middle of whatever calls it, such
        # as Qt delivering a frame of the very camera that closing would take away.
        signal.signal(number, lambda *_: QTimer.singleShot(0, window.close))
    # Python sees a signal only when it runs; an idle event loop would keep it waiting.
    awake = QTimer(window, interval=250)
    awake.timeout.connect(lambda: None)
    awake.start()
    # What closing may hang in: a share or a driver that doesn't answer, another program's lock.
    end_timer = threading.Timer(CLOSING_S + 0.4, _end_process)
    end_timer.daemon = True
    window.closing.connect(end_timer.start, Qt.ConnectionType.SingleShotConnection)
    try:
        return app.exec()
    finally:
        end = ExitStack()  # each of these, whichever raises; the last one first
        end.callback(_end_process_unless_ended, window)
        end.callback(end_timer.cancel)
        end.callback(logs.stop)
        end.callback(crash_reports.stop)
        if stats_file is not None:
            end.callback(stats_file.close)
        end.callback(troubles.close)
        end.callback(receiver.close)
        end.close()


def _end_process_unless_ended(window: MainWindow) -> None:
    if not window.has_ended:
        _end_process()


def _end_process() -> None:
    """A thread may be in the middle of what can't be interrupted: without it, and nothing half-written."""
    discard_unfinished_files()
    logging.shutdown()
    os._exit(0)


def share_heaps() -> None:
    """Two heaps for all threads, and none for what is large.

    glibc gives each thread a heap of its own, and what is free in one is no use to the others: with threads
    that come and go with films, recordings and models, ten minutes took 170 MB more. And once something
    large was freed, it puts as large things into the heaps, too, which grow with each batch of frames and
    never shrink: by 500 MB. Where there is no glibc there is nothing to do.
    """
    trim_threshold, mmap_threshold, arena_max = -1, -3, -8  # malloc.h
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        mallopt(arena_max, 2)
        mallopt(mmap_threshold, 4 << 20)
        mallopt(trim_threshold, 64 << 20)  # else 128 kB: the heap's end would come and go with every frame


class Application(QApplication):
    """macOS says by an event, not by arguments, what to open: "Open With", a drop on the Dock."""

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(list(arguments))
        self.early: list[Path] = []
        """What came before there was a window for it."""
        self.open_paths: Callable[[Sequence[Path]], object] = self.early.extend

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.open_paths([Path(event.file())])
            return True
        return super().event(event)


def make_application() -> Application:
    share_heaps()
    app = Application(sys.argv[:1])
    app.setApplicationName("camviewer")
    app.setApplicationDisplayName("camviewer")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("camviewer")
    app.setWindowIcon(app_icon())
    accessibility.install()
    # fontconfig has these words for whatever there is.
    if set(QFontDatabase.families()) <= {"Monospace", "Sans Serif", "Serif"}:
        log.warning("There are no fonts, so no text can be shown. Install one, such as fonts-dejavu-core.")
    return app
