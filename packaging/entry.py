"""Where the bundle's program starts: what a program without Python's command needs before `commands.cli`."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from typing import TextIO


def _parents_console() -> tuple[TextIO, TextIO] | None:
    """On Windows, the console that a program without one was started from; None where there is none."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        if kernel.AttachConsole(-1):  # of the parent process
            kernel.SetConsoleOutputCP(65001)
            try:
                return _opened("CONOUT$"), _opened("CONOUT$")
            except OSError:
                return None
    return None


def _opened(name: str) -> TextIO:
    return open(name, "w", encoding="utf-8", buffering=1)  # noqa: PTH123


def give_streams() -> None:
    """A windowed program on Windows has no standard streams unless they are redirected; print needs some."""
    if sys.stdout is not None and sys.stderr is not None:
        return
    console = _parents_console()
    for number, name in enumerate(("stdout", "stderr")):
        if getattr(sys, name) is None:
            setattr(sys, name, console[number] if console else _opened(os.devnull))


def forget_own_libraries(environ: MutableMapping[str, str]) -> None:
    """Linux: what camviewer starts (file managers, browsers) finds its own libraries and plugins, not ours.

    The loader has read these variables as this process began, and Qt knows its place. Without the
    bootloader's own variables, another camviewer begins as the first one did.
    """
    before = environ.pop("LD_LIBRARY_PATH_ORIG", None)
    if before is None:
        environ.pop("LD_LIBRARY_PATH", None)
    else:
        environ["LD_LIBRARY_PATH"] = before
    for name in list(environ):
        if name in ("QT_PLUGIN_PATH", "QML2_IMPORT_PATH") or name.startswith("_PYI_"):
            del environ[name]


def main() -> int:
    give_streams()
    if sys.platform == "linux":
        forget_own_libraries(os.environ)
    if sys.argv[1:2] and sys.argv[1].startswith(("--multiprocessing-fork", "parent_pid=")):
        # Not camviewer but a library started this process, as a worker: it has its own main.
        import multiprocessing

        multiprocessing.freeze_support()
    from camviewer.commands.cli import main as camviewer

    return camviewer()


if __name__ == "__main__":
    sys.exit(main())
