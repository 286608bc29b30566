"""Puts the program together (the composition root): application, log, pipeline and window."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QThread, QTimer
from PySide6.QtGui import QFileOpenEvent, QFontDatabase
from PySide6.QtWidgets import QApplication

from camviewer import __version__
from camviewer.core.loading import load_with_devices
from camviewer.core.storage.files import discard_unfinished_files
from camviewer.media.pipeline.pipeline import Pipeline
from camviewer.options import WindowOptions
from camviewer.ui.controllers.device_control import remembered
from camviewer.ui.help import first_start
from camviewer.ui.shell.main_window import (
    CLOSING_S,
    MainWindow,
)
from camviewer.ui.shell.restart import Restart
from camviewer.ui.system import (
    crash_reports,
    language,
    logs,
    single_instance,
)
from camviewer.ui.system.error_reporter import ErrorReporter
from camviewer.ui.system.python_program import PythonProgram
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
SWITCH_INTERVAL_S = 0.0005


def run(options: WindowOptions) -> int:
    """Show the window until it is closed. Returns the exit status."""
    logs.start(options.log_level)
    program = None
    if options.from_python:
        try:
            program = PythonProgram()
        except ValueError:
            print("camviewer: --from-python is for camviewer.view, in Python", file=sys.stderr)  # noqa: T201
            return 2
        options = replace(options, paths=program.beginning.paths)
    app = make_application()
    if options.fits_any_window and single_instance.hand_over(options.paths):
        print("Opened in the window that is there already (--new-window opens another).", file=sys.stderr)  # noqa: T201
        return 0
    crash_report = crash_reports.found(logs.log_folder())
    crash_reports.watch(logs.log_folder())
    settings = Settings()
    theme.apply_appearance(app, settings.text("window/appearance", "system"))
    language.apply(app, settings.text(language.KEY, language.SYSTEM))
    choice = options.model.choice()
    if options.model.device is None:
        choice = remembered(choice, settings)
    if program is None:
        pipeline = Pipeline(load_with_devices)
    else:
        from camviewer.core.live.loader import LiveLoader  # no other window needs it

        choice = replace(choice, live=True)
        pipeline = Pipeline(LiveLoader(program.beginning.address, program.beginning.key).load)
    window = MainWindow(pipeline, settings, choice)
    if options.method is not None or options.layer is not None:
        pipeline.set_request(replace(pipeline.request, method=options.method, layer=options.layer))
    if options.covering is not None:
        pipeline.set_request(replace(pipeline.request, covering=options.covering))
    restart = Restart(window, options.paths)
    if program is None:  # else the window belongs to that program
        window.preferences.restart = restart.ask
    error_reporter = ErrorReporter(pipeline, window.banners, window)
    receiver = single_instance.Receiver(window, window.sources.open_paths)
    if program is not None:
        from camviewer.ui.controllers.live_control import LiveControl

        LiveControl(program, pipeline, window.banners, choice, window)
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
        if not window.isVisible():  # it was closed before it was painted
            return
        window.classes.restore_pins()
        window.sources.open_first([*options.paths, *app.early], options.camera, options.screen)
        app.open_paths = window.sources.open_paths
        # Last: a snapshot is shown before the model is loaded. The model may be one that was named as a path.
        pipeline.start(window.models.choice)
        if program is None:
            receiver.listen()
        else:
            program.listen()
        first_start.show_hint_once(window.banners, settings)
        if crash_report is not None:
            error_reporter.offer_crash_report(crash_report)
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
        # From the event loop, not from here: Python may run this handler while Qt delivers a frame, and
        # closing would delete the camera that the frame comes from.
        signal.signal(number, lambda *_: QTimer.singleShot(0, window.close))
    # Python handles a signal only when it runs, and an idle event loop runs no Python.
    awake = QTimer(window, interval=250)
    awake.timeout.connect(lambda: None)
    awake.start()
    # Closing may hang: in a network share or a driver that doesn't answer, in another program's lock.
    end_timer = threading.Timer(CLOSING_S + 0.4, _end_process, [restart])
    end_timer.daemon = True
    window.closing.connect(end_timer.start, Qt.ConnectionType.SingleShotConnection)
    try:
        return app.exec()
    finally:
        end = ExitStack()  # all of these run, the last one first, even if one raises
        end.callback(_end_process_unless_ended, window, restart)
        end.callback(end_timer.cancel)
        end.callback(restart.start_again)
        end.callback(logs.stop)
        end.callback(crash_reports.stop)
        if stats_file is not None:
            end.callback(stats_file.close)
        end.callback(error_reporter.close)
        end.callback(receiver.close)
        end.close()


def _end_process_unless_ended(window: MainWindow, restart: Restart) -> None:
    if not window.has_ended:
        _end_process(restart)


def _end_process(restart: Restart) -> None:
    """End at once, and leave no half-written file: a thread may hang where nothing can interrupt it."""
    discard_unfinished_files()
    restart.start_again()
    logging.shutdown()
    os._exit(0)


def share_heaps() -> None:
    """Two heaps for all threads, and no large block in them.

    glibc gives each thread a heap of its own, and no thread can use what is free in another's. Threads come
    and go with videos, recordings and models: ten minutes took 170 MB more. And once a large block was freed,
    glibc puts blocks of its size into the heaps, too, which then grow with each batch of frames and never
    shrink: by 500 MB. Without glibc there is nothing to do.
    """
    trim_threshold, mmap_threshold, arena_max = -1, -3, -8  # malloc.h
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL("libc.so.6").mallopt
        mallopt(arena_max, 2)
        mallopt(mmap_threshold, 4 << 20)
        mallopt(
            trim_threshold, 64 << 20
        )  # the default, 128 kB, would give memory back and take it again with every frame


def paint_without_helpers(cores: int) -> None:
    """On fewer than four cores Qt has one helper that fills large areas, and waits for it meanwhile.

    That makes nothing faster: on two cores, beside the network's threads, a frame in the window took 5.0 ms
    of them, and 4.4 ms without the helper. To be called before anything is painted. A value that the user has
    set stays.
    """
    if cores < 4:
        os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")


def take_turns_quickly() -> None:
    """A thread that wants Python's lock (the GIL) has it half a millisecond later, not five.

    The GUI thread gives it up and wants it back some ten times a picture. Beside a worker that runs Python
    for 3 (10) ms a frame, its 16 ms timer came after 23 (42) ms in one of a hundred cases. With this it is 20
    (26), and the worker is no slower.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)


class Application(QApplication):
    """On macOS an event says what to open, not an argument: "Open With", a drop on the Dock."""

    def __init__(self, arguments: Sequence[str]) -> None:
        super().__init__(list(arguments))
        self.early: list[Path] = []
        """Files that the system asked for before there was a window."""
        self.open_paths: Callable[[Sequence[Path]], object] = self.early.extend

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QFileOpenEvent) and event.file():
            self.open_paths([Path(event.file())])
            return True
        return super().event(event)


def make_application() -> Application:
    share_heaps()
    take_turns_quickly()
    paint_without_helpers(QThread.idealThreadCount())
    app = Application(sys.argv[:1])
    app.setApplicationName("camviewer")
    app.setApplicationDisplayName("camviewer")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("camviewer")
    app.setWindowIcon(app_icon())
    accessibility.install()
    # fontconfig lists these three names even where no font is installed.
    if set(QFontDatabase.families()) <= {"Monospace", "Sans Serif", "Serif"}:
        log.warning("There are no fonts, so no text can be shown. Install one, such as fonts-dejavu-core.")
    return app
