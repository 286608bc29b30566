"""Threads that hand work on to each other through queues of limited size, and end together."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class StoppedError(Exception):
    """The queue is stopped: nobody wants what is put, and nothing comes."""


class BoundedQueue(Generic[T]):
    """First in, first out. Whoever puts waits while there is too much in it: items have sizes."""

    def __init__(self, limit: int) -> None:
        """limit: of the items' sizes together. A larger one fits alone."""
        self._limit = limit
        self._items: deque[tuple[T, int]] = deque()
        self._size = 0
        self._closed = self._stopped = False
        self._changed = threading.Condition()

    def wait_for_room(self, size: int, timeout: float | None = None) -> bool:
        """Whether there is room for such an item within so many seconds. Raises StoppedError."""

        def has_room() -> bool:
            return self._stopped or not self._items or self._size + size <= self._limit

        with self._changed:
            there = self._changed.wait_for(has_room, timeout)
            self._check()
            return there

    def put(self, item: T, size: int) -> None:
        """Wait for room, and put it in: one thread does. Raises StoppedError."""
        self.wait_for_room(size)
        with self._changed:
            self._check()
            self._items.append((item, size))
            self._size += size
            self._changed.notify_all()

    def take(self, timeout: float | None = None) -> T | None:
        """None if nothing came within so many seconds, or nothing more comes. Raises StoppedError."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._stopped or self._closed or self._items), timeout)
            self._check()
            if not self._items:
                return None
            item, size = self._items.popleft()
            self._size -= size
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """Nothing more will be put; what is there can be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def ended(self) -> bool:
        """Whether it is closed and empty."""
        with self._changed:
            return self._closed and not self._items

    def stop(self) -> None:
        """Drop what is there, and wake whoever waits."""
        with self._changed:
            self._stopped = True
            self._items.clear()
            self._size = 0
            self._changed.notify_all()

    def _check(self) -> None:
        if self._stopped:
            raise StoppedError


class WorkThreads:
    """Threads that work on one thing: an error in one of them ends them all."""

    def __init__(self, stop: Callable[[], None]) -> None:
        """stop: wakes all that wait for each other; any thread calls it, maybe several times."""
        self._wake = stop
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._error: BaseException | None = None
        self._stopping = False

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Let a thread do this."""
        thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def check(self) -> None:
        """Raises the first error of a thread, if there is one."""
        if self._error is not None:
            raise self._error

    def finished(self, timeout: float) -> bool:
        """Whether all threads have ended within so many seconds. Raises as `check`."""
        until = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self.check()
        return not any(thread.is_alive() for thread in self._threads)

    def stop(self) -> None:
        """End the threads, and wait for them. What they raise from now on is of no interest."""
        with self._lock:
            self._stopping = True
        self._wake()
        for thread in self._threads:
            thread.join()

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except StoppedError:
            pass
        except BaseException as error:  # noqa: BLE001 -- `check` raises it
            with self._lock:
                if self._error is None and not self._stopping:
                    self._error = error
            self._wake()
