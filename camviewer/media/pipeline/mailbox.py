"""Hands items from one thread to another: the only way to do so. One slot, the newest item wins."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """A slot for one item. A slow receiver gets the newest item and never a queue of old ones."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._item: T | None = None
        self._woken = False

    def put(self, item: T) -> T | None:
        """Leave an item; returns the one that it replaced, None if the slot was empty."""
        with self._changed:
            replaced, self._item = self._item, item
            self._changed.notify()
            return replaced

    def offer(self, item: T) -> bool:
        """Leave an item if the slot is empty; returns whether it was."""
        with self._changed:
            if self._item is not None:
                return False
            self._item = item
            self._changed.notify()
            return True

    def take(self) -> T | None:
        """The item, without waiting; None if there is none."""
        with self._changed:
            item, self._item = self._item, None
            return item

    def peek(self) -> T | None:
        """The item, which stays; None if there is none."""
        with self._changed:
            return self._item

    def wait(self, rest: Callable[[T], float] = lambda _: 0.0) -> T | None:
        """The next item; None if `wake` was called instead (also if it was called before).

        rest: for how many seconds an item had better stay, since a newer one may take its place. It is asked
        again then, and about each newer one; `wake` ends it, and the item is taken.
        """
        with self._changed:
            while not self._woken:
                left = rest(self._item) if self._item is not None else None
                if left is not None and left <= 0:
                    break
                self._changed.wait(left)
            self._woken = False
            item, self._item = self._item, None
            return item

    def wake(self) -> None:
        """Make `wait` return in the waiting thread."""
        with self._changed:
            self._woken = True
            self._changed.notify()
