"""Long computations ask whether their result is still wanted, and stop if it isn't.

What takes seconds, such as hundreds of passes for one frame, calls `check_wanted` between its parts. Whoever
began it says with `cancellable` who is to be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class CancelledError(Exception):
    """Nobody wants the result any more."""


_is_wanted: ContextVar[Callable[[], bool]] = ContextVar("is_wanted")


@contextmanager
def cancellable(is_wanted: Callable[[], bool]) -> Iterator[None]:
    """What runs inside, in this thread, may raise CancelledError as soon as `is_wanted` says no."""
    token = _is_wanted.set(is_wanted)
    try:
        yield
    finally:
        _is_wanted.reset(token)


def check_wanted() -> None:
    """Raises CancelledError if the result isn't wanted any more; nothing where nobody may cancel."""
    is_wanted = _is_wanted.get(None)
    if is_wanted is not None and not is_wanted():
        raise CancelledError
