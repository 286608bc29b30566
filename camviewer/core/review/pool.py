"""Does small tasks for one thread in the background: in processes where that pays, else in threads."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import (
    Callable,
    Sequence,
)
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import (
    dataclass,
    field,
)
from typing import (
    Any,
    Generic,
    TypeVar,
)

from camviewer.core.review.helper_process import (
    HelperEndedError,
    HelperProcess,
    Lost,
    outcome,
)
from camviewer.core.text import Text

log = logging.getLogger(__name__)

MOST_THREADS = 4
"""More hardly decode more photos a second: Pillow resizes with Python's lock held."""
AHEAD = 2
"""So many tasks a process has, so that it never waits for the next one."""
PATIENCE_S = 5.0
"""How long `close` waits for processes that were killed, and don't end: on a dead network share."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(slots=True, eq=False)
class _Task(Generic[T, R]):
    """The function is to be called with each item. results: of the first items.

    alone: the items are done one by one, because one of them ended the process that had them all.
    """

    function: Callable[[T], R]
    items: Sequence[T]
    future: Future[list[R | Lost]]
    results: list[R | Lost] = field(default_factory=list)
    alone: bool = False

    @property
    def next_items(self) -> Sequence[T]:
        done = len(self.results)
        return self.items[done : done + 1] if self.alone else self.items[done:]

    def add(self, results: Sequence[R | Lost]) -> bool:
        """Whether it is done by that."""
        self.results += results
        if len(self.results) < len(self.items):
            return False
        self.future.set_result(self.results)
        return True


class Pool:
    """One thread submits tasks and closes; they are begun in the order of submitting.

    What ends a process, such as a photo that takes more memory than there is, is the loss of that item: its
    process is started anew. Where no process can be started, threads do the work.
    """

    def __init__(
        self,
        workers: int,
        *,
        processes: bool = False,
        start: Callable[[], HelperProcess] = HelperProcess,
    ) -> None:
        """workers: of threads, or, with processes, of processes, which are started at once.

        start: starts a process; raises OSError.
        """
        self.workers, self.processes = workers, processes
        self._start_process = start
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._tasks: deque[_Task[Any, Any]] = deque()
        self._running: set[HelperProcess] = set()
        self._closed = threading.Event()
        self._fallen_back = 0
        self._threads = [
            threading.Thread(target=self._serve, name=f"review-{number}", daemon=True)
            for number in range(workers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self, function: Callable[[T], R], items: Sequence[T], *, first: bool = False
    ) -> Future[list[R | Lost]]:
        """The function's result for each item, in order; a `Lost` where it raised or ended its process.

        The function and the items must be picklable. first: before the tasks that haven't begun.
        """
        task = _Task(function, items, Future())
        with self._changed:
            if self._closed.is_set():
                task.future.cancel()
            elif first:
                self._tasks.appendleft(task)
            else:
                self._tasks.append(task)
            self._changed.notify()
        return task.future

    def close(self) -> None:
        """End all processes at once, and threads after their present item; cancel the tasks left.

        It may be called again, and after Ctrl+C in the middle of any method.
        """
        with self._changed:
            self._closed.set()
            for process in self._running:
                process.kill()
            self._changed.notify_all()
        with suppress(RuntimeError):
            while True:  # Ctrl+C just after a lock was taken leaves it taken, and the threads wait for ever
                self._lock.release()
        deadline = time.monotonic() + PATIENCE_S
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0) if self.processes else None)
        while self._tasks:
            self._tasks.popleft().future.cancel()

    # In each thread

    def _serve(self) -> None:
        if self.processes:
            problem = self._work_in_processes()
            if self._closed.is_set() or not self._may_fall_back(problem):
                return
        while (task := self._next(wait=True)) is not None:
            while not self._closed.is_set():
                if task.add([outcome(task.function, item) for item in task.items[len(task.results) :][:1]]):
                    break
            else:
                self._give_back([task])

    def _next(self, *, wait: bool) -> _Task[Any, Any] | None:
        """None if there is none, or no more."""
        with self._changed:
            if wait:
                self._changed.wait_for(lambda: self._tasks or self._closed.is_set())
            return self._tasks.popleft() if self._tasks and not self._closed.is_set() else None

    def _give_back(self, tasks: Sequence[_Task[Any, Any]]) -> None:
        with self._changed:
            self._tasks.extendleft(reversed(tasks))
            self._changed.notify_all()

    def _work_in_processes(self) -> object:
        """Until the pool is closed, or until no process can be started: why."""
        held: deque[_Task[Any, Any]] = deque()
        problem: object = None
        while not self._closed.is_set():
            try:
                process = self._started()
            except OSError as error:
                problem = error
                break
            try:
                self._work_in(process, held)
            except HelperEndedError as error:
                problem = error
            finally:
                with self._changed:
                    self._running.discard(process)
                status = process.close()
            if self._closed.is_set() or not process.works:
                break
            log.warning("a process that reads photos ended with status %s: %s", status, problem)
            _lose_first(held, status)
        self._give_back(held)
        return problem

    def _started(self) -> HelperProcess:
        process = self._start_process()
        with self._changed:
            self._running.add(process)
            if self._closed.is_set():
                process.kill()
        return process

    def _work_in(self, process: HelperProcess, held: deque[_Task[Any, Any]]) -> None:
        """Until the pool is closed. Raises HelperEndedError; the first of the held tasks was then under way.

        held: tasks that were begun in a process before; those that are begun here are added.
        """
        asked = 0
        while True:
            while asked < (1 if held and held[0].alone else AHEAD):
                if asked == len(held):
                    task = self._next(wait=not held)
                    if task is None:
                        break
                    held.append(task)
                if not process.works and not asked:
                    process.ask(held[0].function, [])  # shows whether it works, before it is given anything
                process.ask(held[asked].function, held[asked].next_items)
                asked += 1
            if not held:
                return
            if not process.works:
                process.answer()
            results = process.answer()
            asked -= 1
            if held[0].add(results):
                held.popleft()

    def _may_fall_back(self, problem: object) -> bool:
        """Whether this thread, which has no process, is one of the few that do the work themselves."""
        with self._changed:
            self._fallen_back += 1
            fallen_back = self._fallen_back
        if fallen_back == 1:
            log.warning("no process that reads photos can be started, so threads read them: %s", problem)
        return fallen_back <= MOST_THREADS


def _lose_first(held: deque[_Task[Any, Any]], status: int) -> None:
    """The process ended with the first of these tasks. With one item alone, that was for the second time."""
    if not held:
        return
    if not held[0].alone:
        held[0].alone = True  # even one item has a second chance: the process may have been idle as it ended
    elif held[0].add([Lost(_ended(), f"exit status {status}")]):
        held.popleft()


def _ended() -> Text:
    return Text("the process that read it has ended; the photo may be damaged, or too large for the memory")


def usable_cores() -> int:
    """Cores that this process may use."""
    with suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
