"""Work for pools in tests: other processes import it by its name."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

DEADLY = 13


def doubled(number: int) -> int:
    """Ends its process for one number, and raises for those below 0."""
    if number == DEADLY:
        os._exit(7)
    if number < 0:
        raise ValueError(f"{number} is below 0")
    return 2 * number


def place(_: object) -> tuple[int, int]:
    """The process and the thread that do it."""
    return os.getpid(), threading.get_ident()


def pid(_: object) -> int:
    return os.getpid()


def interrupts_itself(_: object) -> int:
    """As a terminal does at Ctrl+C, where the process weren't out of its group."""
    os.kill(os.getpid(), signal.SIGINT)
    return os.getpid()


def written_once(path: Path) -> int:
    """Ends its process unless it is the second that is asked."""
    if not path.exists():
        path.touch()
        os._exit(7)
    return os.getpid()


def big(number: int) -> bytes:
    """An answer that no pipe holds."""
    return bytes([number]) * 3_000_000
