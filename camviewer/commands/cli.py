"""The program's entry point: starts the window (default), `explain`, `bench`, `train`, `inspect` or
`doctor`.

Nothing heavy is imported before the command is known: `camviewer --help` needs no numpy, torch or Qt.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence

from camviewer.commands import bench_parser, parser, train_parser
from camviewer.commands.console import (
    FAILED,
    INTERRUPTED,
    print_message,
)
from camviewer.commands.options import (
    QualityOptions,
    ReportOptions,
    UsageError,
)
from camviewer.commands.stopping import as_interrupts
from camviewer.core.failures import Failure
from camviewer.core.own_process import has_display
from camviewer.core.runtimes.libraries import has_torch, without_gc


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the exit status. Wrong usage raises SystemExit(2), as argparse does."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = arguments[0] if arguments else ""
    commands = {
        "explain": _explain,
        "bench": _bench,
        "train": _train,
        "inspect": _inspect,
        "doctor": _doctor,
    }
    if command in commands:
        try:
            with as_interrupts():
                return commands[command](arguments[1:])
        except KeyboardInterrupt:
            return INTERRUPTED
    if arguments == ["--work-for-pool"]:  # see core.review.helper_process
        return _work_for_pool()
    if command == "--self-test":
        return _self_test()
    if command == "--check" and len(arguments) == 2:  # the process of one check; see commands.doctor
        return _check(arguments[1])
    return _window(arguments)


def _window(arguments: list[str]) -> int:
    options = parser.parse_window(arguments)
    _set_colours(options.colour_management)
    if not has_display(os.environ):
        print_message(
            "camviewer: there is no display for the window. `camviewer explain PHOTO --out FOLDER` "
            "needs none."
        )
        return FAILED
    with without_gc():  # a sixth of the time until the window shows
        # Before Qt: once that is there, PySide6 reads the source of whatever is imported.
        from camviewer.core import loading  # noqa: F401

        if not _qt_works("QtGui", "QtWidgets", "QtMultimedia"):
            return FAILED
        from camviewer import app

    return app.run(options)


def _explain(arguments: list[str]) -> int:
    options = parser.parse_explain(arguments)
    _set_colours(options.colour_management)
    if isinstance(options, ReportOptions):
        if not _qt_works("QtGui"):
            return FAILED
        from camviewer.commands import report

        return _exit_status(lambda: report.run(options))
    if options.images and not _qt_works("QtGui"):
        return FAILED
    from camviewer.commands import explain

    return _exit_status(lambda: explain.run(options))


def _set_colours(managed: bool) -> None:
    """Before anything is read, and before processes that read are started."""
    if not managed:
        from camviewer.core.storage.colour import leave_colours_alone

        leave_colours_alone()


def _exit_status(run: Callable[[], int], usage: Callable[[], ArgumentParser] = parser.explain_parser) -> int:
    """Run a command; its exit status, also if it fails. usage: of the command."""
    try:
        return run()
    except UsageError as error:
        usage().error(str(error))
    except Failure as failure:
        print_message(f"camviewer: {failure}")
        return FAILED


def _bench(arguments: list[str]) -> int:
    options = bench_parser.parse_bench(arguments)
    if isinstance(options, QualityOptions):
        from camviewer.commands import bench_quality

        return _exit_status(lambda: bench_quality.run(options), bench_parser.bench_parser)
    if not _qt_works("QtGui", "QtWidgets", "QtMultimedia"):
        return FAILED
    from camviewer.commands import bench

    return bench.run(options)


def _train(arguments: list[str]) -> int:
    options = train_parser.parse_train(arguments)
    from camviewer.commands import train

    return _exit_status(lambda: train.run(options), train_parser.train_parser)


def _inspect(arguments: list[str]) -> int:
    options = parser.parse_inspect(arguments)
    from camviewer.commands import inspect

    return inspect.run(options)


def _doctor(arguments: list[str]) -> int:
    options = parser.parse_doctor(arguments)
    from camviewer.commands import doctor

    return doctor.run(tuple(doctor.CHECKS), options.style)


def _self_test() -> int:
    from camviewer.commands import doctor

    return doctor.run(doctor.SELF_TEST, visible=True)


def _check(name: str) -> int:
    _import_torch_before_qt()
    from camviewer.commands import doctor

    return doctor.check(name)


def _work_for_pool() -> int:
    from camviewer.core.review import helper_process

    # What it will be asked for; the model is being loaded meanwhile.
    importlib.import_module("camviewer.core.review.preparing")
    return helper_process.serve()


def _import_torch_before_qt() -> None:
    """On Windows Qt's DLLs, loaded first, keep torch's from loading (WinError 1114)."""
    if sys.platform == "win32" and has_torch():
        importlib.import_module("torch")


def _qt_works(*modules: str) -> bool:
    """Import these modules of Qt; if one can't be, say on stderr which library is missing."""
    _import_torch_before_qt()
    try:
        for module in modules:
            importlib.import_module(f"PySide6.{module}")
    except ImportError as error:
        library = re.search(r"[\w+.-]+\.(?:so|dll|dylib)[\w.]*", str(error))
        missing = f"the library {library[0]} is missing" if library else str(error)
        mend = "Run `python3 packaging/bootstrap.py run`, or install it."
        if getattr(sys, "frozen", False):
            mend = "Install it; `camviewer --self-test` says whether the rest is whole."
        print_message(f"camviewer: Qt can't be loaded: {missing}. {mend}")
        return False
    return True
