from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from camviewer.media.pipeline.mailbox import Mailbox


def test_the_newest_wins_and_put_returns_what_it_replaced() -> None:
    box: Mailbox[int] = Mailbox()
    assert [box.put(n) for n in (1, 2, 3)] == [None, 1, 2]
    assert box.take() == 3
    assert box.take() is None
    assert box.put(4) is None


def test_an_offer_replaces_nothing() -> None:
    box: Mailbox[int] = Mailbox()
    assert box.offer(1)
    assert not box.offer(2)
    assert box.wait() == 1


def test_wait_returns_what_is_there() -> None:
    box: Mailbox[int] = Mailbox()
    box.put(1)
    assert box.wait() == 1


def test_wake_is_remembered_once_and_loses_no_item() -> None:
    box: Mailbox[int] = Mailbox()
    box.wake()
    assert box.wait() is None
    box.wake()
    box.put(1)
    assert box.wait() == 1
    # The wake was for the look that has just been taken: this one waits for the item.
    thread, got = waiting(box)
    box.put(2)
    thread.join(5)
    assert got == [2]


@pytest.mark.parametrize(
    ("leave", "expected"),
    [(Mailbox.wake, None), (lambda box: box.put(7), 7), (lambda box: box.offer(8), 8)],
    ids=["wake", "put", "offer"],
)
def test_a_waiting_thread_is_woken(leave: Callable[[Mailbox[int]], object], expected: int | None) -> None:
    box: Mailbox[int] = Mailbox()
    thread, got = waiting(box)
    assert not got
    leave(box)
    thread.join(5)
    assert got == [expected]


def waiting(box: Mailbox[int]) -> tuple[threading.Thread, list[int | None]]:
    got: list[int | None] = []
    thread = threading.Thread(target=lambda: got.append(box.wait()))
    thread.start()
    return thread, got


def test_between_threads_items_come_in_order_and_the_last_always() -> None:
    box: Mailbox[int] = Mailbox()
    last, replaced, got = 20_000, list[int](), list[int]()

    def produce() -> None:
        replaced.extend(r for n in range(1, last + 1) if (r := box.put(n)) is not None)

    thread = threading.Thread(target=produce)
    thread.start()
    while not got or got[-1] != last:
        item = box.wait()
        assert item is not None
        got.append(item)
    thread.join(5)
    assert got == sorted(set(got))
    assert sorted(got + replaced) == list(range(1, last + 1))
