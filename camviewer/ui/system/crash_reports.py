"""Native crashes: what Python's faulthandler writes as the process dies, and the next start's look at it."""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
from pathlib import Path
from typing import TextIO

if sys.platform != "win32":
    import fcntl

log = logging.getLogger(__name__)
LAST = "last-crash.txt"
MAX_SIZE = 1_000_000  # characters of a report that are shown
_file: TextIO | None = None


def watch(folder: Path) -> None:
    """From now on a crash of this process leaves the stacks of all threads in the folder."""
    global _file
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _file = (folder / f"crash-{os.getpid()}.txt").open("w", encoding="utf-8")
        if sys.platform != "win32":
            fcntl.flock(_file, fcntl.LOCK_EX)  # for `_is_open`; it goes with the process
    except OSError as error:
        log.warning("crashes can't be recorded: %s", error)
        return
    faulthandler.enable(_file)


def stop() -> None:
    """The process ends as it should: no report."""
    global _file
    if _file is None:
        return
    faulthandler.disable()
    file, _file = _file, None
    file.close()
    try:
        Path(file.name).unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s can't be removed: %s", file.name, error)


def found(folder: Path) -> Path | None:
    """The report of a camviewer that crashed since the last look, kept as `LAST`; None without one."""
    newest: Path | None = None
    try:
        for file in sorted(folder.glob("crash-*.txt"), key=lambda path: path.stat().st_mtime):
            if _is_open(file):
                continue
            if file.stat().st_size:
                newest = file.replace(folder / LAST)
            else:
                file.unlink()  # killed, or the computer was switched off: no crash
    except OSError as error:
        log.warning("crash reports can't be read: %s", error)
    return newest


def _is_open(file: Path) -> bool:
    """Whether the process that opened it still runs.

    A process's number doesn't show that, as another gets it later; nor does a time, as clocks are set.
    """
    try:
        if sys.platform == "win32":
            file.rename(file)  # not while it is open
        else:
            with file.open("r+b") as same:
                fcntl.flock(same, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True
    return False


def text(path: Path) -> str:
    """A report, as far as it can be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")[:MAX_SIZE]
    except OSError as error:
        return str(error)
