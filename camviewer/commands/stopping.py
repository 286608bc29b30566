"""Ends commands in good order: whoever asks, and however, nothing is left half written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def as_interrupts() -> Iterator[None]:
    """Within it a request to end (SIGTERM) and a closed terminal (SIGHUP) are what Ctrl+C is.

    By default they end the process where it stands: with files half written, and Qt's threads running.
    """
    with _handled(("SIGTERM", "SIGHUP"), (signal.SIG_DFL,), _interrupt):
        yield


@contextmanager
def calling(stop: Callable[[], None]) -> Iterator[None]:
    """Within it these, and Ctrl+C, call `stop`: an exception does not leave Qt's event loop."""
    usual = (signal.default_int_handler, _interrupt)
    with _handled(("SIGINT", "SIGTERM", "SIGHUP"), usual, lambda *_: stop()):
        yield


@contextmanager
def _handled(names: Sequence[str], usual: Sequence[object], handler: Callable[..., None]) -> Iterator[None]:
    """Those of these signals whose handler is a usual one: another, such as nohup's, stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]  # Windows lacks SIGHUP
    mine = {number: was for number in numbers if (was := signal.getsignal(number)) in usual}
    for number in mine:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, was in mine.items():
            signal.signal(number, was)
