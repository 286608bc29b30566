"""Long computations report how far they are, and whoever began them may listen.

Nothing waits for the listener, and without one a report does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_receive: ContextVar[Callable[[int, int], object] | None] = ContextVar("receive", default=None)


@contextmanager
def reported_to(receive: Callable[[int, int], object]) -> Iterator[None]:
    """What runs inside, in this thread, tells `receive` how many parts are done, and of how many."""
    token = _receive.set(receive)
    try:
        yield
    finally:
        _receive.reset(token)


def report(done: int, total: int) -> None:
    """So many parts are done now."""
    receive = _receive.get()
    if receive is not None:
        receive(done, total)
