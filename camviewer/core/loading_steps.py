"""What is awaited while a model loads: the loader announces each step, and whoever began it may listen.

Nothing waits for the listener, and without one an announcement does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from camviewer.core.text import Text


@dataclass(slots=True)
class _Listener:
    """now: the last step that was announced."""

    receive: Callable[[Text], object]
    now: Text | None = None


_listener: ContextVar[_Listener | None] = ContextVar("listener", default=None)


@contextmanager
def announced_to(receive: Callable[[Text], object]) -> Iterator[None]:
    """What runs inside, in this thread, tells `receive` its steps, such as ``Loading PyTorch…``."""
    token = _listener.set(_Listener(receive))
    try:
        yield
    finally:
        _listener.reset(token)


def announce(step: Text) -> None:
    """The step that begins now, and lasts until another one is announced."""
    listener = _listener.get()
    if listener is not None:
        listener.now = step
        listener.receive(step)


@contextmanager
def announcing(step: Text) -> Iterator[None]:
    """A step inside of another one, which goes on afterwards."""
    listener = _listener.get()
    outer = listener.now if listener is not None else None
    announce(step)
    try:
        yield
    finally:
        if outer is not None:
            announce(outer)
