"""Queues of limited size between threads, and threads that end together."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from camviewer.media.movies.work_threads import BoundedQueue, StoppedError, WorkThreads
from tests.media.fakes import PATIENCE_S, Gate


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def ended(thread: threading.Thread) -> bool:
    thread.join(PATIENCE_S)
    return not thread.is_alive()


# The queue


def test_what_is_put_is_taken_in_order_until_the_end() -> None:
    queue: BoundedQueue[int] = BoundedQueue(3)

    def put_all() -> None:
        for number in range(100):
            queue.put(number, 1)
        queue.close()

    putting, taken = in_thread(put_all), []
    while (number := queue.take()) is not None:
        taken.append(number)
    assert taken == list(range(100))
    assert queue.ended
    assert ended(putting)


def test_there_is_room_for_as_much_as_its_limit() -> None:
    queue: BoundedQueue[str] = BoundedQueue(10)
    assert queue.wait_for_room(4, 0)
    queue.put("a", 4)
    queue.put("b", 6)
    assert not queue.wait_for_room(1, 0)
    assert queue.take() == "a"
    assert queue.wait_for_room(4, 0)
    assert not queue.wait_for_room(5, 0)


def test_what_is_larger_than_the_limit_fits_alone() -> None:
    queue: BoundedQueue[str] = BoundedQueue(10)
    queue.put("large", 100)
    assert not queue.wait_for_room(1, 0)
    assert queue.take() == "large"
    assert queue.wait_for_room(100, 0)


def test_whoever_puts_waits_for_room() -> None:
    queue: BoundedQueue[int] = BoundedQueue(2)
    put, second, third = [], threading.Event(), threading.Event()

    def put_three() -> None:
        for number, event in ((1, None), (2, second), (3, third)):
            queue.put(number, 1)
            put.append(number)
            if event is not None:
                event.set()

    putting = in_thread(put_three)
    assert second.wait(PATIENCE_S)
    assert not queue.wait_for_room(1, 0)
    assert put == [1, 2]
    assert queue.take() == 1
    assert third.wait(PATIENCE_S)
    assert ended(putting)


def test_nothing_comes_in_time() -> None:
    queue: BoundedQueue[int] = BoundedQueue(1)
    assert queue.take(0) is None
    assert queue.take(0.001) is None
    assert not queue.ended
    queue.put(5, 1)
    queue.close()
    assert not queue.ended, "there is something to take"
    assert (queue.take(0), queue.take(0)) == (5, None)
    assert queue.ended


@pytest.mark.parametrize("full", [False, True])
def test_stopping_wakes_whoever_waits(full: bool) -> None:
    queue: BoundedQueue[int] = BoundedQueue(1)
    told: list[BaseException] = []

    def wait() -> None:
        try:
            if full:
                queue.put(2, 1)
            else:
                queue.take()
        except StoppedError as error:
            told.append(error)

    if full:
        queue.put(1, 1)
    waiting = in_thread(wait)
    queue.stop()
    assert ended(waiting)
    assert len(told) == 1
    with pytest.raises(StoppedError):
        queue.put(3, 1)
    with pytest.raises(StoppedError):
        queue.take(0)
    with pytest.raises(StoppedError):
        queue.wait_for_room(1, 0)


# The threads


def test_an_error_in_one_thread_ends_all() -> None:
    queue: BoundedQueue[int] = BoundedQueue(1)
    threads = WorkThreads(queue.stop)
    gate = Gate()
    gate.shut()

    def fail() -> None:
        gate.go_through()
        raise OSError("first")

    threads.start("waits", queue.take)  # type: ignore[arg-type]
    threads.start("fails", fail)
    threads.check()
    assert not threads.finished(0)
    gate.open()
    with pytest.raises(OSError, match="first"):
        threads.finished(PATIENCE_S)
    with pytest.raises(OSError, match="first"):
        threads.check()
    threads.stop()
    assert not {"waits", "fails"} & {thread.name for thread in threading.enumerate()}


def test_they_finish_when_the_work_is_done() -> None:
    queue: BoundedQueue[int] = BoundedQueue(1)
    threads, taken = WorkThreads(queue.stop), []

    def take_all() -> None:
        while (number := queue.take()) is not None:
            taken.append(number)

    threads.start("takes", take_all)
    for number in range(5):
        queue.put(number, 1)
    assert not threads.finished(0)
    queue.close()
    assert threads.finished(PATIENCE_S)
    assert taken == [0, 1, 2, 3, 4]


def test_stopped_they_end_and_what_they_raise_is_of_no_interest() -> None:
    queue: BoundedQueue[int] = BoundedQueue(1)
    threads = WorkThreads(queue.stop)

    def fail_when_stopped() -> None:
        try:
            queue.take()
        except StoppedError:
            raise ValueError("in the middle of it") from None

    threads.start("wakes", fail_when_stopped)
    threads.stop()
    threads.stop()
    threads.check()
    assert "wakes" not in {thread.name for thread in threading.enumerate()}
